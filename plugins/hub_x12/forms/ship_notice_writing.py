"""Shipments to X12 856: orders, units and lines as a tree of levels (HL), numbered in the order they are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hub.mapping.forms import UNWRITTEN, Data, MessageForm
from hub.model.document import Document
from hub.model.identifiers import Identifier
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub_x12.converting.item_numbers import filled
from hub_x12.forms.form_class import dumped
from hub_x12.forms.ship_notice import ITEM, ORDER, PACK, SHIPMENT, TARE, NoticeForm, carried, parents, rank, read
from hub_x12.forms.shipment_totals import packages_of, stated_totals

DEEPEST = 20
"""How many units may stand inside one another."""
_KINDS = {"tare": TARE, "pack": PACK}
_ORDER = ("id", "release", "change_no", "date", "line", "contract", "order_type")
"""Fields of an order that PRF holds."""
_SHIPMENT = (
    "references", "roles", "contacts", "bill_of_lading", "tracking", "routes", "equipment", "delivery_terms",
    "despatched_at", "estimated_at", "dates", "packaging", "measurements",
)  # fmt: skip
"""Fields of a shipment that its level has as they are."""
_KNOWN = ("SOPI", "SOIP", "SPOI", "SOI")
"""Orders of levels that BSN05 has a code for."""


@dataclass
class Level:
    """A level with the levels inside it. ``order`` is the key of the order that it stands in."""

    kind: str
    data: Data
    order: str = ""
    inside: list[Level] = field(default_factory=list)


def write(documents: Sequence[Document]) -> list[Data]:
    """One notice for each shipment."""
    return [Writer(dumped(document)).form() for document in documents]


class Writer:
    """One shipment on its way to a notice."""

    def __init__(self, shipment: Data) -> None:
        self.shipment = shipment
        self.orders = {_key(one): one for one in shipment.pop("orders", ())}
        self.units: list[Data] = list(shipment.pop("handling_units", ()))
        self.lines: list[Data] = list(shipment.pop("lines", ()))
        self.line = {one["line_id"]: one for one in self.lines}
        for line in self.lines:  # an order that only lines name
            if (key := _order_of(line)) and key not in self.orders:
                self.orders[key] = {"id": line["buyer_order_id"]}
        self.below: dict[str, list[Data]] = {}
        known = {one["unit_id"] for one in self.units}
        for unit in self.units:
            parent = unit.get("parent_id", "")
            self.below.setdefault(parent if parent in known and parent != unit["unit_id"] else "", []).append(unit)
        self._check_tree()
        self.held_in = Counter(one["line_id"] for unit in self.units for one in unit.get("contents", ()))
        self.undivided: dict[str, None] = {}
        self.stated = shipment.get("hierarchy", "")
        self.items_outside = self.stated == "SOIP" or self._undivided()

    def _check_tree(self) -> None:
        """Raise ``ValueError`` for units that do not hang together, or too deep."""
        reached, row = 0, self.below.get("", [])
        for _ in range(DEEPEST):
            reached += len(row)
            row = [inner for unit in row for inner in self.below.get(unit["unit_id"], ())]
        if reached < len(self.units):
            raise ValueError(f"handling units stand inside one another, or more than {DEEPEST} deep")

    def _undivided(self) -> bool:
        """Whether a line has a quantity and its packs have none, so that it can only be said above them."""
        held = [one for unit in self.units for one in unit.get("contents", ())]
        return any(
            "quantity" not in one and self.line.get(one["line_id"], {}).get("quantity") and not self._alone(one)
            for one in held
        )

    def _alone(self, content: Data) -> bool:
        """Whether no other unit holds the line of a content."""
        return self.held_in[content["line_id"]] == 1

    def form(self) -> Data:
        """The notice: its head, and all levels with their numbers."""
        head = {name: self.shipment[name] for name in _HEAD if name in self.shipment}
        if self.stated not in _KNOWN:
            head.pop("hierarchy", None)
        levels: list[Data] = []
        self._number(self.tree(), "", levels)
        return head | {"levels": levels} | filled(**{UNWRITTEN: self.unwritten()})

    def unwritten(self) -> list[str]:
        """What the tree could not say: quantities of lines that lie in several units beside others."""
        says = "the quantity of line {} is not written: several units hold it, and none says how much"
        return [says.format(line_id) for line_id in self.undivided]

    def _number(self, node: Level, parent: str, levels: list[Data]) -> None:
        own = str(len(levels) + 1)
        child = "1" if node.inside else "0"
        levels.append({"id": own, "level": node.kind, "child": child, **filled(parent=parent), **node.data})
        for below in node.inside:
            self._number(below, own, levels)

    def tree(self) -> Level:
        """What stands deeper comes first, as nothing else can be said to be outside of what follows."""
        root = Level(SHIPMENT, self._shipment())
        self.left = {one["line_id"]: one.get("quantity") for one in self.lines}
        orders = {key: Level(ORDER, _ordered(order), key) for key, order in self.orders.items()}
        held = self._held()
        items = {
            one["line_id"]: Level(ITEM, _item(one, one.get("quantity"), self.orders), _order_of(one))
            for one in self.lines
        }
        for line in self.lines:
            if line["line_id"] not in held:
                orders.get(_order_of(line), root).inside.append(items[line["line_id"]])
        used = {_order_of(one) for one in self.lines if one["line_id"] in held}
        placed: set[str] = set()
        for unit in self.below.get("", ()):
            inner = self._lines_in(unit)
            if self.items_outside and len(inner) == 1:
                item = items[inner[0]]
                if inner[0] not in placed:
                    placed.add(inner[0])
                    orders.get(item.order, root).inside.append(item)
                item.inside.append(self._unit(unit, item.order, item))
            else:
                outer = orders.get(_order_of(unit), root)
                outer.inside.append(self._unit(unit, outer.order, None))
        for line_id in held:
            outer = orders.get(_order_of(self.line[line_id]), root)
            outer.inside += self._rest(line_id)
        for key, node in orders.items():
            if node.inside or key not in used:
                root.inside.append(node)
        for node in (root, *root.inside):
            node.inside.sort(key=lambda one: -rank(one.kind, self.stated or "SOPI"))
        return root

    def _held(self) -> dict[str, Any]:
        """The lines that units hold, in the order of the lines."""
        inside = {one["line_id"] for unit in self.units for one in unit.get("contents", ())}
        return {one["line_id"]: one for one in self.lines if one["line_id"] in inside}

    def _lines_in(self, unit: Data) -> list[str]:
        """The lines that a unit and those in it hold, each once."""
        found = [one["line_id"] for one in unit.get("contents", ()) if one["line_id"] in self.line]
        for inner in self.below.get(unit["unit_id"], ()):
            found += self._lines_in(inner)
        return list(dict.fromkeys(found))

    def _rest(self, line_id: str) -> Iterator[Level]:
        """What no unit holds of a line that units hold a part of."""
        line, left = self.line[line_id], self.left[line_id]
        if left is not None and left.get("value", Decimal(0)) > 0 and not self.items_outside:
            yield Level(ITEM, _item(line, left, self.orders), _order_of(line))

    def _unit(self, unit: Data, order: str, item: Level | None) -> Level:
        """A unit with what it holds: lines, then units. Below its item it holds that."""
        node = Level(_KINDS.get(unit.get("level", ""), PACK), _packed(unit), order)
        for content in unit.get("contents", ()):
            line = self.line.get(content["line_id"])
            if line is None:
                continue
            quantity = content.get("quantity")
            if item is not None:
                node.data |= filled(quantity=quantity)
                continue
            if quantity is None and line.get("quantity"):
                if self._alone(content):
                    quantity = line["quantity"]
                else:
                    self.undivided[content["line_id"]] = None
            left = self.left[content["line_id"]]
            if left is not None and (quantity is None or quantity.get("unit") == left.get("unit")):
                value = left["value"] - (quantity["value"] if quantity else left["value"])
                self.left[content["line_id"]] = {**left, "value": value}
            outer = self._ordered_in(node, line) if _order_of(line) not in ("", order) else node
            outer.inside.append(Level(ITEM, _item(line, quantity, self.orders), _order_of(line)))
        for inner in self.below.get(unit["unit_id"], ()):
            node.inside.append(self._unit(inner, order, item))
        node.inside.sort(key=lambda one: -rank(one.kind, self.stated or "SOPI"))
        return node

    def _ordered_in(self, node: Level, line: Data) -> Level:
        """The level of a line's order inside a unit that was not packed for it."""
        key = _order_of(line)
        for one in node.inside:
            if one.kind == ORDER and one.order == key:
                return one
        node.inside.append(Level(ORDER, _ordered(self.orders[key]), key))
        return node.inside[-1]

    def _shipment(self) -> Data:
        data = {name: self.shipment[name] for name in _SHIPMENT if name in self.shipment}
        roles = dict(data.pop("roles", {}))
        if "routes" not in data:
            data |= filled(routes=_routes(self.shipment, roles.get("carrier") or {}))
        if "carrier" in roles and is_carried(roles["carrier"], data.get("routes", ())):
            del roles["carrier"]
        data |= filled(roles=roles)
        marks = [{"first": one} for one in self.shipment.get("labels", ())]
        return data | filled(packages=packages_of(self.shipment), marks=marks)


