"""A release of X12, ready to use, and the grammar of each of its sets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from hub.errors import ConfigurationError
from hub.grammar import ElementDef, Grammar, SegmentDef
from hub_x12.grammar.source import Sequence, SetDef, Source, parse

__all__ = ["Release", "SetDef", "available", "grammar", "nearest", "release"]


@dataclass(frozen=True)
class Release:
    """Everything known of one release. ``known_segments`` and ``known_sets`` hold every id that the release has;
    ``segments`` and ``sets`` those this project describes."""

    name: str
    segments: dict[str, SegmentDef]
    sets: dict[str, SetDef]
    known_segments: frozenset[str]
    known_sets: frozenset[str]


def _text(name: str) -> str:
    return resources.files("hub_x12.grammar").joinpath(f"{name}.grammar").read_text("utf-8")


@cache
def available() -> tuple[str, ...]:
    """The releases that have a grammar file, oldest first."""
    folder = resources.files("hub_x12.grammar")
    return tuple(sorted(entry.name[:6] for entry in folder.iterdir() if re.fullmatch(r"\d{6}\.grammar", entry.name)))


@cache
def nearest(name: str) -> str:
    """The release whose grammar reads ``name`` best: itself, else the newest before it, else the oldest."""
    before = [known for known in available() if known <= name]
    return before[-1] if before else available()[0]


@cache
def _source(name: str) -> Source:
    """A grammar file together with everything it extends."""
    own = parse(_text(name), f"{name}.grammar")
    if not own.extends:
        return own
    base = _source(own.extends)
    return Source(
        own.release,
        own.extends,
        {**base.elements, **own.elements},
        {**base.composites, **own.composites},
        {**base.segments, **own.segments},
        {**base.sets, **own.sets},
        own.known_segments or base.known_segments,
        own.known_sets or base.known_sets,
    )


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
    segments = {
        ident: SegmentDef(ident, _elements(sequence, source, ident, ""), sequence.notes, sequence.name)
        for ident, sequence in source.segments.items()
    }
    return Release(name, segments, source.sets, frozenset(source.known_segments), frozenset(source.known_sets))


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
    every = {ident: SegmentDef(ident, ()) for ident in known.known_segments} | known.segments
    return Grammar(name, described.id, known.name, described.content, every)
