"""What a till has written about a customer goes with the customer's row.

When a customer leaves the replica (erased at the hub, or no longer this store's), the documents about it that the hub
has acknowledged are removed from the outboxes beside it. What the hub does not have yet stays: it must be sent first.
In a new epoch nobody knows what the hub has: it may have been restored, and the customer with it. Then they are sent
once more, and removed when that is acknowledged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Set
from contextlib import closing, suppress
from pathlib import Path

from hub_pos.errors import ReplicaError
from hub_pos.outbox import Outbox, outboxes

LEAVING = "leaving"
"""The status of a document that goes once the hub has acknowledged it again."""

ASK = "upload.again"
"""The state of an outbox that has to ask the hub what it misses."""

_ABOUT = "kind = 'Party' AND acknowledged_at IS NOT NULL AND document_id <> ''"


def written_about(replica: Path, connection: sqlite3.Connection) -> frozenset[str]:
    """The customers of the replica that an outbox beside it holds acknowledged documents about."""
    found: set[str] = set()
    for file in outboxes(replica):
        with suppress(sqlite3.DatabaseError), closing(_reading(file)) as outbox:
            found.update(one for (one,) in outbox.execute(f"SELECT DISTINCT document_id FROM outbox WHERE {_ABOUT}"))
    return _there(connection, found)


def forget(replica: Path, connection: sqlite3.Connection, before: frozenset[str], *, new_epoch: bool = False) -> int:
    """Remove the documents about those of ``before`` that are not in the replica any more; how many. Call it before the
    replica's transaction ends: killed in between, the same checkpoint finds nothing left to remove. ``new_epoch``: the
    replica was of another epoch; they are sent again first, and every outbox asks what the hub misses."""
    gone = before - _there(connection, before)
    removed = 0
    for file in outboxes(replica) if gone or new_epoch else ():
        # A damaged outbox is a matter of its own, and must not hold up the replica.
        with suppress(ReplicaError, sqlite3.DatabaseError), closing(Outbox(file)) as outbox:
            removed += _send_again(outbox, gone) if new_epoch else _remove(outbox, gone)
    return removed


def _send_again(outbox: Outbox, gone: Set[str]) -> int:
    # Without the canonical id: the hub may not know it any more, and gives another one.
    again = f"acknowledged_at = NULL, next_at = '', document_id = '', status = '{LEAVING}' WHERE {_ABOUT}"
    with outbox.transaction():
        outbox.keep(ASK, "1")
        return sum(outbox.run(f"UPDATE outbox SET {again} AND document_id = ?", one) for one in sorted(gone))


def _remove(outbox: Outbox, gone: Set[str]) -> int:
    with outbox.transaction():
        count = sum(outbox.run(f"DELETE FROM outbox WHERE {_ABOUT} AND document_id = ?", one) for one in sorted(gone))
    outbox.settle_log()
    return count


def _there(connection: sqlite3.Connection, ids: Set[str]) -> frozenset[str]:
    query = "SELECT 1 FROM customer WHERE id = ?"
    return frozenset(one for one in ids if connection.execute(query, (one,)).fetchone())


def _reading(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
