"""Where pyx12 and this plugin differ lastingly, as named rules: README.md, "The second opinion", has one row for each.

A difference that no rule explains is a fault of one of the two. Tests look for one, and ``python -m tests.bench
opinion``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from hub.findings import Finding
from hub_x12.rules import EXTENDED
from hub_x12.sets import SetReader

_STRAY = ("1", "2", "6", "7")
_NOTED = ("2", "3", "10")
"""Codes of list 723 that pyx12 puts on the segment: conditions, exclusions, and elements too many."""

Key = tuple[int, int | None, str, str]
"""Segment, element (None: the segment), list, code."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A finding that only one of the two has. ``ours``: pyx12 does not object; ``rule``: why, '' if nobody knows."""

    ours: bool
    finding: Finding
    rule: str


def key_of(finding: Finding) -> Key:
    """What makes two findings the same: place and code, in a language that both speak."""
    at, code = finding.position, finding.list_code
    if finding.list_id == "720":
        return at.segment or 0, None, "720", "1" if code in _STRAY else code
    return at.segment or 0, None if code in _NOTED else at.element, "723", code


def differences(reader: SetReader, theirs: Iterable[Finding]) -> list[Difference]:
    """Every difference over one set, with the rule that explains it."""
    case = _Case(
        reader,
        {key_of(one): one for one in reader.message.findings if one.list_id in ("720", "723")},
        {key_of(one): one for one in theirs},
    )
    return sorted(case.differences(), key=lambda one: one.finding.position.segment or 0)


@dataclass
class _Case:
    """One set with both opinions."""

    reader: SetReader
    ours: dict[Key, Finding]
    theirs: dict[Key, Finding]
    first: int = field(init=False)

    def __post_init__(self) -> None:
        own = [key[0] for key in self.ours if key[2] == "720"]
        other = [key[0] for key in self.theirs if key[2] == "720"]
        self.first = max(min(own), min(other)) if own and other else 0

    def differences(self) -> Iterator[Difference]:
        for key in self.ours.keys() - self.theirs.keys():
            rules = (name for name, rule in _OURS.items() if rule(self, key))
            yield Difference(True, self.ours[key], next(rules, ""))
        for key in self.theirs.keys() - self.ours.keys():
            rules = (name for name, rule in _THEIRS.items() if rule(self, key))
            yield Difference(False, self.theirs[key], next(rules, ""))

    def text(self, key: Key) -> str:
        """The segment as it was sent, '' for SE."""
        texts = self.reader.texts.segments
        return texts[key[0] - 1] if key[0] <= len(texts) else ""

    def value(self, key: Key) -> str:
        """The element that a key is about."""
        values = self.text(key).split(self.reader.mark.element)
        return values[key[1]] if key[1] is not None and key[1] < len(values) else ""

    def codes(self, key: Key, found: dict[Key, Finding]) -> set[str]:
        """Codes of list 723 that one side has for the element of a key."""
        return {other[3] for other in found if other[:3] == (key[0], key[1], "723")}


_Rule = Callable[[_Case, Key], bool]

_SAME_FAULT = {
    "4": ("6", "8", "9"), "5": ("6", "8", "9"), "6": ("4", "5", "7", "8", "9"), "7": ("4", "5", "6", "12", "13"),
    "8": ("4", "5", "6"), "9": ("4", "5", "6"),
}  # fmt: skip
"""Code of pyx12 → codes of ours for the same element that say the same of it, or why there is nothing to look up."""


def _unplaced(case: _Case, key: Key) -> bool:
    return key[2] == "723" and (key[0], None, "720", "1") in case.theirs


def _restart(case: _Case, key: Key) -> bool:
    texts, mark = case.reader.texts.segments, case.reader.mark.element
    if key[2:] != ("720", "3") or key[0] > len(texts):
        return False
    before = key[0] - 1
    while before and (before, None, "720", "1") in case.theirs:
        before -= 1
    return before > 1 and texts[before - 1].partition(mark)[0] == texts[key[0] - 1].partition(mark)[0]


def _inside(case: _Case, key: Key) -> bool:
    found = case.ours[key]
    return key[2] == "723" and key[3] in _NOTED and found.position.component is not None


