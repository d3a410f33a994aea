"""Which place in the message a segment has: one dictionary look-up per segment on a clean message.

A message is matched greedily, as X12 and EDIFACT prescribe: from the last matched place, a segment is first a repeat of
that place, then the next place forward in the same loop, then a new turn of the loop, then the same one level up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from hub.grammar.model import UNBOUNDED, Grammar, Node

NOWHERE = -1
"""Place of a segment that fits nowhere in its message."""

_MOST = 10_000
"""Misplaced segments of one message that are noted; a message with so many is no message."""
_KEPT = 10_000
"""What was found of that many misplaced segments is kept."""


class Fault(Enum):
    """What is wrong with the order of segments. The value is X12's code (data element 720)."""

    UNRECOGNIZED = "1"
    UNEXPECTED = "2"
    MISSING = "3"
    LOOP_OVER_MAX = "4"
    OVER_MAX = "5"
    NOT_IN_SET = "6"
    OUT_OF_SEQUENCE = "7"


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A structural fault. ``at`` is the index in the list of segments walked (for a missing segment: of the segment
    before which it should have been; len(segments) at the end). ``node`` is the place concerned, if one is."""

    fault: Fault
    at: int
    segment_id: str
    node: Node | None


@dataclass(frozen=True, slots=True)
class Step:
    """One way on from a place: to ``node``, over mandatory places that are then ``missing``."""

    node: int
    missing: tuple[int, ...]
    repeats: bool
    limit: int


@dataclass(frozen=True, slots=True)
class Walk:
    """Where each segment stands: ``places[i]`` is a node index or ``NOWHERE``."""

    places: list[int]
    faults: list[Misplaced]


class Structure:
    """The compiled segment order of one grammar. Immutable after construction; safe to share."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.nodes = grammar.nodes
        self._steps: list[dict[str, tuple[Step, ...]]] = [self._from(at) for at in range(-1, len(self.nodes))]
        self._ends: list[tuple[int, ...]] = [self._end(at) for at in range(-1, len(self.nodes))]
        self._strays: dict[tuple[str, int], tuple[Fault, Node | None]] = {}

    @cached_property
    def _spans(self) -> dict[int, int]:
        """For every loop (by trigger): the index after its last node."""
        spans: dict[int, int] = {}
        for node in self.nodes:
            for loop in node.loops:
                spans[loop] = node.index + 1
        return spans

    def _next_places(self, at: int, parent: tuple[int, ...]) -> Iterable[tuple[int, bool]]:
        """Places after ``at`` directly inside the loop ``parent``: (node index, whether it is mandatory there)."""
        end = self._spans[parent[-1]] if parent else len(self.nodes)
        index = at
        while index < end:
            node = self.nodes[index]
            if node.loops == parent:
                yield index, node.required
                index += 1
            else:  # a nested loop: its trigger stands for it
                yield index, node.loop_required
                index = self._spans[node.loops[len(parent)]]

    def _from(self, at: int) -> dict[str, tuple[Step, ...]]:
        steps: dict[str, list[Step]] = {}

        def offer(node: int, missing: list[int], repeats: bool) -> None:
            place = self.nodes[node]
            limit = place.max if repeats and place.max < UNBOUNDED else 0
            known = steps.setdefault(place.segment.id, [])
            if all(step.node != node for step in known):
                known.append(Step(node, tuple(missing), repeats, limit))

        parent: tuple[int, ...] = self.nodes[at].loops if at >= 0 else ()
        after = at + 1
        if at >= 0 and not self.nodes[at].trigger and self.nodes[at].max > 1:
            offer(at, [], True)
        missing: list[int] = []
        while True:
            for index, mandatory in self._next_places(after, parent):
                offer(index, missing, False)
                if mandatory:
                    missing = [*missing, index]
            if not parent:
                break
            if self.nodes[parent[-1]].max > 1:
                offer(parent[-1], missing, True)
            after = self._spans[parent[-1]]
            parent = parent[:-1]
        return {segment: tuple(known) for segment, known in steps.items()}

    def _end(self, at: int) -> tuple[int, ...]:
        missing: list[int] = []
        parent: tuple[int, ...] = self.nodes[at].loops if at >= 0 else ()
        after = at + 1
        while True:
            missing += [index for index, mandatory in self._next_places(after, parent) if mandatory]
            if not parent:
                return tuple(missing)
            after = self._spans[parent[-1]]
            parent = parent[:-1]

    def walk(self, ids: Iterable[str]) -> Walk:
        """Give every segment its place. Linear in the number of segments; a fault never stops the walk."""
        ids = ids if isinstance(ids, list) else list(ids)
        places: list[int] = []
        faults: list[Misplaced] = []
        counts: dict[int, int] = {}
        last_at: dict[str, int] = {}  # where each segment id stands last; made when first needed
        steps = self._steps
        state = 0  # index into _steps: node index + 1
        for at, segment_id in enumerate(ids):
            choices = steps[state].get(segment_id)
            if choices is None:
                places.append(self._stray(segment_id, at, state - 1, faults))
                if places[-1] >= 0:
                    self._count_forward(places[-1], counts)
                continue
            step = choices[0]
            if step.repeats or step.missing or len(choices) > 1:
                late = None
                if all(one.missing for one in choices):
                    last_at = last_at or {one: index for index, one in enumerate(ids)}
                    late = self._late(choices, segment_id, last_at, at, state - 1)
                if late is not None:
                    faults.append(Misplaced(Fault.OUT_OF_SEQUENCE, at, segment_id, late))
                    places.append(late.index)
                    self._count_forward(late.index, counts)
                    continue
                step = self._choose(choices, counts, at, segment_id, faults)
            if step.repeats:
                counts[step.node] = counts.get(step.node, 1) + 1
            elif step.node in counts:
                del counts[step.node]
            state = step.node + 1
            places.append(step.node)
        for missing in self._ends[state]:
            faults.append(Misplaced(Fault.MISSING, len(places), self.nodes[missing].segment.id, self.nodes[missing]))
        return Walk(places, faults)

    @staticmethod
    def _count_forward(node: int, counts: dict[int, int]) -> None:
        counts[node] = counts.get(node, 1) + 1

    def _choose(
        self, choices: tuple[Step, ...], counts: dict[int, int], at: int, segment_id: str, faults: list[Misplaced]
    ) -> Step:
        """The first way on whose limit is not reached and that skips nothing mandatory, else the least bad one."""
        free = [step for step in choices if not step.limit or counts.get(step.node, 1) < step.limit]
        step = next((step for step in free if not step.missing), free[0] if free else choices[0])
        if not free:
            trigger = self.nodes[step.node].trigger
            fault = Fault.LOOP_OVER_MAX if trigger else Fault.OVER_MAX
            faults.append(Misplaced(fault, at, segment_id, self.nodes[step.node]))
        for missing in step.missing:
            node = self.nodes[missing]
            faults.append(Misplaced(Fault.MISSING, at, node.segment.id, node))
        return step

    def _stray(self, segment_id: str, at: int, last: int, faults: list[Misplaced]) -> int:
        """A segment with no way on to it: a repeat too many, out of sequence, or not of this message at all. What was
        found is kept: a message may hold the same segment in the wrong place thousands of times."""
        key = (segment_id, last)
        found = self._strays.get(key)
        if found is None:
            found = self._judged(segment_id, last)
            if len(self._strays) < _KEPT:
                self._strays[key] = found
        fault, node = found
        if len(faults) < _MOST:
            faults.append(Misplaced(fault, at, segment_id, node))
        return NOWHERE if node is None else node.index

    def _judged(self, segment_id: str, last: int) -> tuple[Fault, Node | None]:
        if last >= 0 and self.nodes[last].segment.id == segment_id:
            return (Fault.LOOP_OVER_MAX if self.nodes[last].trigger else Fault.OVER_MAX), self.nodes[last]
        if segment_id in self.grammar.node_ids():
            behind = self._behind(segment_id, last)
            return (Fault.UNEXPECTED, None) if behind is None else (Fault.OUT_OF_SEQUENCE, behind)
        return (Fault.NOT_IN_SET if segment_id in self.grammar.segments else Fault.UNRECOGNIZED), None

    def _behind(self, segment_id: str, last: int) -> Node | None:
        """The place of a segment that was passed already in one of the loops open at ``last``, innermost first."""
        open_loops = () if last < 0 else self.nodes[last].loops
        for depth in range(len(open_loops), -1, -1):
            for node in self.nodes[: max(last, 0)]:
                if node.segment.id == segment_id and node.loops == open_loops[:depth] and not node.trigger:
                    return node
        return None

    def _late(
        self, choices: tuple[Step, ...], segment_id: str, last_at: dict[str, int], at: int, last: int
    ) -> Node | None:
        """The place behind for a segment whose every way forward skips something mandatory that still comes: then it
        stands too late, and what would be skipped is not missing (EDIFACT: a line's MOA after its PRI is not the MOA
        of the summary after UNS)."""
        skipped = (self.nodes[missing].segment.id for missing in choices[0].missing)
        return self._behind(segment_id, last) if any(last_at.get(one, -1) > at for one in skipped) else None
