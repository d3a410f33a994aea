"""Writing a batch of changes into the tables: rows, their lists, and which bucket holds them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any

from hub_pos.errors import CheckpointRefused
from hub_pos.schema import ENTITIES, Child, Entity
from hub_pos.search import folded

BATCH = 2_000
"""Changes taken from a segment at a time: a first load of any size needs the memory of one batch."""


@dataclass(slots=True)
class Batch:
    """What some changes of one bucket amount to. Later changes of the same row replace earlier ones."""

    rows: dict[tuple[str, str], tuple[int, Mapping[str, Any]]] = field(default_factory=dict)
    held: dict[tuple[str, str], bool] = field(default_factory=dict)


def batches(bucket: str, changes: Iterable[Mapping[str, Any]]) -> Iterator[Batch]:
    """``changes`` in order, a batch at a time. Entities this software does not know are left out: they are additions
    of a newer hub. Raises ``CheckpointRefused`` for a change that is none."""
    iterator = iter(changes)
    while taken := list(islice(iterator, BATCH)):
        batch = Batch()
        for change in taken:
            try:
                key = (str(change["entity"]), str(change["id"]))
                seq, op = change["seq"], change["op"]
                row = change["row"] if op == "put" else None
            except (KeyError, TypeError) as problem:
                raise CheckpointRefused(f"bucket {bucket}: a change lacks {problem}") from None
            if op not in ("put", "del") or not isinstance(seq, int) or (op == "put" and not isinstance(row, Mapping)):
                raise CheckpointRefused(f"bucket {bucket}, {key[0]} {key[1]}: op {op!r} with seq {seq!r} is no change")
            if key[0] not in ENTITIES:
                continue
            batch.held[key] = op == "put"
            if row is not None:
                batch.rows[key] = (seq, row)
        yield batch


def write(connection: sqlite3.Connection, bucket: int, batch: Batch) -> int:
    """Store one batch of one bucket. Rows that left the bucket are noted in ``temp.gone`` (see ``sweep``). Returns
    how many rows were inserted or changed: a row that is stored already with this ``seq`` is left alone."""
    changed = 0
    for name, entity in ENTITIES.items():
        rows = [(key[1], seq, row) for key, (seq, row) in batch.rows.items() if key[0] == name]
        if rows:
            changed += upsert(connection, entity, rows)
    join(connection, [(entity, row, bucket) for (entity, row), held in batch.held.items() if held])
    leave(connection, [(entity, row, bucket) for (entity, row), held in batch.held.items() if not held])
    return changed


def join(connection: sqlite3.Connection, members: Iterable[tuple[str, str, int]]) -> None:
    """Note that buckets hold rows: (entity, id, bucket)."""
    connection.executemany("INSERT OR IGNORE INTO membership (entity, row, bucket) VALUES (?, ?, ?)", members)


def leave(connection: sqlite3.Connection, members: list[tuple[str, str, int]]) -> None:
    """Note that buckets hold rows no more: (entity, id, bucket)."""
    connection.executemany("DELETE FROM membership WHERE entity = ? AND row = ? AND bucket = ?", members)
    gone = [member[:2] for member in members]
    connection.executemany("INSERT OR IGNORE INTO temp.gone (entity, row) VALUES (?, ?)", gone)


def begin_sweep(connection: sqlite3.Connection) -> None:
    """Make the list of rows that left a bucket; before the transaction of a checkpoint begins."""
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS gone (entity TEXT, row TEXT, PRIMARY KEY (entity, row))")
    connection.execute("DELETE FROM temp.gone")


def leave_bucket(connection: sqlite3.Connection, bucket: int) -> None:
    """Note every row of a bucket as gone from it, and forget the bucket."""
    connection.execute(
        "INSERT OR IGNORE INTO temp.gone (entity, row) SELECT entity, row FROM membership WHERE bucket = ?", (bucket,)
    )
    connection.execute("DELETE FROM membership WHERE bucket = ?", (bucket,))
    connection.execute("DELETE FROM bucket WHERE bucket = ?", (bucket,))


def sweep(connection: sqlite3.Connection) -> int:
    """Delete the rows that left a bucket and that no other bucket holds; returns how many. Only at the end of a
    checkpoint: a row that moves from one bucket to another may leave before it arrives."""
    connection.execute(
        "DELETE FROM temp.gone WHERE EXISTS"
        " (SELECT 1 FROM membership AS m WHERE m.entity = gone.entity AND m.row = gone.row)"
    )
    deleted = 0
    for name, entity in ENTITIES.items():
        for child in entity.children.values():
            _execute(connection, f"DELETE FROM {child.table} WHERE {child.owner} IN", name)
        deleted += _execute(connection, f"DELETE FROM {entity.table} WHERE id IN", name)
    connection.execute("DELETE FROM temp.gone")
    return deleted


def _execute(connection: sqlite3.Connection, statement: str, entity: str) -> int:
    return connection.execute(f"{statement} (SELECT row FROM temp.gone WHERE entity = ?)", (entity,)).rowcount


def upsert(
    connection: sqlite3.Connection,
    entity: Entity,
    rows: list[tuple[str, int, Mapping[str, Any]]],
    numbers: Sequence[int | None] | None = None,
) -> int:
    """Store whole rows (id, seq, fields) with their lists, unless the stored one has the same or a higher seq; returns
    how many were written. ``numbers`` are their names in sealed segments."""
    values = []
    for (id_, seq, row), number in zip(rows, numbers or [None] * len(rows), strict=True):
        columns = [row.get(name) for name in entity.columns]
        extra = [folded(searched(entity, row))] if entity.search else []
        values.append((id_, seq, number, *columns, *extra))
    changed = connection.executemany(_upsert_sql(entity.table), values).rowcount
    for name, child in entity.children.items():
        replace_children(connection, entity, child, name, rows)
    return changed


def searched(entity: Entity, row: Mapping[str, Any]) -> Iterator[object]:
    """What ``find`` looks at in a row."""
    for name in entity.search:
        yield row.get(name)
    for item in row.get("keys") or ():
        yield item.get("value")


def replace_children(
    connection: sqlite3.Connection,
    entity: Entity,
    child: Child,
    name: str,
    rows: list[tuple[str, int, Mapping[str, Any]]],
) -> None:
    """The lists of the rows, but only where the row itself is at this ``seq``: an older repetition that lost against
    the stored row must not bring its old list back."""
    items = any(row.get(name) for _, _, row in rows)
    if not items and connection.execute(f"SELECT 1 FROM {child.table} LIMIT 1").fetchone() is None:
        return
    same = f"EXISTS (SELECT 1 FROM {entity.table} WHERE id = ? AND seq = ?)"
    connection.executemany(
        f"DELETE FROM {child.table} WHERE {child.owner} = ? AND {same}", [(id_, id_, seq) for id_, seq, _ in rows]
    )
    marks = ", ".join("?" * (1 + len(child.columns)))
    connection.executemany(
        f"INSERT OR REPLACE INTO {child.table} ({child.owner}, {', '.join(child.columns)}) SELECT {marks} WHERE {same}",
        [
            (id_, *(item.get(column) for column in child.columns), id_, seq)
            for id_, seq, row in rows
            for item in row.get(name) or ()
        ],
    )


@cache
def _upsert_sql(table: str) -> str:
    entity = next(entity for entity in ENTITIES.values() if entity.table == table)
    columns = ["id", "seq", "row_no", *entity.columns, *(["search"] if entity.search else [])]
    marks = ", ".join("?" * len(columns))
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns[1:] if name != "row_no")
    changes += f", row_no = coalesce(excluded.row_no, {table}.row_no)"
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        f" ON CONFLICT (id) DO UPDATE SET {changes} WHERE excluded.seq > {table}.seq"
    )
