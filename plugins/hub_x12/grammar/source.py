"""The notation of the ``*.grammar`` files: lines into facts. The notation is explained in ``004010.grammar``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hub.errors import ConfigurationError
from hub.grammar.model import UNBOUNDED, Loop, SegmentUse


@dataclass(frozen=True, slots=True)
class ElementFact:
    """A line of the dictionary: data element number, type, lengths, our short name."""

    number: str
    type: str
    min: int
    max: int
    name: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """A segment or composite as written: ``(number, mandatory, repetitions)`` in order, notes, name."""

    id: str
    name: str
    items: tuple[tuple[str, bool, int], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetDef:
    """A transaction set: its functional group id (GS01), name and content."""

    id: str
    functional: str
    name: str
    content: tuple[SegmentUse | Loop, ...]


@dataclass(slots=True)
class Source:
    """One grammar file, read. ``extends`` names the release whose facts it changes ('' for none)."""

    release: str = ""
    extends: str = ""
    elements: dict[str, ElementFact] = field(default_factory=dict)
    composites: dict[str, Sequence] = field(default_factory=dict)
    segments: dict[str, Sequence] = field(default_factory=dict)
    sets: dict[str, SetDef] = field(default_factory=dict)
    known_segments: set[str] = field(default_factory=set)
    known_sets: set[str] = field(default_factory=set)


_USE = re.compile(r"(?P<id>[A-Z][A-Z0-9]{1,2})(?:/(?P<max>\d+|\*))?(?P<required>!?)")
_ITEM = re.compile(r"(?P<number>[A-Z]?\d+)(?:\^(?P<repeat>\d+))?(?P<required>!?)(?:x(?P<times>\d+))?")


def _blocks(text: str) -> Iterator[tuple[int, str, list[tuple[int, str]]]]:
    """``(line number, heading, indented lines)`` of every block; a deeper indented line continues the one before
    it inside ``segments`` and ``composites``."""
    heading = ""
    at = 0
    lines: list[tuple[int, str]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.rstrip()
        if not line or line.startswith("#"):
            continue
        if line[0] != " ":
            if heading:
                yield at, heading, lines
            at, heading, lines = number, line, []
        elif line.startswith("      ") and heading in ("segments", "composites") and lines:
            lines[-1] = (lines[-1][0], f"{lines[-1][1]} {line.strip()}")
        else:
            lines.append((number, line.strip()))
    if heading:
        yield at, heading, lines


def _element(text: str) -> ElementFact:
    number, kind, lengths, name = text.split(" ", 3)
    low, _, high = lengths.partition("/")
    return ElementFact(number, kind, int(low), int(high), name)


def _sequence(text: str) -> Sequence:
    head, _, rest = text.partition(": ")
    ident, _, name = head.partition("  ")
    body, _, notes = rest.partition(" | ")
    items: list[tuple[str, bool, int]] = []
    for part in re.findall(r"\([^)]*\)x\d+|\S+", body):
        group = re.fullmatch(r"\(([^)]*)\)x(\d+)", part)
        inner, times = (group[1].split(), int(group[2])) if group else ([part], 1)
        for item in inner * times:
            match = _ITEM.fullmatch(item)
            if match is None:
                raise ValueError(f"{item!r} is no element of {ident}")
            one = (match["number"], bool(match["required"]), int(match["repeat"] or 1))
            items += [one] * int(match["times"] or 1)
    return Sequence(ident, name, tuple(items), tuple(notes.split()))


def _content(tokens: list[str]) -> tuple[SegmentUse | Loop, ...]:
    """Read tokens up to the closing brace of this level; consumes ``tokens`` from the front."""
    out: list[SegmentUse | Loop] = []
    while tokens:
        token = tokens.pop(0)
        if token == "}":
            return tuple(out)
        match = _USE.fullmatch(token)
        if match is None:
            raise ValueError(f"{token!r} is no segment or loop")
        most = UNBOUNDED if match["max"] == "*" else int(match["max"] or 1)
        if tokens and tokens[0] == "{":
            tokens.pop(0)
            out.append(Loop(match["id"], _content(tokens), bool(match["required"]), most))
        else:
            out.append(SegmentUse(match["id"], bool(match["required"]), most))
    return tuple(out)


def _set(heading: str, lines: list[tuple[int, str]]) -> SetDef:
    _, ident, functional, name = heading.split(" ", 3)
    tokens = [token for _, line in lines for token in line.split()]
    if tokens.count("{") != tokens.count("}"):
        raise ValueError(f"set {ident}: braces do not match")
    return SetDef(ident, functional, name, _content(tokens))


def _take(source: Source, heading: str, lines: list[tuple[int, str]]) -> None:
    """Put one block into ``source``; raises ValueError naming what cannot be read."""
    words = heading.split()
    match words[0]:
        case "release":
            source.release = words[1]
            source.extends = words[3] if words[2:3] == ["extends"] else ""
        case "elements":
            for _, line in lines:
                fact = _element(line)
                source.elements[fact.number] = fact
        case "composites" | "segments":
            target = source.composites if words[0] == "composites" else source.segments
            for _, line in lines:
                sequence = _sequence(line)
                target[sequence.id] = sequence
        case "set":
            known = _set(heading, lines)
            source.sets[known.id] = known
        case "known-segments":
            source.known_segments.update(word for _, line in lines for word in line.split())
        case "known-sets":
            source.known_sets.update(word for _, line in lines for word in line.split())
        case _:
            raise ValueError(f"unknown heading {heading!r}")


def parse(text: str, file: str) -> Source:
    """Read one grammar file. Raises ConfigurationError with the file and the line of the block that is wrong."""
    source = Source()
    for at, heading, lines in _blocks(text):
        try:
            _take(source, heading, lines)
        except (ValueError, IndexError) as problem:
            raise ConfigurationError(
                f"this grammar block cannot be read: {problem}",
                file=file,
                line=at,
                hint="The notation is explained at the top of 004010.grammar.",
            ) from problem
    return source