_HEAD = ("purpose", "despatch_id", "issued_at", "hierarchy", "type", "reason")


def _routes(shipment: Data, carrier: Data) -> list[Data]:
    """The only part of the way of a shipment that lists none: its carrier, mode and service."""
    number = next(iter(carrier.get("identifiers", ())), None)
    route = filled(carrier=number, routing=carrier.get("name"), mode=shipment.get("transport_mode"))
    route |= filled(service=shipment.get("service"))
    return [route] if route else []


def is_carried(carrier: Data, routes: Sequence[Data]) -> bool:
    """Whether the first part of the way says all of a carrier."""
    said = carried(routes).get("carrier") or {}
    alike = list(carrier.get("identifiers", ())) == said.get("identifiers", [])
    return alike and _without(carrier, "identifiers") == _without(said, "identifiers")


def _key(order: Mapping[str, Any]) -> str:
    key: str = order.get("key") or order["id"]
    return key


def _order_of(data: Mapping[str, Any]) -> str:
    """The key of the order that a line or unit belongs to."""
    key: str = data.get("order_key") or data.get("buyer_order_id") or ""
    return key


def _without(data: Data, *names: str) -> Data:
    return {name: value for name, value in data.items() if name not in names}


def _ordered(order: Data) -> Data:
    stated = {name: order[name] for name in _ORDER if name in order}
    return _without(order, *_ORDER, "type", "key", "extensions", "issuer", "description") | {"order": stated}


