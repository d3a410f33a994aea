"""The canonical codes: which words the model uses where a partner's code is translated.

A field that holds another word is kept and reported: a partner may send what no list knows. Sources: reference
section 5.3, there crossed with X12 (92, 98, 128, 353, 366, 374, 587, 640, 668, 859), EDIFACT (1001, 1153, 1225,
1229, 2005, 3035, 3139, 4343, 6063) and UBL.
"""

from __future__ import annotations

_ROLES = (
    "buyer seller supplier bill_to ship_to delivery remit_to payer payee mark_for store ship_from carrier "
    "warehouse ultimate_customer originator invoicee tax_representative manufacturer broker consignee sender "
    "receiver agent bank freight_payer acknowledgment_to bill_and_ship_to borrower buying_group care_of "
    "corporate_office corporation customer destination_carrier distributor employee end_user freight_forwarder "
    "individual installed_at insured invoice_issuer lender message_from message_to mortgage_insurer "
    "place_of_business planning_issuer plant policyholder provider purchaser receiving_location remitter "
    "report_to reporting_location resale_dealer secondary_location selling_agent shipper sold_to sublocation "
    "submitter ultimate_consignee zz"
)

_WORDS: dict[str, str] = {
    "direction": "inbound_sales outbound_purchase",
    "purpose": "original cancel change replace confirmation duplicate reissue copy delete request proposal "
    "retransmission provisional backorder backorder_confirmation change_heading completion future rejection response "
    "simulation",
    "order_type": "order blanket blanket_estimated call_off consignment rush emergency drop_ship cross_dock sample "
    "replenishment return_order standing promotion new_store reorder warehouse_shipment assortment "
    "assortment_release catalog confirmation contract copy direct_ship lease new_product order_change rental "
    "repair special supply_or_service unit_exchange",
    "response": "received accepted accepted_with_changes rejected hold replenishment_notice none zz",
    "line_status": "accepted quantity_changed price_changed date_changed changed substituted backordered "
    "partially_backordered hold rejected deleted schedule_pending added already_delivered not_found "
    "accepted_with_amendment price_pending",
    "line_action": "add change delete none",
    "invoice_kind": "invoice credit_note debit_note corrected prepayment self_billed partial consolidated "
    "consolidated_debit_invoice consolidated_credit_invoice consolidated_debit_note consolidated_credit_note "
    "adjusted progress final consolidated_final revised_final rebill backbill billback commission_credit "
    "commission_debit cost_type drop_ship first_cost flat_rate landed_cost material_credit memorandum sample_goods "
    "supplemental unsalable_product commercial consolidator services warehouse_services returned_material chargeable "
    "cash zz",
    "role": _ROLES,
    "party_kind": "organization person",
    "party_role": "prospect " + _ROLES,
    "party_status": "active blocked archived merged erased",
    "address_usage": "legal billing delivery return visit",
    "contact_function": "order purchasing delivery accounts_payable accounts_receivable information goods_receipt "
    "accounting alternate bill_inquiry certifier customer_relations delivery_instructions edi_coordinator emergency "
    "entered_by expeditor general hazardous_material purchasing_agent responsible_person sales sales_representative "
    "shipping supplier_contact warehouse zz",
    "contact_point": "phone email fax mobile url edi_endpoint telex alternate_phone beeper extension home_phone "
    "international_phone night_phone personal_mobile voice_mail work_mobile work_phone",
    "date": "requested_delivery not_before latest requested_ship ship_not_before ship_no_later cancel_after promised "
    "estimated_delivery shipped delivered received invoice_due promotion_start promotion_end order issued "
    "tax_point expiry best_before production payment actual actual_departure available backorder_release "
    "bill_of_lading buy_period_end buy_period_start cancel_if_not_shipped change_effective changed check "
    "confirmed contract_effective contract_expiry cumulative_end cumulative_start current_schedule_delivery "
    "current_schedule_ship cutoff deliver_week_of delivered_by delivery_appointment delivery_granted "
    "discount_due discount_due_date document earliest_pickup effective end estimated_arrival expected_reply "
    "first_arrival first_order first_payment_due first_schedule_delivery first_ship invoice invoice_created "
    "invoice_period_end invoice_period_start item_contract_effective latest_pickup material_specification "
    "opening order_received ordered original_order packed period_end period_start picked_up pickup_appointment "
    "pickup_granted posted postmark preferred_payment price_change_effective price_change_last_arrival "
    "price_change_last_order price_change_last_ship process processed promised_delivery_before promised_ship "
    "promotion_delivery_end promotion_delivery_start promotion_order_end promotion_order_start "
    "promotion_performance_end promotion_performance_start promotion_ship_end promotion_ship_start publication "
    "report_end report_period report_start requested_delivery_after requested_delivery_before "
    "requested_delivery_on requested_delivery_schedule requested_delivery_week requested_pack requested_pickup "
    "requested_ship_after requested_ship_before required_by required_delivery respond_by revision sailing "
    "scheduled_delivery_after scheduled_delivery_before scheduled_delivery_week scheduled_pickup "
    "scheduled_ship_after scheduled_ship_week service_end service_start settlement shelf_life_expiry "
    "ship_week_of sold start termination transaction transaction_created",
    "reference": "order sales_order contract department promotion vendor_id invoice bill_of_lading packing_list "
    "shipment price_list buyer_reference blanket release quote despatch receipt return project previous_invoice "
    "tracking customer_reference rma acceptable_source_purchaser account account_manager accounts_receivable "
    "agreement appointment associated_order attachment authorization bar_code_serial batch billing_account "
    "bin_location branch buyer_contract buyer_debit_memo buyer_identification cancelled_revision carrier_assigned "
    "carrier_reference cheque class_of_contract clear_text client consolidated_invoice cost_allocation credit_memo "
    "cross_reference customer_order dealer_order delivery_reference delivery_schedule division "
    "electronic_funds_transfer electronic_payment_reference embargo employer_id end_user_order export_reference "
    "facility file_id financial_detail freight_bill government_bill_of_lading government_contract group group_policy "
    "gst_registration health_policy heat_code inbound_outbound_party inspection_area insurance_policy "
    "internal_control internal_customer internal_order invoice_identification invoice_number item_number job "
    "letters_or_notes line load_planning loan lockbox lot master_account master_bill_of_lading master_policy "
    "merchandise_type microfilm ocean_container open_item order_number order_suffix original_invoice original_order "
    "original_reference other_unlisted outbound_from packer payee payment_category policy product_group "
    "product_specification production_code quarter_section quote_number rate_code receivable_statement receiver "
    "reference_version reporting_category requisition returned_goods_authorization revision route routing_number "
    "sales_responsibility salesperson seal seller_debit_memo serial service_charge ship_from ship_notice "
    "shipment_destination shipment_origin shipper_car shipper_invoice special_packaging special_processing status "
    "store subscriber subscriber_authorization supplier system tax_exempt tax_id taxing_authority technical_order "
    "transaction transaction_category transportation_account upstream_shipper_contract vendor_id_number version "
    "voucher warehouse_location waybill work_order zz",
    "price_basis": "net gross info list retail contract promotion catalog wholesale manufacturer_suggested special "
    "calculation invoice each per_hundred per_thousand per_dozen competitor info_net before_discount bill "
    "catalog_each catalog_per_dozen catalog_per_hundred catalog_per_thousand contract_each contract_per_dozen "
    "contract_per_hundred contract_per_thousand current dealer discount distributor estimated fixed formula "
    "no_charge no_quote not_to_exceed per_foot per_gram per_hundred_thousand per_kilogram per_litre per_ounce "
    "per_pound per_ten per_ten_thousand per_ton per_yard provisional quoted quoted_each quoted_per_hundred "
    "quoted_per_thousand resale retail_each retail_per_dozen retail_per_hundred retail_per_thousand standard "
    "submitted_contract to_be_negotiated unit_of_measure wholesale_each wholesale_per_dozen wholesale_per_hundred "
    "wholesale_per_thousand",
    "schedule_kind": "requested promised",
    "tax_type": "vat gst sales_tax local_tax other all_taxes city_sales_tax county_tax federal_excise federal_tax "
    "gst_goods sales_and_use_tax state_and_local_sales_tax state_or_province",
    "tax_category": "S Z E AE G O K L M B",
    "allowance_scope": "header line price",
    "allowance": "discount quantity_discount volume_discount promotion defective trade_discount new_store "
    "freight_allowance free_goods advertising_allowance allowance_non_performance cooperative_advertising "
    "damaged_goods discount_incentive discount_special goods_and_services_credit new_item_allowance "
    "new_store_discount pick_up promotional_discount purchase_option special_allowance unsaleable cents_off "
    "central_buy consignment count_and_recount direct_plant_ship display early_buy floor_stock_protection freshness "
    "fuel_allowance grouped_items handling_allowance indirect_customer lump_sum marketing new_discount "
    "new_distribution new_warehouse other_allowance pallet_allowance performance price_protection price_reduction "
    "scanner show shrink slotting special_buy swell switch tax_credit terms_allowance truckload vehicle_load",
    "charge": "freight fuel handling packing insurance delivery surcharge miscellaneous beverage_tax broken_lot "
    "carrier cigarette_stamping customer_account cut demurrage deposit deposit_resale drayage duty enclosure "
    "environmental equipment_rental equipment_service excise_tax_tires fuel_surcharge glaze "
    "goods_and_services_charge handling_in handling_out installation koshering label labelling labor "
    "less_than_truckload_charge minimum_charge other_charge packaging pallet pallet_charge palletizing preparation "
    "railcar_loading reel royalty service shipping shipping_and_handling slip_sheet special_handling "
    "special_packaging special_services state_tax stop_charge storage supplies tax unloading warehouse "
    "warehouse_charge zz",
    "activity": "sold returned_by_consumer on_hand available gross_on_hand on_order in_transit received committed "
    "reserved out_of_stock adjustment damaged begin end min max target planned_inventory damaged_or_on_hold on_hold "
    "lost_sales net_sold returned returned_defective additional_demand in_bond not_listed withdrawn requested "
    "transferred planned_order production_adjustment reorder_point retail_sales total_sales wholesale_sales "
    "military_sales bailment_sales transportation_sales on_premise_sales off_premise_sales discrete cumulative "
    "original shipped remaining net minimum_order previous_week unusable projected_available noncommitted "
    "on_shelf_and_in_work distributor_inventory order_increment maximum_order receipts returns transferred_in "
    "transferred_out acknowledged used adjusted approved dispensed disapproved delivered deferred by_position "
    "cancelled available_quantity authorized_retention operating per_skid total_units unqualified",
    "commercial": "received acknowledged accepted accepted_with_changes rejected cancelled closed",
    "fulfilment": "none partial full over",
    "payment_state": "unknown pending authorized partial paid refunded",
    "return_status": "requested authorized received dismissed closed",
    "consent_state": "granted denied withdrawn expired",
    "loyalty": "earn redeem expire adjust reverse",
    "decision": "approved declined referred reversed",
    "resource": "credit points",
    "case_status": "open pending resolved closed",
    "channel": "pos phone email event meeting web_form ad_link chat social post fax mobile_app sms web_shop "
    "field_agent edi soap csv",
    "processing_mode": "autonomous distributed centralized",
    "pos_line": "sale return",
    "forecast_kind": "sales order",
}

VOCABULARIES: dict[str, frozenset[str]] = {name: frozenset(words.split()) for name, words in _WORDS.items()}
"""The known words of each vocabulary."""
