"""Converters of several elements, of composites, and of whole segments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from hub.mapping.converters import Converter, Environment, Pair, Unmapped
from hub.mapping.values import ccyymmdd, number, shown

UNQUALIFIED = "unqualified"
"""Scheme of an identifier that came without its qualifier."""


def _qualified(args: Sequence[str], env: Environment, name: str) -> tuple[dict[str, str], dict[str, str], str]:
    if not args:
        raise ValueError(f"{name} needs the name of a code list")
    found = env.codes.get(args)
    return found.read, found.write, args[0] + ":"


def _places(args: Sequence[str], env: Environment) -> tuple[int, int] | None:
    """In a composite: where the value and the qualifier stand. The qualifier is the component whose data element
    number ends the list's name (``edifact.7143`` in C212, ``edifact.3055`` in C082); the value is the first."""
    if env.element is None or not env.element.components:
        return None
    number_ = args[0].rpartition(".")[2]
    for index, component in enumerate(env.element.components):
        if component.number == number_ or component.ref == number_:
            return (1 if index == 0 else 0), index
    raise ValueError(f"{env.element.ref} has no component {number_}")


def _identifier(args: Sequence[str], env: Environment) -> Pair:
    table, back, prefix = _qualified(args, env, "identifier")
    sized = sorted(value for value in back if re.fullmatch(r"gtin\d+", value))
    places = _places(args, env)

    def read(parts: Sequence[str]) -> dict[str, str]:
        if places:
            value, qualifier = _at(parts, places[0]), _at(parts, places[1])
        else:
            qualifier, value = parts
        if not value:
            raise Unmapped(f"qualifier {qualifier} has no value")
        scheme = table.get(qualifier)
        if scheme is None and not qualifier:
            return {"scheme": UNQUALIFIED, "value": value}
        if scheme is None:
            raise Unmapped(
                f"qualifier {qualifier} is not in list {args[0]}", {"scheme": prefix + qualifier, "value": value}
            )
        return {"scheme": "gtin" if scheme in sized else scheme, "value": value}

    def write(item: dict[str, Any]) -> Sequence[str]:
        scheme, value = item["scheme"], item.get("raw") or item["value"]
        if scheme == UNQUALIFIED:
            qualifier = ""
        elif scheme == "gtin":
            qualifier, value = _gtin(item["value"], value, sized, back)
        elif scheme.startswith(prefix):
            qualifier = scheme[len(prefix) :]
        elif scheme in back:
            qualifier = back[scheme]
        else:
            raise ValueError(f"list {args[0]} has no qualifier for scheme {scheme}")
        if places is None:
            return qualifier, value
        out = [""] * (max(places) + 1)
        out[places[0]], out[places[1]] = value, qualifier
        return out

    schemes = sorted({"gtin" if value in sized else value for value in back})
    return Pair(
        read,
        write,
        takes="components" if places else "texts",
        gives="object",
        domain={"kind": "identifier", "schemes": schemes},
        consumes=frozenset(places) if places else None,
    )


def _gtin(stored: str, sent: str, sized: list[str], back: dict[str, str]) -> tuple[str, str]:
    """The qualifier and digits of a GTIN: by length if the list tells lengths apart, else 13 digits where they do."""
    if not stored.isdigit() or len(stored) != 14:
        return back.get("gtin") or back[sized[0]], sent
    significant = len(sent) if sent.isdigit() and len(sent) < 14 else 14 - (len(stored) - len(stored.lstrip("0")))
    if sized:
        lengths = sorted(int(name[4:]) for name in sized)
        length = next((one for one in lengths if one >= max(significant, 12)), lengths[-1])
        return back[f"gtin{length}"], stored[-length:]
    return back["gtin"], stored if significant > 13 else stored[1:]


def _at(parts: Sequence[str], index: int) -> str:
    return parts[index] if index < len(parts) else ""


def _identifier_of(args: Sequence[str], env: Environment) -> Pair:
    if len(args) != 1:
        raise ValueError("identifier_of needs one scheme")
    scheme = args[0]
    return Pair(
        lambda value: {"scheme": scheme, "value": value},
        lambda item: item.get("raw") or item["value"],
        gives="object",
        domain={"kind": "identifier", "schemes": [scheme]},
    )


