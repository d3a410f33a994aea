"""The checks of one release under one interchange's separators and one agreement, compiled once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import itemgetter
from typing import Any

from hub.grammar import ElementDef, SegmentDef
from hub_x12.elements import Fault, explain
from hub_x12.grammar.release import composite_notes, release
from hub_x12.patterns import Clean, clean_segment
from hub_x12.rules import UNAGREED, Agreed, Rules
from hub_x12.separators import Separators, parted

_Pick = tuple[Callable[[list[str]], Any], set[Any]]
"""Takes the coded elements out of a segment's values; combinations of them that were found clean."""

_Plan = tuple[Clean, list[_Pick | None]]
"""The form of a segment; what to look up, by the number of its values."""

EXPLAINED = 40
"""Segments of one id that are explained before their pattern is compiled, which costs about as much."""

_KEPT = 4096
"""Combinations of codes kept for one segment id and length."""

_KEPT_TEXTS, _LONGEST = 8192, 200
"""How many whole segments that were found clean are kept, and how long they may be: names, addresses and descriptions
come again in the next set. About 2 MB when full."""


def _never(_: str) -> object:
    return None


class Checker:
    """``dirty`` finds the segments that need an explanation, ``faults`` explains one, ``compose`` splits composites
    for the reader of the meaning."""

    def __init__(self, name: str, rules: Rules) -> None:
        self.release = release(name)
        self.rules = rules
        self._composites: dict[str, list[tuple[int, bool]]] = {}
        self._plans: dict[str, _Plan] = {}
        self._clean: set[str] = set()

    def passes(self, text: str, values: list[str]) -> bool:
        """Whether a segment is provably clean, by its pattern and the code lists; ``values`` are its elements."""
        definition = self.release.segments.get(values[0])
        if definition is None:
            return False
        shape, _ = self.compiled(definition)
        return bool(shape(text)) and self._coded(definition, values)

    def dirty(self, texts: list[str], segments: list[list[str]]) -> list[int]:
        """Indexes of the segments that need an explanation. ``segments`` are the elements of ``texts``."""
        plans, clean = self._plans, self._clean
        found = []
        for at, (text, values) in enumerate(zip(texts, segments, strict=True)):
            if text in clean:
                continue
            shape, picks = plans.get(values[0]) or self._first(values[0])
            if shape(text):
                pick = picks[len(values)]
                if pick is None or pick[0](values) in pick[1] or self._new(pick, values):
                    if len(text) <= _LONGEST:
                        if len(clean) >= _KEPT_TEXTS:
                            clean.clear()
                        clean.add(text)
                    continue
            found.append(at)
        return found

    def faults(self, values: list[str]) -> Iterator[Fault]:
        """Everything wrong with a segment's elements; nothing for a segment the release does not describe."""
        definition = self.release.segments.get(values[0])
        if definition is not None:
            yield from explain(values, definition, self.rules)

    def compose(self, segments: list[list[str]]) -> None:
        """Split the composite elements of segments into lists of components, in place; repetitions into a tuple of
        such lists."""
        known = self._composites
        for values in segments:
            places = known.get(values[0])
            if places is None:
                places = self._composite_places(values[0])
            for at, repeats in places:
                if at < len(values) and values[at]:
                    values[at] = self._composed(values[at], repeats)  # type: ignore[call-overload]

    def _composed(self, text: str, repeats: bool) -> list[str] | tuple[list[str], ...]:
        marks = self.rules.separators
        if repeats and marks.repetition and marks.repetition in text:
            return tuple(parted(turn, marks.component) for turn in text.split(marks.repetition))
        return parted(text, marks.component)

    def _composite_places(self, ident: str) -> list[tuple[int, bool]]:
        definition = self.release.segments.get(ident)
        if definition is None:
            return []
        items = enumerate(definition.elements, 1)
        places = self._composites[ident] = [(at, item.repeat > 1) for at, item in items if item.components]
        return places

    def _first(self, ident: str) -> _Plan:
        """The plan for an id that has none: it explains some segments before it compiles."""
        definition = self.release.segments.get(ident)
        if definition is None:  # not kept: ids that a partner invents shall not fill the memory
            return _never, []
        plan = self._plans[ident] = (_Patient(self, definition), [])
        return plan

    def compiled(self, definition: SegmentDef) -> _Plan:
        """The plan of a segment with its pattern."""
        known = self._plans.get(definition.id)
        if known is not None and not isinstance(known[0], _Patient):
            return known
        coded = self._coded_places(definition)
        picks: list[_Pick | None] = [None]
        for length in range(1, len(definition.elements) + 2):
            places = [at for at in coded if at < length]
            picks.append((itemgetter(*places), set()) if places else None)
        plan = self._plans[definition.id] = (clean_segment(definition, self.rules), picks)
        return plan

    def _coded_places(self, definition: SegmentDef) -> list[int]:
        lists = self.rules.codes
        return [
            at
            for at, element in enumerate(definition.elements, 1)
            if any(lists.get(item.number) is not None for item in element.components or (element,))
        ]

    def _new(self, pick: _Pick, values: list[str]) -> bool:
        """Look up a combination of codes that was not met before; a clean one is kept."""
        clean = self._coded(self.release.segments[values[0]], values)
        if clean:
            take, known = pick
            if len(known) >= _KEPT:
                known.clear()
            known.add(take(values))
        return clean

    def _coded(self, definition: SegmentDef, values: list[str]) -> bool:
        """Whether every coded element of a segment of clean form holds a value of its list."""
        return all(
            self._listed(element, text) for element, text in zip(definition.elements, values[1:], strict=False) if text
        )

    def _listed(self, element: ElementDef, text: str) -> bool:
        marks, lists = self.rules.separators, self.rules.codes
        for turn in parted(text, marks.repetition) if element.repeat > 1 else [text]:
            parts = parted(turn, marks.component) if element.components else [turn]
            for item, part in zip(element.components or (element,), parts, strict=False):
                allowed = lists.get(item.number)
                if part and allowed is not None and part not in allowed:
                    return False
        return True


class _Patient:
    """Passes nothing, and has the pattern of its segment compiled once it was asked often."""

    __slots__ = ("_checker", "_definition", "_left")

    def __init__(self, owner: Checker, definition: SegmentDef) -> None:
        self._checker = owner
        self._definition = definition
        self._left = EXPLAINED

    def __call__(self, _: str) -> None:
        self._left -= 1
        if not self._left:
            self._checker.compiled(self._definition)


@lru_cache(maxsize=32)
def checker(name: str, separators: Separators, agreed: Agreed = UNAGREED) -> Checker:
    """The checker for a release that has a grammar."""
    return Checker(name, Rules(separators, composite_notes(name), agreed))
