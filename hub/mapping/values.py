"""Converters of single values: codes, numbers, dates, flags."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from hub.mapping.converters import Converter, Environment, Pair, Unmapped

_NUMBER = re.compile(r"^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$", re.ASCII)
_PIVOT = 70
"""Two-digit years below it are 20xx, the others 19xx."""


def _code(args: Sequence[str], env: Environment) -> Pair:
    if not args:
        raise ValueError("code needs the name of a code list")
    found = env.codes.get(args)
    prefix = args[0] + ":"
    table, back = found.read, found.write

    def read(value: str) -> str:
        known = table.get(value)
        if known is None:
            raise Unmapped(f"code {value} is not in list {found.name}", prefix + value)
        return known

    exact = sorted(value for value, code in back.items() if table.get(code) == value)  # the others lose a nuance
    return Pair(read, found.code, domain={"kind": "choice", "values": exact}, table=table)


def _flag(args: Sequence[str], env: Environment) -> Pair:
    table: dict[str, Any] = {}
    for arg in args:
        code, colon, value = arg.partition(":")
        if not colon:
            raise ValueError(f"'{arg}' is not 'value: meaning'")
        table[code.strip()] = value.strip()
    if not table:
        raise ValueError("flag needs 'value: meaning' pairs")
    boolean = set(table.values()) <= {"true", "false"}
    if boolean:
        table = {code: value == "true" for code, value in table.items()}
    back: dict[Any, str] = {}
    for code, value in table.items():
        back.setdefault(value, code)

    def read(value: str) -> Any:
        if value not in table:
            raise ValueError(f"'{value}' is none of {', '.join(table)}")
        return table[value]

    def write(value: Any) -> str:
        if value not in back:
            raise ValueError(f"'{value}' has no code among {', '.join(table)}")
        return back[value]

    return Pair(read, write, gives="bool" if boolean else "text", domain={"kind": "choice", "values": list(back)})


@lru_cache(maxsize=8192)
def number(text: str, mark: str = ".", thousands: str = "") -> Decimal:
    """An exact decimal; raises ``ValueError`` for anything but digits, one sign and one decimal mark."""
    plain = text.strip()
    if thousands:
        # 1.5 with thousands mark "." would otherwise be read as fifteen
        whole, point, rest = plain.partition(mark)
        head, *groups = whole.lstrip("+-").split(thousands)
        if (groups and not 1 <= len(head) <= 3) or any(len(group) != 3 for group in groups):
            raise ValueError(f"'{text}' has its thousands mark '{thousands}' in the wrong place")
        plain = whole.replace(thousands, "") + point + rest
    if mark != ".":
        if "." in plain:
            raise ValueError(f"'{text}' is not a number with decimal mark '{mark}'")
        plain = plain.replace(mark, ".")
    if not _NUMBER.match(plain):
        raise ValueError(f"'{text}' is not a number")
    try:
        return Decimal(plain)
    except InvalidOperation:
        raise ValueError(f"'{text}' is not a number") from None


def shown(value: Decimal) -> str:
    """A decimal as plain digits, no exponent. Trailing zeros stay: they say how exact it is (X12.6, type R)."""
    return format(value, "f")


def _decimal(args: Sequence[str], env: Environment) -> Pair:
    places = 0
    for arg in args:
        if not re.fullmatch(r"N\d", arg):
            raise ValueError(f"'{arg}' is not an implied-decimal type such as N2")
        places = int(arg[1])
    if places:
        return _implied(places)
    mark, thousands = str(env.options.get("decimal", ".")), str(env.options.get("thousands", ""))
    both = env.standard == "edifact"  # ISO 9735 10.1: either mark, whatever UNA says

    def read(value: str) -> Decimal:
        return number(value, "," if both and "," in value else mark, thousands)

    def write(value: Decimal) -> str:
        text = shown(value)
        return text.replace(".", mark) if mark != "." else text

    return Pair(read, write, gives="decimal", domain={"kind": "decimal", "places": 4})


def _implied(places: int) -> Pair:
    """X12 Nn: the decimal point is implied, whatever the currency."""

    def read(value: str) -> Decimal:
        if not re.fullmatch(r"-?\d+", value, re.ASCII):
            raise ValueError(f"'{value}' is not a whole number")
        return Decimal(value).scaleb(-places)

    def write(value: Decimal) -> str:
        scaled = value.scaleb(places)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{shown(value)} has more than {places} decimals")
        return format(scaled.to_integral_value(), "f")

    return Pair(read, write, gives="decimal", domain={"kind": "decimal", "places": places, "exact": True})


def _integer(args: Sequence[str], env: Environment) -> Pair:
    def read(value: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,18}", value.strip(), re.ASCII):
            raise ValueError(f"'{value}' is not a whole number")
        return int(value)

    return Pair(read, str, gives="integer", domain={"kind": "integer"})


@lru_cache(maxsize=4096)
def ccyymmdd(text: str) -> date:
    """``CCYYMMDD`` or ``YYMMDD`` (pivot 70) as a date; raises ``ValueError``."""
    if not (text.isascii() and text.isdigit()) or len(text) not in (6, 8):
        raise ValueError(f"'{text}' is not a date as CCYYMMDD or YYMMDD")
    if len(text) == 6:
        text = ("20" if int(text[:2]) < _PIVOT else "19") + text
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise ValueError(f"'{text}' is not a day of the calendar") from None


@lru_cache(maxsize=4096)
def hhmmss(text: str) -> time:
    """``HHMM``, ``HHMMSS`` or more (fractions of a second are dropped) as a time of day; raises ``ValueError``."""
    if not (text.isascii() and text.isdigit()) or len(text) < 4:
        raise ValueError(f"'{text}' is not a time as HHMM or HHMMSS")
    try:
        return time(int(text[:2]), int(text[2:4]), int(text[4:6] or "0"))
    except ValueError:
        raise ValueError(f"'{text}' is not a time of day") from None


def _date(args: Sequence[str], env: Environment) -> Pair:
    formats = list(args) or _formats(env.options, "dates")
    if env.standard in ("x12", "edifact") and not formats:
        short = env.standard == "x12" and env.version < "004010"
        return Pair(
            ccyymmdd, lambda day: day.strftime("%y%m%d" if short else "%Y%m%d"), "text", "date", {"kind": "date"}
        )
    wanted = formats or ["%Y-%m-%d"]

    def read(value: str) -> date:
        text = value.strip()
        for one in wanted:
            try:
                return datetime.strptime(text, one).date()  # noqa: DTZ007 - a business date has no zone
            except ValueError:
                continue
        if not formats and re.match(r"^\d{4}-\d\d-\d\dT", text):
            return datetime.fromisoformat(text).date()
        raise ValueError(f"'{text}' is not a date as {' or '.join(wanted)}")

    return Pair(read, lambda day: day.strftime(wanted[0]), gives="date", domain={"kind": "date"})


def _datetime(args: Sequence[str], env: Environment) -> Pair:
    formats = list(args) or _formats(env.options, "datetimes")

    def read(value: str) -> datetime:
        text = value.strip()
        for one in formats:
            try:
                return datetime.strptime(text, one)  # noqa: DTZ007 - floating unless the format has a zone
            except ValueError:
                continue
        if formats:
            raise ValueError(f"'{text}' is not a time as {' or '.join(formats)}")
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"'{text}' is not an ISO 8601 date and time") from None

    def write(value: datetime) -> str:
        return value.strftime(formats[0]) if formats else value.isoformat()

    return Pair(read, write, gives="datetime", domain={"kind": "datetime", "zone": not formats or "%z" in formats[0]})


def _formats(options: Mapping[str, Any], key: str) -> list[str]:
    wanted = options.get(key) or []
    return [wanted] if isinstance(wanted, str) else list(wanted)


def _country(args: Sequence[str], env: Environment) -> Pair:
    try:
        longer = env.codes.get(["iso3166"]).read
    except KeyError:
        longer = {}

    def read(value: str) -> str:
        code = value.strip().upper()
        if re.fullmatch(r"[A-Z]{2}", code):
            return code
        if code in longer:
            return longer[code]
        raise Unmapped(f"'{value}' is not a country as ISO 3166 alpha-2 or alpha-3")

    return Pair(read, str, domain={"kind": "choice", "values": ["US", "DE", "CA", "NL"]})


def _currency(args: Sequence[str], env: Environment) -> Pair:
    def read(value: str) -> str:
        code = value.strip().upper()
        if not re.fullmatch(r"[A-Z]{3}", code):
            raise ValueError(f"'{value}' is not a currency as ISO 4217")
        return code

    return Pair(read, str, domain={"kind": "choice", "values": ["USD", "EUR", "JPY"]})


def _upper(args: Sequence[str], env: Environment) -> Pair:
    return Pair(str.upper, str, domain={"kind": "upper"})


def _strip(args: Sequence[str], env: Environment) -> Pair:
    return Pair(str.strip, str)


CONVERTERS = (
    Converter("code", _code, "code(list[, partner list …]): a code and its canonical value"),
    Converter("flag", _flag, "flag(Y: true, N: false): a small table written on the line"),
    Converter("decimal", _decimal, "decimal · decimal(N2): an exact number; N2 has two implied decimals"),
    Converter("integer", _integer, "a whole number"),
    Converter("date", _date, "date · date(%d.%m.%Y): a day"),
    Converter("datetime", _datetime, "a day and time, with its zone if the text has one"),
    Converter("country", _country, "ISO 3166, alpha-2 or alpha-3, to alpha-2"),
    Converter("currency", _currency, "ISO 4217"),
    Converter("upper", _upper, "upper case on reading"),
    Converter("strip", _strip, "without surrounding blanks on reading"),
)
