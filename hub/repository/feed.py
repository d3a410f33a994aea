"""The change feed: every change of a document once, in an order that never changes, with no change skipped.

A row is written in the transaction of the document. Its ``seq`` is taken before the commit, so on PostgreSQL a later
``seq`` may become visible first, and a reader that remembers the last one it saw would skip rows. Therefore the
rows of transactions that can no longer be joined by earlier ones (below the snapshot's horizon) are numbered in the
order ``(xid, seq)``, once, and that dense ``position`` is what readers see. SQLite has one writer: ``seq`` will do.

Of two overlapping transactions that write one document one after the other, the later writer may have the smaller xid.
Its change is then numbered first, and the older version would come last. Such a late change shows the newest version
up to there instead (``feed_late``), with its own old scopes: whoever takes changes as they come is never set back.

A change knows the scopes and, by its ``op``, the version before it: ``PUT`` and ``DEL`` count the version up, ``MOV``
leaves it (the document only went to other scopes; readers see a ``PUT``). So the log can be purged from its beginning
(``feed_keeping``) and still says what was before any change that is kept.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, FromClause, Row, Select, and_, func, select, text, update

from hub.repository import tables
from hub.repository.failures import FeedCursorLost
from hub.repository.identifiers import new_id
from hub.repository.records import Change, FeedCursor
from hub.repository.work import Work

_changes, _order, _state, _versions = tables.changes, tables.feed_order, tables.feed_state, tables.document_versions
_late = tables.feed_late

PUT, DEL, MOVE = "PUT", "DEL", "MOV"

# xids only ever grow in one server. Visible to this statement's snapshot and below its xmin means: committed, and no
# transaction that is still open, or will begin, can have a smaller xid.
_WAITING = text(
    """
    INSERT INTO feed_order (position, seq)
    SELECT :position + row_number() OVER (ORDER BY xid, seq), seq
      FROM changes
     WHERE (xid, seq) > (CAST(:last_xid AS xid8), :last_seq) AND xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY xid, seq
     LIMIT :limit
    RETURNING position, seq
    """
)
# The row of a document is locked while it is written, so ``seq`` tells which of its changes is the newer one.
_OVERTAKEN = text(
    """
    INSERT INTO feed_late (position, seq)
    SELECT feed_order.position, max(newer.seq)
      FROM feed_order
      JOIN changes ON changes.seq = feed_order.seq
      JOIN changes AS newer ON newer.row_id = changes.row_id AND newer.seq > changes.seq AND newer.xid < changes.xid
     WHERE feed_order.position > :position AND newer.seq > :first
     GROUP BY feed_order.position
    """
)
_SEAL_ROWS = 10_000


def seal(work: Work) -> int:
    """Number the changes that are final by now (PostgreSQL). Returns how many; one process at a time does it."""
    state = work.connection.execute(select(_state).with_for_update()).one()
    found = work.connection.execute(
        _WAITING,
        {
            "position": state.position,
            "last_xid": str(state.last_xid),
            "last_seq": state.last_seq,
            "limit": _SEAL_ROWS,
        },
    ).all()
    if found:
        last = max(found)
        xid = select(_changes.c.xid).where(_changes.c.seq == last.seq).scalar_subquery()
        work.write(update(_state).values(position=last.position, last_seq=last.seq, last_xid=xid))
        first = min(row.seq for row in found)
        work.connection.execute(_OVERTAKEN, {"position": state.position, "first": first})
    return len(found)


def unsealed(connection: Connection) -> bool:
    """Whether ``seal`` would find something: asked without a lock, so that reading an idle feed writes nothing."""
    query = text(
        """
        SELECT EXISTS (
            SELECT 1 FROM changes, feed_state
             WHERE (changes.xid, changes.seq) > (feed_state.last_xid, feed_state.last_seq)
               AND changes.xid < pg_snapshot_xmin(pg_current_snapshot()))
        """
    )
    return bool(connection.execute(query).scalar())


def head(connection: Connection) -> FeedCursor:
    """The place after the last change that can be read."""
    state = connection.execute(select(_state.c.epoch, _state.c.position, _state.c.purged)).one()
    if connection.dialect.name == "postgresql":
        return FeedCursor(state.epoch, state.position)
    last = connection.execute(select(func.max(_changes.c.seq))).scalar() or 0
    return FeedCursor(state.epoch, max(last, state.purged))


def epoch(connection: Connection) -> str:
    """The epoch that the feed is in."""
    return str(connection.execute(select(_state.c.epoch)).scalar_one())


def purged(connection: Connection) -> int:
    """The place up to which changes are not kept any more: the first cursor that can be read on from."""
    return int(connection.execute(select(_state.c.purged)).scalar_one())


def read(connection: Connection, after: FeedCursor | None, limit: int) -> list[Change]:
    """Up to ``limit`` changes after a cursor (None: from the beginning), in order. Raises FeedCursorLost."""
    now, first = head(connection), purged(connection)
    start = after or FeedCursor(now.epoch, 0)
    if start.epoch == now.epoch and start.position < first:
        raise FeedCursorLost(
            f"the change feed is purged up to {first}; it cannot be read on from {start.position}. Empty the replica, "
            "load everything from hub.replication.snapshot, and read on from its cursor; hub replicate and hub store "
            "seal do so by themselves. [feed] in hub.toml says how long changes are kept"
        )
    if start.epoch != now.epoch or start.position > now.position:
        raise FeedCursorLost(
            f"the change feed does not know the place {start}: it is at {now}. The repository was restored or replaced "
            "since; empty the replica and load it from the beginning"
        )
    rows = connection.execute(_query(connection, start.position, now.position).limit(limit))
    return [_change(row, now.epoch) for row in rows]


def new_epoch(work: Work) -> FeedCursor:
    """Begin a new epoch, after the database was restored or moved: every reader loads everything again.

    Waits for the transactions that are writing. Rows sealed already stay where they are; on PostgreSQL, where a
    moved database counts its transactions from the start again, the others get this transaction's number.
    """
    epoch = new_id()
    if not work.postgresql:
        work.write(update(_state).values(epoch=epoch))
        return head(work.connection)
    work.write(text("LOCK TABLE changes IN EXCLUSIVE MODE"))
    sealed = select(_order.c.seq).where(_order.c.seq == _changes.c.seq).exists()
    work.write(update(_changes).where(sealed).values(xid=text("'0'")))
    work.write(update(_changes).where(~sealed).values(xid=func.pg_current_xact_id()))
    # An open transaction below us may still write its first change once this one is committed.
    below = text("(pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text::xid8")
    work.write(update(_state).values(epoch=epoch, last_xid=below, last_seq=0))
    return head(work.connection)


def _query(connection: Connection, after: int, until: int) -> Select[Any]:
    postgresql = connection.dialect.name == "postgresql"
    position = _order.c.position if postgresql else _changes.c.seq
    shown = _changes.alias("shown") if postgresql else _changes  # the change itself, or the newer one before it
    same = and_(_versions.c.document_id == shown.c.row_id, _versions.c.version == shown.c.version, shown.c.op != DEL)
    query = select(
        position.label("position"),
        shown.c.entity,
        shown.c.row_id,
        shown.c.op,
        shown.c.version,
        _changes.c.old_scopes,
        shown.c.new_scopes,
        _changes.c.exchange_id,
        _changes.c.origin,
        func.coalesce(_versions.c.json, "").label("json"),
    )
    source: FromClause = _changes
    if postgresql:
        source = _order.join(_changes, _changes.c.seq == _order.c.seq)
        source = source.outerjoin(_late, _late.c.position == _order.c.position)
        source = source.join(shown, shown.c.seq == func.coalesce(_late.c.seq, _changes.c.seq))
    query = query.select_from(source.outerjoin(_versions, same))
    return query.where(position > after, position <= until).order_by(position)


def _change(row: Row[Any], epoch: str) -> Change:
    return Change(
        cursor=FeedCursor(epoch, row.position),
        entity=row.entity,
        id=row.row_id,
        op=DEL if row.op == DEL else PUT,
        version=row.version,
        old_scopes=_scopes(row.old_scopes),
        new_scopes=_scopes(row.new_scopes),
        json=row.json,
        exchange_id=row.exchange_id,
        origin=row.origin,
    )


@lru_cache(maxsize=10_000)
def _scopes(stored: str) -> frozenset[str]:
    return frozenset(json.loads(stored))
