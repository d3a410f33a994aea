"""Whole random interchanges: several groups and sets, any separators, any version, by the plugin's own writer."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.translation import EnvelopeParty
from hub_x12.generating.segments import Segments
from hub_x12.generating.sets import Sets
from hub_x12.grammar.release import nearest, release
from hub_x12.options import Options
from hub_x12.writing import OutgoingGroup, OutgoingSet, Segment, write_interchange

_ELEMENT, _SEGMENT, _COMPONENT, _REPETITION = "*|\x1d", "~'\x1c\n", ">:\x1f<", "^!\x1e"
"""Separators that partners use; no text that is drawn here holds one."""

REPEATING = "00402"
"""The first ISA12 under which ISA11 is the repetition separator (X12.5)."""


_SENDER, _RECEIVER = EnvelopeParty("NORTHGATE", "ZZ"), EnvelopeParty("AUERBACH", "ZZ")


@dataclass
class Counted:
    """``hub.translation.WriteContext`` for interchanges that belong to no workspace: parties, a clock, numbers from 1.
    It has no mapping; documents are not written with it."""

    sender: EnvelopeParty = _SENDER
    receiver: EnvelopeParty = _RECEIVER
    test: bool = False
    now: datetime = datetime(2026, 1, 5, 8, 15, tzinfo=UTC)
    options: Mapping[str, Any] = field(default_factory=dict)
    drawn: dict[str, int] = field(default_factory=dict)

    def next_control(self, level: str) -> int:
        """See ``WriteContext``."""
        self.drawn[level] = self.drawn.get(level, 0) + 1
        return self.drawn[level]

    def mapping(self, standard: str, message: str, version: str) -> None:
        """None."""
        return


class Interchanges:
    """Draws interchanges from one seed; the same seed gives the same bytes."""

    def __init__(self, seed: int | str) -> None:
        self.rng = random.Random(seed)
        self._sets: dict[tuple[str, str, bool], Sets] = {}

    def body(self, name: str, kind: str, size: int = 30, *, repetition: bool = False) -> list[Segment]:
        """The body of one set of a release."""
        key = (name, kind, repetition)
        if key not in self._sets:
            self._sets[key] = Sets(self.rng, name, kind, repetition=repetition)
        return self._sets[key].draw(size)

    def draw(
        self, name: str, kinds: Sequence[str], size: int = 30, *, separators: bool = True, answers: bool = False
    ) -> bytes:
        """An interchange of release ``name`` with a set for each of ``kinds``, neighbors of one functional id in one
        group. ``separators``: any, not only the usual ones; ``answers``: TA1 segments before the groups."""
        known = release(nearest(name))
        version = name[:5]
        repeats = version >= REPEATING
        groups: list[OutgoingGroup] = []
        for kind in kinds:
            functional = known.sets[kind].functional
            if not groups or groups[-1].functional != functional or self.rng.random() < 0.2:
                groups.append(OutgoingGroup(functional, name, "NORTHGATE", "AUERBACH"))
            groups[-1].sets.append(OutgoingSet(kind, self.body(known.name, kind, size, repetition=repeats)))
        leading = [self._answer(known.name) for _ in range(self.rng.randint(1, 2))] if answers else []
        options = Options.of(self._marks() if separators else {})
        context = Counted(now=Counted.now + timedelta(minutes=self.rng.randrange(4_000_000)))
        context.drawn = {level: self.rng.randrange(9_000) for level in ("interchange", "group", "message")}
        return write_interchange(groups, version, context, options, leading).payload

    def _answer(self, name: str) -> Segment:
        segments = Segments(self.rng, release(name), repetition=False)
        number, status = f"{self.rng.randrange(1, 10**9):09d}", self.rng.choice("AER")
        note = "000" if status == "A" else f"{self.rng.randrange(1, 32):03d}"
        return segments.draw("TA1", 0.0, {(1, 0): number, (4, 0): status, (5, 0): note})

    def _marks(self) -> dict[str, Any]:
        return {
            "element-separator": self.rng.choice(_ELEMENT),
            "segment-terminator": self.rng.choice(_SEGMENT),
            "component-separator": self.rng.choice(_COMPONENT),
            "repetition-separator": self.rng.choice(_REPETITION),
            "line-breaks": self.rng.random() < 0.3,
        }
