"""What a segment must have to be written: its mandatory elements, and what its syntax notes (X12.6 §3.9) say of them.

A part that cannot stand alone (a number without its qualifier) is left out; a segment that then still lacks something
is left out too. Neither happens without a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hub.grammar import SegmentDef
from hub.mapping.expression import Form
from hub.mapping.plan import Leaf


@dataclass(frozen=True)
class Needs:
    """What one segment needs; elements are counted from 0. ``pairs`` are P notes, ``conditions`` C notes (the first
    needs all others), ``lists`` L notes (the first needs one of the others), ``some`` R notes (one of them)."""

    segment: SegmentDef
    required: tuple[int, ...]
    pairs: tuple[tuple[int, ...], ...]
    conditions: tuple[tuple[int, ...], ...]
    lists: tuple[tuple[int, ...], ...]
    some: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, segment: SegmentDef) -> Needs:
        """The needs of a segment."""
        notes: dict[str, list[tuple[int, ...]]] = {kind: [] for kind in "PCLRE"}
        for note in segment.notes:
            places = tuple(int(note[at : at + 2]) - 1 for at in range(1, len(note), 2))
            if all(0 <= at < len(segment.elements) for at in places):
                notes[note[0]].append(places)
        required = tuple(at for at, element in enumerate(segment.elements) if element.required)
        pairs, conditions, lists, some = (tuple(notes[kind]) for kind in "PCLR")
        return cls(segment, required, pairs, conditions, lists, some)

    def condition(self, width: int, sure: frozenset[int]) -> str:
        """A Python expression on ``e``, the ``width`` elements of a segment: whether all is met. ``sure`` are elements
        that always have a value. Empty where nothing can be amiss."""
        return " and ".join(dict.fromkeys(self._tests(width, sure)))

    def _tests(self, width: int, sure: frozenset[int]) -> Iterator[str]:
        def has(at: int) -> str:
            return "True" if at in sure else f"e[{at}]" if at < width else "False"

        def open_(places: Sequence[int]) -> bool:
            return any(at < width and at not in sure for at in places)

        yield from (has(at) for at in self.required if at not in sure)
        for places in self.pairs:
            if open_(places):
                yield " == ".join(f"(not {has(at)})" for at in places)
        for first, *others in (*self.conditions, *self.lists):
            joint = " and " if (first, *others) in self.conditions else " or "
            if first < width and not all(at in sure for at in others):
                yield f"(not {has(first)} or ({joint.join(map(has, others))}))"
        for places in self.some:
            if not any(at in sure for at in places):
                yield f"({' or '.join(map(has, places))})"

    def clear(self, elements: list[Any]) -> list[tuple[str, str]]:
        """Take out what cannot stand without elements that are not there: name and value of each."""
        gone: list[tuple[str, str]] = []
        for _ in self.segment.elements:  # what is taken out may have been needed by something else
            out = [at for at in self._alone(elements) if self._filled(elements, at)]
            if not out:
                break
            for at in dict.fromkeys(out):
                gone.append((self.segment.elements[at].ref, _text(elements[at])))
                elements[at] = ""
        return gone

    def _alone(self, elements: Sequence[Any]) -> Iterator[int]:
        for places in self.pairs:
            if not all(self._filled(elements, at) for at in places):
                yield from places
        for first, *others in self.conditions:
            if not all(self._filled(elements, at) for at in others):
                yield first
        for first, *others in self.lists:
            if not any(self._filled(elements, at) for at in others):
                yield first

    def missing(self, elements: Sequence[Any]) -> list[str]:
        """Names of elements without which the segment cannot be written."""
        found = [self.segment.elements[at].ref for at in self.required if not self._filled(elements, at)]
        for places in self.some:
            if not any(self._filled(elements, at) for at in places):
                found.append(" or ".join(self.segment.elements[at].ref for at in places))
        return found

    @staticmethod
    def _filled(elements: Sequence[Any], at: int) -> bool:
        return at < len(elements) and any(elements[at])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ":".join(str(part) for part in value if part)


def indivisible(leaf: Leaf, segment: SegmentDef) -> bool:
    """Whether the elements that one item of a list is written to can only stand together (a P note)."""
    places = [place.slot.element - 1 for place in leaf.places if place.slot]
    if len(places) < 2 or any(place.slot and place.slot.component is not None for place in leaf.places):
        return False
    pairs = Needs.of(segment).pairs
    return any(set(one) <= set(places) if leaf.form is Form.PAIRS else set(one) == set(places) for one in pairs)


def whole(write: Callable[[Any], Sequence[str]]) -> Callable[[Any], Sequence[str]]:
    """A converter's writer which refuses what would leave an element empty that cannot be empty alone."""

    def written(item: Any) -> Sequence[str]:
        parts = write(item)
        if not all(parts):
            raise ValueError("it needs a qualifier in this message, and has none")
        return parts

    return written
