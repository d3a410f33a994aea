"""A mapping with every name resolved: what the generated functions are made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from hub.grammar import Grammar, SegmentDef, Slot
from hub.mapping.converters import Pair
from hub.mapping.expression import Access, Form, Meaning
from hub.mapping.forms import MessageForm
from hub.mapping.source import Entry

POSITION = "position"
"""Default value that stands for "its number in the list"."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reference points: a slot of a segment, or a path in a tree. ``ref`` is as written in the file. Neither:
    one of several elements of a line, which this release lacks."""

    ref: str
    slot: Slot | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guard:
    """A qualifier: the body applies where ``place`` holds ``value``; writing the body writes it."""

    place: Place
    value: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """One line of a mapping. ``field`` is the canonical path from the body's container (for computed leaves: from the
    document). ``default`` is used on reading where nothing was sent, ``written`` on writing where the document has
    nothing. ``joined`` texts of repeated segments are the lines of one text. ``number`` is unique in the plan."""

    number: int
    entry: Entry
    form: Form
    meaning: Meaning
    places: tuple[Place, ...]
    field: tuple[Access, ...] = ()
    pair: Pair | None = None
    optional: bool = False
    default: str | None = None
    written: str = ""
    joined: bool = False
    constant: str = ""

    @property
    def text(self) -> str:
        """The line as written, for messages and ``hub mapping show``."""
        return f"{self.entry.key}: {getattr(self.entry.value, 'value', '')}"

    @property
    def queued(self) -> bool:
        """Whether writing takes the next item of a list or the next line of a text (a one-way line takes none)."""
        return bool(self.field) and (self.joined or self.field[-1].kind == "list") and not self.one_way

    @property
    def one_way(self) -> bool:
        """Whether the line is only read."""
        return self.pair is not None and self.pair.write is None


@dataclass(slots=True)
class Body:
    """What happens to one segment, loop, record or tree element: the lines and the parts below it.

    ``into`` is where its container goes in the parent's container (empty: it is the parent's). ``model`` is the
    canonical class of the container. ``number`` is unique in the plan. ``lacking`` are fields of the container that
    lines would write for which this release has no place.
    """

    number: int
    entry: Entry | None
    model: type[BaseModel]
    guards: list[Guard] = field(default_factory=list)
    into: tuple[Access, ...] = ()
    key: Leaf | None = None
    leaves: list[Leaf] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    lacking: list[tuple[Access, ...]] = field(default_factory=list)

    def walk(self) -> Iterator[Body]:
        """This body and all below it."""
        yield self
        for part in self.parts:
            for body in part.bodies:
                yield from body.walk()


@dataclass(slots=True)
class Part:
    """A segment, a loop or a tree element that the mapping knows, with its alternatives in the order they are tried.

    ``nodes`` are its places in the grammar (a loop's: its trigger). ``path`` is its path in a tree.
    """

    name: str
    bodies: list[Body]
    loop: bool = False
    segment: SegmentDef | None = None
    nodes: tuple[int, ...] = ()
    path: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """A whole mapping, ready to compile."""

    name: str
    version: str
    kind: str
    model: type[BaseModel]
    shape: str
    root: Body
    leaves: list[Leaf]
    options: dict[str, Any]
    grammar: Grammar | None = None
    columns: tuple[str, ...] = ()
    group_by: str = ""
    root_path: tuple[str, ...] = ()
    form: MessageForm | None = None
    left_out: list[tuple[Entry, str]] = field(default_factory=list)
    """Lines and blocks that this release has no place for, and what it lacks."""
