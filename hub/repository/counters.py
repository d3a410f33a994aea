"""Control numbers and watermarks: small values that change in the transaction of the work they count."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.errors import ConfigurationError
from hub.repository.tables import counters, watermarks
from hub.repository.types import bounded
from hub.repository.work import Work


class Counters(Work):
    """Part of a transaction."""

    def next_control(self, key: str, maximum: int = 999_999_999) -> int:
        """The next control number of ``key``: 1, 2, … ``maximum``, 1, …

        Drawn in this transaction: after a rollback the next caller gets the same number, so none is skipped and
        none used twice. On PostgreSQL a second writer of the same key waits for the first to end.
        """
        if maximum < 1:
            raise ConfigurationError(f"a control number cannot have the maximum {maximum}")
        if not key or bounded(key, 300) != key:
            raise ConfigurationError(f"a counter's name must be 1 to 300 characters, not {len(key)}")
        statement: Any = postgresql.insert(counters) if self.postgresql else sqlite.insert(counters)
        statement = statement.values(name=key, value=1).on_conflict_do_update(
            index_elements=["name"],
            set_={"value": case((counters.c.value >= maximum, 1), else_=counters.c.value + 1)},
        )
        return int(self.write(statement.returning(counters.c.value)).scalar_one())

    def watermark(self, endpoint: str, kind: str) -> str | None:
        """How far ``kind`` was pulled from ``endpoint``; None before the first time."""
        row = self.one(select(watermarks.c.value).where(watermarks.c.endpoint == endpoint, watermarks.c.kind == kind))
        return None if row is None else str(row.value)

    def set_watermark(self, endpoint: str, kind: str, value: str) -> None:
        """Remember how far ``kind`` was pulled, in the transaction that stores what was pulled."""
        statement: Any = postgresql.insert(watermarks) if self.postgresql else sqlite.insert(watermarks)
        changed = {"value": value, "updated_at": self.now}
        self.write(
            statement.values(endpoint=endpoint, kind=kind, **changed).on_conflict_do_update(
                index_elements=["endpoint", "kind"], set_=changed
            )
        )
