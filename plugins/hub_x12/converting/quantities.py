"""Converters of the stock, catalog and receiving mappings: a number with its unit, a quantity in question."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hub.mapping.codes import CodeList
from hub.mapping.converters import Converter, Environment, Pair, Unmapped
from hub.mapping.values import number, shown


def _exact(found: CodeList) -> list[str]:
    """The values of a list that survive being written and read."""
    return sorted(value for value, code in found.write.items() if found.read.get(code) == value)


def _code(found: CodeList, word: str, what: str) -> str:
    return found.code(word, what) if word else ""


def _quantity(args: Sequence[str], env: Environment) -> Pair:
    """A number and its unit, in two elements. A unit without a number is kept aside."""
    if len(args) != 1:
        raise ValueError("x12_quantity needs the name of a code list of units")
    found = env.codes.get(args)
    prefix = args[0] + ":"

    def read(parts: Sequence[str]) -> dict[str, Any]:
        text, code = parts
        if not text:
            raise Unmapped(f"unit {code} without a number")
        quantity: dict[str, Any] = {"value": number(text)}
        if not code:
            return quantity
        unit = found.read.get(code)
        if unit is None:
            raise Unmapped(f"unit {code} is not in list {args[0]}", quantity | {"unit": prefix + code})
        return quantity | {"unit": unit}

    def write(quantity: dict[str, Any]) -> tuple[str, str]:
        return shown(quantity["value"]), _code(found, quantity.get("unit") or "", "unit")

    samples = [{"value": Decimal(12 + at), "unit": unit} for at, unit in enumerate(_exact(found)[:3])]
    return Pair(read, write, "texts", "object", {"kind": "choice", "values": samples})


def _discrepancy(args: Sequence[str], env: Environment) -> Pair:
    """Quantity, unit and condition (RCD06, RCD07, RCD08): what is in question, and why."""
    if len(args) != 2:
        raise ValueError("x12_discrepancy needs a list of units and a list of conditions")
    units, conditions = env.codes.get(args[:1]), env.codes.get(args[1:])
    unit_prefix, prefix = args[0] + ":", args[1] + ":"

    def read(parts: Sequence[str]) -> dict[str, Any]:
        text, unit, code = parts
        out: dict[str, Any] = {"condition": conditions.read.get(code) or (prefix + code if code else "unqualified")}
        if text:
            out["quantity"] = {"value": number(text)}
            if unit:
                out["quantity"]["unit"] = units.read.get(unit) or unit_prefix + unit
        for known, given, name in ((units.read, unit, args[0]), (conditions.read, code, args[1])):
            if given and given not in known:
                raise Unmapped(f"code {given} is not in list {name}", out)
        return out

    def write(stated: dict[str, Any]) -> tuple[str, str, str]:
        quantity = stated.get("quantity") or {}
        condition = "" if stated["condition"] == "unqualified" else stated["condition"]
        return (
            shown(quantity["value"]) if quantity else "",
            _code(units, quantity.get("unit") or "", "unit"),
            _code(conditions, condition, "condition"),
        )

    samples = [
        {"condition": condition, "quantity": {"value": Decimal(2 + at), "unit": unit}}
        for at, (condition, unit) in enumerate(zip(_exact(conditions)[:6], _exact(units)[:6], strict=False))
    ]
    return Pair(read, write, "texts", "object", {"kind": "choice", "values": samples})


CONVERTERS = (
    Converter("x12_quantity", _quantity, "x12_quantity(units): a number and its unit (QTY02, QTY03) as {value, unit}"),
    Converter("x12_discrepancy", _discrepancy, "x12_discrepancy(units, conditions): RCD06, RCD07, RCD08"),
)
