"""How long the change feed is kept: who has read how far, which place is how old, and dropping what is behind.

A purge first notes the place up to which it goes, then deletes in short transactions: from the first one on nobody
reads from before that place, and what a killed purge left is deleted by the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.repository.feed_tables import feed_consumers, feed_marks
from hub.repository.records import FeedCursor
from hub.repository.tables import changes, feed_late, feed_order, feed_state
from hub.repository.types import bounded
from hub.repository.work import Work

BATCH = 10_000
"""Places that are deleted in one transaction: writers on SQLite wait for it, some tens of milliseconds."""

_MARK_EVERY = timedelta(minutes=1)
_CLOCK = timedelta(days=1)

# Where two transactions overlap, a place may come after one that has a newer version of the same document. Both are
# kept or neither: the place that is kept could not tell what was before it. A change below the last place to go that
# is kept itself (also one that has no place yet) is looked at with all changes written after it.
_TORN = text(
    """
    SELECT min(gone.position)
      FROM changes AS kept
      LEFT JOIN feed_order AS place ON place.seq = kept.seq
      JOIN changes AS newer ON newer.row_id = kept.row_id AND newer.seq > kept.seq
      JOIN feed_order AS gone ON gone.seq = newer.seq AND gone.position <= :position
     WHERE kept.seq < (SELECT max(seq) FROM feed_order WHERE position <= :position)
       AND (place.position IS NULL OR place.position > :position)
    """
)
_DELETE = text("DELETE FROM changes USING feed_order AS o WHERE o.seq = changes.seq AND o.position <= :position")


@dataclass(frozen=True, slots=True)
class Consumer:
    """Somebody who reads the feed and has said how far: a name such as ``file:S001``."""

    name: str
    position: int
    seen_at: datetime


class FeedKeeping(Work):
    """Part of a transaction."""

    def acknowledge_feed(self, read: Mapping[str, FeedCursor]) -> None:
        """Note how far consumers have read. What is behind their cursor is kept for them, unless they stay away longer
        than the feed is kept at all."""
        rows = [
            {"name": bounded(name), "epoch": one.epoch, "position": one.position, "seen_at": self.now}
            for name, one in read.items()
        ]
        if rows:
            statement: Any = postgresql.insert(feed_consumers) if self.postgresql else sqlite.insert(feed_consumers)
            changed = {name: statement.excluded[name] for name in ("epoch", "position", "seen_at")}
            self.write(statement.on_conflict_do_update(index_elements=["name"], set_=changed), rows)

    def forget_consumer(self, name: str) -> bool:
        """Keep nothing for a consumer any more. Whether it was known."""
        return self.write(delete(feed_consumers).where(feed_consumers.c.name == name)).rowcount > 0

    def consumers(self) -> list[Consumer]:
        """Who reads the feed as it is now; those that last read one of another epoch are left out."""
        epoch = select(feed_state.c.epoch).scalar_subquery()
        query = select(feed_consumers).where(feed_consumers.c.epoch == epoch).order_by(feed_consumers.c.name)
        return [Consumer(row.name, row.position, row.seen_at) for row in self.rows(query)]

    def mark_feed(self, position: int, at: datetime) -> None:
        """Note that the feed has reached ``position``; a mark a minute is enough to tell how old a place is."""
        # A clock that was far ahead once must not keep the feed until that time comes.
        self.write(delete(feed_marks).where(feed_marks.c.at > at + _CLOCK))
        last = self.one(select(feed_marks).order_by(feed_marks.c.position.desc()).limit(1))
        if last is None or (last.position < position and last.at + _MARK_EVERY <= at):
            self.add(feed_marks, {"position": position, "at": at})

    def feed_reached(self, before: datetime) -> int:
        """The last place known to be as old as ``before``; 0 where none is."""
        row = self.one(select(func.max(feed_marks.c.position)).where(feed_marks.c.at <= before))
        return int(row[0] or 0) if row else 0

    def feed_reached_at(self, position: int) -> datetime | None:
        """When the feed had a place at the latest; None where that is not known (any more)."""
        query = (
            select(feed_marks.c.at).where(feed_marks.c.position >= position).order_by(feed_marks.c.position).limit(1)
        )
        row = self.one(query)
        return row.at if row else None


def counted(work: Work) -> tuple[int, int]:
    """How many changes are kept, and up to which place they are purged."""
    count = work.one(select(func.count()).select_from(changes))
    state = work.one(select(feed_state.c.purged))
    return (int(count[0]) if count else 0, int(state.purged) if state else 0)


def begin(work: Work, until: int) -> int:
    """Note that the feed is purged up to ``until``, or to the last place before it where that can be; returns it.
    Nothing happens where it is purged that far already."""
    state = work.connection.execute(select(feed_state).with_for_update()).one()
    if work.postgresql:
        until = min(until, state.position)
        while until > state.purged and (torn := work.connection.execute(_TORN, {"position": until}).scalar()):
            until = torn - 1
    else:
        until = min(until, work.connection.execute(select(func.max(changes.c.seq))).scalar() or 0)
    if until <= state.purged:
        return int(state.purged)
    work.write(update(feed_state).values(purged=until))
    old = select(func.max(feed_marks.c.position)).where(feed_marks.c.position <= until).scalar_subquery()
    work.write(delete(feed_marks).where(feed_marks.c.position < old))
    return until


def drop(work: Work, until: int, batch: int) -> int:
    """Delete the oldest changes, ``batch`` places at most and none after ``until``; how many there were."""
    place = feed_order.c.position if work.postgresql else changes.c.seq
    first = work.connection.execute(select(func.min(place))).scalar()
    if first is None or first > until:
        return 0
    last = min(until, first + batch - 1)
    if not work.postgresql:
        return work.write(delete(changes).where(changes.c.seq <= last)).rowcount
    count = work.connection.execute(_DELETE, {"position": last}).rowcount
    for table in (feed_order, feed_late):
        work.write(delete(table).where(table.c.position <= last))
    return count


def purge(retrying: Callable[[Callable[[Any], int]], int], until: int, batch: int = BATCH) -> int:
    """Drop the changes up to a place of the feed, or as far as can be; how many there were."""
    until = retrying(lambda work: begin(work, until))
    total = 0
    while count := retrying(lambda work: drop(work, until, batch)):
        total += count
    return total
