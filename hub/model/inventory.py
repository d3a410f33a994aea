"""Stock: what is there, and what moved."""

from __future__ import annotations

from pydantic import Field

from hub.model.characteristic import Characteristic, LeadTime, Measurement
from hub.model.contact import Contact
from hub.model.dates import When
from hub.model.document import Document
from hub.model.identifiers import Identifier
from hub.model.number_map import NumberMap
from hub.model.party_ref import PartyRef
from hub.model.price_rule import PriceRule
from hub.model.quantity import Quantity
from hub.model.reference import DocRef, QualifiedDate
from hub.model.value import Key, Many, Value


class StockReport(Value):
    """The message that a stock figure came in: its number, kind and parties; ``action`` is what the
    receiver shall do with it (X12 306). Source: X12 846 heading."""

    report_id: str = ""
    purpose: str = ""
    type: str = ""
    issued_at: When | None = None
    action: str = ""
    currency: str = ""
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    contacts: Many[Contact] = ()
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()


class StockQuantity(Value):
    """A quantity that is not simply there: in another unit, at another time (``dates``), or a text only. ``kind`` is a
    kind of ``InventorySnapshot.quantities``."""

    kind: str
    quantity: Quantity | None = None
    text: str = ""
    dates: Many[QualifiedDate] = ()


class InventorySnapshot(Document):
    """The stock of one product in one place at one time. ``quantities`` maps a kind to a number in ``unit``:
    on_hand, available, reserved, in_transit, on_order, damaged, min, max, target (X12 859, EDIFACT 6063); ``further``
    are quantities that have more to say. Without a place it is the stock in all places. ``attributes`` and the rest
    describe the product as the report does."""

    snapshot_id: str = ""
    location_id: str = ""
    location: PartyRef | None = None
    product_id: str = ""
    identifiers: Many[Identifier] = ()
    as_of: When
    unit: str = ""
    quantities: NumberMap = Field(default_factory=dict)
    lot: str = ""
    further: Many[StockQuantity] = ()
    description: str = ""
    attributes: dict[str, str] = Field(default_factory=dict)
    dates: Many[QualifiedDate] = ()
    references: Many[DocRef] = ()
    characteristics: Many[Characteristic] = ()
    measurements: Many[Measurement] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    lead_times: Many[LeadTime] = ()
    prices: Many[PriceRule] = ()
    report: StockReport | None = None
    version: int | None = None


class InventoryMovement(Document):
    """A change of stock. ``kind`` in JSON (``movement_kind`` in Python, where ``kind`` is the document's) is receipt,
    sale, return, transfer, adjustment, damage … (EDIFACT 4499, X12 859). ``quantity`` is signed: out is negative."""

    movement_id: Key
    movement_kind: str = Field(default="", alias="kind")
    location_id: str = ""
    to_location_id: str = ""
    product_id: str = ""
    identifiers: Many[Identifier] = ()
    quantity: Quantity
    at: When
    ref: DocRef | None = None
    reason: str = ""
    lot: str = ""
