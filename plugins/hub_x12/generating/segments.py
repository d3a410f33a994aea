"""Random valid segments: elements, composites, repetitions."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from hub.grammar import ElementDef, SegmentDef
from hub_x12.generating.notes import Unsatisfiable, present, satisfied
from hub_x12.generating.values import Values
from hub_x12.grammar.release import Release, composite_notes
from hub_x12.writing import Element, Segment

Fixed = Mapping[tuple[int, int], str]
"""Texts that are given: by element (from 1) and component (from 0; 0 for a simple element). '' leaves one out."""


_UNREAD = 0.3
"""How much seldomer an element is that nobody reads."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What a mapping reads of a segment: ``elements`` (from 1). ``always`` are qualifiers, ``shy`` those that are left
    out this time unless a note needs them, ``chance`` the probability of each other."""

    elements: frozenset[int]
    always: frozenset[int]
    shy: frozenset[int]
    chance: float


def _places(definition: SegmentDef) -> tuple[set[int], set[int]]:
    """The mandatory elements, and all."""
    every = set(range(1, len(definition.elements) + 1))
    return {at for at in every if definition.elements[at - 1].required}, every


class Segments:
    """Draws segments of one release. ``repetition``: the interchange has a repetition separator."""

    def __init__(self, rng: random.Random, known: Release, *, repetition: bool, plain: bool = False) -> None:
        self.rng = rng
        self.known = known
        self.repetition = repetition
        self.values = Values(rng, known.name, plain=plain)
        self.notes = composite_notes(known.name)

    def draw(self, ident: str, density: float = 0.4, fixed: Fixed | None = None, wish: Reads | None = None) -> Segment:
        """A segment that nothing is wrong with; each optional element is there with probability ``density``."""
        definition = self.known.segments[ident]
        given = fixed or {}
        there = self._read(definition, density, given, wish) if wish else self._present(definition, density, given)
        out: Segment = [ident]
        before: dict[str, str] = {}
        for at, element in enumerate(definition.elements[: max(there, default=0)], 1):
            out.append(self._element(element, at, density, given, before) if at in there else "")
        return out

    def _present(self, definition: SegmentDef, density: float, given: Fixed) -> set[int]:
        required, every = _places(definition)
        wanted = {at for (at, _), text in given.items() if text}
        unwanted = {at for at, _ in given} - wanted
        try:
            return present(self.rng, required, every - required - unwanted, definition.notes, density, wanted)
        except Unsatisfiable:  # what is left out is needed after all
            return present(self.rng, required, every - required, definition.notes, density, wanted)

    def _read(self, definition: SegmentDef, density: float, given: Fixed, wish: Reads) -> set[int]:
        """The elements to send where somebody reads some of them: those by themselves satisfy the notes, so that what
        was read can be written again; then others, as far as the notes allow."""
        required, every = _places(definition)
        unwanted = {at for (at, _) in given} - {at for (at, _), text in given.items() if text}
        likely = {at for at in sorted(wish.elements - wish.shy - unwanted) if self.rng.random() < wish.chance}
        likely |= wish.always
        rest = every - required - unwanted
        try:
            there = present(self.rng, required, rest, definition.notes, 0.0, likely & every, wish.elements)
        except Unsatisfiable:
            there = present(self.rng, required, every - required, definition.notes, 0.0, likely & every, wish.elements)
        for at in sorted(rest - wish.elements - there):
            if self.rng.random() < density * _UNREAD and satisfied(definition.notes, there | {at}):
                there.add(at)
        return there

    def _element(self, element: ElementDef, at: int, density: float, given: Fixed, before: dict[str, str]) -> Element:
        more = 0
        if self.repetition and element.repeat > 1 and not any(place == at for place, _ in given):
            more = min(element.repeat - 1, self.rng.choice((0, 0, 1, 2)))
        first = self._once(element, at, density, given, before)
        if not more:
            return first
        return (first, *(self._once(element, at, density, {}, {}) for _ in range(more)))

    def _once(
        self, element: ElementDef, at: int, density: float, given: Fixed, before: dict[str, str]
    ) -> str | list[str]:
        if element.components:
            return self._composite(element, at, density, given)
        text = given.get((at, 0)) or self.values.draw(element, before)
        before[element.number] = text
        return text

    def _composite(self, element: ElementDef, at: int, density: float, given: Fixed) -> list[str]:
        own = {component: text for (place, component), text in given.items() if place == at}
        required = {index for index, part in enumerate(element.components, 1) if part.required}
        wanted = {component + 1 for component, text in own.items() if text}
        optional = set(range(1, len(element.components) + 1)) - required - {component + 1 for component in own}
        notes = self.notes.get(element.number, ())
        there = present(self.rng, required, optional, notes, density, wanted) or {self.rng.choice(sorted(optional))}
        if not required and not wanted and notes:
            there = present(self.rng, there, optional, notes, density)
        before: dict[str, str] = {}
        out = []
        for index, part in enumerate(element.components[: max(there)], 1):
            text = (own.get(index - 1) or self.values.draw(part, before)) if index in there else ""
            before[part.number] = text
            out.append(text)
        return out
