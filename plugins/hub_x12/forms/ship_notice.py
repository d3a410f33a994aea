"""X12 856, ship notice: the flat list of its levels (HL) as a shipment with orders, units and lines.

Levels may stand in any order that BSN05 or their parents (HL02) say: packs within orders, orders within packs, packs
below items. A unit holds what stands below it, or the item that it stands below. The same item of the same order in
several packs is one line; its quantity is that of all packs together. Levels other than S, O, T, P and I are not read:
the mapping keeps them in ``extensions``, and what stands below them belongs to the next level above.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pydantic import Field

from hub.mapping.forms import Data, opened
from hub.mapping.remembering import Composed
from hub.model.identifiers import Identifier, normalise
from hub.model.quantity import Quantity
from hub.model.shipment import HandlingUnit, Shipment, ShipmentLine, ShipmentOrder, UnitContent
from hub.model.value import Many, Value
from hub_x12.converting.item_numbers import filled
from hub_x12.forms.form_class import form_of
from hub_x12.forms.shipment_totals import stated_totals
from hub_x12.forms.status import plainly

SHIPMENT, ORDER, TARE, PACK, ITEM = "S", "O", "T", "P", "I"
"""Levels (data element 735)."""
UNITS = {TARE: "tare", PACK: "pack"}
PARCEL = "carrier_package"
"""Scheme of a mark that is the carrier's number of a package."""


class Mark(Value):
    """A MAN segment: one number or two."""

    first: Identifier | None = None
    second: Identifier | None = None


_LEVEL = {
    **{name: (info.annotation, info) for name, info in HandlingUnit.model_fields.items()},
    **{name: (info.annotation, info) for name, info in ShipmentOrder.model_fields.items()},
    **{name: (info.annotation, info) for name, info in ShipmentLine.model_fields.items()},
}
_SHIPPED = ("bill_of_lading", "tracking", "despatched_at", "estimated_at", "equipment")
_LEVEL |= {name: (Shipment.model_fields[name].annotation, Shipment.model_fields[name]) for name in _SHIPPED}

NoticeLevel = form_of(
    "NoticeLevel",
    Value,
    **{
        **_LEVEL,
        "id": (str, ""),
        "parent": (str, ""),
        "level": (str, ""),
        "child": (str, ""),
        "line_id": (str, ""),
        "unit_id": (str, ""),
        "shipped_line_id": (str, ""),
        "text": (str, ""),
        "order": (ShipmentOrder | None, None),
        "marks": (Many[Mark], ()),
        "quantity": (Quantity | None, None),
        "extensions": _LEVEL["extensions"],
    },
)
NoticeForm = form_of(
    "NoticeForm",
    Shipment,
    levels=(Many[NoticeLevel], ()),  # type: ignore[valid-type]
    extensions=(dict, Field(default_factory=dict)),
)


def read(form: Data) -> list[tuple[str, Data]]:
    """The shipment of one notice."""
    levels = form.pop("levels", [])
    return [("Shipment", Reader(form, levels).shipment())]


def parents(levels: Sequence[Data], hierarchy: str) -> list[int | None]:
    """For each level the index of the one it stands in. Where HL02 names none that came before, it is the nearest one
    before of an outer kind, in the order of ``hierarchy``."""
    known: dict[str, int] = {}
    found: list[int | None] = []
    last: dict[str, int] = {}  # the last level of each kind
    for at, level in enumerate(levels):
        kind = level["level"]
        outer = known.get(level["parent"]) if "parent" in level else None
        if outer is None:
            own = rank(kind, hierarchy)
            outer = max((one for before, one in last.items() if rank(before, hierarchy) < own), default=None)
        found.append(outer)
        last[kind] = at
        if "id" in level:
            known[level["id"]] = at
    return found


@lru_cache(maxsize=256)
def rank(level: str, hierarchy: str) -> float:
    """How deep a kind of level stands: by ``hierarchy`` where that names it (a tare is just outside of the packs)."""
    order = hierarchy if set("SOPI") <= set(hierarchy) else "SOPI"
    return order.index(PACK) - 0.5 if level == TARE else float(order.index(level))


def carried(routes: Sequence[Data]) -> Data:
    """``carrier`` (a party), ``transport_mode`` and ``service`` of the first part of the way."""
    first = routes[0] if routes else {}
    carrier = filled(name=first.get("routing"), identifiers=[first["carrier"]] if "carrier" in first else [])
    return filled(carrier=carrier, transport_mode=first.get("mode"), service=first.get("service"))


