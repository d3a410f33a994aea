"""Functions that the order mappings need: the carrier of TD5, the schedule of SCH, the date of ACK."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hub.mapping.codes import CodeList
from hub.mapping.converters import Converter, Environment, Pair, Unmapped
from hub.mapping.values import ccyymmdd, hhmmss, number, shown


def _carrier(args: Sequence[str], env: Environment) -> Pair:
    """Qualifier, code and routing (TD502, TD503, TD505) as the carrier: who it is, or how the goods shall go."""
    if len(args) != 1:
        raise ValueError("x12_carrier needs the name of a list of party ids")
    schemes = env.codes.get(args)

    def read(parts: Sequence[str]) -> dict[str, Any]:
        qualifier, code, routing = parts
        carrier: dict[str, Any] = {"name": routing} if routing else {}
        if code:
            scheme = schemes.read.get(qualifier) if qualifier else "unqualified"
            if scheme is None:
                carrier["identifiers"] = [{"scheme": f"{args[0]}:{qualifier}", "value": code}]
                raise Unmapped(f"qualifier {qualifier} is not in list {args[0]}", carrier)
            carrier["identifiers"] = [{"scheme": scheme, "value": code}]
        if not carrier:
            raise Unmapped(f"qualifier {qualifier} of no carrier")
        return carrier

    def write(carrier: dict[str, Any]) -> tuple[str, str, str]:
        routing = carrier.get("name") or ""
        for one in carrier.get("identifiers") or ():
            scheme = one["scheme"]
            code = schemes.write.get(scheme) or (scheme[len(args[0]) + 1 :] if scheme.startswith(args[0] + ":") else "")
            if code or scheme == "unqualified":
                return code, one.get("raw") or one["value"], routing
        return "", "", routing

    samples = [
        {"identifiers": [{"scheme": "scac", "value": "UPSN"}]},
        {"identifiers": [{"scheme": "buyer_assigned", "value": "P3"}], "name": "SEE ROUTING GUIDE"},
        {"name": "UPS GROUND"},
    ]
    return Pair(read, write, "texts", "object", {"kind": "choice", "values": samples})


_DELIVERY = ("002", "017", "067", "069")
"""Date qualifiers (data element 374) of a schedule's delivery on a day; 064 and 063 are the ends of a window."""
_EARLIEST, _LATEST = "064", "063"


def _schedule(args: Sequence[str], env: Environment) -> Pair:
    """Quantity, unit and two dates (SCH01, SCH02, SCH05 to SCH10) as a schedule: dates of delivery make its window,
    others keep their meaning. A schedule with a place is not written here: it is an SDQ, or stands below a party."""
    if len(args) != 3:
        raise ValueError("x12_schedule needs a unit list, a list of date qualifiers, and the qualifier to write")
    units, qualifiers, delivery = env.codes.get([args[0]]), env.codes.get([args[1]]), args[2]

    def read(parts: Sequence[str]) -> dict[str, Any]:
        amount, unit = parts[:2]
        schedule: dict[str, Any] = {}
        odd = ""
        if amount:
            schedule["quantity"] = {"value": number(amount)}
            if unit:
                known = units.read.get(unit)
                schedule["quantity"]["unit"] = known or f"{args[0]}:{unit}"
                odd = "" if known else f"unit {unit} is not in list {args[0]}"
        odd = _dates(schedule, (parts[2:5], parts[5:8]), args[1], qualifiers.read) or odd
        if not schedule:
            raise Unmapped("a schedule without quantity and date")
        if odd:
            raise Unmapped(odd, schedule)
        return schedule

    def write(schedule: dict[str, Any]) -> list[str]:
        if schedule.get("location") or schedule.get("mark_for"):
            raise ValueError("a schedule with a place is no SCH")
        dated = _dated(schedule, delivery, qualifiers)
        quantity = schedule.get("quantity") or {}
        unit = quantity.get("unit") or ""
        written = [shown(quantity["value"]) if quantity else "", units.code(unit) if unit else ""]
        for code, value in dated:
            written += [code, *_written(value)]
        return written + [""] * (8 - len(written))

    day, amount = date(2026, 3, 2), {"value": Decimal(4), "unit": "EA"}
    ship = {"qualifier": "requested_ship", "value": datetime(2026, 3, 2, 3, 22)}  # noqa: DTZ001 - floating
    samples = [
        {"quantity": amount, "window": {"start": day}},
        {"quantity": amount, "window": {"start": day, "end": date(2026, 3, 9)}},
        {"quantity": amount, "dates": [ship]},
    ]
    return Pair(read, write, "texts", "object", {"kind": "choice", "values": samples})


