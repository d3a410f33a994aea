"""Many rows at once: the statement is built by SQLAlchemy's rules once, the rows go to the driver as they are.

SQLAlchemy's own executemany spends more time per row on parameters than the database does on the row.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table

from hub.repository.types import Instant, Scaled

Row = dict[str, Any]


def insert_rows(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Insert rows that all have the same columns, in the order given."""
    statement, values, conversions = _prepared(table, tuple(rows[0]), connection.dialect)
    for name, convert in conversions:
        for row in rows:
            row[name] = convert(row[name])
    connection.exec_driver_sql(statement, [values(row) for row in rows])


def mark(dialect: Dialect) -> str:
    """How the driver writes a parameter that is given by position."""
    return "%s" if dialect.name == "postgresql" else "?"


@lru_cache(maxsize=200)
def _prepared(
    table: Table, names: tuple[str, ...], dialect: Dialect
) -> tuple[str, Callable[[Row], tuple[Any, ...]], list[tuple[str, Callable[[Any], Any]]]]:
    preparer = dialect.identifier_preparer
    columns = ", ".join(preparer.quote(table.c[name].name) for name in names)
    marks = ", ".join([mark(dialect)] * len(names))
    statement = f"INSERT INTO {preparer.format_table(table)} ({columns}) VALUES ({marks})"
    conversions: list[tuple[str, Callable[[Any], Any]]] = []
    for name in names:
        kind = table.c[name].type
        if isinstance(kind, Instant | Scaled):
            convert = kind.bind_processor(dialect)
            if convert is not None:
                conversions.append((name, convert))
    values: Callable[[Row], tuple[Any, ...]] = itemgetter(*names)
    return statement, values, conversions