def _contact_point(args: Sequence[str], env: Environment) -> Pair:
    table, back, prefix = _qualified(args, env, "contact_point")
    places = _places(args, env)

    def read(parts: Sequence[str]) -> dict[str, str]:
        qualifier, value = (_at(parts, places[1]), _at(parts, places[0])) if places else parts
        if not value:
            raise Unmapped(f"qualifier {qualifier} has no value")
        if qualifier not in table:
            raise Unmapped(
                f"qualifier {qualifier} is not in list {args[0]}", {"kind": prefix + qualifier, "value": value}
            )
        return {"kind": table[qualifier], "value": value}

    def write(item: dict[str, Any]) -> Sequence[str]:
        kind = item["kind"]
        qualifier = kind[len(prefix) :] if kind.startswith(prefix) else back.get(kind)
        if qualifier is None:
            raise ValueError(f"list {args[0]} has no qualifier for {kind}")
        if places is None:
            return qualifier, item["value"]
        out = [""] * (max(places) + 1)
        out[places[0]], out[places[1]] = item["value"], qualifier
        return out

    return Pair(
        read,
        write,
        takes="components" if places else "texts",
        gives="object",
        domain={"kind": "contact_point", "kinds": sorted(back)},
        consumes=frozenset(places) if places else None,
    )


def _lines(args: Sequence[str], env: Environment) -> Pair:
    width = int(args[0]) if args else 35

    def write(text: str) -> list[str]:
        out = [""]
        for word in text.split(" "):
            if out[-1] and len(out[-1]) + 1 + len(word) > width:
                out.append("")
            out[-1] = f"{out[-1]} {word}" if out[-1] else word
        return out

    return Pair(
        lambda parts: " ".join(part.strip() for part in parts if part.strip()),
        write,
        takes="components",
        domain={"kind": "words", "width": width},
    )


def _text_lines(args: Sequence[str], env: Environment) -> Pair:
    return Pair(
        lambda parts: [part for part in parts if part.strip()],
        list,
        takes="components",
        gives="list",
        domain={"kind": "texts", "max": len(env.element.components) if env.element else 3},
    )


def _quantity(args: Sequence[str], env: Environment) -> Pair:
    """A composite of qualifier, number, unit (C186). A unit left out means pieces."""
    table, back, prefix = _qualified(args, env, "quantity")
    missing = args[1] if len(args) > 1 and args[1].startswith("=") else ""
    default = missing[1:].strip() if missing else "EA"

    def read(parts: Sequence[str]) -> dict[str, Any]:
        text, unit = _at(parts, 1), _at(parts, 2)
        value = number(text, "," if "," in text else ".")
        if unit and unit not in table:
            raise Unmapped(f"unit {unit} is not in list {args[0]}", {"value": value, "unit": prefix + unit})
        return {"value": value, "unit": table[unit] if unit else default}

    def write(item: dict[str, Any]) -> list[str]:
        unit = item["unit"]
        code = unit[len(prefix) :] if unit.startswith(prefix) else back.get(unit)
        if code is None:
            raise ValueError(f"list {args[0]} has no code for unit {unit}")
        return ["", shown(item["value"]), "" if unit == default else code]

    return Pair(read, write, takes="components", gives="object", domain={"kind": "quantity", "units": sorted(back)})


_DTM = {"102": "%Y%m%d", "203": "%Y%m%d%H%M", "204": "%Y%m%d%H%M%S", "101": "%y%m%d", "201": "%y%m%d%H%M"}


def _week(text: str) -> dict[str, date]:
    """Format 616, CCYYWW: the days of an ISO week."""
    start = date.fromisocalendar(int(text[:4]), int(text[4:]), 1)
    return {"start": start, "end": start + timedelta(days=6)}


def _moment(text: str, form: str) -> Any:
    if form in ("102", "101"):
        return ccyymmdd(text)
    if form in ("718", "719"):
        half = len(text) // 2
        kind = "102" if form == "718" else "203"
        return {"start": _moment(text[:half], kind), "end": _moment(text[half:].lstrip("-"), kind)}
    if form == "616":
        return _week(text)
    if form in ("303", "304"):  # with a zone name that no table fixes: the local time, floating
        digits = re.match(r"^\d+", text, re.ASCII)
        return _moment(digits[0] if digits else "", "203" if form == "303" else "204")
    if form not in _DTM:
        raise Unmapped(f"date format {form} (2379) is not known")
    return datetime.strptime(text, _DTM[form])  # noqa: DTZ007 - a DTM without zone is floating


