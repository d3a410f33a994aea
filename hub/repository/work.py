"""A unit of work: one connection, one transaction, and the rows that wait to be written together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Row, Table, bindparam, delete, event, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.repository import clock, tables
from hub.repository.bulk import insert_rows
from hub.repository.failures import VersionConflict
from hub.repository.right_tables import loyalty_entries

# Parents before children; rows of one table go in one executemany.
_FLUSH_ORDER = (
    tables.document_versions,
    tables.document_keys,
    tables.parties,
    tables.products,
    tables.prices,
    tables.orders,
    tables.order_lines,
    loyalty_entries,
    tables.changes,
    tables.messages,
)
_REPLACED = ("key", "thread", "number", "partner", "version", "hash", "deleted", "scopes", "exchange_id", "message")
_REPLACE = (
    update(tables.documents)
    .where(tables.documents.c.id == bindparam("row"), tables.documents.c.version == bindparam("held"))
    .values({name: bindparam(name) for name in (*_REPLACED, "updated_at")})
)
# Rows held in memory before they are written, whatever the size of the transaction.
_FLUSH_ROWS = 5_000


class Work:
    """What every part of a transaction shares. Not for two threads at once."""

    def __init__(self, connection: Connection, *, writes: bool) -> None:
        self.connection = connection
        self.writes = writes
        self.now = clock.now()
        self._pending: dict[Table, list[dict[str, Any]]] = {}
        self._updates: list[dict[str, Any]] = []
        self._deletions: dict[Table, list[dict[str, Any]]] = {}
        self._pending_rows = 0
        if writes:
            # A savepoint must hold everything before it, and its rollback everything after it.
            event.listen(connection, "savepoint", lambda *_: self.flush())
            event.listen(connection, "rollback_savepoint", lambda *_: self.discard())

    @property
    def postgresql(self) -> bool:
        """Whether the database is PostgreSQL (else it is SQLite)."""
        return self.connection.dialect.name == "postgresql"

    def queue(self, table: Table, row: dict[str, Any]) -> None:
        """Write ``row`` with the next flush. Every row of one table must have the same columns."""
        self._pending.setdefault(table, []).append(row)
        self._pending_rows += 1

    def replace(self, row: dict[str, Any], held: int, old: Iterable[Table]) -> None:
        """Write ``row`` over the document's row with the next flush, if that still has version ``held``, and delete
        its rows in the ``old`` tables first. One document at most once between two flushes."""
        self._updates.append({**row, "row": row["id"], "held": held})
        for table in old:
            self._deletions.setdefault(table, []).append({"row": row["id"]})
        self._pending_rows += 1

    def flush(self) -> None:
        """Write the rows that wait, parents first. Called before every read and before the commit.

        Raises VersionConflict where a document to be replaced was replaced by somebody else in the meantime.
        """
        if not self._pending and not self._updates:
            return
        self._must_write()
        waiting, self._pending, self._pending_rows = self._pending, {}, 0
        updates, self._updates = self._updates, []
        deletions, self._deletions = self._deletions, {}
        # One order for everybody: two writers of the same documents wait for each other, they do not deadlock.
        if rows := waiting.get(tables.documents):
            rows.sort(key=_document_order)
            insert_rows(self.connection, tables.documents, rows)
        if updates:
            updates.sort(key=_document_order)
            if self.connection.execute(_REPLACE, updates).rowcount != len(updates):
                raise VersionConflict("a document was changed by another process at the same moment; try again")
        for table, gone in deletions.items():
            self.connection.execute(delete(table).where(table.c.document_id == bindparam("row")), gone)
        for table in _FLUSH_ORDER:
            if rows := waiting.get(table):
                insert_rows(self.connection, table, rows)

    def discard(self) -> None:
        """Forget the rows that wait."""
        self._pending, self._updates, self._deletions, self._pending_rows = {}, [], {}, 0

    def flush_if_large(self) -> None:
        """Write the rows that wait once they are many."""
        if self._pending_rows >= _FLUSH_ROWS:
            self.flush()

    def rows(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """All rows of a query that sees everything this transaction has written."""
        self.flush()
        return self.connection.execute(statement, values).all()

    def one(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """The first row of a query, or None."""
        self.flush()
        return self.connection.execute(statement, values).first()

    def write(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a statement that changes rows."""
        self._must_write()
        self.flush()
        return self.connection.execute(statement, values)

    def add(self, table: Table, row: Mapping[str, Any], *, unless: Iterable[str] = ()) -> bool:
        """Insert one row now; with ``unless`` (the columns of a unique key) do nothing where it exists.

        Returns whether the row was inserted.
        """
        self._must_write()
        if not unless:
            self.connection.execute(insert(table), row)
            return True
        statement: Any = postgresql.insert(table) if self.postgresql else sqlite.insert(table)
        statement = statement.on_conflict_do_nothing(index_elements=list(unless))
        # Without the option, SQLAlchemy does not keep the count of an INSERT.
        statement = statement.execution_options(preserve_rowcount=True)
        return self.connection.execute(statement, row).rowcount == 1

    def _must_write(self) -> None:
        if not self.writes:
            raise RuntimeError("this transaction was opened with read(); changes need begin()")


def _document_order(row: dict[str, Any]) -> tuple[str, str]:
    return row["kind"], row["key"]
