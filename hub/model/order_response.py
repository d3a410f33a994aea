"""An answer to an order."""

from __future__ import annotations

from pydantic import Field

from hub.model.allowance_charge import AllowanceCharge
from hub.model.contact import Contact
from hub.model.dates import Period, When
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.item import Item
from hub.model.money import Money, UnitPrice
from hub.model.order_line import Schedule
from hub.model.packaging_note import PackagingNote
from hub.model.packing import Packing
from hub.model.party_ref import PartyRef
from hub.model.price_rule import PriceRule
from hub.model.quantity import Quantity
from hub.model.reference import DocRef, QualifiedDate
from hub.model.tax import Tax
from hub.model.terms import DeliveryTerms, PaymentTerm
from hub.model.text import Note
from hub.model.totals import Totals
from hub.model.value import Key, Many, Value


class OrderResponseLine(Value):
    """What happens to a line of the order; several may speak of one ``line_id`` (part now, part later).

    ``status_code`` is accepted, quantity_changed, price_changed, date_changed, changed, substituted, backordered,
    rejected … (X12 668, EDIFACT 1229). ``quantity`` is what this status is about, ``ordered`` what was ordered,
    ``backorder_max`` what may follow. ``item`` is the item of the order, ``substitute`` what comes instead. Of several
    lines with one ``line_id`` the first holds what is said of the line as a whole (notes, schedules, charges). An
    answer to a change repeats what the change was (``action``, ``change``). ``parent_line_id`` and the other fields are
    as in ``OrderLine``.
    """

    line_id: Key
    parent_line_id: str = ""
    relation: str = ""
    action: str = ""
    change: str = ""
    status_code: str = ""
    quantity: Quantity | None = None
    ordered: Quantity | None = None
    backorder_max: Quantity | None = None
    outstanding: Quantity | None = None
    promised: Period | None = None
    price: UnitPrice | None = None
    prices: Many[PriceRule] = ()
    line_amount_stated: Money | None = None
    item: Item | None = None
    substitute: Item | None = None
    reason: str = ""
    schedules: Many[Schedule] = ()
    packing: Packing | None = None
    packaging: Many[PackagingNote] = ()
    allowances_charges: Many[AllowanceCharge] = ()
    taxes: Many[Tax] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    service: str = ""
    transport_mode: str = ""
    notes: Many[Note] = ()
    dates: Many[QualifiedDate] = ()
    references: Many[DocRef] = ()
    extensions: Extensions = Field(default_factory=dict)


class OrderResponse(Document):
    """The seller's answer. ``header_code`` is received, accepted, accepted_with_changes, rejected, hold or
    replenishment_notice (X12 587, EDIFACT 1225 and 4343, UBL OrderResponseCode). ``issued_at`` is when the answer
    was made, ``order_date`` when the order was. Several answers to one order are legal; one to a change of it says
    which change (``change_no``, ``change_date``). Source: X12 855, 865, EDIFACT ORDRSP, UBL OrderResponse."""

    response_id: str = ""
    buyer_order_id: Key
    release_no: str = ""
    seller_order_id: str = ""
    order_id: str = ""
    header_code: str = ""
    purpose: str = ""
    type: str = ""
    issued_at: When | None = None
    order_date: When | None = None
    change_no: str = ""
    change_date: When | None = None
    currency: str = ""
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    contacts: Many[Contact] = ()
    customer_reference: str = ""
    department: str = ""
    contract: str = ""
    references: Many[DocRef] = ()
    promised: Period | None = None
    dates: Many[QualifiedDate] = ()
    requirements: Many[str] = ()
    delivery_terms: DeliveryTerms | None = None
    service: str = ""
    transport_mode: str = ""
    packaging: Many[PackagingNote] = ()
    gross_weight: Quantity | None = None
    volume: Quantity | None = None
    payment_terms: Many[PaymentTerm] = ()
    allowances_charges: Many[AllowanceCharge] = ()
    taxes: Many[Tax] = ()
    totals_stated: Totals | None = None
    notes: Many[Note] = ()
    lines: Many[OrderResponseLine] = ()
