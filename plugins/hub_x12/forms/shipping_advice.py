"""X12 945, warehouse shipping advice: a shipment of one order, by the rules of the ship notice (856).

An LX group with marks or numbers of its own (MAN, N9) is a unit and holds its lines; without, it is nothing but its
lines. The number of the shipment is W0604; where the warehouse sends none, that of the depositor's order. What else W06
numbers are references.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pydantic import Field

from hub.mapping.forms import UNWRITTEN, Data, MessageForm
from hub.model.dates import LocalDate
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.identifiers import Identifier
from hub.model.quantity import Quantity
from hub.model.reference import DocRef
from hub.model.shipment import Shipment, ShipmentLine
from hub.model.shipping import Equipment, Route
from hub.model.value import Many, Value
from hub_x12.converting.item_numbers import case_code_of, fields, filled, with_case_code
from hub_x12.forms.form_class import dumped, form_of
from hub_x12.forms.ship_notice import ITEM, ORDER, PACK, SHIPMENT, UNITS, Mark, Reader
from hub_x12.forms.ship_notice_writing import Level, Writer, is_carried

LOT = "lot"
SCAC = "scac"
_REFERENCES = ("agent_shipment", "master_reference", "link_sequence", "special_handling", "transaction_type", "action")
"""Elements of W06 that are references: their names here are the types of those."""
_QUANTITIES = ("quantity", "ordered", "outstanding")
_HEAD = ("type", "issued_at", "reason", "customer_reference", "despatched_at", "estimated_at", "notes")
"""Fields that form and shipment share."""

AdviceLine = form_of(
    "AdviceLine",
    ShipmentLine,
    line_id=(str, ""),
    unit=(str, ""),
    case_code=(str, ""),
    identifiers=(Many[Identifier], ()),
    description=(str, ""),
    weight=(Quantity | None, None),
    weight_kind=(str, ""),
)


class AdviceGroup(Value):
    """An LX loop."""

    number: str = ""
    marks: Many[Mark] = ()
    references: Many[DocRef] = ()
    lines: Many[AdviceLine] = ()  # type: ignore[valid-type]
    extensions: Extensions = Field(default_factory=dict)


AdviceForm = form_of(
    "AdviceForm",
    Shipment,
    despatch_id=(str, ""),
    issued_at=(LocalDate | None, None),
    despatched_at=(LocalDate | None, None),
    estimated_at=(LocalDate | None, None),
    depositor_order=(str, ""),
    shipment_no=(str, ""),
    package_unit=(str, ""),
    route=(Route | None, None),
    vehicle=(Equipment | None, None),
    groups=(Many[AdviceGroup], ()),
    lines=(Many[AdviceLine], ()),  # type: ignore[valid-type]
    **dict.fromkeys(_REFERENCES, (str, "")),
)


def read(form: Data) -> list[tuple[str, Data]]:
    """The shipment of one advice."""
    order = form.pop("depositor_order", "")
    number = form.pop("shipment_no", "") or order
    if not number:
        raise ValueError("neither the shipment nor the order has a number (W0604, W0602)")
    groups, lines = form.pop("groups", []), form.pop("lines", [])
    for group in groups:
        if not _is_unit(group):  # it is nothing but its lines: what else stood in it is the shipment's
            form.setdefault("extensions", {}).update(group.pop("extensions", {}))
    for name, plural in (("route", "routes"), ("vehicle", "equipment")):
        if name in form:
            form[plural] = [form.pop(name)]
    stated = [{"type": name, "id": form.pop(name)} for name in _REFERENCES if name in form]
    form |= filled(references=[*stated, *form.pop("references", ())], despatch_id=number)
    if "package_unit" in form:
        form["packages"] = [filled(type=form.pop("package_unit"), count=form.pop("package_count", None))]
    levels = list(_levels(order, lines, groups))
    return [("Shipment", Reader(form, levels).shipment())]


def _levels(order: str, lines: Sequence[Data], groups: Sequence[Data]) -> Iterator[Data]:
    """The advice as levels of a ship notice."""
    yield {"level": SHIPMENT, "id": "1", **filled(order={"id": order} if order else {})}
    for line in lines:
        yield _item(line, "1")
    for number, group in enumerate(groups, 2):
        outer, inner = "1", group.pop("lines", ())
        group.pop("number", None)
        if _is_unit(group):
            group |= {"level": PACK, "id": str(number), "parent": "1"}
            outer = str(number)
            yield group
        for line in inner:
            yield _item(line, outer)


def _is_unit(group: Data) -> bool:
    """Whether a group has numbers of its own."""
    return bool(group.get("marks") or group.get("references"))


def _item(line: Data, outer: str) -> Data:
    unit, code = line.pop("unit", ""), line.pop("case_code", "")
    for name in _QUANTITIES:
        if name in line:
            line[name] |= filled(unit=unit)
    if unit and not any(name in line for name in _QUANTITIES):
        line.setdefault("extensions", {})["W1205"] = unit
    numbers = with_case_code(code, line.pop("identifiers", ()))
    line |= filled(item=filled(identifiers=numbers, description=line.pop("description", "")))
    weight = filled(weight_kind=line.pop("weight_kind", ""), weight=line.pop("weight", None))
    line |= filled(packages=[weight] if weight else [])
    references = line.pop("references", [])
    lot = next((one for one in references if one["type"] == LOT and set(one) == {"type", "id"}), None)
    if lot is not None and "lot" not in line:
        line["lot"] = lot["id"]
        references = [one for one in references if one is not lot]
    line |= {"level": ITEM, "parent": outer} | filled(references=references)
    return line


def write(documents: Sequence[Document]) -> list[Data]:
    """One advice for each shipment. Raises ``ValueError`` for one of several orders: an advice is about one."""
    return [_form(dumped(document)) for document in documents]


def _form(shipment: Data) -> Data:
    orders = [one["id"] for one in shipment.get("orders", ())]
    if len(set(orders)) > 1:
        raise ValueError(f"a warehouse shipping advice is about one order, not {len(set(orders))}")
    lines = [
        {name: value for name, value in one.items() if name not in ("buyer_order_id", "order_key")}
        for one in shipment.get("lines", ())
    ]
    writer = Writer({**shipment, "orders": [], "lines": lines})
    root = writer.tree()
    form = fields(shipment, *_HEAD) | fields(root.data, "contacts", "delivery_terms", "dates")
    route, roles = _carrying(shipment, root.data)
    order = orders[0] if orders else ""
    number = shipment["despatch_id"]
    references = list(shipment.get("references", ()))
    for name in _REFERENCES:
        found = next((one for one in references if one["type"] == name), None)
        if found is not None:
            form[name] = found["id"]
            references = [one for one in references if one is not found]
    groups = [one | {"number": str(at)} for at, one in enumerate(_groups(root), 1)]
    packages = shipment.get("packages") or [filled(count=shipment.get("package_count"))]
    return form | filled(
        depositor_order=order,
        shipment_no="" if number == order else number,
        references=references,
        roles=roles,
        route=route,
        vehicle=next(iter(shipment.get("equipment", ())), None),
        gross_weight=shipment.get("gross_weight"),
        volume=shipment.get("volume"),
        package_count=packages[0].get("count"),
        package_unit=packages[0].get("type"),
        groups=groups,
        lines=[line for one in groups for line in one.get("lines", ())],  # where a release has no groups
        **{UNWRITTEN: writer.unwritten()},
    )


def _carrying(shipment: Data, data: Data) -> tuple[Data, Data]:
    """The route (W27) and the parties. W27 must have a mode and knows no number but a SCAC; a carrier that it cannot
    say is a party (N1)."""
    route, roles = dict(next(iter(data.get("routes", ())), {})), dict(data.get("roles", {}))
    if not route.get("mode") and not shipment.get("routes"):
        route = {}
    if route.get("carrier", {}).get("scheme") != SCAC:
        route.pop("carrier", None)
    carrier = shipment.get("roles", {}).get("carrier")
    if carrier and not (route.get("mode") and is_carried(carrier, [route])):
        roles["carrier"] = carrier
    return route, roles


def _groups(level: Level) -> Iterator[Data]:
    """A group for each unit with its lines, and for each line without a unit."""
    if level.kind == ITEM:
        yield {"lines": [_line(level.data)]}
        return
    unit = fields(level.data, "marks", "references") if level.kind in UNITS else {}
    if unit:
        yield unit | filled(lines=[_line(one.data) for one in _items(level)])
    for inner in _inside(level):
        if inner.kind != ITEM or not unit:
            yield from _groups(inner)


def _inside(level: Level) -> Iterator[Level]:
    """What stands in a level, orders passed over: an advice is about one."""
    for inner in level.inside:
        if inner.kind == ORDER:
            yield from _inside(inner)
        else:
            yield inner


def _items(unit: Level) -> list[Level]:
    return [one for one in _inside(unit) if one.kind == ITEM]


def _line(item: Data) -> Data:
    line = {name: value for name, value in item.items() if name not in ("item", "packages", "order", "marks")}
    named = item.get("item") or {}
    code, numbers = case_code_of(named.get("identifiers", ()))
    units = [line[name].get("unit", "") for name in _QUANTITIES if name in line]
    for name in _QUANTITIES:
        if name in line:
            line[name] = {"value": line[name]["value"]}
    weight: Data = next(iter(item.get("packages", ())), {})
    return line | filled(
        case_code=code,
        unit=next(iter(units), ""),
        identifiers=numbers,
        description=named.get("description"),
        weight=weight.get("weight"),
        weight_kind=weight.get("weight_kind"),
    )


def lawful(form: Data) -> Data:
    """An advice as one may be sent: lines without a unit come before units."""
    groups = form.get("groups", [])
    held = [one for one in groups if one.get("marks") or one.get("references")]
    return {**form, "groups": [one for one in groups if not any(one is unit for unit in held)] + held}


def unsaid(form: Data, written: frozenset[str]) -> Iterable[tuple[str, int]]:
    """Units in a release that has lines alone."""
    units = sum(map(_is_unit, form.get("groups", ())))
    if units and "groups" not in written:
        yield "handling_units", units


FORM = MessageForm(
    "x12.shipping_advice", AdviceForm, ("Shipment",), read, write,
    "945: a shipment by a warehouse, its groups as units",
    unsaid=unsaid, lawful=lawful,
)  # fmt: skip