def _parted(case: _Case, key: Key) -> bool:
    """A simple element that holds component separators."""
    mark = case.reader.mark.component
    return bool(mark) and key[1] is not None and mark in case.value(key)


def _parted_here(case: _Case, key: Key) -> bool:
    return _parted(case, key) and "6" in case.codes(key, case.theirs)


def _parted_there(case: _Case, key: Key) -> bool:
    return key[2:] == ("723", "6") and _parted(case, key) and "13" in case.codes(key, case.ours)


def _same_fault(case: _Case, key: Key) -> bool:
    return key[2] == "723" and bool(case.codes(key, case.ours) & set(_SAME_FAULT.get(key[3], ())))


def _hollow(case: _Case, key: Key) -> bool:
    """An element of nothing but component separators: for pyx12 it is not there."""
    mark = case.reader.mark
    values = case.text(key).split(mark.element)[1:]
    return (
        key[2] == "723"
        and key[3] in ("1", "2", "10")
        and bool(mark.component)
        and any(value and not value.strip(mark.component) for value in values)
    )


def _repeated(case: _Case, key: Key) -> bool:
    """pyx12 knows no repetitions; what separates them is a character like any other to it."""
    mark = case.reader.mark.repetition
    if not mark or key[1] is None or mark not in case.value(key):
        return False
    return key[2:] in (("723", "12"), ("723", "6")) or "12" in case.codes(key, case.ours)


def _date_form(case: _Case, key: Key) -> bool:
    """A day of the calendar in the other form: for pyx12 too long or too short."""
    return key[2:] == ("723", "8") and bool(case.codes(key, case.theirs) & {"4", "5"})


def _point(case: _Case, key: Key) -> bool:
    mark = case.reader.mark.component
    parts = case.value(key).split(mark) if mark else [case.value(key)]
    return key[2:] == ("723", "6") and any(part.endswith(".") for part in parts)


def _no_value(case: _Case, key: Key) -> bool:
    """A blank, or a sign without digits: here no character that may stand there, for pyx12 a value too short."""
    return key[2:] == ("723", "6") and bool(case.codes(key, case.theirs) & {"4", "7"})


def _characters(case: _Case, key: Key) -> bool:
    known = EXTENDED - {"^", "`"} if case.reader.scope.release < "005010" else EXTENDED
    marks = case.reader.mark.component + case.reader.mark.repetition
    return key[2:] == ("723", "6") and not known >= set(case.value(key)) - set(marks)


def _trailing(case: _Case, key: Key) -> bool:
    if key[2:] == ("723", "3"):
        return case.text(key).endswith(case.reader.mark.element)
    mark = case.reader.mark.component
    return key[2:] == ("723", "13") and bool(mark) and case.value(key).endswith(mark)


def _blanks(case: _Case, key: Key) -> bool:
    mark = case.reader.mark.component
    parts = case.value(key).split(mark) if mark else [case.value(key)]
    return key[2] == "723" and key[3] in ("5", "6", "7") and any(part != part.strip(" ") for part in parts)


def _lower(case: _Case, key: Key) -> bool:
    """Ids in lower case are written in capitals before either of the two looks at them."""
    return case.ours[key].code == "x12.segment.lower_case"


_OURS: dict[str, _Rule] = {
    "unplaced": _unplaced,
    "lower case": _lower,
    "restart": _restart,
    "inside": _inside,
    "hollow": _hollow,
    "parted": _parted_here,
    "same fault": _no_value,
    "blanks": _blanks,
    "date": _date_form,
    "repetitions": _repeated,
}
_THEIRS: dict[str, _Rule] = {
    "parted": _parted_there,
    "same fault": _same_fault,
    "hollow": _hollow,
    "blanks": _blanks,
    "characters": _characters,
    "trailing": _trailing,
    "repetitions": _repeated,
    "point": _point,
}

QUIET = frozenset({"unplaced", "lower case", "parted", "same fault", "date"})
"""Rules under which both object to the same thing: nobody has to be told."""

RULES = tuple(dict.fromkeys([*_OURS, *_THEIRS]))
"""Names of all rules, as the README lists them."""
