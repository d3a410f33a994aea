"""Random values for one line of a mapping: those that its converter says survive, as long as its element may be."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hub.mapping.plan import Leaf
from hub.testing.choices import Choices

Make = Callable[[Choices], Any]
"""Makes a value of the choices."""

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"
_GTIN = ("00012345678905", "04006381333931", "10012345678902", "00614141000036")
_GLN = "4012345000009"
_DAY = date(2000, 1, 1)
_DAYS = (date(1971, 1, 1) - _DAY).days, (date(2068, 12, 31) - _DAY).days
_DAY_SECONDS = 86_400


def maker(leaf: Leaf) -> Make:
    """What makes values for ``leaf``."""
    domain = dict(leaf.pair.domain) if leaf.pair else {"kind": "text"}
    slot = leaf.places[0].slot
    longest = (slot.definition.max or 20) if slot else 20
    shortest = slot.definition.min if slot else 0
    if slot is not None and slot.definition.type == "N0" and domain["kind"] == "text":
        top = 10 ** min(longest, 6) - 1
        return lambda chosen: str(chosen.number(1, top))
    return _of(domain, max(1, min(longest, 30)), max(1, min(shortest, 20)), leaf)


def _of(domain: dict[str, Any], longest: int, shortest: int, leaf: Leaf) -> Make:
    kind = domain["kind"]
    if kind == "choice":
        values = list(domain["values"])
        return lambda chosen: copy.deepcopy(chosen.one_of(values))  # documents are completed in place
    if kind == "decimal":
        return _decimal(int(domain["places"]), bool(domain.get("exact")), 10 ** max(1, min(longest, 9) - 1) - 1)
    if kind == "integer":
        top = 10 ** min(longest, 9) - 1
        return lambda chosen: chosen.number(1, top)
    if kind == "date":
        return _day
    if kind == "datetime":
        return _moment if domain.get("zone") else lambda chosen: _moment(chosen).replace(tzinfo=None)
    if kind == "number_map":
        return lambda chosen: {str(domain["key"]): Decimal(chosen.number(1, 9_999))}
    shortest = min(shortest, longest)
    if kind == "texts":
        return _lines(min(int(domain["max"]), 3), shortest, longest)
    if kind == "words":
        return _words(shortest, longest, int(domain["width"]))
    if kind == "identifier":
        return _identifier(list(domain["schemes"]), leaf)
    if kind == "contact_point":
        kinds = list(domain["kinds"])
        return lambda chosen: {"kind": chosen.one_of(kinds), "value": chosen.text(_DIGITS, 3, 12)}
    if kind == "quantity":
        units = list(domain["units"])
        return lambda chosen: {"value": Decimal(chosen.number(1, 99_999)), "unit": chosen.one_of(units)}
    if kind == "store_split":
        return _store_split(domain)
    return lambda chosen: chosen.text(_LETTERS, shortest, longest)


def _decimal(places: int, exact: bool, top: int) -> Make:
    def make(chosen: Choices) -> Decimal:
        number = Decimal(chosen.number(1, top))
        return number.scaleb(-(places if exact else chosen.one_of(range(min(places, 2) + 1))))

    return make


def _day(chosen: Choices) -> date:
    other = chosen.number(*_DAYS)
    return _DAY + timedelta(days=chosen.one_of((0, other, other, other)))


def _moment(chosen: Choices) -> datetime:
    day = _day(chosen)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=chosen.number(0, _DAY_SECONDS - 1))


def _lines(most: int, shortest: int, longest: int) -> Make:
    return lambda chosen: [chosen.text(_LETTERS, shortest, longest) for _ in range(chosen.count(1, most))]


def _words(shortest: int, longest: int, width: int) -> Make:
    """One long word or up to three that fit on two lines of ``width``, however the lines are broken."""
    several = _lines(3, 1, max(1, min(longest, (width - 1) // 2)))
    return lambda chosen: " ".join(several(chosen)) if chosen.some() else chosen.text(_LETTERS, shortest, longest)


def _identifier(schemes: list[str], leaf: Leaf) -> Make:
    slot = leaf.places[-1].slot
    longest = min(slot.definition.max or 17, 17) if slot else 17
    shortest = max(2, slot.definition.min) if slot and len(leaf.places) == 1 else 2

    def make(chosen: Choices) -> dict[str, str]:
        scheme = chosen.one_of(schemes)
        if scheme == "gtin":
            return {"scheme": scheme, "value": chosen.one_of(_GTIN)}
        if scheme == "gln":
            return {"scheme": scheme, "value": _GLN}
        return {"scheme": scheme, "value": chosen.text(_LETTERS, shortest, max(shortest, longest))}

    return make


def _store_split(domain: dict[str, Any]) -> Make:
    schemes = [one for one in domain["schemes"] if one not in ("gln", "gtin")]
    units = list(domain["units"])

    def make(chosen: Choices) -> list[dict[str, Any]]:
        return [
            {
                "quantity": {"value": Decimal(chosen.number(1, 999)), "unit": chosen.one_of(units)},
                "location": {"identifiers": [{"scheme": chosen.one_of(schemes), "value": chosen.text(_DIGITS, 2, 6)}]},
            }
            for _ in range(chosen.count(0, 3))
        ]

    return make