def _dtm(args: Sequence[str], env: Environment) -> Pair:
    """EDIFACT C507: qualifier, value, format (2379). Without a format: by its length."""
    lengths = {6: "101", 8: "102", 10: "201", 12: "203", 14: "204"}

    def read(parts: Sequence[str]) -> Any:
        text, form = _at(parts, 1), _at(parts, 2)
        if not text.strip("0"):
            raise Unmapped("date is all zeros" if text else "date is empty")
        form = form or lengths.get(len(text), "")
        try:
            return _moment(text, form)
        except Unmapped:
            raise
        except ValueError:
            raise ValueError(f"'{text}' is not a date in format {form or '?'} (2379)") from None

    def write(value: Any) -> list[str]:
        if isinstance(value, dict):
            return ["", f"{value['start']:%Y%m%d}{value['end']:%Y%m%d}", "718"]
        if isinstance(value, datetime):
            return ["", value.strftime(_DTM["204" if value.second else "203"]), "204" if value.second else "203"]
        return ["", value.strftime("%Y%m%d"), "102"]

    return Pair(read, write, takes="components", gives="any", domain={"kind": "date"})


def _store_split(args: Sequence[str], env: Environment) -> Pair:
    """X12 SDQ: unit, identification qualifier, then up to ten pairs of location and quantity."""
    if len(args) < 2:
        raise ValueError("store_split needs a unit list and an identification list")
    units, schemes = env.codes.get([args[0]]), env.codes.get([args[1]])

    def read(elements: Sequence[Any]) -> list[dict[str, Any]]:
        # the unit is a composite in some releases; its multipliers say nothing of a split
        parts = [one if isinstance(one, str) else (one[0] if one else "") for one in elements]
        unit, scheme = units.read.get(_at(parts, 0)), schemes.read.get(_at(parts, 1), UNQUALIFIED)
        if unit is None:
            unit = f"{args[0]}:{_at(parts, 0)}"
        return [
            {
                "quantity": {"value": number(parts[at + 1]), "unit": unit},
                "location": {"identifiers": [{"scheme": scheme, "value": parts[at]}]},
            }
            for at in range(2, len(parts) - 1, 2)
            if parts[at]
        ]

    def write(items: list[dict[str, Any]]) -> list[list[str]]:
        segments: list[list[str]] = []
        last: tuple[str, str] | None = None
        mine = [item for item in items if _split_by_place(item)]
        items[:] = [item for item in items if not _split_by_place(item)]
        for item in mine:
            place = item["location"]["identifiers"][0]
            unit = item["quantity"].get("unit") or ""
            unit = units.write.get(unit, unit.rpartition(":")[2])
            head = (unit, schemes.write.get(place["scheme"], ""))
            if head != last or len(segments[-1]) >= 22:
                segments.append([*head])
                last = head
            segments[-1] += [place["value"], shown(item["quantity"]["value"])]
        return segments

    domain = {"kind": "store_split", "units": sorted(units.write), "schemes": sorted(schemes.write)}
    return Pair(read, write, takes="items", gives="list", domain=domain)


def _split_by_place(schedule: dict[str, Any]) -> bool:
    """Whether a schedule is a quantity for a place and nothing more, which is all that an SDQ can say."""
    place = schedule.get("location") or {}
    timed = schedule.get("window") or schedule.get("dates") or schedule.get("mark_for") or schedule.get("role")
    return bool(schedule.get("quantity") and place.get("identifiers") and not timed)


CONVERTERS = (
    Converter("identifier", _identifier, "identifier(list): qualifier and value, as {scheme, value}"),
    Converter("identifier_of", _identifier_of, "identifier_of(scheme): a value whose scheme is known"),
    Converter("gtin", lambda args, env: _identifier_of(["gtin"], env), "a GTIN without qualifier"),
    Converter("contact_point", _contact_point, "contact_point(list): qualifier and value, as {kind, value}"),
    Converter("lines", _lines, "lines(35): the parts of a composite as one text, wrapped again on writing"),
    Converter("text_lines", _text_lines, "the parts of a composite as a list of texts"),
    Converter("quantity", _quantity, "quantity(list[, =EA]): C186 as {value, unit}; the unit meant where none is sent"),
    Converter("dtm", _dtm, "C507 as day, time or period, by its format code"),
    Converter("store_split", _store_split, "store_split(units, identifications): SDQ as schedules"),
)
