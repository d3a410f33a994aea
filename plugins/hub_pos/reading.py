"""Read-only access to a replica file: one consistent moment for every question, never waiting for the writer."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub_pos.errors import ReplicaMissing
from hub_pos.schema import REVISION

Row = sqlite3.Row


class Reader:
    """An open replica. Raises ``ReplicaMissing`` where there is none, or one that other software made."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise ReplicaMissing(
                f"there is no replica at {self.path}: hub-pos REPLICA pull loads it (or hub replicate, at the hub)"
            )
        # query_only and mode=ro: a till program that reads can never change what the hub sent.
        self._connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=10.0
        )
        self._connection.row_factory = sqlite3.Row
        try:
            revision = self._connection.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.DatabaseError as problem:
            self._connection.close()
            raise ReplicaMissing(f"{self.path} is no usable replica: {problem}") from problem
        if revision != REVISION:
            self._connection.close()
            raise ReplicaMissing(
                f"{self.path} has tables of revision {revision}, this hub_pos reads {REVISION}: run hub replicate"
                " with the same version of hub_pos"
            )

    @contextmanager
    def moment(self) -> Iterator[None]:
        """All questions inside see the same checkpoint, even while the hub applies the next one."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")

    def all(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Every row of a query."""
        return self._connection.execute(statement, parameters).fetchall()

    def one(self, statement: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row of a query, or None."""
        row: Row | None = self._connection.execute(statement, parameters).fetchone()
        return row

    def settings(self) -> dict[str, Any]:
        """What the hub says about this store: name, mode, currency, price lists, locations, time zone."""
        return {row["name"]: json.loads(row["value"]) for row in self.all("SELECT name, value FROM setting")}

    def close(self) -> None:
        """Release the file."""
        self._connection.close()