class Reader:
    """One notice on its way to a shipment."""

    def __init__(self, form: Data, levels: list[Data]) -> None:
        self.shipment_data, self.levels = form, levels
        self.outer = parents(levels, form.get("hierarchy") or "")
        self.orders: list[Data] = []
        self.units: list[Data] = []
        self.lines: list[Data] = []
        self.entries: dict[str, Data] = {}
        self.keys: dict[str, int] = {}
        self.order_at: list[Data | None] = []
        self.below_order: list[bool] = []
        self.unit_at: list[Data | None] = []
        self.inside: dict[int, list[int]] = {}
        for at, outer in enumerate(self.outer):
            if outer is not None:
                self.inside.setdefault(outer, []).append(at)
        self.known: dict[tuple[str, ...], Data] = {}
        self.taken: set[str] = set()
        self.counts: dict[str, int] = {}

    def shipment(self) -> Data:
        kinds = [level.pop("level") for level in self.levels]
        for at, (level, kind, outer) in enumerate(zip(self.levels, kinds, self.outer, strict=True)):
            level.pop("id", None)
            level.pop("parent", None)
            level.pop("child", None)
            if outer is None:
                self.order_at.append(None)
                self.unit_at.append(None)
                self.below_order.append(False)
            else:
                self.order_at.append(self.order_at[outer])
                self.unit_at.append(self.unit_at[outer])
                self.below_order.append(self.below_order[outer] or kinds[outer] == ORDER)
            if kind == ITEM:
                self._item(level, at, kinds)
            elif kind in UNITS:
                self._unit(level, kind, at)
            elif kind == ORDER:
                self.order_at[at] = self._order({**level.pop("order", {}), **level})
            else:
                self._shipment(level, at)
        for name, found in (("orders", self.orders), ("handling_units", self.units), ("lines", self.lines)):
            if found:
                self.shipment_data[name] = found
        data = self.shipment_data
        said = carried(data.get("routes") or ())
        if "carrier" in said and "carrier" not in data.get("roles", {}):
            data.setdefault("roles", {})["carrier"] = said["carrier"]
        return data | stated_totals(data) | {name: value for name, value in said.items() if name != "carrier"}

    def _shipment(self, level: Data, at: int) -> None:
        """The level of the shipment; what it says again, or a second one says, is kept aside."""
        data = self.shipment_data
        order = level.pop("order", None)
        if order:
            self.order_at[at] = self._order(order)
        for mark in _numbers(level):
            scheme, value = _said(mark)
            name = "tracking" if scheme == PARCEL else "labels"
            data.setdefault(name, []).append(value if name == "tracking" else mark)
        for name, value in level.items():
            if name not in data:
                data[name] = value
            elif isinstance(value, list):
                data[name] = [*data[name], *value]
            elif name == "extensions":
                data[name] = {**data[name], **value}
            elif value != data[name]:
                data.setdefault("extensions", {})[f"HL/{name}#{at + 1}"] = plainly(value)

    def _order(self, order: Data) -> Data:
        """The entry of an order: one that says the same is the same."""
        order = {"type": "order", "id": "", **order}
        says = str(order)
        if says not in self.entries:
            count = self.keys[order["id"]] = self.keys.get(order["id"], 0) + 1
            if count > 1:
                order["key"] = f"{order['id']}#{count}"
            self.entries[says] = order
            self.orders.append(order)
        return self.entries[says]

    def _unit(self, level: Data, kind: str, at: int) -> None:
        unit, above = level, self.unit_at[at]
        unit["unit_id"], unit["level"] = str(len(self.units) + 1), UNITS[kind]
        if above:
            unit["parent_id"] = above["unit_id"]
        if self.below_order[at]:
            _name(unit, self.order_at[at])
        others = []
        for one in _numbers(unit):
            if "sscc" not in unit and (digits := _sscc(one)):
                unit["sscc"] = digits
            else:
                others.append(one)
        if others:
            unit["identifiers"] = others
        if "packages" in unit or "measurements" in unit:
            said = stated_totals(unit)
            unit |= {name: value for name, value in said.items() if name in ("gross_weight", "volume")}
        self.units.append(unit)
        self.unit_at[at] = unit

    def _item(self, level: Data, at: int, kinds: Sequence[str]) -> None:
        line, number = level, level.pop("line_id", "") or level.get("shipped_line_id", "")
        if "shipped_line_id" in line:
            shipped = line.pop("shipped_line_id")
            if shipped != number:
                line.setdefault("extensions", {})["SN101"] = shipped
        order, order_line = self.order_at[at], ""
        if "order" in line:
            stated = line.pop("order") or {}
            order_line = stated.pop("line", "")
            if stated and not (order and all(order.get(name) == value for name, value in stated.items())):
                order = self.order_at[at] = self._order(stated)
        _name(line, order)
        if labels := _numbers(line):
            line["labels"] = labels
        if "to_date" in line and "unit" in opened(line.get("quantity") or {}):
            line["to_date"] = {**opened(line["to_date"]), "unit": opened(line["quantity"])["unit"]}
        below = self._packs(at, kinds) if at in self.inside else ()
        held = self.unit_at[at]
        quantity = level.get("quantity")
        line = self._entered(line, number, order_line, merged=held is not None and not below)
        if held is not None and not below:
            held.setdefault("contents", []).append(_content(line["line_id"], quantity))
        for one in below:
            said = self.levels[one].pop("quantity", None)
            inner = said or (quantity if len(below) == 1 else None)
            self.levels[one]["contents"] = [filled(line_id=line["line_id"], quantity=inner)]

    def _packs(self, at: int, kinds: Sequence[str]) -> list[int]:
        """The innermost units that stand below an item and no other item."""
        found: list[int] = []
        open_ = list(reversed(self.inside.get(at, ())))
        while open_:
            one = open_.pop()
            below = self.inside.get(one, ())
            if kinds[one] not in UNITS:
                continue
            if not any(kinds[inner] in UNITS or kinds[inner] == ITEM for inner in below):
                found.append(one)
            open_ += reversed(below)
        return found

    def _entered(self, line: Data, number: str, order_line: str, *, merged: bool) -> Data:
        """The line of an item: a new one, or one that the same item of another unit has made already."""
        quantity = line.get("quantity")
        whole = merged and quantity is not None and (type(quantity) is not dict or "value" in quantity)
        alike = (number, _first_number(line), line.get("buyer_order_id", ""), line.get("lot", ""))
        known = self.known.get(alike) if whole else None
        if known is not None and _same_item(known, line) and _one_line(known, line):
            held, more = opened(known["quantity"]), opened(quantity)
            known["quantity"] = {**held, "value": held["value"] + more["value"]}
            return known
        line_id, count = number or "#1", 1
        while line_id in self.taken:
            count = self.counts[number] = self.counts.get(number, 1) + 1
            line_id = f"{number}#{count}"
        self.taken.add(line_id)
        line["line_id"] = line_id
        given = order_line or (number if line_id != number else "")
        if given and given != line_id:
            line["order_line_id"] = given
        if whole:
            self.known[alike] = line
        self.lines.append(line)
        return line


