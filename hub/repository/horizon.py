"""What holds the change feed back: transactions that write and do not end (PostgreSQL).

A change gets its place once no transaction can come before it any more, so one that is open stops the feed for as
long as it lasts, in whatever database of the server it is. What is shown of it depends on rights: without
``pg_read_all_stats`` the server hides other users' transactions, and only the changes that wait for a place tell that
there is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

# The oldest first: it is the one that counts.
_HOLDERS = text(
    """
    SELECT pid, datname AS database, usename AS owner, application_name AS application, state, xact_start AS since,
           '' AS prepared
      FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
     UNION ALL
    SELECT 0, database, owner, '', 'prepared', prepared, gid FROM pg_prepared_xacts
     ORDER BY since
    """
)
_WAITING = text(
    """
    SELECT count(*) AS waiting, min(documents.updated_at) AS since
      FROM feed_state JOIN changes ON (changes.xid, changes.seq) > (feed_state.last_xid, feed_state.last_seq)
      LEFT JOIN documents ON documents.id = changes.row_id
     WHERE changes.xid >= pg_snapshot_xmin(pg_current_snapshot())
    """
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A transaction that has written and is open. ``pid`` is 0 for a prepared one, which has a name instead."""

    pid: int
    application: str
    owner: str
    database: str
    state: str
    since: datetime
    prepared: str = ""

    def told(self, now: datetime) -> str:
        """In words: what it is, how old, and how to end it."""
        age = lasting(now - self.since)
        if self.prepared:
            name = "'" + self.prepared.replace("'", "''") + "'"
            return (
                f"prepared transaction {name} of {self.owner} in database {self.database}, {age} old;"
                f" end it there: COMMIT PREPARED {name} or ROLLBACK PREPARED {name}"
            )
        return (
            f"process {self.pid} ({self.application or 'no application name'}, user {self.owner}, database"
            f" {self.database}), {self.state}, transaction {age} old;"
            f" to end it: SELECT pg_terminate_backend({self.pid})"
        )

    def as_dict(self, now: datetime) -> dict[str, Any]:
        """Plain data."""
        return {
            "pid": self.pid, "application": self.application, "owner": self.owner, "database": self.database,
            "state": self.state, "prepared": self.prepared, "seconds": round((now - self.since).total_seconds()),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Horizon:
    """What waits for a place in the feed: so many changes, the oldest written at about ``since``; and who is in the
    way, oldest first. On SQLite nothing ever waits."""

    waiting: int = 0
    since: datetime | None = None
    holders: tuple[Holder, ...] = ()

    def age(self, now: datetime) -> timedelta:
        """How far the feed is behind: the age of the oldest change that waits, or of the oldest open transaction, which
        every change after its beginning waits for."""
        begins = [one.since for one in self.holders[:1]] + [one for one in (self.since,) if one]
        return max((now - one for one in begins), default=timedelta())


def horizon(connection: Connection) -> Horizon:
    """What holds the feed back at this moment."""
    if connection.dialect.name != "postgresql":
        return Horizon()
    late = connection.execute(_WAITING).one()
    holders = []
    for row in connection.execute(_HOLDERS):
        since = row.since.astimezone(UTC) if row.since else datetime.now(UTC)
        names = (str(value or "") for value in (row.application, row.owner, row.database, row.state))
        application, owner, database, state = names
        holders.append(Holder(row.pid, application, owner, database, state, since, row.prepared))
    return Horizon(late.waiting, late.since.astimezone(UTC) if late.since else None, tuple(holders))


def lasting(age: timedelta) -> str:
    """A span of time in words, rounded down: ``45 s``, ``12 min``, ``3 h``, ``9 d``."""
    seconds = max(0, int(age.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
