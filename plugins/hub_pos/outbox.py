"""The outbox: what the store has not sent yet, in a file of its own that no reload of the replica ever touches.

The file and its table are made with the replica, so that a till can rely on them. Documents of the return flow (sales,
returns, new customers) are written by the till and taken by the hub's upload, each known by its ``id`` and its place
``origin_seq``; a gap in ``origin_seq`` shows a lost document.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from hub_pos.errors import ReplicaMissing


def outbox_path(replica: Path) -> Path:
    """The outbox of a replica: ``S001.sqlite`` has ``S001.outbox.sqlite`` beside it."""
    return replica.with_name(replica.stem + ".outbox" + (replica.suffix or ".sqlite"))


def create_outbox(path: Path) -> None:
    """Make the outbox if it is missing; what is in it stays. Raises ``ReplicaMissing`` for a damaged file, which a
    person must save before anything else: it may hold sales."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            # AUTOINCREMENT never gives a number twice, even after all rows were sent and removed.
            connection.execute(
                "CREATE TABLE IF NOT EXISTS outbox (origin_seq INTEGER PRIMARY KEY AUTOINCREMENT,"
                " id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, body TEXT NOT NULL, created_at TEXT NOT NULL,"
                " acknowledged_at TEXT)"
            )
    except sqlite3.DatabaseError as problem:
        raise ReplicaMissing(
            f"{path} is damaged or locked ({problem}). It may hold sales that were not sent: save a copy before you"
            " do anything else with it."
        ) from problem


def waiting(path: Path) -> int:
    """How many documents of the outbox the hub has not acknowledged; 0 where there is no outbox."""
    if not path.exists():
        return 0
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM outbox WHERE acknowledged_at IS NULL").fetchone()[0])