_CONTENTS = Composed(UnitContent)


def _content(line_id: str, quantity: Any) -> Any:
    """How much of a line a unit holds: the same few numbers of lines and quantities come again and again."""
    if type(quantity) is not Quantity:
        return filled(line_id=line_id, quantity=quantity)
    key = (line_id, id(quantity))
    known = _CONTENTS.get(key)
    data = {"line_id": line_id, "quantity": quantity}
    return _CONTENTS.make(key, (quantity,), data) if known is None else known


_TOLD_APART = frozenset(("quantity", "line_id", "order_line_id"))
"""What the lines of one item in several units may differ in."""


def _same_item(one: Data, other: Data) -> bool:
    same = {name: value for name, value in one.items() if name not in _TOLD_APART} == {
        name: value for name, value in other.items() if name not in _TOLD_APART
    }
    return same and opened(one["quantity"]).get("unit") == opened(other["quantity"]).get("unit")


def _one_line(line: Data, more: Data) -> bool:
    """Whether a further quantity of an item is of the same line: not where it would be more than was ordered."""
    ordered = opened(line.get("ordered") or {}).get("value")
    return ordered is None or opened(line["quantity"])["value"] + opened(more["quantity"])["value"] <= ordered


def _first_number(line: Data) -> str:
    item = line.get("item")
    numbers = item.get("identifiers") if item else None
    return _said(numbers[0])[1] if numbers else ""


def _name(line: Data, order: Data | None) -> None:
    """Say of a line or unit which order it is of."""
    if order:
        if order["id"]:
            line["buyer_order_id"] = order["id"]
        if "key" in order:
            line["order_key"] = order["key"]


def _numbers(level: Data) -> list[Any]:
    """The numbers of all marks of a level, as identifiers."""
    if "marks" not in level:
        return []
    return [mark[name] for mark in level.pop("marks") for name in ("first", "second") if name in mark]


def _said(number: Any) -> tuple[str, str]:
    """Scheme and value of an identifier, finished or not."""
    return (number["scheme"], number["value"]) if type(number) is dict else (number.scheme, number.value)


def _sscc(number: Any) -> str:
    """The 18 digits of a number that is an SSCC, "" of any other."""
    scheme, value = _said(number)
    if scheme != "sscc":
        return ""
    digits = value if len(value) == 18 else normalise("sscc", value)
    return digits if len(digits) == 18 and digits.isascii() and digits.isdigit() else ""
