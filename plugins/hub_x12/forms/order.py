"""X12 850, 860 and 875, orders and changes of orders: one message is one ``Order``.

Below a line (PO1, POC) the message has its parts (SLN), its places (N1 with a quantity or a schedule) and what
becomes of it (POC02); an order has one flat list of lines, places in schedules and roles, and an action.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from hub.mapping.forms import Data, MessageForm, opened
from hub.model.document import Document
from hub.model.identifiers import Identifier
from hub.model.money import UnitPrice
from hub.model.numbers import Number
from hub.model.order import Order
from hub.model.order_line import OrderLine, Schedule
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.terms import PaymentTerm
from hub.model.value import Many, Value
from hub_x12.forms.form_class import dumped, form_of
from hub_x12.forms.indicators import stated, told
from hub_x12.forms.invoice import StatedAllowance
from hub_x12.forms.sub_lines import folded, unfolded


class LinePlace(Value):
    """A party below a line (N1), with how much of the line goes there (QTY) and when (SCH)."""

    role: str
    party: PartyRef | None = None
    quantity_kind: str = ""
    quantity: Quantity | None = None
    schedules: Many[Schedule] = ()


STATED: Any = (Many[StatedAllowance], ())  # type: ignore[valid-type]
"""Allowances and charges of a form: SAC01 as the message has it."""
_Part: Any = form_of("OrderedPart", OrderLine, allowances_charges=STATED)
_BELOW: Any = {"places": (Many[LinePlace], ()), "parts": (Many[_Part], ()), "allowances_charges": STATED}
_Line: Any = form_of("OrderedLine", OrderLine, **_BELOW)
_Changed: Any = form_of("ChangedLine", OrderLine, change=(str, ...), **_BELOW)
_HEAD: Any = {"conditions": (Many[str], ()), "sum_above": (Number | None, None), "allowances_charges": STATED}
OrderForm = form_of("OrderForm", Order, lines=(Many[_Line], ()), **_HEAD)
ChangeForm = form_of("ChangeForm", Order, lines=(Many[_Changed], ()), **_HEAD)

_ACTIONS = {"add": "add", "delete": "delete", "cancel_order": "delete", "none": "none"}
"""What becomes of a line (x12.670) → the action; all others are changes."""
_PLAIN = frozenset(("add", "change", "delete", "none"))
CARRIER = "carrier"
SHIP_TO = "ship_to"
_CONDITIONS: dict[str, dict[str, bool]] = {
    "partial_backorder": {"partial_delivery_allowed": True, "backorder_allowed": True},
    "partial_cancel": {"partial_delivery_allowed": True, "backorder_allowed": False},
    "ship_complete": {"partial_delivery_allowed": False},
    "no_backorder": {"backorder_allowed": False},
    "backorder": {"backorder_allowed": True},
    "substitute_allowed": {"substitution_allowed": True},
    "no_substitute": {"substitution_allowed": False},
}
"""Conditions of delivery (x12.563) that have fields of their own."""


def read(form: Data) -> list[tuple[str, Data]]:
    """The order: parts behind their lines, places in schedules and roles, conditions in their fields."""
    if "allowances_charges" in form:
        told(form)
    if "sum_above" in form:
        _total(form, form.pop("sum_above"))
    if "conditions" in form:
        _allow(form, form.pop("conditions"))
    if "lines" in form:
        form["lines"] = list(_lines(form["lines"]))
    return [("Order", form)]


def _total(form: Data, line_sum: Decimal) -> None:
    """A line sum from before the lines, where the one behind them leaves room for it."""
    if form.setdefault("totals_stated", {}).setdefault("line_sum", line_sum) != line_sum:
        form.setdefault("extensions", {})["AMT/AMT02"] = format(line_sum, "f")


def _lines(lines: Sequence[Data]) -> Iterator[Data]:
    for line in lines:
        if "change" in line:
            act(line)
        if "outstanding" in line:
            unit_of_rest(line, "quantity")
        if "places" in line:
            take_places(line)
        if "allowances_charges" in line:
            told(line)
        yield line
        for part in unfolded(line) if "parts" in line else ():
            if "allowances_charges" in part:
                told(part)
            yield part


def act(line: Data) -> None:
    """``change`` as the message has it → ``action``, and ``change`` where it says more."""
    word = line["change"]
    line["action"] = _ACTIONS.get(word, "change")
    if word in _PLAIN:
        del line["change"]


def acted(line: Data) -> None:
    """``action`` and ``change`` → ``change`` as the message has it."""
    action = line.pop("action", "")
    if _ACTIONS.get(line.get("change", ""), "change") != (action or "change") or not line.get("change"):
        line["change"] = action or "change"


def unit_of_rest(line: Data, whole: str) -> None:
    """What is outstanding is in the unit of the line (POC04 has none), also where the line's quantity is not said."""
    rest = line["outstanding"] = opened(line["outstanding"])
    ordered = opened(line.get(whole) or {})
    if "unit" in ordered:
        rest["unit"] = ordered["unit"]
    if "value" not in ordered:
        line.pop(whole, None)


def rest_of_unit(line: Data, whole: str) -> None:
    """The inverse of ``unit_of_rest``: the message has the unit once."""
    rest = line.get("outstanding") or {}
    if rest.get("unit") and whole not in line:
        line[whole] = {"unit": rest["unit"]}


