"""The canonical codes: which words the model uses where a partner's code is translated.

A field that holds another word is kept and reported: a partner may send what no list knows. Sources: reference
section 5.3, there crossed with X12 (92, 98, 128, 353, 366, 374, 587, 640, 668, 859), EDIFACT (1001, 1153, 1225,
1229, 2005, 3035, 3139, 4343, 6063) and UBL.
"""

from __future__ import annotations

_WORDS: dict[str, str] = {
    "direction": "inbound_sales outbound_purchase",
    "purpose": "original cancel change replace confirmation duplicate reissue copy delete request proposal "
    "retransmission provisional",
    "order_type": "order blanket blanket_estimated call_off consignment rush emergency drop_ship cross_dock sample "
    "replenishment return_order standing promotion new_store reorder warehouse_shipment",
    "response": "received accepted accepted_with_changes rejected hold replenishment_notice",
    "line_status": "accepted quantity_changed price_changed date_changed changed substituted backordered "
    "partially_backordered hold rejected deleted schedule_pending added already_delivered not_found "
    "accepted_with_amendment",
    "line_action": "add change delete none",
    "invoice_kind": "invoice credit_note debit_note corrected prepayment self_billed partial consolidated "
    "consolidated_debit_invoice consolidated_credit_invoice consolidated_debit_note consolidated_credit_note "
    "adjusted progress final consolidated_final revised_final rebill backbill billback commission_credit "
    "commission_debit cost_type drop_ship first_cost flat_rate landed_cost material_credit memorandum sample_goods "
    "supplemental unsalable_product commercial consolidator services warehouse_services returned_material chargeable "
    "cash zz",
    "role": "buyer seller supplier bill_to ship_to delivery remit_to payer payee mark_for store ship_from carrier "
    "warehouse ultimate_customer originator invoicee tax_representative manufacturer broker consignee sender receiver "
    "agent bank freight_payer "
    "acknowledgment_to bill_and_ship_to borrower buying_group care_of corporate_office corporation customer "
    "destination_carrier distributor employee end_user freight_forwarder individual installed_at insured "
    "invoice_issuer lender message_from message_to mortgage_insurer place_of_business planning_issuer plant "
    "policyholder provider purchaser receiving_location remitter report_to reporting_location resale_dealer "
    "secondary_location selling_agent shipper sold_to sublocation submitter ultimate_consignee",
    "party_kind": "organization person",
    "party_role": "customer supplier carrier store warehouse prospect corporate_office place_of_business plant buyer "
    "seller ship_to bill_to remit_to distributor manufacturer delivery secondary_location receiving_location",
    "party_status": "active blocked archived merged erased",
    "address_usage": "legal billing delivery return visit",
    "contact_function": "order purchasing delivery accounts_payable accounts_receivable information goods_receipt",
    "contact_point": "phone email fax mobile url edi_endpoint telex",
    "date": "requested_delivery not_before latest requested_ship ship_not_before ship_no_later cancel_after promised "
    "estimated_delivery shipped delivered received invoice_due promotion_start promotion_end order issued tax_point "
    "expiry best_before production payment",
    "reference": "order sales_order contract department promotion vendor_id invoice bill_of_lading packing_list "
    "shipment price_list buyer_reference blanket release quote despatch receipt return project previous_invoice "
    "tracking customer_reference rma",
    "price_basis": "net gross info list retail contract promotion catalog wholesale manufacturer_suggested special "
    "calculation invoice each per_hundred per_thousand per_dozen "
    "competitor info_net",
    "schedule_kind": "requested promised",
    "tax_type": "vat gst sales_tax local_tax other",
    "tax_category": "S Z E AE G O K L M B",
    "allowance_scope": "header line price",
    "allowance": "discount quantity_discount volume_discount promotion defective trade_discount new_store "
    "freight_allowance free_goods",
    "charge": "freight fuel handling packing insurance delivery surcharge miscellaneous",
    "activity": "sold returned_by_consumer on_hand available gross_on_hand on_order in_transit received committed "
    "reserved out_of_stock adjustment damaged begin end min max target "
    "planned_inventory damaged_or_on_hold on_hold lost_sales net_sold returned returned_defective "
    "additional_demand in_bond not_listed withdrawn requested transferred planned_order "
    "production_adjustment reorder_point retail_sales total_sales wholesale_sales military_sales "
    "bailment_sales transportation_sales on_premise_sales off_premise_sales discrete cumulative original "
    "shipped remaining net minimum_order previous_week unusable projected_available noncommitted "
    "on_shelf_and_in_work distributor_inventory order_increment maximum_order receipts returns "
    "transferred_in transferred_out acknowledged used adjusted approved dispensed disapproved delivered "
    "deferred by_position cancelled available_quantity authorized_retention operating per_skid "
    "total_units",
    "commercial": "received acknowledged accepted accepted_with_changes rejected cancelled closed",
    "fulfilment": "none partial full over",
    "payment_state": "unknown pending authorized partial paid refunded",
    "return_status": "requested authorized received dismissed closed",
    "consent_state": "granted denied withdrawn expired",
    "loyalty": "earn redeem expire adjust reverse",
    "decision": "approved declined referred",
    "case_status": "open pending resolved closed",
    "channel": "pos phone email event meeting web_form ad_link chat social post fax mobile_app sms web_shop "
    "field_agent edi soap csv",
    "processing_mode": "autonomous distributed centralized",
    "pos_line": "sale return",
    "forecast_kind": "sales order",
}

VOCABULARIES: dict[str, frozenset[str]] = {name: frozenset(words.split()) for name, words in _WORDS.items()}
"""The known words of each vocabulary."""