def _packed(unit: Data) -> Data:
    known = stated_totals({name: unit[name] for name in ("packages", "measurements") if name in unit})
    spoken = {
        name: value for name, value in unit.items() if name in ("gross_weight", "volume") and value != known.get(name)
    }
    packages = packages_of({**{name: unit[name] for name in ("packages", "measurements") if name in unit}, **spoken})
    numbers = [{"scheme": "x12.88:GM", "value": f"00{unit['sscc']}"}] if unit.get("sscc") else []
    marks = [{"first": one} for one in (*numbers, *unit.get("identifiers", ()))]
    bare = _without(unit, "unit_id", "parent_id", "level", "sscc", "identifiers", "type", "count", "marks", "contents",
                    "buyer_order_id", "order_key", "gross_weight", "volume", "packages", "extensions")  # fmt: skip
    return bare | filled(packages=packages, marks=marks)


def _item(line: Data, quantity: Data | None, orders: Mapping[str, Data]) -> Data:
    """An item's level. PRF stands here only where it says a line of the order that LIN01 does not."""
    number = _number(line["line_id"])
    order_line = line.get("order_line_id") or ""
    order = orders.get(_order_of(line))
    stated: Data = {"id": order["id"], "line": order_line} if order and order_line not in ("", number) else {}
    bare = _without(line, "line_id", "order_line_id", "buyer_order_id", "order_key", "quantity", "labels", "extensions")
    if "to_date" in bare:
        bare["to_date"] = _without(bare["to_date"], "unit")
    marks = [{"first": one} for one in line.get("labels", ())]
    return bare | filled(line_id=number, quantity=quantity, order=stated, marks=marks)


def _number(line_id: str) -> str:
    """LIN01 of a line: without what tells two lines of one number apart, and nothing for a number that is ours."""
    number, mark, count = line_id.rpartition("#")
    return number if mark and count.isdigit() else line_id


def lawful(form: Data) -> Data:
    """A notice as one may be sent: a shipment first, levels that stand where their kind says, orders told apart."""
    hierarchy = form.get("hierarchy", "")
    levels = [{"level": SHIPMENT}, *(one for one in form.get("levels", ()) if one["level"] != SHIPMENT)]
    for at, level in enumerate(levels):
        level.pop("parent", None)
        level["id"] = str(at + 1)
        order = level.pop("order", None)
        if level["level"] == ORDER:
            level["order"] = {**(order or {}), "id": f"PO{at}"}
        if level["level"] == ITEM and "shipped_line_id" in level and "line_id" in level:
            del level["shipped_line_id"]
    for at, outer in enumerate(parents(levels, hierarchy)):
        levels[at] |= filled(parent=None if outer is None else str(outer + 1))
    return {**form, "levels": levels}


FORM = MessageForm(
    "x12.ship_notice", NoticeForm, ("Shipment",), read, write,
    "856: a shipment, its orders, packs and items as levels (HL)",
    closed=(Identifier, PartyRef, Quantity), lawful=lawful,
)  # fmt: skip
