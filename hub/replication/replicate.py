"""Bring stores up to date: one pass over the change feed, however many stores take from it.

1. Read the head of the feed: the target. Every store of the run ends at exactly this position.
2. Ask every store where it stands. New, of another epoch or schema, ahead of the feed, or further back than the feed
   is kept: it is loaded anew.
3. If a store needs whole buckets (first load, or its scope grew), make them once, in one pass over the documents; the
   target is then the moment of this pass.
4. Go through the feed from the oldest cursor to the target, a window at a time; cut each window once; give every store
   behind it its buckets. The last window also carries new buckets, lost buckets and the store's settings, so that a
   store arrives at the target in one transaction.

A run that is killed, or runs twice, or beside another, does no harm: a store's cursor moves together with its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

from hub.errors import TemporaryError
from hub.replication.links import Links, Visit
from hub.replication.report import Summary
from hub.replication.rows import SCHEMA
from hub.replication.segments import Segment
from hub.replication.source import Source, Window
from hub.replication.spool import Spool
from hub.replication.stores import Store, stores_of
from hub.repository import FeedCursorLost

if TYPE_CHECKING:
    from hub.authorizations.policies import Policies
    from hub.repository import Repository
    from hub.translation import ReplicaLink, ReplicaType

WINDOW = 5_000
"""Changes in one window of the feed: what is held in memory, and what a store applies in one transaction."""


def replicate(
    repo: Repository,
    stores: Iterable[Store],
    replica_types: Mapping[str, ReplicaType],
    store: str | None = None,
    group: str | None = None,
    *,
    reload: bool = False,
    window: int = WINDOW,
    authorizations: Policies | None = None,
) -> Summary:
    """Bring ``store``, or the stores of ``group``, or all of ``stores`` to the head of the feed.

    ``replica_types`` is ``Plugins.replica_types``. ``reload`` loads every chosen store anew. ``authorizations`` is
    what tills are told of what they may decide; None: nothing, and they forbid nothing. Raises
    ``ConfigurationError`` for a store or group that does not exist and ``TemporaryError`` where the repository is
    busy or was replaced meanwhile; a store that fails is reported in the summary and harms no other.
    """
    chosen = stores_of(stores, store, group)
    source = Source(repo, window)
    with closing(Links(replica_types)) as links, Spool() as spool:
        run = _Run(links, source, spool, [links.visit(one) for one in chosen], authorizations)
        run.look(reload)
        run.fill()
        try:
            run.sweep()
        except FeedCursorLost:
            # Purged while it was read: who was still on the way is loaded anew.
            run.restart()
            run.fill()
            run.sweep()
        run.acknowledge()
    return run.summary()


class _Run:
    """One pass over the feed for some stores."""

    def __init__(
        self, links: Links, source: Source, spool: Spool, visits: list[Visit], authorizations: Policies | None
    ) -> None:
        self._links = links
        self._source = source
        self._spool = spool
        self._visits = visits
        self._authorizations = authorizations

    def look(self, reload: bool) -> None:
        """Ask every store where it stands, and decide how it gets to the target."""
        for visit in self._visits:
            self._links.use(visit, partial(self._look, visit, reload))

    def _look(self, visit: Visit, reload: bool, link: ReplicaLink) -> None:
        cursor = link.cursor()
        visit.stands(str(cursor["epoch"]), int(cursor["seq"]), frozenset(cursor["buckets"]))
        known = visit.epoch == self._source.epoch and visit.seq > 0 and int(cursor["schema"]) == SCHEMA
        visit.plan(reset=reload or not known or not self._source.reaches(visit.seq))

    def fill(self) -> None:
        """Make the buckets that some store needs whole: for a first load, or because its scope grew."""
        wanted: frozenset[str] = frozenset().union(*(visit.gained for visit in self._visits if not visit.done))
        if not wanted:
            return
        before = self._source.epoch
        self._source.fill(self._spool, wanted)
        if self._source.epoch != before:
            raise TemporaryError("the repository was restored or replaced while it was read; replicate again")

    def restart(self) -> None:
        """Load anew who has not arrived."""
        for visit in self._visits:
            if not visit.done:
                visit.plan(reset=True)

    def acknowledge(self) -> None:
        """Note how far the stores have come, for the purge of the feed."""
        self._source.taken({one.store.id: one.report.to_seq for one in self._visits if not one.report.error})

    def sweep(self) -> None:
        """Serve the feed from the oldest cursor on, then bring to the target who is not there yet."""
        behind = [visit for visit in self._visits if visit.follows and visit.seq < self._source.target]
        if behind:
            wanted = frozenset().union(*(visit.kept for visit in behind))
            for window in self._source.windows(min(visit.seq for visit in behind), wanted):
                for visit in behind:
                    if not visit.done and visit.seq < window.last:
                        self._serve(visit, window)
        for visit in self._visits:
            if not visit.done:
                self._arrive(visit, ())

    def _serve(self, visit: Visit, window: Window) -> None:
        """Give one store its buckets of one window."""
        segments = [window.segments[name] for name in sorted(visit.kept & window.segments.keys())]
        if window.last == self._source.target:
            self._arrive(visit, segments)
            return
        frame = self._frame(visit, window.last, [segment.plain() for segment in segments])
        self._apply(visit, frame, sum(len(segment.sealed) for segment in segments))
        visit.held = visit.kept

    def _arrive(self, visit: Visit, deltas: Sequence[Segment]) -> None:
        """The checkpoint that ends at the target: the last window, whole new buckets, lost ones, and the settings. It
        is sent even where nothing changed, because the store learns from it that it is up to date as of now."""
        segments = [segment.plain() for segment in deltas]
        for name in sorted(visit.gained):
            first = 0 if visit.reset else visit.seq
            whole = Segment(name, first, self._source.target, (), snapshot=True).plain()
            segments.append({**whole, "changes": self._spool.rows(name)})
        frame = self._frame(visit, self._source.target, segments)
        store, told = visit.store, self._authorizations
        settings = store.settings() | (told.settings(store.mode) if told else {})
        frame |= {"settings": settings, "as_of": self._source.as_of}
        size = sum(len(segment.sealed) for segment in deltas) + sum(self._spool.size(name) for name in visit.gained)
        self._apply(visit, frame, size)
        visit.done = True

    def _frame(self, visit: Visit, last: int, segments: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "epoch": self._source.epoch,
            "schema": SCHEMA,
            "from": {"epoch": visit.epoch, "seq": visit.seq, "buckets": sorted(visit.held)},
            "last": last,
            "reset": visit.reset,
            # With the first window already: kept without their changes they would be stale under a moved cursor.
            "unsubscribe": sorted(visit.lost),
            "segments": segments,
        }

    def _apply(self, visit: Visit, frame: dict[str, Any], size: int) -> None:
        def apply(link: ReplicaLink) -> None:
            visit.report.rows += link.apply(frame)
            visit.report.bytes += size
            visit.seq = visit.report.to_seq = frame["last"]

        self._links.use(visit, apply)

    def summary(self) -> Summary:
        """What was done, store by store."""
        for visit in self._visits:
            visit.report.lag = max(0, self._source.target - visit.report.to_seq)
        reports = [visit.report for visit in self._visits]
        return Summary(self._source.epoch, self._source.target, self._source.as_of, reports)