def take_places(line: Data) -> None:
    """Places with a quantity or a schedule become schedules of the line, the others its roles."""
    for place in line.pop("places"):
        party, role = place.get("party") or {}, place.get("role") or "unqualified"
        for name, value in place.pop("extensions", {}).items():
            line.setdefault("extensions", {})[name] = value
        parts = place.get("schedules") or []
        amount = opened(place.get("quantity") or {})
        if party and (parts or "value" in amount):
            if "value" in amount:
                parts = [{"quantity": amount}, *parts]
            for one in parts:
                one["location"] = party
                if role != SHIP_TO:
                    one["role"] = role
            line.setdefault("schedules", []).extend(parts)
            continue
        roles = line.setdefault("roles", {})
        key, number = role, 2
        while key in roles:
            key, number = f"{role}#{number}", number + 1
        roles[key] = party
        for name in ("quantity", "schedules"):
            if place.get(name):
                line.setdefault("extensions", {})[f"{key}/{name}"] = _text(place[name])


def _text(value: Any) -> Any:
    if isinstance(value, (dict, Value)):
        return {name: _text(one) for name, one in opened(value).items()}
    return [_text(one) for one in value] if isinstance(value, (list, tuple)) else str(value)


def give_places(line: Data, by_store: bool = True, routed: bool = True) -> None:
    """The inverse of ``take_places``: schedules that an SDQ (``by_store``: the message has it) or SCH cannot say, and
    the parties of the line, but for a carrier of which a routing says all (``routed``: the line has one)."""
    places: list[Data] = []
    kept: list[Data] = []
    for one in line.get("schedules") or ():
        party = one.get("location") or {}
        rest = {name: value for name, value in one.items() if name not in ("location", "role")}
        role = one.get("role", SHIP_TO)
        if not party:
            kept.append(one)
        elif rest.keys() - {"quantity"} or not rest:
            places.append({"role": role, "party": party, "schedules": [rest]})
        elif party.keys() - {"identifiers"} or role != SHIP_TO or not by_store:
            places.append({"role": role, "party": party, "quantity_kind": "discrete", "quantity": one["quantity"]})
        else:
            kept.append(one)
    for role, party in (line.pop("roles", None) or {}).items():
        if role == CARRIER and routed and party and not detailed(party):
            line["roles"] = {role: party}
        else:
            places.append({"role": role.partition("#")[0], "party": party})
    line.pop("schedules", None)
    if kept:
        line["schedules"] = kept
    if places:
        line["places"] = places


def detailed(party: Data) -> bool:
    """Whether a carrier is more than a TD5 can say, so that it must be written as a party."""
    return bool(party.keys() - {"name", "identifiers"}) or len(party.get("identifiers") or ()) > 1


def carriers(form: Data, more: Callable[[Data], bool] = detailed) -> None:
    """Write the carrier of a heading as a party (N1*CA) where it is more than a routing can say, or nothing but its
    role: under a key that the line of the routing does not claim."""
    roles = form.get("roles") or {}
    if CARRIER in roles and (not roles[CARRIER] or more(roles[CARRIER])):
        form["roles"] = {f"{CARRIER}#1" if role == CARRIER else role: party for role, party in roles.items()}


def _allow(form: Data, words: Sequence[str]) -> None:
    for word in words:
        fields = _CONDITIONS.get(word)
        if fields is None or fields.keys() & form.keys():
            form.setdefault("requirements", []).append(word)
        else:
            form.update(fields)


def _conditions(form: Data) -> list[str]:
    words = []
    for word, fields in _CONDITIONS.items():
        if all(form.get(name) is value for name, value in fields.items()):
            words.append(word)
            for name in fields:
                del form[name]
    return [*words, *form.pop("requirements", ())]


def write(documents: Sequence[Document]) -> list[Data]:
    """One message for each order."""
    return [_form(one) for one in documents]


def write_changes(documents: Sequence[Document]) -> list[Data]:
    """One message for each change; a line without an action is written as changed."""
    return changing([_form(one) for one in documents], "quantity")


def _form(order: Document) -> Data:
    form = dumped(order)
    carriers(form)
    totals = form.get("totals_stated") or {}
    if "payable" in totals and "line_sum" in totals:  # CTT has room for one amount in the 850
        form["sum_above"] = totals.pop("line_sum")
    if words := _conditions(form):
        form["conditions"] = words
    nest(form)
    return form


def changing(forms: list[Data], whole: str) -> list[Data]:
    """Forms of changes: every line says what becomes of it; ``whole`` is the quantity that has the unit of the rest."""
    for form in forms:
        for line in form.get("lines") or ():
            acted(line)
            rest_of_unit(line, whole)
    return forms


def nest(form: Data, together: Callable[[Sequence[Data]], Iterable[Data]] = iter) -> None:
    """Lines as a message has them: the answers to one ``together``, parts and places below, allowances as SAC says."""
    for holder in (form, *form.get("lines", ())):
        if "allowances_charges" in holder:
            stated(holder)
    if "lines" in form:
        form["lines"] = lines = folded(together(form["lines"]))
        for line in lines:
            give_places(line)


def unsaid(form: Data, written: frozenset[str]) -> Iterator[tuple[str, int]]:
    """A second amount in a release that has room for one."""
    if form.get("sum_above") is not None and "sum_above" not in written:
        yield "totals_stated.line_sum", 1


FORM = MessageForm(
    "x12.order", OrderForm, ("Order",), read, write,
    "850: an order, the parts and places of a line below it", (Identifier, PartyRef, PaymentTerm, Quantity, UnitPrice),
    unsaid,
)  # fmt: skip
CHANGE = MessageForm(
    "x12.order_change", ChangeForm, ("Order",), read, write_changes,
    "860: a change of an order, what becomes of a line in it", unsaid=unsaid,
)  # fmt: skip
