"""The ``*.grammar`` files of a release: split into lines, each read when its fact is first asked for, so that a run
pays for the sets, segments and elements it meets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from hub.errors import ConfigurationError
from hub_x12.grammar.notation import ElementFact, Sequence, SetDef, element_fact, sequence, set_definition

T = TypeVar("T")


@dataclass(slots=True)
class Line(Generic[T]):
    """What one file says of one id, and the fact it means once that has been asked for."""

    file: str
    number: int
    text: str
    fact: T | None = None


class Facts(Mapping[str, T]):
    """Facts by id, each read from its line when it is first asked for; raises ConfigurationError for a line that
    cannot be read."""

    def __init__(self, read: Callable[[str], T], lines: dict[str, Line[T]] | None = None) -> None:
        self._read = read
        self.lines: dict[str, Line[T]] = {} if lines is None else lines

    def __getitem__(self, ident: str) -> T:
        line = self.lines[ident]
        if line.fact is None:
            try:
                line.fact = self._read(line.text)
            except (ValueError, IndexError) as problem:
                raise _unreadable(problem, line.file, line.number) from problem
        return line.fact

    def __iter__(self) -> Iterator[str]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __contains__(self, ident: object) -> bool:
        return ident in self.lines

    def under(self, upper: Facts[T], known: set[str] | None = None) -> Facts[T]:
        """These facts with those of ``upper`` laid over them; of ``known`` ids only, if given."""
        lines = {**self.lines, **upper.lines}
        if known:
            lines = {ident: line for ident, line in lines.items() if ident in known}
        return Facts(self._read, lines)


def _unreadable(problem: Exception, file: str, line: int) -> ConfigurationError:
    return ConfigurationError(
        f"this grammar block cannot be read: {problem}",
        file=file,
        line=line,
        hint="The notation is explained at the top of 004010/release.grammar.",
    )


@dataclass(slots=True)
class Source:
    """The grammar of one release. ``extends`` names the release whose facts it changes ('' for none)."""

    release: str = ""
    extends: str = ""
    elements: Facts[ElementFact] = field(default_factory=lambda: Facts(element_fact))
    composites: Facts[Sequence] = field(default_factory=lambda: Facts(sequence))
    segments: Facts[Sequence] = field(default_factory=lambda: Facts(sequence))
    sets: Facts[SetDef] = field(default_factory=lambda: Facts(set_definition))
    known_segments: set[str] = field(default_factory=set)
    known_sets: set[str] = field(default_factory=set)

    def functional(self) -> dict[str, str]:
        """Set number to functional group id, without reading the sets."""
        return {ident: line.text.split(" ", 3)[2] for ident, line in self.sets.lines.items()}

    def over(self, base: Source) -> Source:
        """This source laid over the one that it extends: what both have is taken from here, ``-id`` among the known
        ids takes one away, and segments and sets that are not known are left out."""
        segments, sets = (_known(base.known_segments, self.known_segments), _known(base.known_sets, self.known_sets))
        return Source(
            self.release,
            self.extends,
            base.elements.under(self.elements),
            base.composites.under(self.composites),
            base.segments.under(self.segments, segments),
            base.sets.under(self.sets, sets),
            segments,
            sets,
        )


def _known(base: set[str], own: set[str]) -> set[str]:
    return {ident for ident in base | own if not ident.startswith("-") and f"-{ident}" not in own}


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """``(line number, heading and indented lines)`` of every block; comments are left out."""
    at = 1
    for block in re.split(r"\n(?=\S)", text):
        if not block.startswith("#"):
            yield at, block
        elif block.partition("\n")[2].strip():
            yield at, block.partition("\n")[2]  # lines under a comment belong to no heading: refused
        at += block.count("\n") + 1


def _lines(block: str, at: int) -> Iterator[tuple[int, str]]:
    """``(line number, text)`` of the indented lines; a deeper indented line continues the one before it."""
    begun, kept = at, ""
    for number, line in enumerate(block.split("\n")[1:], at + 1):
        if line.startswith("      "):
            kept = f"{kept} {line.strip()}"
        elif line.strip():
            if kept:
                yield begun, kept
            begun, kept = number, line.strip()
    if kept:
        yield begun, kept


def _put(facts: Facts[T], ident: str, file: str, number: int, text: str) -> None:
    if ident in facts.lines:
        raise ValueError(f"{ident} is described twice")
    facts.lines[ident] = Line(file, number, text)


def _take(source: Source, file: str, at: int, block: str) -> None:
    """Put one block into ``source``; raises ValueError naming what cannot be read."""
    heading, _, body = block.partition("\n")
    words = heading.split()
    match words:
        case ["release", name]:
            source.release = name
        case ["release", name, "extends", other]:
            source.release, source.extends = name, other
        case ["elements"]:
            for number, line in _lines(block, at):
                _put(source.elements, line.partition(" ")[0], file, number, line)
        case ["composites" | "segments" as kind]:
            target = source.composites if kind == "composites" else source.segments
            for number, line in _lines(block, at):
                _put(target, line.partition(" ")[0], file, number, line)
        case ["set", ident, _, *_]:
            _put(source.sets, ident, file, at, block)
        case ["known-segments"]:
            source.known_segments.update(body.split())
        case ["known-sets"]:
            source.known_sets.update(body.split())
        case _:
            raise ValueError(f"unknown heading {heading.strip()!r}")


def parse(text: str, file: str, into: Source | None = None) -> Source:
    """Split one grammar file, adding to ``into`` if it is given. Raises ConfigurationError with the file and the line
    of a block that is none; a fact that cannot be read raises when it is asked for."""
    source = Source() if into is None else into
    for at, block in _blocks(text):
        try:
            _take(source, file, at, block)
        except ValueError as problem:
            raise _unreadable(problem, file, at) from problem
    return source
