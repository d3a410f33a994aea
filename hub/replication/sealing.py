"""The sealer: cuts the feed into sealed segments, keeps a snapshot of every bucket, drops what is too old.

One process at a time (a lock of the repository), once for all stores. Whatever it is killed at, the next run goes on:
segments are on the disk before the row that names them is committed, and the position moves in the same transaction.

A bucket gets a new snapshot when it is new, when its changes since the last one weigh more than it does several times
over, and when the oldest of them reach the age at which they are dropped. What is dropped is always behind the
snapshot, so every store, however long it was away, finds snapshot and changes that lead to the head.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hub.replication import sealed_log as log
from hub.replication.merging import YOUNG, merged, runs
from hub.replication.rows import SCHEMA
from hub.replication.scopes import subscription
from hub.replication.sealed import Sealed, seal
from hub.replication.shelf import Shelf
from hub.replication.stores import Store
from hub.replication.whole import whole_buckets
from hub.replication.windows import RowHistory, distribute, histories
from hub.repository import FeedCursor

if TYPE_CHECKING:
    from hub.repository import Repository, Transaction

WINDOW = 5_000
_LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long changes are kept: at most ``age``, and at most ``ratio`` times the bytes of the bucket's snapshot (but
    ``floor`` bytes in any case)."""

    age: timedelta = timedelta(days=14)
    ratio: float = 4.0
    floor: int = 1 << 20


@dataclass(slots=True)
class SealReport:
    """One run: where the feed is sealed to, and what was made."""

    epoch: str = ""
    position: int = 0
    windows: int = 0
    segments: int = 0
    bytes: int = 0
    snapshots: int = 0
    dropped: int = 0
    merged: int = 0
    buckets: int = 0
    swept: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def seal_feed(
    repo: Repository,
    stores: Iterable[Store],
    shelf: Shelf,
    *,
    window: int = WINDOW,
    retention: Retention | None = None,
    now: datetime | None = None,
) -> SealReport:
    """Seal the feed up to its head for the buckets that the stores subscribe to. Does nothing where nothing changed
    but note the time. Raises ``TemporaryError`` while another process seals."""
    wanted: frozenset[str] = frozenset().union(*(subscription(store) for store in stores))
    with repo.lock("seal", _LEASE) as lock:
        sealer = _Sealer(repo, shelf, wanted, window, retention or Retention(), now or datetime.now(UTC), lock.renew)
        return sealer.run()


