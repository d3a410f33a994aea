"""A line of an order, its schedules and its quantity buckets."""

from __future__ import annotations

from pydantic import Field

from hub.model.allowance_charge import AllowanceCharge
from hub.model.characteristic import Measurement
from hub.model.contact import Contact
from hub.model.dates import Period
from hub.model.extension import Extensions
from hub.model.item import Item
from hub.model.money import Money, UnitPrice
from hub.model.numbers import Number
from hub.model.packaging_note import PackagingNote
from hub.model.packing import Packing
from hub.model.party_ref import PartyRef
from hub.model.price_rule import PriceRule
from hub.model.quantity import Quantity
from hub.model.reference import DocRef, QualifiedDate
from hub.model.tax import Tax
from hub.model.text import Note
from hub.model.value import Key, Many, Value


class Schedule(Value):
    """A part of a line's quantity: for a place (SDQ, LOC+QTY: the split by store), for a time (SCH, SCC), or both.
    ``window`` is when it shall be, or will be, delivered; ``dates`` are others (of shipment …). ``kind`` is requested
    or promised, ``role`` what the place is where it is not the ship-to (store …)."""

    quantity: Quantity | None = None
    location: PartyRef | None = None
    role: str = ""
    mark_for: PartyRef | None = None
    window: Period | None = None
    dates: Many[QualifiedDate] = ()
    kind: str = ""


class Buckets(Value):
    """What has become of an ordered quantity, in the line's unit. Derived from documents, never typed in."""

    ordered: Number | None = None
    accepted: Number | None = None
    backordered: Number | None = None
    cancelled: Number | None = None
    despatched: Number | None = None
    received: Number | None = None
    invoiced: Number | None = None
    return_requested: Number | None = None
    returned: Number | None = None
    written_off: Number | None = None


class OrderLine(Value):
    """One line. ``line_id`` is text and never re-numbered (X12 PO101, EDIFACT 1082). ``action`` is add, change,
    delete or none, for changes of orders; ``change`` says more where the sender did (decrease_quantity, change_price …
    X12 670), ``outstanding`` is what the buyer still expects of the line. ``parent_line_id`` makes a line part of a
    kit, and ``relation`` says how (included, substituted … X12 662). ``prices`` are further prices (retail, list) and
    price rules, ``packing`` what a unit holds. ``roles`` (ship_to …), ``service`` and ``transport_mode`` hold for this
    line only. ``upstream_ref`` is the order to a supplier that this line caused (drop shipment)."""

    line_id: Key
    parent_line_id: str = ""
    relation: str = ""
    action: str = ""
    change: str = ""
    item: Item | None = None
    quantity: Quantity | None = None
    outstanding: Quantity | None = None
    price: UnitPrice | None = None
    price_list_ref: str = ""
    prices: Many[PriceRule] = ()
    packing: Packing | None = None
    packaging: Many[PackagingNote] = ()
    line_amount_stated: Money | None = None
    line_amount_computed: Money | None = None
    allowances_charges: Many[AllowanceCharge] = ()
    taxes: Many[Tax] = ()
    schedules: Many[Schedule] = ()
    requested_delivery: Period | None = None
    originator: PartyRef | None = None
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    contacts: Many[Contact] = ()
    service: str = ""
    transport_mode: str = ""
    measurements: Many[Measurement] = ()
    accounting_cost: str = ""
    partial_ok: bool | None = None
    notes: Many[Note] = ()
    dates: Many[QualifiedDate] = ()
    references: Many[DocRef] = ()
    buckets: Buckets | None = None
    status_code: str = ""
    upstream_ref: DocRef | None = None
    extensions: Extensions = Field(default_factory=dict)
