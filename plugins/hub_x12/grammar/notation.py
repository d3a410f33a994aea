"""The lines of the ``*.grammar`` files and what they mean. The notation is explained in ``004010/release.grammar``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

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


_USE = re.compile(r"(?P<id>[A-Z][A-Z0-9]{1,2})(?:[/~](?P<max>\d+|\*))?(?P<required>!?)")
_ITEM = re.compile(r"(?P<number>[A-Z]?\d+)(?:\^(?P<repeat>\d+))?(?P<required>!?)(?:x(?P<times>\d+))?")


def element_fact(text: str) -> ElementFact:
    """``124 AN 2/15 application receiver``. Raises ValueError for what is none."""
    number, kind, lengths, name = text.split(" ", 3)
    low, _, high = lengths.partition("/")
    return ElementFact(number, kind, int(low), int(high), name)


def sequence(text: str) -> Sequence:
    """``N2  further names: 93! 93 | notes``. Raises ValueError naming what is no element."""
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
    """Read tokens up to the closing brace of this level; consumes ``tokens`` from the end (they are reversed)."""
    out: list[SegmentUse | Loop] = []
    while tokens:
        token = tokens.pop()
        if token == "}":
            return tuple(out)
        match = _USE.fullmatch(token)
        if match is None:
            raise ValueError(f"{token!r} is no segment or loop")
        most = UNBOUNDED if match["max"] == "*" else int(match["max"] or 1)
        if tokens and tokens[-1] == "{":
            tokens.pop()
            out.append(Loop(match["id"], _content(tokens), bool(match["required"]), most))
        else:
            out.append(SegmentUse(match["id"], bool(match["required"]), most))
    return tuple(out)


def _afloat(content: tuple[SegmentUse | Loop, ...], free: SegmentUse) -> tuple[SegmentUse | Loop, ...]:
    """Let ``free`` stand behind every segment instead of in its one place."""
    out: list[SegmentUse | Loop] = []
    for item in content:
        if isinstance(item, Loop):
            out.append(replace(item, content=_afloat(item.content, free)))
        elif item.id != free.id:
            out += [item, free]
    return tuple(out)


def set_definition(text: str) -> SetDef:
    """``set 850 PO purchase order`` and the lines of its content. Raises ValueError for what cannot be read."""
    heading, _, body = text.partition("\n")
    _, ident, functional, name = heading.split(" ", 3)
    tokens = body.split()
    if tokens.count("{") != tokens.count("}"):
        raise ValueError(f"set {ident}: braces do not match")
    content = _content(tokens[::-1])
    floating = {token.partition("~")[0] for token in tokens if "~" in token}
    for free in [item for item in content if isinstance(item, SegmentUse) and item.id in floating]:
        content = _afloat(content, free)
    return SetDef(ident, functional, name, content)
