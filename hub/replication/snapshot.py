"""Whole buckets at one position of the feed, read from the documents in one pass instead of replaying their history."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub.replication.rows import PROJECTIONS
from hub.replication.segments import put_of

if TYPE_CHECKING:
    from hub.repository import FeedCursor, Repository, Transaction

_PAGE = 5_000

# Committed, but not numbered yet: an older transaction is still open. These rows are newer than the feed's head.
_AHEAD = """
    SELECT DISTINCT changes.row_id FROM changes, feed_state
     WHERE (changes.xid, changes.seq) > (feed_state.last_xid, feed_state.last_seq)
"""


@dataclass(frozen=True, slots=True)
class State:
    """A document as it was at the head: id, kind, version, stored tags, JSON text."""

    id: str
    kind: str
    version: int
    scopes: frozenset[str]
    json: str


class Snapshot:
    """All documents at ``cursor``, exactly: what the feed up to there leads to, no more and no less."""

    def __init__(self, tx: Transaction) -> None:
        from hub.repository import feed

        self._tx = tx
        self.cursor: FeedCursor = feed.head(tx.connection)

    def rows(self, wanted: frozenset[str]) -> Iterator[tuple[frozenset[str], dict[str, Any]]]:
        """The till's row of every document that one of the buckets ``wanted`` holds, with those buckets."""
        for state in self.states():
            buckets = state.scopes & wanted
            if buckets:
                # Newer than any change up to the cursor, older than any after it.
                base = {"seq": self.cursor.position, "entity": PROJECTIONS[state.kind].entity, "id": state.id}
                yield buckets, put_of(base, state.kind, json.loads(state.json))

    def states(self) -> Iterator[State]:
        """Every document that a till may see."""
        ahead = self._ahead()
        for kind in PROJECTIONS:
            after = ""
            while page := self._tx.list(kind, after=after, limit=_PAGE):
                for record in page:
                    if record.id not in ahead:
                        yield State(record.id, kind, record.version, record.scopes, record.json)
                after = page[-1].id
        for document in sorted(ahead):
            state = self._before(document)
            if state is not None:
                yield state

    def _ahead(self) -> frozenset[str]:
        """Documents with changes after the head. SQLite has none: its head is its last change."""
        from sqlalchemy import text

        if not self._tx.postgresql:
            return frozenset()
        return frozenset(row.row_id for row in self._tx.rows(text(_AHEAD)))

    def _before(self, document: str) -> State | None:
        """The document as its newest change up to the head left it, which ``seq`` tells and not the position (see
        ``hub.repository.feed``); None where there was none, or it was removed."""
        from sqlalchemy import and_, select

        from hub.repository import tables

        changes, order, versions = tables.changes, tables.feed_order, tables.document_versions
        same = and_(versions.c.document_id == changes.c.row_id, versions.c.version == changes.c.version)
        query = select(changes.c.entity, changes.c.op, changes.c.version, changes.c.new_scopes, versions.c.json)
        query = query.select_from(changes.join(order, order.c.seq == changes.c.seq).join(versions, same))
        row = self._tx.one(query.where(changes.c.row_id == document).order_by(changes.c.seq.desc()).limit(1))
        if row is None or row.op != "PUT" or row.entity not in PROJECTIONS:
            return None
        return State(document, row.entity, row.version, frozenset(json.loads(row.new_scopes)), row.json)


@contextmanager
def snapshot(repo: Repository) -> Iterator[Snapshot]:
    """A snapshot at the head of the feed. Writers are not stopped; it sees one moment of the database."""
    # Number what can be numbered, so that the head is as late as possible.
    repo.feed_head()
    with repo.read() as tx:
        yield Snapshot(tx)
