"""What generated readers and writers call when something is not plain: findings, left-overs, computed values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from hub.findings import Finding, Position, Severity
from hub.grammar import Grammar
from hub.mapping.converters import Unmapped
from hub.mapping.expression import Access, Meaning
from hub.mapping.notes import Needs
from hub.mapping.plan import Leaf

SHOWN = 99
"""How many characters of a value a finding shows (X12 AK404 holds 99)."""

LONGEST_TURN = 8
"""Segments of a loop's turn that is remembered as a whole."""

Trace = Callable[[Any, Any, Any, Any], None]
"""Called with the mapping line (or body), its container, the position and the value, for every value set."""


class Reading:
    """The result of reading one message: its canonical documents (only the valid ones) and what was found.
    ``unread`` is everything that no line of the mapping read, by name and position."""

    __slots__ = ("documents", "findings", "unread")

    def __init__(
        self, documents: list[Any], findings: list[Finding], unread: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        self.documents = documents
        self.findings = findings
        self.unread = unread

    @property
    def document(self) -> Any:
        """The first document, None if there is none: the only one, unless the mapping has a form."""
        return self.documents[0] if self.documents else None


class ReadState:
    """One message being read: its findings, what nobody read, and what must be checked at the end. ``owner`` is the
    object of a form that what nobody read belongs to."""

    __slots__ = (
        "checks", "extensions", "findings", "first", "grammar", "handlers", "leaves", "lines", "owner", "places",
        "segments", "trace",
    )  # fmt: skip

    def __init__(
        self, leaves: Sequence[Leaf], grammar: Grammar | None, trace: Trace | None = None, lines: bool = False
    ) -> None:
        self.lines = lines
        self.leaves = leaves
        self.grammar = grammar
        self.findings: list[Finding] = []
        self.extensions: dict[str, Any] = {}
        self.owner: dict[str, Any] | None = None
        self.checks: list[tuple[Leaf, str, int | str]] = []
        self.trace = trace
        self.segments: Sequence[Any] = ()
        self.places: Sequence[int] = ()
        self.first = 0
        self.handlers: Sequence[Any] = ()

    def turn(self, at: int, members: frozenset[int]) -> tuple[tuple[str, ...], ...] | None:
        """The texts of one turn of a loop that begins at position ``at`` and goes on while places are in ``members``;
        None if it is long: then it is not worth remembering. With composites it cannot be a key."""
        begin = at - self.first
        end = begin + 1
        places = self.places
        while end < len(places) and places[end] in members:
            end += 1
        if end - begin > LONGEST_TURN:
            return None
        return tuple(map(tuple, self.segments[begin:end]))

    def within(self, at: int, count: int, frame: list[Any]) -> None:
        """Read the segments of a turn after its first one, ahead of their order."""
        begin = at - self.first
        for index in range(begin + 1, begin + count):
            self.handlers[self.places[index]](self.segments[index], frame, self.first + index, self)

    def said(self) -> tuple[int, int, int]:
        """Changes when something was found, kept aside or left to be checked."""
        return len(self.findings), len(self.extensions), len(self.checks)

    def store(self, name: str, value: Any) -> None:
        """Keep what nobody read, by a name with its position."""
        self.extensions[name] = value
        if self.owner is not None:
            self.owner.setdefault("extensions", {})[name] = value

    def position(self, leaf: Leaf, at: int | str, element: int = 0) -> Position:
        """Where a line's value stands: ``at`` is a segment's position, a record's line or a tree path; ``element``
        tells which one of a range of elements."""
        if element and not isinstance(at, str):
            place = next((one for one in leaf.places if one.slot and one.slot.element == element), leaf.places[0])
            return Position(segment=at, element=element, name=place.ref)
        name = ", ".join(place.ref for place in leaf.places[:2])
        if isinstance(at, str):
            return Position(name=f"{at}/{name}" if at else name)
        slot = leaf.places[0].slot
        if slot is None or self.lines:
            return Position(line=at, name=name)
        return Position(
            segment=at,
            element=slot.element,
            component=slot.component + 1 if slot.component is not None else None,
            name=name,
        )

    def bad(self, number: int, problem: ValueError, value: Any, at: int | str, element: int = 0) -> Any:
        """A value that its converter refused: ``Unmapped`` is a warning and may go on with another value."""
        leaf = self.leaves[number]
        shown = _shown(value)
        if isinstance(problem, Unmapped):
            found = Finding(Severity.WARNING, "mapping.unmapped", str(problem), self.position(leaf, at, element), shown)
        else:
            found = Finding(Severity.ERROR, "mapping.value", str(problem), self.position(leaf, at, element), shown)
        self.findings.append(found)
        instead = problem.instead if isinstance(problem, Unmapped) else None
        if instead is None:
            self.keep(leaf, value, at, element)
        return instead

    def odd(self, number: int, value: str, at: int | str, element: int = 0) -> Any:
        """A code that the inlined table does not know."""
        pair = self.leaves[number].pair
        assert pair is not None
        try:
            return pair.read(value)
        except ValueError as problem:
            return self.bad(number, problem, value, at, element)

    def keep(self, leaf: Leaf, value: Any, at: int | str, element: int = 0) -> None:
        """Put a value that found no field into the extensions."""
        name = self.position(leaf, at, element).name if element else ",".join(place.ref for place in leaf.places[:2])
        self.store(f"{at}/{name}" if isinstance(at, str) and at else f"{name}@{at}", _kept(value))

    def twice(self, number: int, value: Any, at: int | str) -> None:
        """A second value for a field that holds one: the first stays, the second is kept beside."""
        leaf = self.leaves[number]
        name = ".".join(step.name for step in leaf.field)
        self.findings.append(
            Finding(
                Severity.NOTICE,
                "mapping.repeated",
                f"{name} has a value already; this one is in extensions",
                self.position(leaf, at),
                _shown(value),
            )
        )
        self.keep(leaf, value, at)

    def again(self, key: str, known: Mapping[str, Any], at: int | str) -> str:
        """A free key for a second turn with the same key: ``ship_to#2``."""
        number = 2
        while f"{key}#{number}" in known:
            number += 1
        self.findings.append(
            Finding(
                Severity.NOTICE,
                "mapping.repeated",
                f"{key} comes more than once; this one is {key}#{number}",
                Position(name=at) if isinstance(at, str) else Position(line=at) if self.lines else Position(segment=at),
            )
        )
        return f"{key}#{number}"

    def constant(self, number: int, value: str, at: int | str) -> None:
        """A constant of the mapping that the message does not have."""
        leaf = self.leaves[number]
        self.findings.append(
            Finding(
                Severity.ERROR, "mapping.constant", f"must be '{leaf.constant}'", self.position(leaf, at), _shown(value)
            )
        )

    def unread(self, segment: Sequence[Any], at: int, node: int) -> None:
        """A segment that the mapping does not read: keep all of it."""
        assert self.grammar is not None
        loops = (
            "/".join(self.grammar.nodes[node].loop_ids) + "/" if node >= 0 and self.grammar.nodes[node].loops else ""
        )
        self.store(f"{loops}{segment[0]}@{at}", [_kept(element) for element in segment[1:]])

    def rest(self, segment: Sequence[Any], at: int, node: int, read: Mapping[int, frozenset[int] | None]) -> None:
        """Elements of a segment that its lines do not read. ``read`` maps element index to components (None: all)."""
        assert self.grammar is not None
        place = self.grammar.nodes[node]
        loops = "/".join(place.loop_ids) + "/" if place.loops else ""
        definitions = place.segment.elements
        for index in range(1, len(segment)):
            value = segment[index]
            if not value:
                continue
            if index in read:
                components = read[index]
                if components is None or isinstance(value, str):
                    continue
                value = ["" if at_ in components else part for at_, part in enumerate(value)]
            if not any(value):
                continue
            ref = definitions[index - 1].ref if index <= len(definitions) else f"{segment[0]}{index:02}"
            if len(value) == 1 and not isinstance(value, str):
                value = value[0]
            name = ref if ref.startswith(segment[0]) else f"{segment[0]}.{ref}"
            self.store(f"{loops}{name}@{at}", _kept(value))

    def computed(self, document: Mapping[str, Any]) -> None:
        """Compare what the message says about counts and sums with what it holds."""
        for leaf, text, at in self.checks:
            expected = compute(leaf.meaning, leaf.field, document)
            try:
                stated = Decimal(text.strip().replace(",", "."))
            except ArithmeticError:
                stated = None
            if stated != expected:
                what = f"{leaf.meaning.value} of {'.'.join(step.name for step in leaf.field)}"
                self.findings.append(
                    Finding(
                        Severity.WARNING,
                        "mapping.computed",
                        f"says {text}, but the {what} is {expected:f}",
                        self.position(leaf, at),
                        _shown(text),
                    )
                )


class WriteState:
    """One document being written: its findings. ``complete``: segments are written whole or not at all."""

    __slots__ = ("complete", "findings", "leaves")

    def __init__(self, leaves: Sequence[Leaf], complete: bool = False) -> None:
        self.leaves = leaves
        self.complete = complete
        self.findings: list[Finding] = []

    def unwritable(self, number: int, problem: ValueError) -> None:
        """A value that its converter cannot write."""
        leaf = self.leaves[number]
        path = "$." + ".".join(step.name for step in leaf.field)
        self.findings.append(
            Finding(
                Severity.ERROR,
                "mapping.unwritable",
                str(problem),
                Position(name=", ".join(place.ref for place in leaf.places[:2]), path=path),
            )
        )

    def no_element(self, number: int, at: int, text: str) -> None:
        """A part of a value for which this release has no element."""
        leaf = self.leaves[number]
        path = "$." + ".".join(step.name for step in leaf.field)
        message = f"there is no {leaf.places[at].ref} in this release; '{text}' is not written"
        self.findings.append(
            Finding(Severity.WARNING, "mapping.no_room", message, Position(name=leaf.places[at].ref, path=path))
        )

    def stands(self, needs: Needs, elements: list[Any], alone: bool) -> bool:
        """Make a segment one that can be written: take out what cannot stand without elements that are not there.
        False where it still lacks something and the message can be without it (``alone``)."""
        for name, text in needs.clear(elements):
            self._no_room(name, f"{name} cannot be sent without what belongs to it; '{_shown(text)}' is not written")
        missing = needs.missing(elements)
        if missing and alone:
            held = needs.segment.id
            self._no_room(missing[0], f"{held} needs {', '.join(missing)}, which is not known; it is not written")
        return not (missing and alone)

    def _no_room(self, name: str, message: str) -> None:
        self.findings.append(Finding(Severity.WARNING, "mapping.no_room", message, Position(name=name)))

    def lost(self, what: str, count: int) -> None:
        """List items for which the message has no room."""
        self.findings.append(
            Finding(
                Severity.WARNING,
                "mapping.no_room",
                f"{count} of {what} found no place in the message: no room left, or no code for them",
                Position(path=f"$.{what}"),
            )
        )


def compute(meaning: Meaning, path: Sequence[Access], document: Mapping[str, Any]) -> Decimal:
    """``count(lines)`` or ``sum(lines.quantity.value)`` over a document as plain dicts and lists."""
    found: list[Any] = [document]
    for step in path:
        following: list[Any] = []
        for value in found:
            below = value.get(step.name) if isinstance(value, dict) else getattr(value, step.name, None)
            if isinstance(below, (list, tuple)):
                following += below
            elif isinstance(below, dict) and step.kind == "map":
                following += below.values()
            elif below is not None:
                following.append(below)
        found = following
    if meaning is Meaning.COUNT:
        return Decimal(len(found))
    return sum((value for value in found if isinstance(value, Decimal)), Decimal(0))


def at(segment: Sequence[Any], element: int, component: int) -> str:
    """A component as text; empty if the segment does not reach so far."""
    if element >= len(segment):
        return ""
    value = segment[element]
    if isinstance(value, str):
        return value if component == 0 else ""
    return value[component] if component < len(value) else ""


def parts(segment: Sequence[Any], element: int) -> Sequence[str]:
    """A composite as its components; empty if it is not there."""
    if element >= len(segment):
        return ()
    value = segment[element]
    if isinstance(value, str):
        return (value,) if value else ()
    return value if any(value) else ()


def _kept(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return list(value) if isinstance(value, (list, tuple)) else str(value)


def _shown(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ":".join(str(part) for part in value)[:SHOWN]
    return str(value)[:SHOWN]
