"""X12 875, grocery order (UCS): one message is one ``Order``. Its lines have no numbers: their place is their number.

Whether a G72 is an allowance or a charge is told as in the 880 (``invoice_form``). A place of a line (N1 with QTY) is a
schedule of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hub.mapping.forms import Data, MessageForm
from hub.model.document import Document
from hub.model.order import Order
from hub.model.order_line import OrderLine
from hub.model.value import Many
from hub_x12.forms.form_class import dumped, form_of
from hub_x12.forms.invoice import StatedAllowance, signed, unsigned
from hub_x12.forms.order import LinePlace, carriers, give_places, take_places

_Stated: Any = (Many[StatedAllowance], ())  # type: ignore[valid-type]
GroceryLine: Any = form_of(
    "GroceryOrderLine", OrderLine, line_id=(str, ""), places=(Many[LinePlace], ()), allowances_charges=_Stated
)
GroceryOrder = form_of(
    "GroceryOrder", Order, lines=(Many[GroceryLine], ()), allowances_charges=_Stated, totals_unit=(str, "")
)


def _allowances(order: Data) -> Iterator[Data]:
    yield from order.get("allowances_charges") or ()
    for line in order.get("lines") or ():
        yield from line.get("allowances_charges") or ()


def read(form: Data) -> list[tuple[str, Data]]:
    """The order, its lines numbered by their places. The unit of the total (G7602) says nothing of an order."""
    form.pop("totals_unit", None)
    for number, line in enumerate(form.get("lines") or (), 1):
        line["line_id"] = str(number)
        if "places" in line:
            take_places(line)
    for part in _allowances(form):
        part["is_charge"] = unsigned(part)
    return [("Order", form)]


def write(documents: Sequence[Document]) -> list[Data]:
    """One message for each order. A line number of another sort than its place is not in the message."""
    return [_form(one) for one in documents]


def _form(order: Document) -> Data:
    form = dumped(order)
    carriers(form, lambda party: bool(party.keys() - {"name"}))
    for line in form.get("lines") or ():
        give_places(line, by_store=False, routed=False)
    for part in _allowances(form):
        signed(part)
    units = [line["quantity"]["unit"] for line in form.get("lines") or () if (line.get("quantity") or {}).get("unit")]
    form["totals_unit"] = units[0] if units else "EA"
    return form


FORM = MessageForm(
    "x12.grocery_order", GroceryOrder, ("Order",), read, write,
    "875: a grocery order, its lines numbered and its allowances told from charges",
)  # fmt: skip
