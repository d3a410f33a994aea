"""The repository as replication reads it: a target, and windows of the feed that lead there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hub.errors import TemporaryError
from hub.replication.segments import Segment, cut
from hub.replication.snapshot import snapshot
from hub.replication.spool import Spool
from hub.repository import FeedCursor

if TYPE_CHECKING:
    from hub.repository import Change, Repository, Transaction


@dataclass(frozen=True, slots=True)
class Window:
    """The changes after ``first`` up to ``last``, cut."""

    first: int
    last: int
    segments: dict[str, Segment]


class Source:
    """One run's view of the feed. ``target`` is where every store of the run is brought to, whatever is written
    meanwhile. ``as_of`` is the hub's time just before it was read (on PostgreSQL, changes beside a transaction that
    was open then may follow later, as the feed shows them)."""

    def __init__(self, repo: Repository, window: int) -> None:
        self._repo = repo
        self._size = window
        self._read_head()

    def _read_head(self) -> None:
        self.as_of = datetime.now(UTC).isoformat(timespec="seconds")
        cursor = self._repo.feed_head()
        self.epoch, self.target = cursor.epoch, cursor.position
        self._begin = self._repo.feed_start()

    def reaches(self, seq: int) -> bool:
        """Whether the feed goes on from ``seq``. If not, it is a place in a future that a restore has undone, or so
        long ago that the feed is purged beyond it."""
        if seq > self.target:
            # Perhaps another run was faster than this one, and brought the store to a later head.
            self._read_head()
        return self._begin <= seq <= self.target

    def fill(self, spool: Spool, wanted: frozenset[str]) -> None:
        """Put the buckets ``wanted`` into ``spool``, whole. The target moves to the moment of the snapshot, so that
        whole buckets and changes meet at one position."""
        self.as_of = datetime.now(UTC).isoformat(timespec="seconds")
        with snapshot(self._repo) as taken:
            self.epoch, self.target = taken.cursor.epoch, taken.cursor.position
            for buckets, change in taken.rows(wanted):
                spool.add(buckets, change)
        spool.flush()

    def taken(self, read: Mapping[str, int]) -> None:
        """Note how far stores have taken the feed, so that it is kept for them. Where the repository is busy that is
        left to the next run: a store whose changes are purged is loaded anew."""
        cursors = {f"file:{store}": FeedCursor(self.epoch, seq) for store, seq in read.items()}

        def write(tx: Transaction) -> None:
            tx.mark_feed(self.target, datetime.fromisoformat(self.as_of))
            tx.acknowledge_feed(cursors)

        with suppress(TemporaryError):
            self._repo.retrying(write)

    def windows(self, after: int, wanted: frozenset[str]) -> Iterator[Window]:
        """The feed from ``after`` to the target in windows; the last one ends exactly there. Raises ``FeedCursorLost``
        where it is purged meanwhile."""
        while after < self.target:
            changes = self._repo.feed(FeedCursor(self.epoch, after), self._size)
            last = self._end(changes)
            kept = [change for change in changes if change.seq <= last]
            yield Window(after, last, cut(kept, after, last, wanted))
            after = last

    def _end(self, changes: list[Change]) -> int:
        full = len(changes) == self._size
        return min(changes[-1].seq, self.target) if full else self.target
