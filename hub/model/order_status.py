"""Where orders stand: the buyer's question and the seller's report. One document speaks of many orders."""

from __future__ import annotations

from pydantic import Field

from hub.model.contact import Contact
from hub.model.dates import LocalDate, When
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.item import Item
from hub.model.money import UnitPrice
from hub.model.party_ref import PartyRef
from hub.model.quantity import QualifiedQuantity, Quantity
from hub.model.reference import DocRef, QualifiedDate
from hub.model.text import Note
from hub.model.value import Key, Many, Value


class StatusStep(Value):
    """One thing that is known: ``status`` is shipped, in_process, backordered, expected_ship … (X12 368), ``date`` when
    it happened or is expected, ``reason`` the sender's code why, ``notes`` what is said about it."""

    status: str
    date: LocalDate | None = None
    reason: str = ""
    quantities: Many[QualifiedQuantity] = ()
    dates: Many[QualifiedDate] = ()
    references: Many[DocRef] = ()
    notes: Many[str] = ()


class OrderStatusLine(Value):
    """A line of an order. ``line_id`` is the order's, empty where the sender names the item only. ``ordered`` is what
    was ordered, ``price`` what was agreed; ``quantities`` are those that the question is about."""

    line_id: str = ""
    item: Item | None = None
    ordered: Quantity | None = None
    quantities: Many[QualifiedQuantity] = ()
    price: UnitPrice | None = None
    steps: Many[StatusStep] = ()
    dates: Many[QualifiedDate] = ()
    references: Many[DocRef] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    extensions: Extensions = Field(default_factory=dict)


class OrderStatusEntry(Value):
    """One order, and its lines. ``buyer_order_id`` is empty where products or places are meant and no order.
    ``change_no`` tells which change of the order is the last one known. Source: X12 PRF below HL."""

    buyer_order_id: str = ""
    release_no: str = ""
    change_no: str = ""
    seller_order_id: str = ""
    order_date: When | None = None
    contract: str = ""
    type: str = ""
    steps: Many[StatusStep] = ()
    dates: Many[QualifiedDate] = ()
    references: Many[DocRef] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    contacts: Many[Contact] = ()
    lines: Many[OrderStatusLine] = ()
    extensions: Extensions = Field(default_factory=dict)


class OrderStatusRequest(Document):
    """The question how orders stand. ``scope`` says which orders and items are meant (all_orders_all_items,
    selected_orders_unshipped_items … X12 847), ``products`` and ``places`` what the selection goes by (X12 848, 849).
    Source: X12 869, EDIFACT OSTENQ."""

    request_id: Key
    purpose: str = ""
    issued_at: When | None = None
    scope: str = ""
    products: str = ""
    places: str = ""
    notes: Many[Note] = ()
    orders: Many[OrderStatusEntry] = ()


class OrderStatusReport(Document):
    """How orders stand. ``reason`` is response, scheduled, unsolicited … (X12 850); a response names the question
    (``request_id``, ``requested_at``). Nothing in it changes an order: what was agreed stands in order responses.
    Source: X12 870, EDIFACT OSTRPT."""

    report_id: Key
    reason: str = ""
    purpose: str = ""
    issued_at: When | None = None
    scope: str = ""
    products: str = ""
    places: str = ""
    request_id: str = ""
    requested_at: When | None = None
    dates: Many[QualifiedDate] = ()
    references: Many[DocRef] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    orders: Many[OrderStatusEntry] = ()
