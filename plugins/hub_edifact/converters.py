"""What mappings of EDIFACT messages need beyond the core's converters: dates in their places, prices, descriptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hub.mapping.converters import Converter, Environment, Pair, Unmapped, registry

_DAYS = (date(2026, 1, 15), date(2026, 12, 31))


def _moment(environment: Environment) -> tuple[Callable[[Sequence[str]], Any], Callable[[Any], Any]]:
    """The core's reading and writing of C507."""
    pair = registry()["dtm"].make([], environment)
    assert pair.write is not None
    return pair.read, pair.write


def _period(args: Sequence[str], environment: Environment) -> Pair:
    """C507 as a period: one moment is its start, formats 718, 719 and 616 are both ends."""
    moment, back = _moment(environment)

    def read(parts: Sequence[str]) -> dict[str, Any]:
        value = moment(parts)
        return value if isinstance(value, dict) else {"start": value}

    def write(period: Mapping[str, Any]) -> Any:
        if period.get("end") is None:
            return back(period["start"])
        if period.get("start") is None:
            raise ValueError("the period has no start")
        return back(dict(period))

    values = [{"start": _DAYS[0]}, {"start": _DAYS[0], "end": _DAYS[1]}, {"start": datetime(2026, 1, 15, 8, 30)}]  # noqa: DTZ001
    return Pair(read, write, "components", "object", {"kind": "choice", "values": values})


def _bound(end: str) -> Callable[[Sequence[str], Environment], Pair]:
    def make(args: Sequence[str], environment: Environment) -> Pair:
        moment, back = _moment(environment)

        def read(parts: Sequence[str]) -> Any:
            value = moment(parts)
            return value[end] if isinstance(value, dict) else value

        return Pair(read, back, "components", "any", {"kind": "date"})

    return make


def _point(args: Sequence[str], environment: Environment) -> Pair:
    """C507 where only one moment has a place."""
    moment, back = _moment(environment)

    def read(parts: Sequence[str]) -> Any:
        value = moment(parts)
        if isinstance(value, dict):
            raise Unmapped("a period, where one date was expected")
        return value

    return Pair(read, back, "components", "any", {"kind": "date"})


def _other(args: Sequence[str], environment: Environment) -> Pair:
    """C507 of a date that nothing depends on: what cannot be read stays in the extensions, with a warning."""
    pair = _point(args, environment)

    def read(parts: Sequence[str]) -> Any:
        try:
            return pair.read(parts)
        except Unmapped:
            raise
        except ValueError as problem:
            raise Unmapped(str(problem)) from None

    return Pair(read, pair.write, pair.takes, pair.gives, pair.domain)


def _day(args: Sequence[str], environment: Environment) -> Pair:
    """C507 where the business knows days only."""
    moment, back = _moment(environment)

    def read(parts: Sequence[str]) -> date:
        value = moment(parts)
        if isinstance(value, dict):
            raise Unmapped("a period, where one day was expected")
        return value.date() if isinstance(value, datetime) else value

    return Pair(read, back, "components", "date", {"kind": "date"})


def _price(args: Sequence[str], environment: Environment) -> Pair:
    """C509 as a unit price: 5125 its basis (written AAA where none is known), 5118 the amount, 5284 and 6411 what
    it is for."""
    if len(args) != 2:
        raise ValueError("price needs a list of bases and a list of units")
    bases, units = environment.codes.get([args[0]]), environment.codes.get([args[1]])
    number = registry()["decimal"].make([], environment)

    def read(parts: Sequence[str]) -> dict[str, Any]:
        basis, amount, _, _, per, unit = (*parts, *[""] * 6)[:6]
        if not amount:
            raise Unmapped("a price without an amount")
        price: dict[str, Any] = {"amount": number.read(amount)}
        if basis:
            price["basis"] = bases.read.get(basis) or f"{args[0]}:{basis}"
        if per or unit:
            price["per"] = {"value": number.read(per) if per else Decimal(1)}
            if unit:
                price["per"]["unit"] = units.read.get(unit) or f"{args[1]}:{unit}"
        return price

    def write(price: Mapping[str, Any]) -> list[str]:
        assert number.write is not None
        per = price.get("per") or {}
        basis, unit = str(price.get("basis") or ""), str(per.get("unit") or "")
        said = per.get("value") is not None and (per["value"] != 1 or unit)
        return [
            _coded(basis, bases.write, args[0]) if basis else "AAA",
            number.write(price["amount"]),
            "",
            "",
            number.write(per["value"]) if said else "",
            _coded(unit, units.write, args[1]) if unit else "",
        ]

    per = {"value": Decimal(100), "unit": "KGM"}
    values = [
        {"amount": Decimal(amount), "basis": basis, "per": per} for amount, basis in (("9.25", "net"), ("7", "gross"))
    ]
    return Pair(
        read, write, "components", "object", {"kind": "choice", "values": values}, consumes=frozenset([0, 1, 4, 5])
    )


