"""A shipment: the despatch advice."""

from __future__ import annotations

from pydantic import Field

from hub.model.characteristic import Measurement
from hub.model.contact import Contact
from hub.model.dates import LocalDate, When
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.identifiers import Identifier
from hub.model.item import Item
from hub.model.packaging_note import PackagingNote
from hub.model.packing import Packing
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.reference import DocRef, QualifiedDate
from hub.model.shipping import Equipment, Load, PackageTotal, Route, ShipmentComponent
from hub.model.terms import DeliveryTerms
from hub.model.text import Note
from hub.model.value import Key, Many, Value


class ShipmentOrder(DocRef):
    """An order that a shipment fulfils, with what the advice says of it. ``key`` tells orders of one number apart (one
    order for several stores); empty where the number does."""

    type: str = "order"
    key: str = ""
    change_no: str = ""
    contract: str = ""
    order_type: str = ""
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    contacts: Many[Contact] = ()
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    routes: Many[Route] = ()
    packages: Many[PackageTotal] = ()
    packaging: Many[PackagingNote] = ()
    measurements: Many[Measurement] = ()
    delivery_terms: DeliveryTerms | None = None
    text: str = ""
    extensions: Extensions = Field(default_factory=dict)


class ShipmentLine(Value):
    """What is sent of one line of an order, in all units together. ``outstanding`` is what still follows.
    ``buyer_order_id`` (or ``order_key``, the key in ``orders``) and ``order_line_id`` name the order; ``line_id`` is
    the order's too unless ``order_line_id`` says another. A ``line_id`` that the message does not have begins with
    ``#``, and of two lines of one number the second is ``1#2``."""

    line_id: Key
    buyer_order_id: str = ""
    order_key: str = ""
    order_line_id: str = ""
    item: Item | None = None
    quantity: Quantity | None = None
    ordered: Quantity | None = None
    outstanding: Quantity | None = None
    to_date: Quantity | None = None
    lot: str = ""
    expires_on: LocalDate | None = None
    best_before: LocalDate | None = None
    serials: Many[str] = ()
    ship_to: PartyRef | None = None
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    status_code: str = ""
    packing: Packing | None = None
    packages: Many[PackageTotal] = ()
    packaging: Many[PackagingNote] = ()
    measurements: Many[Measurement] = ()
    loads: Many[Load] = ()
    labels: Many[Identifier] = ()
    components: Many[ShipmentComponent] = ()
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    notes: Many[Note] = ()
    extensions: Extensions = Field(default_factory=dict)


class UnitContent(Value):
    """How much of a shipment's line (``line_id``) a handling unit holds."""

    line_id: Key
    quantity: Quantity | None = None
    lot: str = ""
    serials: Many[str] = ()


class HandlingUnit(Value):
    """A pallet, carton or other logistic unit. The tree is flat: ``parent_id`` names the ``unit_id`` that holds it
    (HL02, CPS 7166). ``level`` is tare (what packs stand on) or pack. ``sscc`` has 18 digits, without the AI;
    ``identifiers`` are the other numbers on its label. ``type`` is a Rec 21 code with ``X``. ``order_key`` and
    ``buyer_order_id`` name the order it was packed for, where the message says one. ``item`` is what the unit itself is
    sold as (a prepack)."""

    unit_id: Key
    parent_id: str = ""
    level: str = ""
    sscc: str = ""
    identifiers: Many[Identifier] = ()
    type: str = ""
    count: int | None = None
    marks: Many[str] = ()
    buyer_order_id: str = ""
    order_key: str = ""
    item: Item | None = None
    quantity: Quantity | None = None
    gross_weight: Quantity | None = None
    volume: Quantity | None = None
    packing: Packing | None = None
    packages: Many[PackageTotal] = ()
    packaging: Many[PackagingNote] = ()
    measurements: Many[Measurement] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    contents: Many[UnitContent] = ()
    extensions: Extensions = Field(default_factory=dict)


class Shipment(Document):
    """Goods on their way. ``orders`` are the orders it fulfils (none, one or many). ``service``, ``transport_mode`` and
    ``tracking`` are the carrier's; the carrier itself is a role; ``routes`` and ``equipment`` say more. ``hierarchy``
    names the levels in which the message lists it, one letter each from the outside in (shipment, order, tare, pack,
    item: ``SOTPI``). ``customer_reference`` is the order of the customer's customer, where a warehouse ships for
    somebody else. Source: X12 856 and 945, EDIFACT DESADV, UBL DespatchAdvice."""

    despatch_id: Key
    shipment_id: str = ""
    purpose: str = ""
    type: str = ""
    reason: str = ""
    hierarchy: str = ""
    issued_at: When | None = None
    customer_reference: str = ""
    orders: Many[ShipmentOrder] = ()
    references: Many[DocRef] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    contacts: Many[Contact] = ()
    service: str = ""
    transport_mode: str = ""
    tracking: Many[str] = ()
    bill_of_lading: str = ""
    routes: Many[Route] = ()
    equipment: Many[Equipment] = ()
    delivery_terms: DeliveryTerms | None = None
    despatched_at: When | None = None
    estimated_at: When | None = None
    dates: Many[QualifiedDate] = ()
    gross_weight: Quantity | None = None
    net_weight: Quantity | None = None
    volume: Quantity | None = None
    package_count: int | None = None
    packages: Many[PackageTotal] = ()
    packaging: Many[PackagingNote] = ()
    measurements: Many[Measurement] = ()
    labels: Many[Identifier] = ()
    handling_units: Many[HandlingUnit] = ()
    lines: Many[ShipmentLine] = ()
    notes: Many[Note] = ()
