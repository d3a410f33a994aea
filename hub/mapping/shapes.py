"""Name resolution in the three native shapes: what a key of a mapping file means at one level of a message."""

from __future__ import annotations

from hub.grammar import ElementDef, Grammar, Loop, SegmentDef, SegmentUse, Slot
from hub.grammar.model import UNBOUNDED
from hub.mapping.plan import Place


class Level:
    """One level of nesting: the message itself, a loop, a segment, a record, a tree element.

    ``title`` is what messages call it; ``loop`` whether it is a loop; ``segment`` its (first) segment; ``nodes`` its
    places in the grammar; ``path`` its path in a tree. What a level does not have, it answers with nothing.
    """

    title = ""
    loop = False
    segment: SegmentDef | None = None
    nodes: tuple[int, ...] = ()
    path: tuple[str, ...] = ()
    own: Level | None = None
    """The same level in the release that the file is written for, where it is read for another one."""

    def within(self, own: Level | None) -> Level:
        """This level with its like in the file's own release."""
        self.own = own
        return self

    def has(self, name: str) -> bool:
        """Whether a part of this name is here or in the file's own release."""
        return self.part(name) is not None or (self.own is not None and self.own.part(name) is not None)

    def lacks(self, ref: str) -> bool:
        """Whether the file's own release has this part or element, and this release does not."""
        own = self.own
        return own is not None and (own.part(ref) is not None or own.resolve(ref) is not None)

    def part(self, name: str) -> Level | None:
        """The part of this name directly below, None if there is none."""
        return None

    def resolve(self, ref: str) -> Place | None:
        """The element of this name, None if there is none."""
        return _slot(self.segment, ref) if self.segment else None

    def names(self) -> list[str]:
        """Names of all parts and elements, for hints."""
        return self.elements()

    def elements(self) -> list[str]:
        """Names of all elements, for hints."""
        return [element.ref for element in self.segment.elements] if self.segment else []

    def trigger_key(self) -> str:
        """In a group whose name is not its first segment's: that segment's id; else empty."""
        return ""

    def trigger_level(self) -> Level:
        """The level of the group's first segment."""
        return self


class SegmentLevel(Level):
    """A message or a loop of a grammar."""

    def __init__(self, grammar: Grammar, loops: tuple[int, ...] = (), nodes: tuple[int, ...] = ()) -> None:
        self.grammar, self.loops, self.nodes = grammar, loops, nodes
        self.loop = bool(nodes)
        first = grammar.nodes[nodes[0]] if nodes else None
        self.segment = first.segment if first else None
        self.title = f"loop {'/'.join(first.loop_ids)}" if first else grammar.name
        self._loops: dict[str, list[int]] = {}
        self._segments: dict[str, list[int]] = {}
        depth = len(loops)
        for node in grammar.nodes:
            if node.trigger and node.loops[:-1] == loops:
                self._loops.setdefault(node.loop_ids[depth], []).append(node.index)
            elif node.loops == loops and not (node.trigger and node.index in nodes):
                self._segments.setdefault(node.segment.id, []).append(node.index)

    def part(self, name: str) -> Level | None:
        if name in self._loops:
            at = self._loops[name][0]
            return SegmentLevel(self.grammar, self.grammar.nodes[at].loops, (at,))
        if name in self._segments:
            return ElementLevel(self.grammar.nodes[self._segments[name][0]].segment, tuple(self._segments[name]))
        return None

    def names(self) -> list[str]:
        return [*self._loops, *self._segments, *self.elements()]

    def trigger_key(self) -> str:
        return self.segment.id if self.segment and self.segment.id not in self._loops else ""

    def trigger_level(self) -> Level:
        assert self.segment is not None
        return ElementLevel(self.segment, self.nodes)


class ElementLevel(Level):
    """One segment: it has elements and nothing below them."""

    def __init__(self, segment: SegmentDef, nodes: tuple[int, ...]) -> None:
        self.segment = segment
        self.nodes = nodes
        self.title = f"segment {segment.id}"


def simple(ref: str) -> str:
    """The element that was a simple one before it became the first component of a composite: ``MEA04-01`` → ``MEA04``;
    empty for any other name."""
    head, mark, tail = ref.partition("-")
    return head if mark and tail in ("1", "01") else ""


def _slot(segment: SegmentDef, ref: str) -> Place | None:
    name = ref.removeprefix(segment.id + ".") if ref.startswith(segment.id + ".") else ref
    slot = segment.resolve(name)
    return Place(ref, slot) if slot else None


class RecordLevel(Level):
    """The columns of a feed: every name that the mapping uses is a column."""

    loop = True
    nodes = (0,)
    title = "the record"

    def __init__(self) -> None:
        self.columns: list[str] = []

    def resolve(self, ref: str) -> Place | None:
        if ref not in self.columns:
            self.columns.append(ref)
        return Place(ref, Slot(self.columns.index(ref) + 1, None, ElementDef(ref, ref)))

    def names(self) -> list[str]:
        return ["columns", "rows", *self.columns]

    def elements(self) -> list[str]:
        return self.columns

    def grammar(self, name: str) -> Grammar:
        """The records of one document as a message: ``head`` once, then ``row`` for each record."""
        elements = tuple(ElementDef(column, column) for column in self.columns)
        segments = {one: SegmentDef(one, elements) for one in ("head", "row")}
        content = (SegmentUse("head", True), Loop("rows", (SegmentUse("row", True),), False, UNBOUNDED))
        return Grammar(name, name, "", content, segments)


class TreeLevel(Level):
    """An element of a tree: any name may stand below it."""

    loop = True
    nodes = (0,)

    def __init__(self, path: tuple[str, ...] = ()) -> None:
        self.path = path
        self.title = "/".join(path) or "the tree"

    def part(self, name: str) -> Level | None:
        return TreeLevel(tuple(name.split("/")))

    def resolve(self, ref: str) -> Place | None:
        return Place(ref, None, tuple(ref.split("/")))
