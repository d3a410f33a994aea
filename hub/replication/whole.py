"""Snapshots of buckets as sealed segments: one pass over the documents for all buckets that need one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from hub.replication.past import State
from hub.replication.rows import PROJECTIONS, SCHEMA, project
from hub.replication.sealed import Contents, Put, seal
from hub.replication.sealed_log import Entry, known_rows, number_rows, save_known
from hub.replication.shelf import Shelf
from hub.replication.snapshot import snapshot
from hub.replication.windows import Known

if TYPE_CHECKING:
    from hub.repository import Repository

PART = 10_000
"""Rows in one part of a snapshot: what a till holds in memory at a time."""

_WAITING = 60_000
_PAGE = 5_000


@dataclass(slots=True)
class Taken:
    """The snapshots of some buckets at ``position``, their parts on the disk."""

    position: int
    parts: dict[str, list[Entry]]


@dataclass(slots=True)
class _Writer:
    """Rows by bucket, put on the shelf as parts; memory stays bounded whatever the number of rows and buckets."""

    shelf: Shelf
    position: int
    now: datetime
    parts: dict[str, list[Entry]]
    waiting: dict[str, Contents] = field(default_factory=dict)
    rows: int = 0

    def add(self, bucket: str, put: Put) -> None:
        held = self.waiting.setdefault(bucket, Contents())
        held.puts.append(put)
        self.rows += 1
        if len(held.puts) >= PART:
            self._write(bucket)
        elif self.rows >= _WAITING:
            # The longest ones first: short parts cost more bytes a row.
            for name in sorted(self.waiting, key=lambda one: -self.waiting[one].rows):
                self._write(name)
                if self.rows < _WAITING / 2:
                    break

    def flush(self) -> None:
        for name in list(self.waiting):
            self._write(name)

    def _write(self, bucket: str) -> None:
        contents = self.waiting.pop(bucket)
        self.rows -= contents.rows
        made = seal(bucket, 0, self.position, contents, snapshot=True)
        self.shelf.put(made)
        size = len(made.data)
        entry = Entry(bucket, 0, self.position, True, made.digest, size, contents.rows, SCHEMA, self.now)
        self.parts[bucket].append(entry)


def whole_buckets(
    repo: Repository,
    shelf: Shelf,
    wanted: frozenset[str],
    *,
    known: frozenset[str],
    now: datetime,
    tick: Callable[[], None],
) -> Taken:
    """Put the buckets ``wanted`` on the shelf, whole, at one position of the feed. ``known`` are the buckets that were
    sealed before; ``tick`` is called now and then."""
    with snapshot(repo) as taken:
        position = taken.cursor.position
        writer = _Writer(shelf, position, now, {name: [] for name in wanted})
        for page in _pages(state for state in taken.states() if state.scopes & wanted):
            numbers = _numbered(repo, page, known)
            for state in page:
                row = project(state.kind, state.id, json.loads(state.json))
                put = Put(numbers[state.id].number, PROJECTIONS[state.kind].entity, state.id, row)
                for bucket in state.scopes & wanted:
                    writer.add(bucket, put)
            tick()
        writer.flush()
    return Taken(position, writer.parts)


def _pages(states: Iterable[State]) -> Iterator[list[State]]:
    iterator = iter(states)
    while page := list(islice(iterator, _PAGE)):
        yield page


def _numbered(repo: Repository, page: list[State], sealed: frozenset[str]) -> dict[str, Known]:
    """The rows' numbers. What a new row is like counts as sealed only where no bucket that was sealed before holds it:
    there its first change is still to come, and it must come whole. The same for a row that had left the sealed
    buckets: what was sealed of it then is not what this snapshot says."""
    with repo.begin() as tx:
        found = known_rows(tx, [state.id for state in page])
        fresh = {
            state.id: (0, frozenset[str]()) if state.scopes & sealed else (state.version, state.scopes)
            for state in page
            if state.id not in found
        }
        back = {
            state.id: Known(found[state.id].number, state.version, state.scopes)
            for state in page
            if state.id in found and not (state.scopes | found[state.id].scopes) & sealed
        }
        save_known(tx, back.values())
        return found | back | number_rows(tx, fresh)
