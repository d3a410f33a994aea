"""One set as lines of the tree: loops and segments at their places, findings at what they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from hub.findings import Finding
from hub.grammar import Node
from hub.outline import Kind, Line
from hub.translation import MessageRead
from hub_x12.outline_segment import by_place, described, in_words, segment_lines, shortened
from hub_x12.scope import structure, walked
from hub_x12.sets import SetReader

_DEEPEST = 20
"""How deep HL loops are shown inside each other; a hostile set may nest thousands."""
_ABSENT = frozenset({"x12.segment.missing", "x12.set.header_missing", "x12.set.trailer_missing"})
"""Findings about a segment that is not there: they stand before the segment they count to, not on it."""


def set_lines(reader: SetReader, message: MessageRead, trailer: list[str] | None, depth: int) -> Iterator[Line]:
    """The set, from ST to SE."""
    return _SetLines(reader, message, depth).lines(trailer)


class _SetLines:
    """Walks the segments once more, this time to show them."""

    def __init__(self, reader: SetReader, message: MessageRead, depth: int) -> None:
        self._reader, self._message, self._depth = reader, message, depth
        self._known = reader.scope.checker.release
        self._levels: dict[str, int] = {}
        self._level = 0
        self._at: dict[int, list[Finding]] = defaultdict(list)
        for finding in message.findings:
            self._at[finding.position.segment or 0].append(finding)

    def lines(self, trailer: list[str] | None) -> Iterator[Line]:
        """The lines. SE is the last segment; a finding about a place behind it stands at the end."""
        reader, message = self._reader, self._message
        described_set = self._known.sets.get(message.type)
        yield Line(
            self._depth,
            Kind.MESSAGE,
            f"set {message.type}".strip(),
            described_set.name if described_set else "",
            message.control,
            f"read by {message.mapping}" if message.mapping else "",
            tuple(self._at.pop(0, ())),
            message.control,
            "accepted" if message.accepted else "rejected",
        )
        texts = reader.texts.segments
        cut = [text.split(reader.mark.element) for text in texts]
        for number, (values, text, node) in enumerate(zip(cut, texts, self._nodes(cut), strict=True), 1):
            yield from self._placed(number, values, text, node)
        if trailer is not None:
            self._level = 0
            yield from self._segment(len(texts) + 1, trailer, reader.mark.element.join(trailer), self._depth + 1)
        for number in sorted(self._at):
            for finding in self._at[number]:
                yield self._absent(finding, self._depth + 1)

    def _nodes(self, cut: list[list[str]]) -> list[Node | None]:
        """The place of every segment; None where it has none, or the set no grammar."""
        ordered = structure(f"x12/{self._known.name}/{self._message.type}")
        first = 1 if self._reader.headed else 0
        if ordered is None:
            return [None] * len(cut)
        places = walked(ordered, [values[0] for values in cut[first:]]).places
        head: list[Node | None] = [None] * first
        return head + [ordered.nodes[at] if at >= 0 else None for at in places]

    def _placed(self, number: int, values: list[str], text: str, node: Node | None) -> Iterator[Line]:
        depth = self._depth + 1
        if node is not None:
            if node.trigger and node.loop_ids[-1] == "HL":
                self._level = self._hierarchy(values)
            elif "HL" not in node.loop_ids:
                self._level = 0
            depth += len(node.loops) + self._level
            if node.trigger:
                yield from self._before(number, depth - 1)
                yield self._loop(values, node, depth - 1)
        yield from self._segment(number, values, text, depth)

    def _hierarchy(self, values: list[str]) -> int:
        """How deep an HL loop stands below the one that it names as its parent (HL02)."""
        own, parent = [*values, "", "", ""][1:3]
        level = min(self._levels.get(parent, -1) + 1, _DEEPEST) if parent else 0
        self._levels[own] = level
        return level

    def _loop(self, values: list[str], node: Node, depth: int) -> Line:
        """A loop is told by the qualifier of its first segment: a party's role, the level of an HL."""
        at = 3 if node.segment.id == "HL" else 1
        value = values[at] if at < len(values) else ""
        element = node.segment.elements[at - 1] if at <= len(node.segment.elements) else None
        says = in_words(value, element, self._known) if element is not None else ""
        return Line(depth, Kind.LOOP, f"loop {node.loop_ids[-1]}", node.segment.name, shortened(value), says)

    def _segment(self, number: int, values: list[str], text: str, depth: int) -> Iterator[Line]:
        yield from self._before(number, depth)
        about = by_place(self._at.pop(number, []))
        yield from segment_lines(values, text, self._known, self._reader.mark, depth, about)

    def _before(self, number: int, depth: int) -> Iterator[Line]:
        """What is missing before a segment."""
        found = self._at.get(number)
        if found:
            self._at[number] = [one for one in found if one.code not in _ABSENT]
            yield from (self._absent(one, depth) for one in found if one.code in _ABSENT)

    def _absent(self, finding: Finding, depth: int) -> Line:
        ident = finding.position.segment_id
        name = described(self._known, ident).name if ident else ""
        return Line(depth, Kind.NOTE, ident or "set", name, findings=(finding,))
