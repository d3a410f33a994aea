"""X12 869 and 870, the question how orders stand and the report: one message is one document about many orders.

The message is a list of levels (HL): an order (O), an item of the order above it (I). The document has the orders, each
with its lines.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from hub.mapping.forms import Data, MessageForm, opened
from hub.model.document import Document
from hub.model.item import Item
from hub.model.order_status import OrderStatusEntry, OrderStatusLine, OrderStatusReport, OrderStatusRequest
from hub.model.quantity import QualifiedQuantity
from hub.model.value import Many
from hub_x12.forms.form_class import dumped, form_of

ORDER, ITEM = "O", "I"
"""Levels (data element 735)."""


class StatusLevel(OrderStatusEntry):
    """An HL loop: an order, or an item with its numbers (LIN in 869, PO1 in 870)."""

    id: str = ""
    parent: str = ""
    level: str = ""
    line_id: str = ""
    item: Item | None = None
    quantities: Many[QualifiedQuantity] = ()
    lines: Many[OrderStatusLine] = ()


RequestForm = form_of(
    "RequestForm", OrderStatusRequest, levels=(Many[StatusLevel], ()), orders=(Many[OrderStatusEntry], ())
)
ReportForm = form_of(
    "ReportForm", OrderStatusReport, levels=(Many[StatusLevel], ()), orders=(Many[OrderStatusEntry], ())
)

_LINE = ("line_id", "item", "quantities", "steps", "dates", "references", "roles", "extensions")
"""Fields of a level that are a line's, where it is the level of an item."""
_NUMBERS = ("line_id", "item", "quantities")
"""Fields of a level that make it an item whatever it is called."""


def _read(form: Data, kind: str) -> list[tuple[str, Data]]:
    orders: list[Data] = []
    above: dict[str, Data] = {}  # the id of a level → the order that it is, or belongs to
    for level in form.pop("levels", ()):
        number, parent, name = (level.pop(key, "") for key in ("id", "parent", "level"))
        order = None if name == ORDER else above.get(parent)
        if order is None:
            line = {key: level.pop(key) for key in _NUMBERS if key in level}
            order = level
            orders.append(order)
            if line:
                order["lines"] = [line, *order.get("lines", ())]
        else:
            order.setdefault("lines", []).extend(_items(level, order))
        above[number] = order
    if orders:
        form["orders"] = orders
    return [(kind, form)]


def _items(level: Data, order: Data) -> list[Data]:
    """The lines of an item's level: what is said at the level is said of the first of them."""
    lines: list[Data] = list(level.pop("lines", ()))
    own = {key: level.pop(key) for key in _LINE if key in level}
    for name, value in level.items():  # an item's level that names an order again, or has a contact
        order.setdefault("extensions", {})[f"HL/{name}#{len(order.get('lines', ()))}"] = plainly(value)
    if not lines:
        return [own]
    first = lines[0]
    for name, value in own.items():
        if name in ("steps", "dates", "references", "quantities"):
            first[name] = [*value, *first.get(name, ())]
        elif name in ("roles", "extensions"):
            first[name] = {**value, **first.get(name, {})}
        elif name not in first:
            first[name] = value
    return lines


def plainly(value: object) -> object:
    """A value as extensions hold it: text, lists and maps of text."""
    if isinstance(value, BaseModel):
        value = opened(value)
    if isinstance(value, dict):
        return {str(name): plainly(one) for name, one in value.items()}
    return [plainly(one) for one in value] if isinstance(value, (list, tuple)) else str(value)


def read_request(form: Data) -> list[tuple[str, Data]]:
    """The question: orders with the items that it is about."""
    return _read(form, "OrderStatusRequest")


def read_report(form: Data) -> list[tuple[str, Data]]:
    """The report: orders with their lines."""
    return _read(form, "OrderStatusReport")


def _write(document: Document, lines_below: bool) -> Data:
    form = dumped(document)
    levels: list[Data] = []
    for order in form.pop("orders", ()):
        lines = order.pop("lines", ())
        order.pop("extensions", None)
        number = str(len(levels) + 1)
        levels.append({"id": number, "level": ORDER, **order})
        for line in lines:
            line.pop("extensions", None)
            below: Data = {"id": str(len(levels) + 1), "parent": number, "level": ITEM}
            if (lines_below and line.keys() - _ALONE) or _detailed(line):
                shared = {key: line.pop(key) for key in ("dates", "references", "roles") if key in line}
                below |= {**shared, "lines": [line]}
            else:
                below |= line
            levels.append(below)
    if levels:
        form["levels"] = levels
    return form


_ALONE = frozenset(("steps", "dates", "references", "roles"))
"""What an item's level can say without an item."""


def _detailed(line: Data) -> bool:
    return any(one.keys() & {"dates", "references"} for one in line.get("steps", ()))


def write_request(documents: Sequence[Document]) -> list[Data]:
    """One message for each question."""
    return [_write(one, lines_below=False) for one in documents]


def write_report(documents: Sequence[Document]) -> list[Data]:
    """One message for each report."""
    return [_write(one, lines_below=True) for one in documents]


REQUEST = MessageForm(
    "x12.status_request", RequestForm, ("OrderStatusRequest",), read_request, write_request,
    "869: the question how orders stand, orders and items as levels (HL)",
)  # fmt: skip
REPORT = MessageForm(
    "x12.status_report", ReportForm, ("OrderStatusReport",), read_report, write_report,
    "870: how orders stand, orders and items as levels (HL)",
)  # fmt: skip
