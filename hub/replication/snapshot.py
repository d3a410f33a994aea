"""Whole buckets at one position of the feed, read from the documents in one pass instead of replaying their history."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hub.replication.past import State, states_at
from hub.replication.rows import PROJECTIONS
from hub.replication.segments import put_of

if TYPE_CHECKING:
    from hub.repository import FeedCursor, Repository, Transaction


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
        """Every document that a till may see. On PostgreSQL some may be newer than the head: their changes have no
        place yet, because an older transaction is still open."""
        yield from states_at(self._tx, self.cursor.position, far=sys.maxsize)


@contextmanager
def snapshot(repo: Repository) -> Iterator[Snapshot]:
    """A snapshot at the head of the feed. Writers are not stopped; it sees one moment of the database."""
    # Number what can be numbered, so that the head is as late as possible.
    repo.feed_head()
    with repo.read() as tx:
        yield Snapshot(tx)
