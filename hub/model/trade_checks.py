"""Checks of orders, responses, invoices and shipments: roles, lines, sums and totals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub.model.calculation import PricedLine, computed_totals, line_amount
from hub.model.checks import Path, Review, check
from hub.model.invoice import Invoice, InvoiceLine
from hub.model.item import Item
from hub.model.order import Order
from hub.model.order_line import OrderLine
from hub.model.order_response import OrderResponse, OrderResponseLine
from hub.model.shipment import Shipment
from hub.model.totals import Totals
from hub.model.value_checks import currency, key, unit, word
from hub.model.vocabulary import VOCABULARIES

WITHOUT_LINES = frozenset({"cancel", "confirmation", "delete", "request"})
"""Purposes of an order that may lawfully have no lines."""


_ORDER_WORDS = (("purpose", "purpose"), ("type", "order_type"), ("direction", "direction"), ("channel", "channel"))


@check(Order)
def order(value: Order, path: Path, review: Review) -> None:
    """Codes, currency, roles, lines and totals of an order."""
    held = value.__dict__
    for field, vocabulary in _ORDER_WORDS:
        if held[field]:
            word(held[field], vocabulary, (path, field), review)
    if value.status is not None:
        word(value.status.commercial, "commercial", (path, "status.commercial"), review)
        word(value.status.fulfilment, "fulfilment", (path, "status.fulfilment"), review)
        word(value.status.invoicing, "fulfilment", (path, "status.invoicing"), review)
        word(value.status.payment, "payment_state", (path, "status.payment"), review)
    if held["issued_at"] is None:
        review.warn("date.missing", "no date of issue", (path, "issued_at"))
    lines = held["lines"]
    if not lines and value.purpose not in WITHOUT_LINES:
        review.warn("line.missing", "an order needs at least one line", (path, "lines"))
    _currency(held["currency"], lambda: any(line.price is not None for line in lines), path, review)
    _roles(held["roles"], ("buyer", "seller"), path, review)
    ids = [line.__dict__["line_id"] for line in lines]
    if len(set(ids)) != len(ids):  # the parts of two kits may lawfully have one number
        ids = [f"{line.parent_line_id}/{line.line_id}" if line.parent_line_id else line.line_id for line in lines]
    _line_ids(ids, path, review)
    if held["totals_stated"] is not None:
        _totals(value, held["totals_stated"], path, review)


@check(Invoice)
def invoice(value: Invoice, path: Path, review: Review) -> None:
    """Codes, currency, roles, lines and totals of an invoice."""
    word(value.invoice_kind, "invoice_kind", (path, "kind"), review)
    if value.issued_at is None:
        review.warn("date.missing", "no date of issue", (path, "issued_at"))
    if not value.lines:
        review.warn("line.missing", "an invoice needs at least one line", (path, "lines"))
    _currency(value.currency, lambda: True, path, review)
    _roles(value.roles, ("buyer", "seller"), path, review)
    _line_ids([line.line_id for line in value.lines], path, review)
    if value.totals_stated is not None:
        _totals(value, value.totals_stated, path, review)
    payable = value.totals_stated.payable if value.totals_stated is not None else None
    if payable is not None and payable < 0:
        review.warn("totals.negative", "the kind says which way the money goes: the amount is not negative",
                    (path, "totals_stated.payable"), payable)  # fmt: skip


@check(OrderResponse)
def order_response(value: OrderResponse, path: Path, review: Review) -> None:
    """Codes and roles; an acceptance with changes must carry its lines (X12 BAK02 AC, UBL CA)."""
    word(value.purpose, "purpose", (path, "purpose"), review)
    word(value.header_code, "response", (path, "header_code"), review)
    for role in value.roles:
        word(role.partition("#")[0], "role", (path, f"roles.{role}"), review)
    _currency(value.currency, lambda: any(line.price is not None for line in value.lines), path, review)
    if value.header_code == "accepted_with_changes" and not value.lines:
        review.warn("response.lines", "an acceptance with changes must carry all lines", (path, "lines"))


@check(Shipment)
def shipment(value: Shipment, path: Path, review: Review) -> None:
    """Line ids, SSCCs, and a tree of handling units that hangs together."""
    held = value.__dict__
    if held["purpose"]:
        word(held["purpose"], "purpose", (path, "purpose"), review)
    ids = [line.__dict__["line_id"] for line in held["lines"]]
    _line_ids(ids, path, review)
    units = [one.__dict__ for one in held["handling_units"]]
    if units:
        _units(units, frozenset(ids), (path, "handling_units"), review)


def _units(units: Sequence[Mapping[str, Any]], lines: frozenset[str], path: Path, review: Review) -> None:
    """A tree that hangs together, of units that hold lines there are."""
    parents = {one["unit_id"]: one["parent_id"] for one in units}
    if len(parents) != len(units):
        review.warn("handling_unit.duplicate", "two handling units have one id", path)
    for i, one in enumerate(units):
        parent, sscc = one["parent_id"], one["sscc"]
        if parent and parent not in parents:
            review.warn("handling_unit.parent", "held by a unit that is not in the shipment", (path, i), parent)
        elif parent and _in_itself(one["unit_id"], parents):
            review.warn("handling_unit.cycle", "is inside itself", (path, i), one["unit_id"])
        if sscc:
            key("sscc", sscc, ((path, i), "sscc"), review)
        if one["type"]:
            unit(one["type"], ((path, i), "type"), review)
        for j, content in enumerate(one["contents"]):
            line_id = content.__dict__["line_id"]
            if line_id not in lines:
                here = (((path, i), "contents"), j)
                review.warn("handling_unit.line", "holds a line that is not in the shipment", here, line_id)


def _in_itself(unit_id: str, parents: dict[str, str]) -> bool:
    seen, at = {unit_id}, parents.get(unit_id, "")
    while at and at not in seen:
        seen.add(at)
        at = parents.get(at, "")
    return at == unit_id


@check(OrderLine)
def order_line(value: OrderLine, path: Path, review: Review) -> None:
    """Something to order, how much of it, and schedules and amount that agree with it."""
    held = value.__dict__  # called for every line there is, and an attribute costs three times as much
    action, quantity = held["action"], held["quantity"]
    if action:
        word(action, "line_action", (path, "action"), review)
    if held["status_code"]:
        word(held["status_code"], "line_status", (path, "status_code"), review)
    if action != "delete":
        _item(held["item"], path, review)
        if quantity is None:
            review.warn("quantity.missing", "no quantity", (path, "quantity"))
    if quantity is not None and quantity.value.is_signed() and quantity.value:
        review.warn("quantity.negative", "an ordered quantity is not negative", (path, "quantity"), quantity.value)
    if held["schedules"]:
        _schedules(value, path, review)
    if held["line_amount_stated"] is not None:
        _amount(value, held["line_amount_stated"].amount, path, review)


@check(InvoiceLine)
def invoice_line(value: InvoiceLine, path: Path, review: Review) -> None:
    """Something to pay for, how much of it, and an amount that agrees with it."""
    held = value.__dict__
    _item(held["item"], path, review)
    if held["quantity"] is None:
        review.warn("quantity.missing", "no quantity", (path, "quantity"))
    if held["line_amount_stated"] is not None:
        _amount(value, held["line_amount_stated"].amount, path, review)


@check(OrderResponseLine)
def order_response_line(value: OrderResponseLine, path: Path, review: Review) -> None:
    """A known status; a substitution says what comes instead."""
    word(value.status_code, "line_status", (path, "status_code"), review)
    if value.status_code == "substituted" and value.substitute is None:
        review.warn("response.substitute", "substituted, but not by what", (path, "substitute"))


def _item(item: Item | None, path: Path, review: Review) -> None:
    held = {} if item is None else item.__dict__
    if not held or not (held["identifiers"] or held["name"] or held["description"]):
        review.warn("item.unidentified", "neither identifier nor name: nobody can tell what is meant", (path, "item"))


def _schedules(line: OrderLine, path: Path, review: Review) -> None:
    # A line may be split twice, once by store and once by date: each split must add up on its own.
    if line.quantity is None:
        return
    for kind, parts in (
        ("places", [one for one in line.schedules if one.location is not None]),
        ("dates", [one for one in line.schedules if one.location is None and one.kind != "promised"]),
    ):
        quantities = [one.quantity for one in parts if one.quantity is not None]
        if not quantities or any(one.unit != line.quantity.unit for one in quantities if one.unit):
            continue
        total = sum((one.value for one in quantities), Decimal(0))
        if total != line.quantity.value:
            review.warn("schedule.sum", f"the quantities by {kind} add up to {total}, not to {line.quantity.value}",
                        (path, "schedules"), total)  # fmt: skip


def _amount(line: PricedLine, stated: Decimal, path: Path, review: Review) -> None:
    computed = line_amount(line, review.currency)
    if computed is not None and abs(computed - stated) > review.tolerance:
        review.warn("line.amount", f"price and quantity come to {computed}", (path, "line_amount_stated"), stated)


def _line_ids(ids: Sequence[str], path: Path, review: Review) -> None:
    if len(set(ids)) == len(ids):
        return
    seen: set[str] = set()
    for i, line_id in enumerate(ids):
        if line_id in seen:
            review.warn("line.duplicate", "another line has this number", ((path, "lines"), i), line_id)
        seen.add(line_id)


def _currency(code: str, priced: Callable[[], bool], path: Path, review: Review) -> None:
    if code:
        currency(code, (path, "currency"), review)
    elif not review.currency and priced():
        review.warn("currency.missing", "no currency, and no agreement supplies one", (path, "currency"))


def _roles(roles: dict[str, object] | object, needed: tuple[str, ...], path: Path, review: Review) -> None:
    held = roles if isinstance(roles, dict) else {}
    for role in needed:
        if role not in held and not (role == "seller" and "supplier" in held):
            review.note("role.missing", f"no {role}; the agreement or the envelope must say who it is", (path, "roles"))
    if not held.keys() <= VOCABULARIES["role"]:
        for role in held:
            word(role.partition("#")[0], "role", ((path, "roles"), role), review)  # bank#2: the second bank


def _totals(document: Order | Invoice, stated: Totals, path: Path, review: Review) -> None:
    computed = computed_totals(document)
    for name, said in stated.__dict__.items():
        found = computed.get(name)
        if said is None or found is None or name in ("prepaid", "rounding"):
            continue
        tolerance = 0 if name in ("line_count", "hash_total") else review.tolerance
        if abs(said - found) > tolerance:
            review.warn("totals.mismatch", f"{name} comes to {found}", ((path, "totals_stated"), name), said)
