"""Random values of simple elements: right type, right length, a code of the list where there is one. X12.6 §3.5.1."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from hub.grammar import ElementDef
from hub_x12.codes import values as code_values
from hub_x12.generating.digits import identified

_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"
_INNER = _NAMES + _DIGITS + "          .,-/()&#%+;"
"""What texts are made of: no character of it is ever a separator."""

LONGEST = 60
"""Texts and codes are not made longer than this, unless the element demands it."""

_FIRST = date(1990, 1, 1)
_PERIODS = {"D8": 8, "D6": 6, "RD8": 17, "TM": 4}
"""Formats of data element 1250 that are used here, and how long a value in them is."""


class Values:
    """Draws values for one release. ``plain``: only numbers above zero, as quantities and amounts mostly are."""

    def __init__(self, rng: random.Random, release: str, *, plain: bool = False) -> None:
        self.rng = rng
        self.release = release
        self.plain = plain
        self._usable: dict[tuple[str, int, int], list[str]] = {}

    def draw(self, element: ElementDef, before: Mapping[str, str] | None = None) -> str:
        """A valid value. ``before`` are the values that stand before it in its segment, by data element number: an
        identifier fits the qualifier that was drawn for it."""
        known = before or {}
        kind, low, high = element.type, max(element.min, 1), element.max
        if number := identified(self.rng, element, known):
            return number
        if element.number == "1251" and known.get("1250") in _PERIODS:
            return self._period(known["1250"])
        if listed := self._codes(element):
            return self.rng.choice(listed)
        if kind == "DT":
            return self._date(8 if high >= 8 else 6)
        if kind == "TM":
            return self._time([length for length in (4, 6, 7, 8) if low <= length <= high])
        if kind[0] == "N":
            return self._sign() + self._whole(low, high)
        if kind == "R":
            return self._sign() + self._real(low, high)
        if kind == "ID":
            size = self.rng.randint(low, min(high, max(low, 12)))
            return "".join(self.rng.choices(_NAMES + _DIGITS, k=size))
        return self._text(low, high)

    def _codes(self, element: ElementDef) -> Sequence[str]:
        listed = code_values(self.release, element.number)
        if listed is None:
            return ()
        key = (element.number, element.min, element.max)
        if key not in self._usable:
            usable = sorted(code for code in listed if element.min <= len(code) <= element.max)
            periods = [code for code in _PERIODS if element.number == "1250" and code in usable]
            self._usable[key] = periods or usable
        return self._usable[key]

    def _sign(self) -> str:
        return "-" if not self.plain and self.rng.random() < 0.02 else ""

    def _whole(self, low: int, high: int) -> str:
        size = self.rng.randint(low, min(high, max(low, 4)) if self.rng.random() < 0.9 else high)
        if size == 1:
            return self.rng.choice(_DIGITS[1:] if self.plain else _DIGITS)
        return self.rng.choice(_DIGITS[1:]) + "".join(self.rng.choices(_DIGITS, k=size - 1))

    def _real(self, low: int, high: int) -> str:
        digits = self._whole(low, high)
        cut = self.rng.randrange(3)
        if not cut or len(digits) < cut:
            return digits
        return f"{digits[:-cut]}.{digits[-cut:]}"

    def _date(self, length: int) -> str:
        day = _FIRST + timedelta(days=self.rng.randrange(18_000))
        return day.strftime("%Y%m%d")[8 - length :]

    def _time(self, lengths: Sequence[int]) -> str:
        length = self.rng.choice(lengths)
        draw = self.rng.randrange
        return f"{draw(24):02d}{draw(60):02d}{draw(60):02d}{draw(100):02d}"[:length]

    def _period(self, form: str) -> str:
        if form == "TM":
            return self._time([4])
        if form == "RD8":
            first = _FIRST + timedelta(days=self.rng.randrange(18_000))
            return f"{first:%Y%m%d}-{first + timedelta(days=self.rng.randrange(60)):%Y%m%d}"
        return self._date(_PERIODS[form])

    def _text(self, low: int, high: int) -> str:
        most = max(low, min(high, LONGEST))
        near = min(most, low + 11)
        size = self.rng.randint(low, near if self.rng.random() < 0.7 else most)
        inner = "".join(self.rng.choices(_INNER, k=max(size - 2, 0)))
        ends = self.rng.choices(_NAMES + _DIGITS, k=2)
        return (ends[0] + " ".join(inner.split(" ")) + ends[1])[:size] if size > 1 else ends[0]
