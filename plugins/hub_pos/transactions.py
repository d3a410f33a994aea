"""A writing transaction of SQLite: all of it, or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hub_pos.errors import ReplicaBusy


@contextmanager
def whole(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Everything inside is written when the block ends, or nothing. Other writers of ``path`` wait meanwhile. Raises
    ``ReplicaBusy`` where another holds it too long, and ``sqlite3.Error`` where it cannot be written (disk full)."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as problem:
        raise ReplicaBusy(f"{path}: {problem}; another process is writing it, try again") from problem
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some errors (disk full); then there is nothing left to do.
        with suppress(sqlite3.OperationalError):
            connection.execute("ROLLBACK")
        raise
