"""Goods that come back."""

from __future__ import annotations

from pydantic import Field

from hub.model.dates import When
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.item import Item
from hub.model.money import Money
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.reference import DocRef
from hub.model.text import Note
from hub.model.value import Key, Many, Value


class ReturnLine(Value):
    """One line. ``reason_code`` may have a ``reason_parent`` (quality, and under it: torn). ``condition`` is new,
    opened, damaged …, ``disposition`` what is done with it: restock, scrap, repair, return_to_vendor …"""

    line_id: Key
    order_line_id: str = ""
    item: Item | None = None
    quantity: Quantity | None = None
    reason_code: str = ""
    reason_parent: str = ""
    reason_text: str = ""
    condition: str = ""
    disposition: str = ""
    refund: Money | None = None
    lot: str = ""
    serials: Many[str] = ()
    extensions: Extensions = Field(default_factory=dict)


class Return(Document):
    """A return of goods. ``references`` name the order, the invoice or the sale (its POS key). ``status`` is
    requested, authorized, received, dismissed or closed. Source: X12 180, EDIFACT RETANN and RETINS."""

    rma_id: Key
    status: str = ""
    issued_at: When | None = None
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    references: Many[DocRef] = ()
    refund: Money | None = None
    currency: str = ""
    channel: str = ""
    authorization_id: str = ""
    lines: Many[ReturnLine] = ()
    notes: Many[Note] = ()