def _dates(schedule: dict[str, Any], given: Iterable[Sequence[str]], name: str, table: Mapping[str, str]) -> str:
    """Put dates (qualifier, day, time) into a schedule; what is wrong with them, empty if nothing is."""
    odd = ""
    window: dict[str, Any] = {}
    for code, day, time in given:
        if not day:
            continue
        end = "end" if code == _LATEST else "start"
        if code in (*_DELIVERY, _EARLIEST, _LATEST) and end not in window:
            window[end] = _moment(day, time)
            continue
        word = table.get(code)
        odd = odd if word else f"date qualifier {code} is not in list {name}"
        schedule.setdefault("dates", []).append({"qualifier": word or f"{name}:{code}", "value": _moment(day, time)})
    if window:
        schedule["window"] = window
    return odd


def _dated(schedule: dict[str, Any], delivery: str, qualifiers: CodeList) -> list[tuple[str, Any]]:
    """The dates of a schedule with their qualifiers, at most two."""
    window = schedule.get("window") or {}
    start, end = window.get("start"), window.get("end")
    dated: list[tuple[str, Any]] = []
    if start is not None:
        dated.append((delivery if end is None else _EARLIEST, start))
    if end is not None:
        dated.append((_LATEST, end))
    for one in schedule.get("dates") or ():
        if one.get("value") is None:
            raise ValueError("a date of a schedule is a day or a time")
        dated.append((qualifiers.code(one["qualifier"]), one["value"]))
    if len(dated) > 2:
        raise ValueError("a schedule has room for two dates")
    return dated


def _moment(day: str, time: str) -> date | datetime:
    if not time:
        return ccyymmdd(day)
    clock = hhmmss(time)
    return datetime.combine(ccyymmdd(day), clock)


def _written(value: date | datetime) -> tuple[str, str]:
    day = f"{value:%Y%m%d}"
    if not isinstance(value, datetime):
        return day, ""
    return day, value.strftime("%H%M%S" if value.second else "%H%M")


_UNIVERSAL = ("UT", "GM", "ZT")
"""Time codes (data element 623) of universal time."""


def _timed(args: Sequence[str], env: Environment) -> Pair:
    """Date, kind of time, time and time code (G6202 to G6205): a day, or a time. The date says what the time is for, so
    that any kind is read; the one named here is written."""
    if len(args) != 1:
        raise ValueError("x12_timed needs the kind of time to write (data element 176)")

    def read(parts: Sequence[str]) -> date | datetime:
        day, _, time, zone = parts
        if not day:
            raise Unmapped("a time without a date")
        moment = _moment(day, time)
        if not isinstance(moment, datetime) or not zone:
            return moment
        if zone in _UNIVERSAL:
            return moment.replace(tzinfo=UTC)
        raise Unmapped(f"time code {zone} fixes no offset; the time is kept as a local time", moment)

    def write(value: date | datetime) -> tuple[str, str, str, str]:
        zone = ""
        if isinstance(value, datetime) and value.tzinfo is not None:
            value, zone = value.astimezone(UTC), "UT"
        day, time = _written(value)
        return day[2:] if short else day, args[0] if time else "", time, zone

    short = env.version < "004010"
    return Pair(read, write, "texts", "any", {"kind": "date"})


def _qualified_date(args: Sequence[str], env: Environment) -> Pair:
    """Date qualifier and date (ACK04, ACK05) as {qualifier, value}."""
    if len(args) != 1:
        raise ValueError("x12_qualified_date needs a list of date qualifiers")
    table, prefix = env.codes.get(args), args[0] + ":"
    short = env.version < "004010"

    def read(parts: Sequence[str]) -> dict[str, Any]:
        code, day = parts
        if not (code and day):
            raise Unmapped("a date needs its qualifier, and a qualifier its date")
        word = table.read.get(code)
        made = {"qualifier": word or prefix + code, "value": ccyymmdd(day)}
        if word is None:
            raise Unmapped(f"date qualifier {code} is not in list {args[0]}", made)
        return made

    def write(value: dict[str, Any]) -> tuple[str, str]:
        word, day = value["qualifier"], value.get("value")
        code = table.code(word)
        if not isinstance(day, date):
            raise ValueError("no day")
        return code, day.strftime("%y%m%d" if short else "%Y%m%d")

    words = ("promised", "current_schedule_ship", "cancel_after")
    samples = [{"qualifier": word, "value": date(2026, 3, day)} for day, word in enumerate(words, start=1)]
    return Pair(read, write, "texts", "object", {"kind": "choice", "values": samples})


CONVERTERS = (
    Converter("x12_carrier", _carrier, "x12_carrier(list): qualifier, code, routing (TD502, TD503, TD505)"),
    Converter("x12_schedule", _schedule, "x12_schedule(units, dates, qualifier): SCH01, SCH02, SCH05 to SCH10"),
    Converter("x12_timed", _timed, "x12_timed(kind): date, kind of time, time, time code (G6202 to G6205)"),
    Converter("x12_qualified_date", _qualified_date, "x12_qualified_date(list): qualifier and day (ACK04, ACK05)"),
)