def _coded(value: str, table: Mapping[str, str], name: str) -> str:
    if value in table:
        return table[value]
    if value.startswith(f"{name}:"):
        return value[len(name) + 1 :]
    raise ValueError(f"list {name} has no code for {value}")


def _place(args: Sequence[str], environment: Environment) -> Pair:
    """C517 as a party in a place: 3225 its number, 3055 whose number that is, 3224 its name."""
    if len(args) != 1:
        raise ValueError("edifact_place needs a list of agencies")
    schemes = environment.codes.get([args[0]])

    def read(parts: Sequence[str]) -> dict[str, Any]:
        number, _, agency, name = (*parts, *[""] * 4)[:4]
        place: dict[str, Any] = {}
        if number:
            scheme = schemes.read.get(agency) or (f"{args[0]}:{agency}" if agency else "unqualified")
            place["identifiers"] = [{"scheme": scheme, "value": number}]
        if name:
            place["name"] = name
        if not place:
            raise Unmapped("a place without number and name")
        return place

    def write(place: Mapping[str, Any]) -> list[str]:
        number = agency = ""
        for one in place.get("identifiers") or ():
            number, scheme = one.get("raw") or one["value"], one["scheme"]
            agency = "" if scheme == "unqualified" else _coded(scheme, schemes.write, args[0])
            break
        return [number, "", agency, place.get("name") or ""]

    gln = [{"scheme": "gln", "value": "4012345000009"}]
    values = [{"identifiers": gln}, {"name": "LAGER 2"}, {"identifiers": gln, "name": "LAGER 1"}]
    return Pair(
        read, write, "components", "object", {"kind": "choice", "values": values}, consumes=frozenset([0, 2, 3])
    )


def _term_days(args: Sequence[str], environment: Environment) -> Pair:
    """C112 as days after the reference date: 2009 is 3 (after) or left out, 2151 D or CD (calendar days)."""

    def read(parts: Sequence[str]) -> int | None:
        _, relation, unit, count = (*parts, *[""] * 4)[:4]
        if not (relation or unit or count):
            return None
        if relation not in ("", "3") or unit not in ("D", "CD") or not count.isdigit():
            raise Unmapped("a payment period that is not in days after a date")
        return int(count)

    return Pair(
        read,
        lambda days: ["", "3", "D", str(days)],
        "components",
        "integer",
        {"kind": "integer"},
        consumes=frozenset([1, 2, 3]),
    )


def _item_text(args: Sequence[str], environment: Environment) -> Pair:
    """C273 as free text: its two descriptions (7008) as one."""
    if environment.element is None:
        raise ValueError("item_text is for the composite C273")
    width = next((one.max for one in environment.element.components if one.number == "7008"), 35)

    def read(parts: Sequence[str]) -> str:
        found = " ".join(part.strip() for part in parts[3:5] if part.strip())
        if not found:
            raise Unmapped("a description by code only")
        return found

    def write(text: str) -> list[str]:
        if len(text) <= width:
            return ["", "", "", text]
        space = text.rfind(" ", 0, width + 1)
        cut = space if space > 0 else width
        rest = text[cut:].strip()
        if len(rest) > width:
            raise ValueError(f"the text is longer than two descriptions of {width} characters")
        return ["", "", "", text[:cut], rest]

    return Pair(read, write, "components", domain={"kind": "words", "width": width}, consumes=frozenset([3, 4]))


def _indicator(args: Sequence[str], environment: Environment) -> Pair:
    """5463: whether it is a charge. Other codes than A and C say neither; they are taken as an allowance, with a
    warning."""

    def read(value: str) -> bool:
        if value not in ("A", "C"):
            raise Unmapped(f"{value} is neither an allowance (A) nor a charge (C)", False)
        return value == "C"

    return Pair(
        read, lambda value: "C" if value else "A", gives="bool", domain={"kind": "choice", "values": [True, False]}
    )


def _read_only(args: Sequence[str], environment: Environment) -> Pair:
    return Pair(str, None)


CONVERTERS = (
    Converter("dtm_period", _period, "C507 as {start, end}; one moment is the start"),
    Converter("dtm_start", _bound("start"), "C507 as a moment, of a period its start"),
    Converter("dtm_end", _bound("end"), "C507 as a moment, of a period its end"),
    Converter("dtm_point", _point, "C507 as one moment; a period stays in the extensions"),
    Converter("dtm_other", _other, "C507 as one moment that may also be unreadable"),
    Converter("dtm_day", _day, "C507 as a day"),
    Converter("edifact_price", _price, "edifact_price(bases, units): C509 as {amount, basis, per}"),
    Converter("edifact_place", _place, "edifact_place(agencies): C517 as {identifiers, name}"),
    Converter("term_days", _term_days, "C112 as days after its reference date"),
    Converter("item_text", _item_text, "C273 as text"),
    Converter("charge_indicator", _indicator, "5463 as true (charge) or false (allowance)"),
    Converter("read_only", _read_only, "read, never written (one-way)"),
)
