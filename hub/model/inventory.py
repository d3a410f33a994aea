"""Stock: what is there, and what moved."""

from __future__ import annotations

from pydantic import Field

from hub.model.dates import When
from hub.model.document import Document
from hub.model.identifiers import Identifier
from hub.model.number_map import NumberMap
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.reference import DocRef
from hub.model.value import Key, Many


class InventorySnapshot(Document):
    """The stock of one product in one place at one time. ``quantities`` maps a kind to a number in ``unit``:
    on_hand, available, reserved, in_transit, on_order, damaged, min, max, target (X12 859, EDIFACT 6063)."""

    snapshot_id: str = ""
    location_id: str = ""
    location: PartyRef | None = None
    product_id: str = ""
    identifiers: Many[Identifier] = ()
    as_of: When
    unit: str = ""
    quantities: NumberMap = Field(default_factory=dict)
    lot: str = ""
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
