"""A release of X12, ready to use, and the grammar of each of its sets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from hub.errors import ConfigurationError
from hub.grammar import ElementDef, Grammar, SegmentDef
from hub_x12.grammar.notation import Sequence, SetDef
from hub_x12.grammar.source import Source, parse

__all__ = ["Release", "SetDef", "available", "grammar", "nearest", "release"]


class Segments(Mapping[str, SegmentDef]):
    """The segments of a release, each put together when it is first asked for."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._made: dict[str, SegmentDef] = {}

    def __getitem__(self, ident: str) -> SegmentDef:
        made = self._made.get(ident)
        if made is None:
            sequence = self._source.segments[ident]
            made = SegmentDef(ident, _elements(sequence, self._source, ident, ""), sequence.notes, sequence.name)
            self._made[ident] = made
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._source.segments)

    def __len__(self) -> int:
        return len(self._source.segments)

    def __contains__(self, ident: object) -> bool:
        return ident in self._source.segments


@dataclass(frozen=True, eq=False)
class Release:
    """Everything known of one release. ``known_segments`` and ``known_sets`` hold every id that the release has;
    ``segments`` and ``sets`` those this project describes, ``functional`` the functional group id of each set."""

    name: str
    segments: Mapping[str, SegmentDef]
    sets: Mapping[str, SetDef]
    functional: Mapping[str, str]
    known_segments: frozenset[str]
    known_sets: frozenset[str]


class _Every(Mapping[str, SegmentDef]):
    """The segments of a release; those that this project does not describe are empty ones."""

    def __init__(self, known: Release) -> None:
        self._described = known.segments
        self._known = known.known_segments

    def __getitem__(self, ident: str) -> SegmentDef:
        if ident in self._known and ident not in self._described:
            return SegmentDef(ident, ())
        return self._described[ident]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._known.union(self._described)))

    def __len__(self) -> int:
        return len(self._known.union(self._described))

    def __contains__(self, ident: object) -> bool:
        return ident in self._known or ident in self._described


def _files(name: str) -> list[tuple[str, str]]:
    """``(file, text)`` of a release: one file, or every file of its folder."""
    home = resources.files("hub_x12.grammar")
    one = home.joinpath(f"{name}.grammar")
    if one.is_file():
        return [(one.name, one.read_text("utf-8"))]
    parts = sorted(home.joinpath(name).iterdir(), key=lambda part: part.name)
    return [(f"{name}/{part.name}", part.read_text("utf-8")) for part in parts if part.name.endswith(".grammar")]


@cache
def available() -> tuple[str, ...]:
    """The releases that have a grammar, oldest first."""
    folder = resources.files("hub_x12.grammar")
    return tuple(sorted(entry.name[:6] for entry in folder.iterdir() if re.fullmatch(r"\d{6}(\.grammar)?", entry.name)))


@cache
def nearest(name: str) -> str:
    """The release whose grammar reads ``name`` best: itself, else the newest before it, else the oldest."""
    before = [known for known in available() if known <= name]
    return before[-1] if before else available()[0]


@cache
def _source(name: str) -> Source:
    """A grammar file together with everything it extends."""
    own = Source()
    for file, text in _files(name):
        parse(text, file, own)
    if not own.extends:
        return own
    return own.over(_source(own.extends))


def _elements(sequence: Sequence, source: Source, prefix: str, mark: str) -> tuple[ElementDef, ...]:
    out = []
    for at, (number, required, repeat) in enumerate(sequence.items, 1):
        ref = f"{prefix}{mark}{at:02d}"
        if composite := source.composites.get(number):
            parts = _elements(composite, source, ref, "-")
            out.append(ElementDef(ref, number, required, "", 0, 0, repeat, parts, composite.name))
        elif fact := source.elements.get(number):
            out.append(ElementDef(ref, number, required, fact.type, fact.min, fact.max, repeat, (), fact.name))
        else:
            raise ConfigurationError(
                f"segment {sequence.id} uses element {number}, which the dictionary does not have",
                file=f"{source.release}.grammar",
            )
    return tuple(out)


@cache
def release(name: str) -> Release:
    """The release with exactly this name. Raises ConfigurationError for one that has no grammar file."""
    if name not in available():
        raise ConfigurationError(
            f"there is no X12 grammar for release {name}", hint=f"There are: {', '.join(available())}."
        )
    source = _source(name)
    known = (frozenset(source.known_segments), frozenset(source.known_sets))
    return Release(name, Segments(source), source.sets, source.functional(), *known)


@cache
def composite_notes(name: str) -> dict[str, tuple[str, ...]]:
    """Syntax notes inside composites (``C040``: ``P0304 P0506``), by composite number."""
    return {ident: sequence.notes for ident, sequence in _source(name).composites.items() if sequence.notes}


_NAME = re.compile(r"x12/(?P<release>\d{6})/(?P<set>[0-9A-Z]{3})")


@cache
def grammar(name: str) -> Grammar | None:
    """The grammar that mapping files call ``x12/004010/850``; None for a name that is not ours or not described."""
    match = _NAME.fullmatch(name)
    if match is None or match["release"] not in available():
        return None
    known = release(match["release"])
    described = known.sets.get(match["set"])
    if described is None:
        return None
    return Grammar(name, described.id, known.name, described.content, _Every(known))
