"""A sealed segment: the changes of one bucket in one window, or a part of the whole bucket, as bytes that never change.

Made once, compressed once and named by their SHA-256, whatever the number of stores that take them and the way on
which they travel. ``plugins/hub_pos/PROTOCOL.md``, section 6, describes the bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import zstandard

from hub.replication.columns import columns, gaps, ids
from hub.replication.rows import SCHEMA

FORMAT = 1
LEVEL = 3


@dataclass(frozen=True, slots=True)
class Put:
    """A row that the bucket did not hold all through the window: all of it."""

    number: int
    entity: str
    id: str
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Set:
    """A row that the bucket held all through the window: the fields that changed in it, with their last values."""

    number: int
    entity: str
    changed: tuple[str, ...]
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Del:
    """A row that the bucket holds no more."""

    number: int
    entity: str


@dataclass(slots=True)
class Contents:
    """What happened in one bucket; any order."""

    puts: list[Put] = field(default_factory=list)
    sets: list[Set] = field(default_factory=list)
    dels: list[Del] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows it speaks of."""
        return len(self.puts) + len(self.sets) + len(self.dels)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The bytes and their name (SHA-256, hexadecimal)."""

    data: bytes
    digest: str


def seal(bucket: str, first: int, last: int, contents: Contents, *, snapshot: bool = False) -> Sealed:
    """The segment of ``bucket`` after position ``first`` up to ``last``. The same contents give the same bytes."""
    body = {
        "format": FORMAT,
        "bucket": bucket,
        "first": first,
        "last": last,
        "schema": SCHEMA,
        "snapshot": snapshot,
        "entities": _entities(contents),
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    data = zstandard.ZstdCompressor(level=LEVEL).compress(text)
    return Sealed(data, hashlib.sha256(data).hexdigest())


def _entities(contents: Contents) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entity, puts in _by_entity(contents.puts):
        found.setdefault(entity, {})["put"] = {
            "number": gaps([one.number for one in puts]),
            "id": ids([one.id for one in puts]),
            "columns": columns([one.row for one in puts]),
        }
    for entity, sets in _by_entity(contents.sets):
        alike: dict[tuple[str, ...], list[Set]] = {}
        for one in sets:
            alike.setdefault(one.changed, []).append(one)
        found.setdefault(entity, {})["set"] = [
            {
                "number": gaps([one.number for one in group]),
                "columns": columns([one.row for one in group], changed),
            }
            for changed, group in sorted(alike.items())
        ]
    for entity, dels in _by_entity(contents.dels):
        found.setdefault(entity, {})["del"] = {"number": gaps([one.number for one in dels])}
    return found


def _by_entity(changes: Iterable[Any]) -> Iterable[tuple[str, list[Any]]]:
    sorted_: dict[str, list[Any]] = {}
    for one in sorted(changes, key=lambda change: (change.entity, change.number)):
        sorted_.setdefault(one.entity, []).append(one)
    return sorted_.items()
