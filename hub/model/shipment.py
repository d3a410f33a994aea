"""A shipment: the despatch advice."""

from __future__ import annotations

from pydantic import Field

from hub.model.dates import LocalDate, When
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.identifiers import Identifier
from hub.model.item import Item
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.reference import DocRef, QualifiedDate
from hub.model.text import Note
from hub.model.value import Key, Many, Value


class ShipmentLine(Value):
    """What is sent of one line of an order. ``outstanding`` is what still follows. ``buyer_order_id`` and
    ``order_line_id`` name the order where the shipment holds several."""

    line_id: Key
    buyer_order_id: str = ""
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
    status_code: str = ""
    references: Many[DocRef] = ()
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
    (HL02, CPS 7166). ``sscc`` has 18 digits, without the AI. ``type`` is a Rec 21 code with ``X``."""

    unit_id: Key
    parent_id: str = ""
    sscc: str = ""
    identifiers: Many[Identifier] = ()
    type: str = ""
    count: int | None = None
    marks: Many[str] = ()
    gross_weight: Quantity | None = None
    volume: Quantity | None = None
    contents: Many[UnitContent] = ()


class Shipment(Document):
    """Goods on their way. ``orders`` are the orders it fulfils (none, one or many). ``service`` and ``tracking`` are
    the carrier's; the carrier itself is a role. Source: X12 856, EDIFACT DESADV, UBL DespatchAdvice."""

    despatch_id: Key
    shipment_id: str = ""
    purpose: str = ""
    type: str = ""
    hierarchy: str = ""
    issued_at: When | None = None
    orders: Many[DocRef] = ()
    references: Many[DocRef] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    service: str = ""
    transport_mode: str = ""
    tracking: Many[str] = ()
    bill_of_lading: str = ""
    despatched_at: When | None = None
    estimated_at: When | None = None
    dates: Many[QualifiedDate] = ()
    gross_weight: Quantity | None = None
    net_weight: Quantity | None = None
    volume: Quantity | None = None
    package_count: int | None = None
    handling_units: Many[HandlingUnit] = ()
    lines: Many[ShipmentLine] = ()
    notes: Many[Note] = ()
