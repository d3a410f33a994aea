"""Random valid sets: mandatory and optional segments and loops in the grammar's order, within their limits."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import sqrt

from hub.errors import ConfigurationError
from hub.grammar import Loop, SegmentUse
from hub_x12.codes import values as code_values
from hub_x12.generating.hints import Hints, Wish
from hub_x12.generating.levels import CARRIES, Level, hierarchy
from hub_x12.generating.segments import Fixed, Segments
from hub_x12.generating.totals import settle
from hub_x12.grammar.release import release
from hub_x12.scope import structure
from hub_x12.writing import Segment

TRIES = 60
"""How often a set is drawn anew because its order could be read in two ways."""

_LEVELS = 14
"""Most HL segments in a set."""


@dataclass(slots=True)
class _Draft:
    """A set while it is drawn: its segments and the grammar place of each. ``left``: optional segments still free;
    ``open``: ids of the LS whose LE has not come yet."""

    left: int
    density: float
    body: list[Segment] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    open: list[str] = field(default_factory=list)


class Sets:
    """Draws sets of one release and kind. ``hints`` lean toward what a mapping reads; ``repetition``: the interchange
    has a repetition separator. Raises ConfigurationError for a set without a grammar."""

    def __init__(
        self, rng: random.Random, name: str, kind: str, *, hints: Hints | None = None, repetition: bool = False
    ) -> None:
        known = release(name)
        if kind not in known.sets:
            raise ConfigurationError(
                f"there is no grammar for X12 set {kind} in release {name}",
                hint=f"Sets with one: {' '.join(sorted(known.sets))}.",
            )
        ordered = structure(f"x12/{name}/{kind}")
        assert ordered is not None
        self.rng, self.name, self.kind, self.hints = rng, name, kind, hints
        self.content = known.sets[kind].content
        self.weight = sum(sqrt(_size(item)) for item in self.content)
        self.ordered = ordered
        self.segments = Segments(rng, known, repetition=repetition, plain=hints is not None)

    def draw(self, size: int = 40) -> list[Segment]:
        """The body of a set, without ST and SE, of about ``size`` optional segments at most."""
        best: list[Segment] | None = None
        for turn in range(TRIES):
            density = 0.0 if turn == TRIES - 1 else self.rng.choice((0.05, 0.1, 0.2, 0.35, 0.6)) * (1 - turn / TRIES)
            draft = self._drafted(max(size - turn // 2, 0), density)
            walk = self.ordered.walk([str(segment[0]) for segment in draft.body])
            if walk.faults:
                continue
            best = draft.body
            if walk.places == draft.places:
                break
        if best is None:
            raise ConfigurationError(
                f"no valid set {self.kind} could be drawn from the grammar of {self.name}",
                hint="A mandatory segment of the grammar cannot be reached in any order.",
            )
        settle(self.kind, best)
        return best

    # structure

    def _drafted(self, size: int, density: float) -> _Draft:
        """A set, right or wrong in its order. Each part of the message has its share of the optional segments, lest
        the heading takes them all."""
        draft = _Draft(0, density)
        at, free = 0, 0.0
        for item in self.content:
            free += size * sqrt(_size(item)) / self.weight
            before = draft.left = int(free)
            self._content([item], at, draft, self.hints.top if self.hints else ())
            free -= before - draft.left
            at += _size(item)
        return draft

    def _content(
        self,
        items: Sequence[SegmentUse | Loop],
        at: int,
        draft: _Draft,
        wishes: Sequence[Wish],
        forced: frozenset[str] = frozenset(),
    ) -> None:
        for item in items:
            if isinstance(item, Loop):
                self._loops(item, at, draft, wishes, forced)
            else:
                for _ in range(self._turns(item, at, draft, wishes, forced)):
                    wish = self._wish(wishes, at)
                    self._emit(item.id, at, draft, wish)
            at += _size(item)

    def _loops(self, loop: Loop, at: int, draft: _Draft, wishes: Sequence[Wish], forced: frozenset[str]) -> None:
        if loop.content[0].id == "HL":
            if self._turns(loop, at, draft, wishes, forced):
                self._levels(loop, at, draft, wishes)
            return
        for _ in range(self._turns(loop, at, draft, wishes, forced)):
            self._turn(loop, at, draft, self._wish(wishes, at), {})

    def _turn(
        self, loop: Loop, at: int, draft: _Draft, wish: Wish | None, given: Fixed, forced: frozenset[str] = frozenset()
    ) -> None:
        if loop.id == "LS" or loop.content[0].id == "LS":
            given = {(1, 0): loop.content[1].id[:4] if len(loop.content) > 1 else "0"}
        self._emit(loop.content[0].id, at, draft, wish, given)
        self._content(loop.content[1:], at + 1, draft, wish.below if wish else (), forced)

    def _levels(self, loop: Loop, at: int, draft: _Draft, wishes: Sequence[Wish]) -> None:
        listed = sorted(code_values(self.name, "735") or ()) or ["S", "O", "T", "P", "I", "35", "36", "37"]
        named = {text for wish in wishes if at in wish.nodes for text in wish.values(3)}
        usable = [code for code in listed if code in named] or listed
        carried = CARRIES.get(self.kind, {})
        most = min(loop.max, _LEVELS, 3 + max(draft.left, 0))
        for level in hierarchy(self.rng, self.kind, usable, most):
            fitting = [wish for wish in wishes if at in wish.nodes]
            exact = [wish for wish in fitting if level.code in wish.values(3)] or fitting
            wish = self.rng.choice(exact) if exact else None
            self._turn(loop, at, draft, wish, _numbers(level), frozenset(carried.get(level.code, ())))

    def _turns(
        self, item: SegmentUse | Loop, at: int, draft: _Draft, wishes: Sequence[Wish], forced: frozenset[str]
    ) -> int:
        """How often a segment or loop comes: within its limit, at least once where it is mandatory."""
        least = 1 if item.required or item.id in forced else 0
        wished = any(at in wish.nodes for wish in wishes)
        chance = max(draft.density, 0.65) if wished else draft.density * (0.25 if self.hints else 1)
        turns = least
        while turns < item.max and draft.left > 0 and self.rng.random() < chance:
            draft.left -= 1
            turns += 1
            chance = chance * 0.8 if turns < 4 else chance * 0.5
        return turns

    def _wish(self, wishes: Sequence[Wish], at: int) -> Wish | None:
        fitting = [wish for wish in wishes if at in wish.nodes]
        return self.rng.choice(fitting) if fitting else None

    # segments

    def _emit(self, ident: str, at: int, draft: _Draft, wish: Wish | None, given: Fixed | None = None) -> None:
        short = self.hints is not None and self.hints.short
        texts, read = wish.draw(self.rng, short) if wish else ({}, None)
        if read is not None and given:
            numbers = frozenset(at for (at, _), text in given.items() if text)
            read = replace(read, elements=read.elements | numbers, always=read.always | numbers)
        texts |= given or {}
        if ident == "LE" and draft.open:
            texts[1, 0] = draft.open.pop()
        segment = self.segments.draw(ident, draft.density, texts, read)
        if ident == "LS":
            draft.open.append(str(segment[1]))
        draft.body.append(segment)
        draft.places.append(at)


def _numbers(level: Level) -> Fixed:
    return {(1, 0): level.id, (2, 0): level.parent, (3, 0): level.code, (4, 0): "1" if level.children else "0"}


def _size(item: SegmentUse | Loop) -> int:
    """How many places of the flattened grammar an item takes."""
    return sum(map(_size, item.content)) if isinstance(item, Loop) else 1
