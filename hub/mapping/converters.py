"""Converters: pairs of functions between what an element holds and what a canonical field holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.errors import PluginError
from hub.grammar import ElementDef
from hub.mapping.codes import CodeLists


class Unmapped(ValueError):
    """A value that is lawful but that no table knows: kept, with a warning. ``instead`` is the value to go on with,
    ``None`` to keep it in ``extensions`` only."""

    def __init__(self, message: str, instead: Any = None) -> None:
        super().__init__(message)
        self.instead = instead


@dataclass(frozen=True)
class Pair:
    """A converter made for one line of one mapping.

    ``read`` gets what the left side takes (``takes``: ``text``, ``texts`` for several elements, ``components`` for a
    composite, ``items`` for a whole segment, whose ``write`` takes out of the list what it can write) and returns what
    the field holds (``gives``: ``text decimal integer bool date datetime object list any``); it raises ``Unmapped`` or
    ``ValueError``. ``write`` is its inverse, None if the function is one-way. ``table``, if given, is all that ``read``
    does: generated code looks it up in place. ``domain`` describes canonical values that survive ``read(write(x)) ==
    x``, for generated tests. ``consumes`` are the components of a composite that ``read`` looks at (None: all).
    """

    read: Callable[[Any], Any]
    write: Callable[[Any], Any] | None
    takes: str = "text"
    gives: str = "text"
    domain: Mapping[str, Any] = field(default_factory=lambda: {"kind": "text"})
    table: Mapping[str, str] | None = None
    consumes: frozenset[int] | None = None


@dataclass(frozen=True)
class Environment:
    """What a converter may depend on when it is made: code lists, the message's standard and version, the mapping's
    ``format`` options (date formats, decimal mark), and the definition of the element on the left (if one)."""

    codes: CodeLists
    standard: str = ""
    version: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    element: ElementDef | None = None


@dataclass(frozen=True)
class Converter:
    """A named kind of converter. ``make(args, environment)`` raises ``ValueError`` for arguments it cannot take,
    ``KeyError`` for a code list that does not exist."""

    name: str
    make: Callable[[Sequence[str], Environment], Pair]
    doc: str = ""


def registry(more: Iterable[Converter] = ()) -> dict[str, Converter]:
    """The built-in converters and ``more`` (from plugins); ``PluginError`` for a name that is taken."""
    from hub.mapping import composites, values

    known: dict[str, Converter] = {}
    for converter in (*values.CONVERTERS, *composites.CONVERTERS, *more):
        if converter.name in known:
            raise PluginError(f"two converters are called {converter.name}")
        known[converter.name] = converter
    return known


def chain(pairs: Sequence[Pair]) -> Pair:
    """Several converters as one: read from left to right, written from right to left."""
    if len(pairs) == 1:
        return pairs[0]
    reads = [pair.read for pair in pairs]
    writes = [pair.write for pair in reversed(pairs)]

    def read(value: Any) -> Any:
        for step in reads:
            value = step(value)
        return value

    def write(value: Any) -> Any:
        for step in writes:
            assert step is not None
            value = step(value)
        return value

    last = pairs[-1]
    return Pair(
        read,
        write if all(writes) else None,
        takes=pairs[0].takes,
        gives=last.gives,
        domain=last.domain if last.domain.get("kind") != "text" else pairs[0].domain,
        consumes=pairs[0].consumes,
    )
