"""Functions that X12 mappings need beside the common ones: prices with their basis, percentages, dates with times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub.mapping.converters import Converter, Environment, Pair, Unmapped
from hub.mapping.values import ccyymmdd, hhmmss, number, shown

_BASE = {"ten": 10, "dozen": 12, "hundred": 100, "thousand": 1000, "ten_thousand": 10_000, "hundred_thousand": 100_000}
"""What follows ``per_`` in a price basis (data element 639) → the quantity the price is for."""


def base_of(basis: str) -> int:
    """How many units a price of this basis (a word of list x12.639) is for: 100 for ``per_hundred``, else 1."""
    return _BASE.get(basis.rpartition("per_")[2], 1)


def _price(args: Sequence[str], env: Environment) -> Pair:
    """Amount and basis (PO104, PO105): a price per hundred is a price whose base quantity is 100."""
    if not args:
        raise ValueError("x12_price needs the name of a code list")
    found = env.codes.get(args)
    prefix = args[0] + ":"

    def read(parts: Sequence[str]) -> dict[str, Any]:
        amount, code = parts
        if not amount:
            raise Unmapped(f"price basis {code} without a price")
        price: dict[str, Any] = {"amount": number(amount)}
        if not code:
            return price
        basis = found.read.get(code)
        if basis is None:
            raise Unmapped(f"price basis {code} is not in list {args[0]}", price | {"basis": prefix + code})
        price["basis"] = basis
        if (count := base_of(basis)) > 1:
            price["per"] = {"value": Decimal(count)}
        elif basis.endswith("each"):
            price["per"] = {"value": Decimal(1), "unit": "EA"}
        return price

    def write(price: dict[str, Any]) -> tuple[str, str]:
        basis = price.get("basis") or ""
        per = (price.get("per") or {}).get("value") or Decimal(1)
        if not basis and per != 1:
            basis = next((f"per_{word}" for word, count in _BASE.items() if count == per), "")
        if per != base_of(basis):
            raise ValueError(f"a price per {shown(per)} has no basis in list {args[0]}")
        return shown(price["amount"]), found.code(basis) if basis else ""

    hundred = {"amount": Decimal("12.5"), "basis": "per_hundred", "per": {"value": Decimal(100)}}
    samples = [{"amount": Decimal("9.25")}, {"amount": Decimal("3"), "basis": "contract"}, hundred]
    return Pair(read, write, "texts", "object", {"kind": "choice", "values": samples})


def _multiple(args: Sequence[str], env: Environment) -> Pair:
    """Amount, basis and number of units (CTP03, CTP09, CTP11): three for ten dollars."""
    one = _price(args, env)
    assert one.write is not None
    write_one = one.write

    def read(parts: Sequence[str]) -> dict[str, Any]:
        *price, count = parts
        per = {"per": {"value": number(count)}} if count else {}
        try:
            return {**one.read(price), **per}
        except Unmapped as odd:
            raise Unmapped(str(odd), odd.instead and {**odd.instead, **per}) from odd

    def write(price: dict[str, Any]) -> tuple[str, str, str]:
        per = (price.get("per") or {}).get("value") or Decimal(1)
        if per == base_of(price.get("basis") or ""):
            return (*write_one(price), "")
        return (*write_one({name: value for name, value in price.items() if name != "per"}), shown(per))

    samples = [
        {"amount": Decimal("9.25")},
        {"amount": Decimal(3), "basis": "contract"},
    ]  # CTP11 is not in every release
    return Pair(read, write, "texts", "object", {"kind": "choice", "values": samples})


def _percent(args: Sequence[str], env: Environment) -> Pair:
    """Percent with its basis (SAC06, SAC07): the number; a basis other than the one named here is kept beside it."""
    if len(args) != 1:
        raise ValueError("x12_percent needs the basis to write, a code of data element 378")

    def read(parts: Sequence[str]) -> Decimal:
        basis, value = parts
        if not value:
            raise Unmapped(f"percent basis {basis} without a percentage")
        percent = number(value)
        if basis not in ("", args[0]):
            raise Unmapped(f"percent basis {basis} has no field", percent)
        return percent

    return Pair(read, lambda value: (args[0], shown(value)), "texts", "decimal", {"kind": "decimal", "places": 2})


_UNIVERSAL = ("UT", "GM", "ZT")
"""Time codes (data element 623) of universal time."""


def _moment(args: Sequence[str], env: Environment) -> Pair:
    """Date, time and time code (DTM02, DTM03, DTM04): a day, or a time: universal, or floating where no zone that
    one can rely on is named (``ET`` does not say whether summer time holds). ``x12_moment(time)`` is for a message
    that must have a time (BSN04): a day is written with 0000."""
    short = env.version < "004010"
    if args not in ([], (), ["time"], ("time",)):
        raise ValueError("x12_moment takes nothing, or 'time'")
    timed = bool(args)

    def read(parts: Sequence[str]) -> Any:
        day, time, zone = (*parts, "", "")[:3]
        if not day:
            raise Unmapped("a time without a date")
        date = ccyymmdd(day)
        if not time:
            return date
        clock = hhmmss(time)
        if zone in _UNIVERSAL:
            return datetime.combine(date, clock, UTC)
        moment = datetime.combine(date, clock)
        if zone:
            raise Unmapped(f"time code {zone} fixes no offset; the time is kept as a local time", moment)
        return moment

    def write(value: Any) -> tuple[str, str, str]:
        day = value.strftime("%y%m%d" if short else "%Y%m%d")
        if not isinstance(value, datetime):
            return day, "0000" if timed else "", ""
        zone = ""
        if value.tzinfo is not None:
            value = value.astimezone(UTC)
            day, zone = value.strftime("%y%m%d" if short else "%Y%m%d"), "UT"
        return day, value.strftime("%H%M%S" if value.second else "%H%M"), zone

    return Pair(read, write, "texts", "any", {"kind": "datetime" if timed else "date"})


def _date(args: Sequence[str], env: Environment) -> Pair:
    """Date qualifier and date (ACK04, ACK05): the date, where the qualifier is one of those named; the first of them
    is written."""
    if not args:
        raise ValueError("x12_date needs the qualifiers it may read (data element 374)")
    short = env.version < "004010"

    def read(parts: Sequence[str]) -> Any:
        qualifier, day = parts
        if qualifier not in args or not day:
            raise Unmapped(f"date qualifier {qualifier} has no field here")
        return ccyymmdd(day)

    def write(value: Any) -> tuple[str, str]:
        return args[0], value.strftime("%y%m%d" if short else "%Y%m%d")

    return Pair(read, write, "texts", "date", {"kind": "date"})


def _reference(args: Sequence[str], env: Environment) -> Pair:
    """Qualifier, reference and description (N901, N902, N903) as {type, id, description}; one-way, for REF is where
    references are written."""
    if not args:
        raise ValueError("x12_reference needs the name of a code list")
    found = env.codes.get(args)

    def read(parts: Sequence[str]) -> dict[str, str]:
        qualifier, value, text = (*parts, "")[:3]
        if not (value or text):
            raise Unmapped(f"qualifier {qualifier} has no reference")
        kind = found.read.get(qualifier)
        made = {"type": kind or f"{args[0]}:{qualifier}", "id": value}
        if text:
            made["description"] = text
        if kind is None:
            raise Unmapped(f"qualifier {qualifier} is not in list {args[0]}", made)
        return made

    return Pair(read, None, "texts", "object")


def _read_only(args: Sequence[str], env: Environment) -> Pair:
    """A text that is read here and written elsewhere."""
    return Pair(str, None)


CONVERTERS = (
    Converter("x12_reference", _reference, "x12_reference(list): qualifier and reference (N901, N902); one-way"),
    Converter("x12_read_only", _read_only, "a text that another line writes; one-way"),
    Converter("x12_date", _date, "x12_date(qualifier, …): date qualifier and date (ACK04, ACK05)"),
    Converter("x12_price", _price, "x12_price(list): amount and basis (PO104, PO105) as a price per quantity"),
    Converter("x12_price_multiple", _multiple, "x12_price_multiple(list): amount, basis, units (CTP03, CTP09, CTP11)"),
    Converter("x12_percent", _percent, "x12_percent(basis): percent basis and percentage (SAC06, SAC07)"),
    Converter("x12_moment", _moment, "date, time and time code (DTM02, DTM03, DTM04) as a day or a time"),
)
