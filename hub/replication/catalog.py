"""What is sealed, in memory, and what a store needs of it: the checkpoint that leads from its cursor to the end of the
sealed feed. Made once for each edition of the sealed log; a store that needs nothing costs a few comparisons."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hub.replication import sealed_log as log
from hub.replication.rows import SCHEMA

if TYPE_CHECKING:
    from hub.repository import Repository


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a node says that it stands. ``numbered`` is false where its rows came without numbers; ``reload``: it asks
    for everything anew."""

    epoch: str = ""
    seq: int = 0
    schema: int = SCHEMA
    buckets: frozenset[str] = frozenset()
    numbered: bool = True
    reload: bool = False


@dataclass(slots=True)
class _Shelved:
    """One bucket: its snapshot's parts, and its changes in order with their ends."""

    snapshot: int
    kept_from: int
    parts: list[log.Entry] = field(default_factory=list)
    changes: list[log.Entry] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def since(self, position: int) -> list[log.Entry]:
        return self.changes[bisect_right(self.ends, position) :]


class Catalog:
    """One edition of the sealed log. ``position`` 0 and no buckets where nothing is sealed yet."""

    def __init__(
        self, progress: log.Progress | None, buckets: Iterable[log.Bucket], entries: Iterable[log.Entry]
    ) -> None:
        self.epoch = progress.epoch if progress else ""
        self.position = progress.position if progress else 0
        self.progress = progress
        self.as_of = progress.as_of.isoformat(timespec="seconds") if progress else ""
        self._buckets = {one.name: _Shelved(one.snapshot, one.kept_from) for one in buckets}
        self.files: dict[str, tuple[str, int]] = {}
        """By digest: bucket and bytes."""
        for entry in entries:
            self.files[entry.digest] = (entry.bucket, entry.bytes)
            shelved = self._buckets.get(entry.bucket)
            if shelved is None:
                continue
            if entry.snapshot:
                shelved.parts.append(entry)
            else:
                shelved.changes.append(entry)
                shelved.ends.append(entry.last)

    @classmethod
    def load(cls, repo: Repository) -> Catalog:
        """The newest edition."""
        with repo.read() as tx:
            return cls(log.progress(tx), log.buckets(tx).values(), log.entries(tx))

    @property
    def ready(self) -> bool:
        """Whether anything was sealed."""
        return bool(self.epoch)

    def idle(self, cursor: Cursor, wanted: frozenset[str]) -> bool:
        """Whether a store has all there is."""
        return (
            cursor.seq == self.position
            and cursor.buckets == wanted
            and cursor.epoch == self.epoch
            and cursor.schema == SCHEMA
            and cursor.numbered
            and not cursor.reload
        )

    def checkpoint(self, cursor: Cursor, wanted: frozenset[str], settings: Mapping[str, Any]) -> dict[str, Any] | None:
        """The checkpoint for a store that stands at ``cursor`` and may see ``wanted``, in the form of the protocol.
        Buckets that are new to the store and not sealed yet come with a later one. None where it must wait for the
        sealer: nobody is emptied before what fills him again is there."""
        available = frozenset(name for name in wanted if name in self._buckets and self._whole(name))
        kept = wanted & cursor.buckets
        reset = self._lost(cursor, kept & available)
        if not self.ready or not (wanted if reset else kept) <= available:
            return None
        gained = available if reset else available - cursor.buckets
        segments: list[dict[str, Any]] = []
        for name in sorted(available):
            shelved = self._buckets[name]
            if name in gained:
                segments.extend(self._snapshot(name))
                segments.extend(_listed(one) for one in shelved.since(shelved.snapshot))
            else:
                segments.extend(_listed(one) for one in shelved.since(cursor.seq))
        return {
            "epoch": self.epoch,
            "schema": SCHEMA,
            "from": {"epoch": cursor.epoch, "seq": cursor.seq, "buckets": sorted(cursor.buckets)},
            "last": self.position,
            "as_of": self.as_of,
            "reset": reset,
            "settings": dict(settings),
            "unsubscribe": [] if reset else sorted(cursor.buckets - wanted),
            "segments": segments,
        }

    def _whole(self, name: str) -> bool:
        # A snapshot later than the sealed feed is of a sealer that is at work just now.
        return self._buckets[name].snapshot <= self.position

    def _lost(self, cursor: Cursor, kept: frozenset[str]) -> bool:
        """Whether the store cannot go on from where it stands."""
        if cursor.reload or not cursor.numbered or cursor.seq <= 0 or cursor.schema != SCHEMA:
            return True
        if cursor.epoch != self.epoch or cursor.seq > self.position:
            return True
        return any(self._buckets[name].kept_from > cursor.seq for name in kept)

    def _snapshot(self, name: str) -> Iterator[dict[str, Any]]:
        shelved = self._buckets[name]
        if not shelved.parts:
            yield {"bucket": name, "first": 0, "last": shelved.snapshot, "snapshot": True, "digest": "", "bytes": 0}
        yield from (_listed(one) for one in shelved.parts)


def _listed(entry: log.Entry) -> dict[str, Any]:
    return {
        "bucket": entry.bucket,
        "first": entry.first,
        "last": entry.last,
        "snapshot": entry.snapshot,
        "digest": entry.digest,
        "bytes": entry.bytes,
    }
