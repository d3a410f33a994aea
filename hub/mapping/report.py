"""What the integrator asks of mapping files: which are there, are they right, what do they read of real samples."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.errors import ConfigurationError
from hub.mapping import source
from hub.mapping.compiled import CompiledMapping
from hub.mapping.head import WRITTEN_FOR
from hub.mapping.library import MappingLibrary
from hub.mapping.runtime import Reading


@dataclass(frozen=True, slots=True)
class Listed:
    """One mapping file. ``fault`` is empty, or why the file cannot be used."""

    name: str
    file: str
    document: str = ""
    shape: str = ""
    version: str = ""
    fault: str = ""


def check(library: MappingLibrary, names: Sequence[str] = (), overlay: Path | None = None) -> list[Listed]:
    """Compile mappings (all of them, or ``names``) for both directions; a fault has its file and line."""
    out = []
    for name in names or library.names():
        file = ""
        try:
            file = str(library.path(name))
            compiled = library.compiled(name, overlay)
            compiled.prepare()
            out.append(Listed(compiled.name, file, compiled.document, compiled.shape, compiled.mapping_version))
        except ConfigurationError as fault:
            out.append(Listed(name, file, fault=str(fault)))
    return out


def show(library: MappingLibrary, name: str, overlay: Path | None = None) -> Iterator[str]:
    """The effective mapping as text, each line with the file and line it comes from. In a release that lines were not
    written for, those that it has no place for say so."""
    block = library.effective(name, overlay)
    other = library.release(name) or WRITTEN_FOR in block.entries
    lacking = library.plan(name, block, overlay).left_out if other else []
    yield from _shown(block, 0, {id(entry): what for entry, what in lacking})


def _shown(block: source.Block, depth: int, lacking: Mapping[int, str]) -> Iterator[str]:
    for key, entry in block.entries.items():
        origin = f"# {Path(entry.file).name}:{entry.line}"
        if id(entry) in lacking:
            origin += f", left out: {lacking[id(entry)]}"
        head = "  " * depth + key + ":"
        if isinstance(entry.value, source.Block):
            yield f"{head:<60}{origin}"
            yield from _shown(entry.value, depth + 1, lacking)
        elif isinstance(entry.value, source.Listing):
            yield f"{head:<60}{origin}"
            for item in entry.value.items:
                yield "  " * (depth + 1) + "-" + ("" if isinstance(item, source.Block) else f" {source.plain(item)}")
                if isinstance(item, source.Block):
                    yield from _shown(item, depth + 2, lacking)
        else:
            yield f"{head + ' ' + (entry.value.value or ''):<59} {origin}"


@dataclass
class Coverage:
    """Counts, over any number of messages, which elements were sent and which of them the mapping read.

    Hand ``watched(mapping)`` to a translator in place of the mapping; every message it reads is counted here.
    """

    messages: int = 0
    sent: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)

    def watched(self, compiled: CompiledMapping) -> CompiledMapping:
        """The same mapping, counting into this coverage."""
        watched = copy.copy(compiled)
        watched.__class__ = _Watched
        assert isinstance(watched, _Watched)
        watched.coverage = self
        return watched

    def count(self, sent: Iterable[str], unread: Iterable[str]) -> None:
        """Add one message: the names of what was sent, and of what no line read."""
        self.messages += 1
        self.sent.update(sent)
        self.unread.update(unread)

    def ratio(self) -> float:
        """Share of the elements sent that were read; 1.0 if nothing was sent."""
        total = sum(self.sent.values())
        return 1.0 if not total else 1 - min(sum(self.unread.values()), total) / total

    def rows(self) -> list[tuple[str, int, int]]:
        """``(name, times sent, times read)``, in order of name."""
        names = sorted(set(self.sent) | set(self.unread))
        return [(name, max(self.sent[name], self.unread[name]), self.sent[name] - self.unread[name]) for name in names]


class _Watched(CompiledMapping):
    coverage: Coverage

    def read(self, native: Any, places: Sequence[int] = (), first: int = 2) -> Reading:
        reading = super().read(native, places, first)
        self.coverage.count(self._sent(native, places), self._unread(reading.unread, native, places, first))
        return reading

    def _sent(self, native: Any, places: Sequence[int]) -> Iterator[str]:
        if self.shape == "records":
            for row in native:
                yield from (column for column, text in row.items() if text)
        elif self.shape == "tree":
            yield from _tree_names(native, "")
        else:
            for segment, place in zip(native, places, strict=True):
                for at, value in enumerate(segment[1:], 1):
                    yield from self._parts(segment[0], place, at, value)

    def _unread(self, unread: Mapping[str, Any], native: Any, places: Sequence[int], first: int) -> Iterator[str]:
        """The names of what stands in extensions, as ``_sent`` names them."""
        for name, value in unread.items():
            plain, _, at = name.partition("@")
            index = int(at) - first if at.isdigit() and self.shape == "segments" else -1
            if not 0 <= index < len(places):
                yield plain
                continue
            yield from self._kept(plain.rpartition("/")[2], value, native[index], places[index])

    def _kept(self, name: str, value: Any, segment: Sequence[Any], place: int) -> Iterator[str]:
        """``name`` is a segment, of which nothing was read, or elements of it: those, or components of a composite."""
        if name == segment[0]:
            for at, part in enumerate(segment[1:], 1):
                yield from self._parts(segment[0], place, at, part)
            return
        names = name.split(",")
        for at, part in enumerate(segment[1:], 1):
            if self._name(segment[0], place, at) in names:
                yield from self._parts(segment[0], place, at, value if len(names) == 1 else part)
            else:
                found = self._parts(segment[0], place, at, part)
                yield from (one for one in found if one.rpartition("/")[2] in names)

    def _parts(self, segment_id: str, place: int, at: int, value: Any) -> Iterator[str]:
        """The name of an element, or of each component of a composite that holds something, with the loops around."""
        loops = self.grammar.nodes[place].loop_ids if place >= 0 else ()
        head = "".join(f"{loop}/" for loop in loops)
        known = self.grammar.nodes[place].segment.elements if place >= 0 else ()
        components = known[at - 1].components if at <= len(known) else ()
        name = self._name(segment_id, place, at)
        if not components or isinstance(value, str):
            if value if isinstance(value, str) else any(value):
                yield head + name
            return
        for turn in value if isinstance(value, tuple) else (value,):
            for part, component in zip(turn, components, strict=False):
                if part:
                    own = component.ref.startswith(segment_id)
                    yield head + (component.ref if own else f"{name}.{component.ref}")

    def _name(self, segment_id: str, place: int, at: int) -> str:
        known = self.grammar.nodes[place].segment.elements if place >= 0 else ()
        ref = known[at - 1].ref if at <= len(known) else f"{segment_id}{at:02}"
        return ref if ref.startswith(segment_id) else f"{segment_id}.{ref}"


def _tree_names(tree: Any, prefix: str) -> Iterator[str]:
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from _tree_names(value, f"{prefix}/{name}" if prefix else name)
    elif isinstance(tree, list):
        for item in tree:
            yield from _tree_names(item, prefix)
    elif tree not in (None, ""):
        yield prefix
