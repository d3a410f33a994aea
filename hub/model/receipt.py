"""A receipt: what arrived."""

from __future__ import annotations

from pydantic import Field

from hub.model.characteristic import Characteristic
from hub.model.contact import Contact
from hub.model.dates import When
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.identifiers import Identifier
from hub.model.item import Item
from hub.model.numbers import Number
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.reference import DocRef, QualifiedDate
from hub.model.text import Note
from hub.model.value import Key, Many, Value


class Discrepancy(Value):
    """A quantity that is in question, and why: damaged, short, over, quality, wrong_item … (X12 412)."""

    condition: str
    quantity: Quantity | None = None


class ReceiptLine(Value):
    """What became of one line: ``received`` in all, of it ``accepted`` and ``damaged``; ``short`` and ``over`` against
    the despatch advice; ``returned`` went back. ``discrepancies`` are quantities in question for another reason.
    ``despatched`` is what the sender said. ``reason`` is the receiver's code."""

    line_id: Key
    buyer_order_id: str = ""
    order_line_id: str = ""
    despatch_line_id: str = ""
    item: Item | None = None
    received: Quantity | None = None
    accepted: Quantity | None = None
    damaged: Quantity | None = None
    short: Quantity | None = None
    over: Quantity | None = None
    returned: Quantity | None = None
    discrepancies: Many[Discrepancy] = ()
    despatched: Quantity | None = None
    ordered: Quantity | None = None
    to_date: Number | None = None
    reason: str = ""
    sscc: str = ""
    lot: str = ""
    dates: Many[QualifiedDate] = ()
    references: Many[DocRef] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    marks: Many[Identifier] = ()
    characteristics: Many[Characteristic] = ()
    notes: Many[Note] = ()
    extensions: Extensions = Field(default_factory=dict)


class Receipt(Document):
    """What the receiver counted. Source: X12 861, EDIFACT RECADV, UBL ReceiptAdvice."""

    receipt_id: Key
    despatch_id: str = ""
    purpose: str = ""
    type: str = ""
    condition: str = ""
    currency: str = ""
    issued_at: When | None = None
    received_at: When | None = None
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    orders: Many[DocRef] = ()
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    contacts: Many[Contact] = ()
    lines: Many[ReceiptLine] = ()
    notes: Many[Note] = ()
