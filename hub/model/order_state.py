"""The state of an order: a fold over the documents about it, never typed in.

Every document is stored once and unchanged; this computes what they add up to. The result depends only on the
set of documents: not on the order in which they arrived, and not on one of them arriving twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from hub.model.dates import format_moment
from hub.model.document import Document
from hub.model.invoice import Invoice
from hub.model.order import Order, OrderStatus
from hub.model.order_line import Buckets, OrderLine
from hub.model.order_response import OrderResponse, OrderResponseLine
from hub.model.quantity import Quantity
from hub.model.receipt import Receipt
from hub.model.reference import DocRef
from hub.model.returns import Return
from hub.model.shipment import Shipment
from hub.model.units import convert

ZERO = Decimal(0)
_NOTHING: tuple[Any, ...] = ("", None, (), {})
ACCEPTING = frozenset(
    {"accepted", "quantity_changed", "price_changed", "date_changed", "changed", "substituted",
     "partially_backordered", "accepted_with_amendment", "schedule_pending", "added"}
)  # fmt: skip
"""Line statuses whose quantity will come."""


class LineTally:
    """What the documents say about one line, in its unit; quantities in a unit that does not convert are left out."""

    def __init__(self, line: OrderLine) -> None:
        self.line = line
        self.unit = line.quantity.unit if line.quantity else ""
        self.ordered = line.quantity.value if line.quantity else ZERO
        self.sums: dict[str, Decimal] = {}
        self.status = ""

    def add(self, bucket: str, quantity: Quantity | None) -> None:
        """Add a quantity to a bucket."""
        if quantity is None:
            return
        value = quantity.value
        if quantity.unit and self.unit and quantity.unit != self.unit:
            converted = convert(value, quantity.unit, self.unit)
            if converted is None:
                return
            value = converted
        self.sums[bucket] = self.sums.get(bucket, ZERO) + value

    def replace(self, line: OrderLine) -> None:
        """Take over a changed line: what it does not say stays as it was."""
        said = {name: value for name in OrderLine.model_fields if (value := getattr(line, name)) not in _NOTHING}
        self.line = self.line.model_copy(update=said)
        if line.quantity is not None:
            self.unit, self.ordered = line.quantity.unit, line.quantity.value

    def cancel(self) -> None:
        """Nothing of this line will come; what has been despatched already stays counted."""
        self.sums["cancelled"] = self.ordered
        self.status = "deleted"

    def finished(self) -> OrderLine:
        """The line with buckets and status."""
        buckets = Buckets(ordered=self.ordered, **self.sums)
        return self.line.model_copy(update={"buckets": buckets, "status_code": self.status or self.line.status_code})


def fold(order: Order, documents: Iterable[Document]) -> Order:
    """``order`` with ``status`` and every line's ``buckets`` as changes (other ``Order`` documents), responses,
    shipments, receipts, invoices and returns make them. Documents about other orders must not be among them; one that
    is here twice (equal content) counts once; other kinds are ignored."""
    once = {document.digest(): document for document in documents}
    in_time = sorted(once.values(), key=lambda one: (_issued(one), one.digest()))
    tallies = {_key(line): LineTally(line) for line in order.lines}
    commercial = "cancelled" if order.purpose == "cancel" else "received"
    for one in in_time:
        if isinstance(one, Order):
            commercial = _change(one, tallies, commercial)
    responses = [one for one in in_time if isinstance(one, OrderResponse)]
    if commercial != "cancelled":
        for response in responses:
            commercial = _COMMERCIAL.get(response.header_code, commercial)
        _answer(responses, tallies)
    for one in in_time:
        _count(one, tallies)
    lines = tuple(tally.finished() for tally in tallies.values())
    return order.model_copy(update={"lines": lines, "status": _status(commercial, tallies.values())})


_COMMERCIAL = {
    "received": "acknowledged",
    "accepted": "accepted",
    "accepted_with_changes": "accepted_with_changes",
    "rejected": "rejected",
    "hold": "acknowledged",
}


_RETURN_BUCKETS = {"received": "returned", "closed": "returned", "dismissed": ""}


def _issued(document: Document) -> str:
    at = getattr(document, "issued_at", None)
    return "" if at is None else format_moment(at)


def _line_key(line_id: str) -> str:
    # 850 says 1 and the 856 for it 001: the same line. Letters stay as they are.
    return line_id.lstrip("0") or line_id


def _key(line: OrderLine | OrderResponseLine) -> str:
    """What tells a line from all others: parts of two kits may have one number."""
    own = _line_key(line.line_id)
    return f"{_line_key(line.parent_line_id)}/{own}" if line.parent_line_id else own


def _named(line_id: str, tallies: dict[str, LineTally]) -> LineTally | None:
    """The line that another document means by ``line_id``: a line, else the first part of a line with that number."""
    key = _line_key(line_id)
    return tallies.get(key) or next((one for name, one in tallies.items() if name.endswith(f"/{key}")), None)


def _change(change: Order, tallies: dict[str, LineTally], commercial: str) -> str:
    if change.purpose in ("cancel", "delete"):
        for tally in tallies.values():
            tally.cancel()
        return "cancelled"
    if change.purpose == "replace":
        tallies.clear()
    if change.purpose in ("change", "replace"):
        for line in change.lines:
            key = _key(line)
            if key not in tallies:
                tallies[key] = LineTally(line)
            if line.action == "delete":
                tallies[key].cancel()
            else:
                tallies[key].replace(line)
    return commercial


def _answer(responses: Sequence[OrderResponse], tallies: dict[str, LineTally]) -> None:
    for key, tally in tallies.items():
        if tally.status == "deleted":
            continue
        speaking = [one for one in responses if any(_key(line) == key for line in one.lines)]
        whole = [one for one in responses if not one.lines and one.header_code in ("accepted", "rejected")]
        if not speaking:
            if whole and whole[-1].header_code == "accepted":
                tally.sums["accepted"], tally.status = tally.ordered, "accepted"
            elif whole:
                tally.sums["cancelled"], tally.status = tally.ordered, "rejected"
            continue
        for line in speaking[-1].lines:  # the latest response that speaks of a line says all about it
            if _key(line) != key:
                continue
            tally.status = line.status_code or tally.status
            if line.status_code in ACCEPTING:
                tally.add("accepted", line.quantity or line.ordered)
                tally.add("backordered", line.backorder_max)
            elif line.status_code == "backordered":
                tally.add("backordered", line.backorder_max or line.quantity)
            elif line.status_code in ("rejected", "deleted"):
                tally.add("cancelled", line.quantity or line.ordered or Quantity(value=tally.ordered))


def _count(document: Document, tallies: dict[str, LineTally]) -> None:
    found: list[tuple[str, str, Quantity | None]] = []
    if isinstance(document, Shipment):
        found = [(line.order_line_id or line.line_id, "despatched", line.quantity) for line in document.lines]
    elif isinstance(document, Receipt):
        found = [(line.order_line_id or line.line_id, "received", line.received) for line in document.lines]
    elif isinstance(document, Invoice):
        found = [
            (_order_line(line.references) or line.line_id, "invoiced", _signed(document, line.quantity))
            for line in document.lines
        ]
    elif isinstance(document, Return):
        bucket = _RETURN_BUCKETS.get(document.status, "return_requested")
        found = [(line.order_line_id or line.line_id, bucket, line.quantity) for line in document.lines]
    for line_id, bucket, quantity in found:
        tally = _named(line_id, tallies)
        if tally is not None and bucket:
            tally.add(bucket, quantity)


def _order_line(references: Iterable[DocRef]) -> str:
    return next((one.line for one in references if one.type == "order" and one.line), "")


def _signed(document: Invoice, quantity: Quantity | None) -> Quantity | None:
    if quantity is None or document.invoice_kind != "credit_note":
        return quantity
    return quantity.model_copy(update={"value": -quantity.value})


def _status(commercial: str, tallies: Iterable[LineTally]) -> OrderStatus:
    lines = list(tallies)
    return OrderStatus(
        commercial=commercial,
        fulfilment=_axis([(one.sums.get("despatched", ZERO), _wanted(one)) for one in lines]),
        invoicing=_axis([(one.sums.get("invoiced", ZERO), _wanted(one)) for one in lines]),
        payment="unknown",
    )


def _wanted(tally: LineTally) -> Decimal:
    return tally.ordered - tally.sums.get("cancelled", ZERO)


def _axis(pairs: Sequence[tuple[Decimal, Decimal]]) -> str:
    if not any(done for done, _ in pairs):
        return "none"
    if any(done > wanted for done, wanted in pairs):
        return "over"
    return "full" if all(done == wanted for done, wanted in pairs) else "partial"