@dataclass(slots=True)
class _Sealer:
    repo: Repository
    shelf: Shelf
    wanted: frozenset[str]
    window: int
    retention: Retention
    now: datetime
    renew: Any
    report: SealReport = field(default_factory=SealReport)

    def run(self) -> SealReport:
        """The whole run."""
        sealed = self._begin()
        due = self._due()
        taken = None
        if due:
            taken = whole_buckets(self.repo, self.shelf, due, known=sealed, now=self.now, tick=self.renew)
        head = self.repo.feed_head()
        with self.repo.begin() as tx:
            held = log.progress(tx)
            if held is None or not sealed:
                # Nobody follows yet: the log begins where the first snapshots end.
                position = taken.position if taken else head.position
                log.save_progress(tx, head.epoch, SCHEMA, position, self.now)
            else:
                position = held.position
        while position < head.position:
            position = self._window(head, position)
            self.renew()
        with self.repo.begin() as tx:
            if taken:
                log.replace_snapshots(tx, taken.position, self.now, taken.parts)
                self.report.snapshots = len(taken.parts)
            self._drop(tx)
            log.save_progress(tx, head.epoch, SCHEMA, position, self.now)
            tx.mark_feed(position, self.now)
        self._merge()
        self._sweep()
        self.report.epoch, self.report.position, self.report.buckets = head.epoch, position, len(self.wanted)
        return self.report

    def _begin(self) -> frozenset[str]:
        """Forget what the feed does not go on from, and buckets that nobody wants; the buckets that stay."""
        epoch, start = self.repo.feed_head().epoch, self.repo.feed_start()
        with self.repo.begin() as tx:
            held = log.progress(tx)
            # Purged beyond where it is sealed: nobody sealed for longer than the feed is kept.
            if held is not None and ((held.epoch, held.schema) != (epoch, SCHEMA) or held.position < start):
                log.forget(tx)
            sealed = frozenset(log.buckets(tx))
            log.drop_buckets(tx, sealed - self.wanted)
        return sealed & self.wanted

    def _due(self) -> frozenset[str]:
        """The buckets that need a snapshot."""
        with self.repo.read() as tx:
            buckets, changes, whole = log.buckets(tx), log.changes(tx), log.snapshot_bytes(tx)
        since: dict[str, int] = {}
        due = set(self.wanted - buckets.keys())
        for entry in changes:
            bucket = buckets.get(entry.bucket)
            if bucket is not None and entry.last > bucket.snapshot:
                since[entry.bucket] = since.get(entry.bucket, 0) + entry.bytes
                if self.now - entry.created_at > self.retention.age / 2:
                    due.add(entry.bucket)
        due |= {name for name, size in since.items() if size > self._room(whole.get(name, 0)) / 2}
        return frozenset(due & self.wanted)

    def _room(self, whole: int) -> float:
        return max(self.retention.ratio * whole, self.retention.floor)

    def _window(self, head: FeedCursor, position: int) -> int:
        """Seal the next window; returns its end."""
        changes = self.repo.feed(FeedCursor(head.epoch, position), self.window)
        last = min(changes[-1].seq, head.position) if len(changes) == self.window else head.position
        rows = histories((change for change in changes if change.seq <= last), self.wanted)
        with self.repo.begin() as tx:
            entries = []
            for bucket, made, count in self._segments(tx, rows, position, last):
                self.shelf.put(made)
                size = len(made.data)
                entries.append(log.Entry(bucket, position, last, False, made.digest, size, count, SCHEMA, self.now))
                self.report.bytes += size
            log.add_entries(tx, entries)
            log.save_progress(tx, head.epoch, SCHEMA, last, self.now)
        self.report.windows += 1
        self.report.segments += len(entries)
        return last

    def _segments(
        self, tx: Transaction, rows: list[RowHistory], first: int, last: int
    ) -> Iterator[tuple[str, Sealed, int]]:
        known = log.known_rows(tx, [row.id for row in rows])
        known |= log.number_rows(tx, {row.id: (0, frozenset()) for row in rows if row.id not in known})
        pairs = [(id_, one.version) for id_, one in known.items() if one.version]
        buckets, after = distribute(rows, known, log.versions(tx, pairs), self.wanted)
        log.save_known(tx, after.values())
        for name in sorted(buckets):
            yield name, seal(name, first, last, buckets[name]), buckets[name].rows

    def _drop(self, tx: Transaction) -> None:
        """Drop changes that are too old or too many, never ones that a first load still needs."""
        buckets, whole = log.buckets(tx), log.snapshot_bytes(tx)
        kept: dict[str, int] = {}
        until: dict[str, int] = {}
        for entry in reversed(log.changes(tx)):
            bucket = buckets.get(entry.bucket)
            if bucket is None:
                continue
            size = kept[entry.bucket] = kept.get(entry.bucket, 0) + entry.bytes
            old = self.now - entry.created_at > self.retention.age
            if entry.last <= bucket.snapshot and (old or size > self._room(whole.get(entry.bucket, 0))):
                until[entry.bucket] = max(until.get(entry.bucket, 0), entry.last)
        for name, position in until.items():
            log.drop_changes(tx, name, position)
            self.report.dropped += 1

    def _merge(self) -> None:
        """Make few long segments of many short ones that are old."""
        with self.repo.read() as tx:
            found = list(runs(log.changes(tx, self.now - YOUNG), self.now))
        for run in found:
            first, last = run[0].first, run[-1].last
            contents = merged(self.shelf.path(one.digest).read_bytes() for one in run)
            made = seal(run[0].bucket, first, last, contents)
            self.shelf.put(made)
            size, rows = len(made.data), contents.rows
            new = log.Entry(run[0].bucket, first, last, False, made.digest, size, rows, SCHEMA, run[-1].created_at)
            with self.repo.begin() as tx:
                log.replace_entries(tx, run, new)
                log.touch(tx)
            self.report.merged += len(run)
            self.renew()

    def _sweep(self) -> None:
        with self.repo.read() as tx:
            kept = log.digests(tx)
        self.report.swept = self.shelf.sweep(kept)
