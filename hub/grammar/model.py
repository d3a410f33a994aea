"""Segments, elements and loops of one message in one version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

UNBOUNDED = 1_000_000_000
"""``max`` of a segment or loop that may repeat any number of times (X12 ``>1``)."""


@dataclass(frozen=True, slots=True)
class ElementDef:
    """A simple element, a composite, or a component of one.

    ``ref`` is its name inside its parent: ``BEG03``, ``1004``, ``C507``, ``2005``. ``number`` is the data element
    number (X12 ``92``, EDIFACT ``1004``; a composite's is its own name). ``required`` is M; ``type`` is the
    standard's (``AN ID N0 N2 R DT TM``, ``an n a``). Lengths are in characters. ``repeat`` is the number of
    repetitions allowed. ``components`` is empty for a simple element.
    """

    ref: str
    number: str
    required: bool = False
    type: str = "AN"
    min: int = 0
    max: int = 0
    repeat: int = 1
    components: tuple[ElementDef, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an element name points: indexes from 1 into the segment, and from 0 into the composite (None: whole)."""

    element: int
    component: int | None
    definition: ElementDef


_REF = re.compile(r"^(?P<head>[A-Z0-9]+?)(?:\[(?P<nth>\d+)\])?(?:[.-](?P<tail>[A-Z0-9]+)(?:\[(?P<ntail>\d+)\])?)?$")


@dataclass(frozen=True, slots=True)
class SegmentDef:
    """A segment: its elements in order, and its syntax notes (X12 ``P0304``, ``R0203``, ``C0405`` …)."""

    id: str
    elements: tuple[ElementDef, ...]
    notes: tuple[str, ...] = ()
    name: str = ""

    def resolve(self, ref: str) -> Slot | None:
        """Find an element by its name in a mapping file; None if there is none.

        ``BEG03`` and ``1004`` are elements; ``C507`` a whole composite; ``C507.2005`` or ``REF04-01`` a component;
        ``C212[2]`` the second occurrence of a name in the segment, ``C080.3036[2]`` in the composite.
        """
        match = _REF.match(ref)
        if match is None:
            return None
        nth = int(match["nth"] or 1)
        for index, element in enumerate(self.elements, 1):
            if element.ref != match["head"]:
                continue
            nth -= 1
            if nth:
                continue
            if match["tail"] is None:
                return Slot(index, None, element)
            return _component(index, element, match["tail"], int(match["ntail"] or 1))
        return None


def _component(index: int, element: ElementDef, tail: str, nth: int) -> Slot | None:
    for at, component in enumerate(element.components):
        if component.ref == tail or (tail.isdigit() and len(tail) <= 2 and int(tail) == at + 1):
            nth -= 1
            if not nth:
                return Slot(index, at, component)
    return None


@dataclass(frozen=True, slots=True)
class SegmentUse:
    """A segment at one place in a message."""

    id: str
    required: bool = False
    max: int = 1


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop or segment group; the first item of ``content`` is its trigger segment."""

    id: str
    content: tuple[SegmentUse | Loop, ...]
    required: bool = False
    max: int = 1


@dataclass(frozen=True, slots=True)
class Node:
    """A segment's place in the flattened message. ``index`` is its number in message order. ``loops`` are the loops
    it stands in, outermost first, as indexes of their trigger nodes. ``trigger``: it opens the last of ``loops``."""

    index: int
    segment: SegmentDef
    required: bool
    max: int
    loops: tuple[int, ...]
    loop_ids: tuple[str, ...]
    trigger: bool
    loop_required: bool = False


@dataclass(frozen=True)
class Grammar:
    """One message of one version, without its envelope segments (no ST/SE, UNH/UNT).

    ``name`` is what mapping files call it (``x12/004010/850``). ``content`` is the tree; ``segments`` every segment
    definition the version knows of that may be needed to tell an unexpected segment from an unknown one. ``listed``:
    every element of a segment is a list of components (EDIFACT), not only the composites (X12).
    """

    name: str
    message: str
    version: str
    content: tuple[SegmentUse | Loop, ...]
    segments: Mapping[str, SegmentDef] = field(repr=False)
    listed: bool = False

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every segment place, in message order."""
        nodes: list[Node] = []
        self._flatten(self.content, (), (), nodes, False)
        return tuple(nodes)

    def _flatten(
        self,
        content: tuple[SegmentUse | Loop, ...],
        loops: tuple[int, ...],
        loop_ids: tuple[str, ...],
        out: list[Node],
        in_loop: bool,
        use: Loop | None = None,
    ) -> None:
        for place, item in enumerate(content):
            if isinstance(item, Loop):
                at = len(out)
                self._flatten(item.content, (*loops, at), (*loop_ids, item.id), out, True, item)
                continue
            trigger = in_loop and place == 0
            out.append(
                Node(
                    index=len(out),
                    segment=self.segments[item.id],
                    required=item.required,
                    max=use.max if trigger and use else item.max,
                    loops=loops,
                    loop_ids=loop_ids,
                    trigger=trigger,
                    loop_required=bool(trigger and use and use.required),
                )
            )

    def node_ids(self) -> frozenset[str]:
        """Ids of all segments that the message may hold."""
        return self._node_ids

    @cached_property
    def _node_ids(self) -> frozenset[str]:
        return frozenset(node.segment.id for node in self.nodes)
