"""One regular expression per segment that matches only what has a clean form, at C speed.

It checks everything that ``elements.explain`` explains but the code lists: mandatory elements, number of elements,
types, lengths, characters, calendar dates, trailing separators, and the syntax notes (as conditions on captured
groups). Code values are looked up by ``checker``: a pattern that holds lists of a thousand values matches as fast, but
takes three times as long to compile. What does not pass takes the explaining path, which alone decides; a property
test shows that the two agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from hub.grammar import ElementDef, SegmentDef
from hub_x12.rules import Rules

_MONTH_DAY = r"(?:(?:0[13578]|1[02])(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)(?:0[1-9]|[12]\d|30)|02(?:0[1-9]|1\d|2[0-8]))"
_DATES = {6: r"\d\d" + _MONTH_DAY, 8: r"(?!0000)\d{4}" + _MONTH_DAY}
_TIME = r"(?:[01]\d|2[0-3])[0-5]\d"


class _Builder:
    """Builds the pattern of one segment; numbers the captured groups that the syntax notes need."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        marks = rules.separators.data_free
        if rules.characters is None:
            self.free = f"[^{re.escape(marks)}\\x00-\\x1f\\x7f-\\x9f]"
        else:
            self.free = f"[{re.escape(''.join(sorted(rules.characters - set(marks))))}]"
        self.groups = 0

    def simple(self, element: ElementDef) -> str:
        low, high, kind = element.min, element.max, element.type
        if kind == "DT":
            return self._date(low, high)
        if kind == "TM":
            extra = [("", 4), (r"[0-5]\d", 6), (r"[0-5]\d\d", 7), (r"[0-5]\d\d\d", 8)]
            usable = [_TIME + more for more, length in reversed(extra) if low <= length <= high]
            return "(?>" + "|".join(usable) + ")"
        if kind[0] == "N":
            return rf"-?[0-9]{{{max(low, 1)},{high}}}+"
        if kind == "R":
            wide = rf"(?=[0-9.]{{{max(low, 1) + 1},{high + 1}}}(?![0-9.]))(?:[0-9]++\.[0-9]*+|\.[0-9]++)"
            return rf"-?(?:[0-9]{{{max(low, 1)},{high}}}+(?!\.)|{wide})"
        plain = rf"{self.free}{{{max(low, 1)},{high}}}+"
        if self.rules.codes.get(element.number) is not None:
            return plain  # no list holds blanks
        if self.rules.agreed.blanks:
            return rf"(?! ){plain}(?<! )"
        blank = f" *+(?:[{re.escape(self.rules.separators.data_free)}]|\\Z)"
        return rf"(?!{blank}){plain}"

    def _date(self, low: int, high: int) -> str:
        if self.rules.agreed.short_dates and (low, high) == (8, 8):
            return _DATES[6]
        return "(?>" + "|".join(_DATES[length] for length in (8, 6) if low <= length <= high) + ")"

    def element(self, element: ElementDef) -> str:
        one = self.composite(element) if element.components else self.simple(element)
        mark = self.rules.separators.repetition
        if element.repeat > 1 and mark:
            if mark in "-.":  # of which a number could not be told
                return "(?!)"
            return f"{one}(?:{re.escape(mark)}{one}){{0,{element.repeat - 1}}}+"
        return one

    def composite(self, element: ElementDef) -> str:
        mark = self.rules.separators.component
        notes = self.rules.notes.get(element.number, ())
        if not mark:  # then it can only hold its first component
            alone = not notes and not any(item.required for item in element.components[1:])
            return self.simple(element.components[0]) if alone else "(?!)"
        outer = re.escape(self.rules.separators.element)
        return f"(?!{outer}|\\Z)" + self._sequence(element.components, mark, notes, inner=True)

    def segment(self, definition: SegmentDef) -> str:
        body = self._sequence(definition.elements, self.rules.separators.element, definition.notes, inner=False)
        return re.escape(definition.id) + body

    def _sequence(self, items: tuple[ElementDef, ...], mark: str, notes: tuple[str, ...], inner: bool) -> str:
        """Items with ``mark`` before each (inside a composite: between them), the last present one not empty. What
        may be missing is ``(?:X|)`` and not ``(?:X)?``, which ``re`` matches at half the speed."""
        noted = {at for note in notes for at in note_places(note)}
        groups: dict[int, int] = {}
        parts = []
        for at, item in enumerate(items, 1):
            if at in noted:  # numbered before what it contains, as its bracket opens first
                self.groups += 1
                groups[at] = self.groups
            body = self.element(item)
            if at in noted:
                body = f"({body})"
            parts.append(f"(?:{body})" if item.required else f"(?:{body}|)")
        sep = re.escape(mark)
        out = ""
        for at in range(len(items), 0, -1):
            out = ("" if inner and at == 1 else sep) + parts[at - 1] + out
            if not any(item.required for item in items[at - 1 :]) and not (inner and at == 1):
                out = f"(?:{out}|)"
        return f"{out}(?<!{sep})" + "".join(_condition(note, groups) for note in notes)


def note_places(note: str) -> list[int]:
    """Positions a syntax note speaks of: ``P0304`` → 3, 4."""
    return [int(note[at : at + 2]) for at in range(1, len(note), 2)]


def _condition(note: str, groups: Mapping[int, int]) -> str:
    """The zero-width end of a pattern that fails where ``note`` is violated."""
    places = [groups[at] for at in note_places(note) if at in groups]
    first, rest = places[0], places[1:]
    fail = "(?!)"

    def every(items: list[int]) -> str:
        return "".join(f"(?({item})|{fail})" for item in items)

    def one_of(items: list[int]) -> str:
        return f"(?({items[0]})|{one_of(items[1:])})" if items else fail

    match note[0]:
        case "P":
            none = "".join(f"(?({item}){fail})" for item in rest)
            return f"(?({first}){every(rest)}|{none})"
        case "R":
            return one_of(places)
        case "E":
            return "".join(
                f"(?({item})(?({other}){fail}))" for at, item in enumerate(places) for other in places[at + 1 :]
            )
        case "C":
            return f"(?({first}){every(rest)})"
        case _:
            return f"(?({first}){one_of(rest)})"


Clean = Callable[[str], object]
"""Truthy for a segment (as text) that needs no explanation."""


def clean_segment(definition: SegmentDef, rules: Rules) -> Clean:
    """The compiled check of one segment. ASCII: digits of other scripts are no digits."""
    return re.compile(_Builder(rules).segment(definition), re.ASCII).fullmatch
