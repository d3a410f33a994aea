"""What the integrator asks of mapping files: which are there, are they right, what do they read of real samples."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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

    def count(self, sent: Iterator[str], extensions: Mapping[str, Any]) -> None:
        """Add one message: the names of what was sent, and its extensions."""
        self.messages += 1
        self.sent.update(sent)
        for name, value in extensions.items():
            plain = name.partition("@")[0]
            if isinstance(value, list) and "@" in name:  # a whole segment
                self.unread.update(f"{plain}{at:02}" for at, part in enumerate(value, 1) if part)
            else:
                self.unread[plain] += 1

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
        self.coverage.count(self._sent(native, places), reading.unread)
        return reading

    def _sent(self, native: Any, places: Sequence[int]) -> Iterator[str]:
        if self.shape == "records":
            for row in native:
                yield from (column for column, text in row.items() if text)
        elif self.shape == "tree":
            yield from _tree_names(native, "")
        else:
            for segment, place in zip(native, places, strict=True):
                loops = self.grammar.nodes[place].loop_ids if place >= 0 else ()
                head = "".join(f"{loop}/" for loop in loops)
                for at, value in enumerate(segment[1:], 1):
                    if value if isinstance(value, str) else any(value):
                        yield head + self._name(segment[0], place, at)

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
