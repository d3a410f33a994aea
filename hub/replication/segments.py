"""Cutting the feed: changes of a window become one segment per bucket, made once and served to every store.

Within a window only the last change of a row counts. A bucket that the row belongs to after it gets a ``put`` with the
row as it is at the end of the window, a bucket that held the row in between or before gets a ``del``. So a store that
stood anywhere inside the window ends at the same state as one that stood at its beginning: overlap does no harm.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from hub.replication.rows import PROJECTIONS, project

Row = dict[str, Any]


class FeedChange(Protocol):
    """A line of the change feed, as ``hub.repository.records.Change`` has it."""

    @property
    def seq(self) -> int:
        """Position in the feed."""

    @property
    def entity(self) -> str:
        """Kind of the document."""

    @property
    def id(self) -> str:
        """Id of the document."""

    @property
    def op(self) -> str:
        """``PUT`` or ``DEL``."""

    @property
    def old_scopes(self) -> frozenset[str]:
        """Tags stored before the change."""

    @property
    def new_scopes(self) -> frozenset[str]:
        """Tags stored with it."""

    @property
    def row(self) -> Row | None:
        """The document's JSON data, None for ``DEL``."""


@dataclass(frozen=True)
class Segment:
    """Changes of one bucket after ``first`` up to ``last``; ``snapshot`` if it is the whole bucket at ``last``."""

    bucket: str
    first: int
    last: int
    changes: Sequence[Row]
    snapshot: bool = False

    def plain(self) -> Row:
        """The segment as it is given to a replica."""
        return {
            "bucket": self.bucket,
            "first": self.first,
            "last": self.last,
            "snapshot": self.snapshot,
            "changes": self.changes,
        }

    @cached_property
    def sealed(self) -> bytes:
        """The segment as it travels: JSON, zstd. Made once however many stores take it."""
        import zstandard

        text = json.dumps(self.plain(), ensure_ascii=False, separators=(",", ":"))
        return zstandard.ZstdCompressor(level=3).compress(text.encode())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of ``sealed``: the segment's name wherever it is kept."""
        return hashlib.sha256(self.sealed).hexdigest()


@dataclass(slots=True)
class _Last:
    """The last change of a row in the window, and every bucket that the row touched in it."""

    seq: int
    kind: str
    document: FeedChange
    kept: frozenset[str]
    touched: set[str] = field(default_factory=set)


def cut(
    changes: Iterable[FeedChange], first: int, last: int, wanted: frozenset[str] | None = None
) -> dict[str, Segment]:
    """The segments of the window (first, last] by bucket; only of the buckets in ``wanted``, all where it is None.
    Buckets in which nothing changed have none."""
    rows: dict[tuple[str, str], _Last] = {}
    for change in changes:
        if change.entity not in PROJECTIONS:
            continue
        kept = change.new_scopes if change.op == "PUT" else frozenset()
        if not (kept or change.old_scopes):
            continue
        known = rows.get((change.entity, change.id))
        touched = known.touched if known else set()
        touched |= kept | change.old_scopes
        rows[change.entity, change.id] = _Last(change.seq, change.entity, change, kept, touched)
    buckets: dict[str, list[Row]] = {}
    for row in sorted(rows.values(), key=lambda one: one.seq):
        _distribute(row, buckets, wanted)
    return {name: Segment(name, first, last, tuple(items)) for name, items in buckets.items()}


def _distribute(row: _Last, buckets: dict[str, list[Row]], wanted: frozenset[str] | None) -> None:
    touched = row.touched if wanted is None else row.touched & wanted
    if not touched:
        return
    kept = row.kept & touched
    base = {"seq": row.seq, "entity": PROJECTIONS[row.kind].entity, "id": row.document.id}
    if kept:
        put = put_of(base, row.kind, row.document.row or {})
        for bucket in kept:
            buckets.setdefault(bucket, []).append(put)
    if touched - kept:
        gone = {**base, "op": "del"}
        for bucket in touched - kept:
            buckets.setdefault(bucket, []).append(gone)


def put_of(base: Mapping[str, Any], kind: str, data: Mapping[str, Any]) -> Row:
    """The ``put`` of a row: ``base`` has seq, entity and id, ``data`` is the document's JSON."""
    return {**base, "op": "put", "row": project(kind, str(base["id"]), data)}
