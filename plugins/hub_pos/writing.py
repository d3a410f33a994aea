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

Columns = Mapping[str, Sequence[Any]]
"""For each field one value for every row; a list is a sequence of items."""

_ASKED = 500

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
        found = [(key[1], seq, row) for key, (seq, row) in batch.rows.items() if key[0] == name]
        if found:
            ids, seqs, rows = zip(*found, strict=True)
            changed += upsert(connection, entity, ids, seqs, columns_of(entity, rows), [None] * len(found))
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
    ids: Sequence[str],
    seqs: Sequence[int],
    columns: Columns,
    numbers: Sequence[int | None],
) -> int:
    """Store whole rows with their lists, unless the stored one has the same or a higher seq; returns how many were
    written. An id comes once. ``numbers`` are the rows' names in sealed segments, None where they have none."""
    before = _last_row(connection, entity)
    absent = [None] * len(ids)
    fields = [columns.get(name, absent) for name in entity.columns]
    if entity.search:
        fields.append([folded(text) for text in _searched(entity, columns, absent)])
    values = zip(ids, seqs, numbers, *fields, strict=True)
    changed = connection.executemany(_upsert_sql(entity.table), values).rowcount
    new = _last_row(connection, entity) - before == len(ids)
    for name, child in entity.children.items():
        lists = columns.get(name, absent)
        if new:
            # Nobody had these rows, so they have no lists from before, and none can be newer.
            owned = zip(ids, lists, strict=True)
            items = [(id_, *map(item.get, child.columns)) for id_, held in owned if held for item in held]
            marks = ", ".join("?" * (1 + len(child.columns)))
            connection.executemany(f"INSERT OR REPLACE INTO {_columns(child)} VALUES ({marks})", items)
        else:
            of_rows = zip(ids, seqs, lists, strict=True)
            replace_children(connection, entity, child, [(id_, seq, held or ()) for id_, seq, held in of_rows])
    return changed


def columns_of(entity: Entity, rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Rows as columns, of the fields that the tables have."""
    return {name: [row.get(name) for row in rows] for name in (*entity.columns, *entity.children)}


def _last_row(connection: sqlite3.Connection, entity: Entity) -> int:
    """SQLite's own number of the newest row: each insertion makes it one larger, an update leaves it."""
    return connection.execute(f"SELECT max(rowid) FROM {entity.table}").fetchone()[0] or 0


def _searched(entity: Entity, columns: Columns, absent: Sequence[Any]) -> Iterator[Iterator[object]]:
    names = (*entity.search, "keys")
    for values in zip(*(columns.get(name, absent) for name in names), strict=True):
        yield searched(entity, dict(zip(names, values, strict=True)))


def searched(entity: Entity, row: Mapping[str, Any]) -> Iterator[object]:
    """What ``find`` looks at in a row."""
    for name in entity.search:
        yield row.get(name)
    for item in row.get("keys") or ():
        yield item.get("value")


def replace_children(
    connection: sqlite3.Connection, entity: Entity, child: Child, owned: Sequence[tuple[str, int, Sequence[Any]]]
) -> None:
    """A list of each row (id, seq, items), but only where the row itself is at this ``seq``: an older repetition that
    lost against the stored row must not bring its old list back."""
    held = _held(connection, child, [id_ for id_, _, _ in owned])
    wanted = [(id_, seq, [tuple(map(item.get, child.columns)) for item in items]) for id_, seq, items in owned]
    # Most changes leave the lists as they are, and reading them costs a tenth of writing them anew.
    other = [(id_, seq, items) for id_, seq, items in wanted if set(items) != held.get(id_, set())]
    same = f"EXISTS (SELECT 1 FROM {entity.table} WHERE id = ? AND seq = ?)"
    connection.executemany(
        f"DELETE FROM {child.table} WHERE {child.owner} = ? AND {same}", [(id_, id_, seq) for id_, seq, _ in other]
    )
    marks = ", ".join("?" * (1 + len(child.columns)))
    connection.executemany(
        f"INSERT OR REPLACE INTO {_columns(child)} SELECT {marks} WHERE {same}",
        [(id_, *item, id_, seq) for id_, seq, items in other for item in items],
    )


def _held(connection: sqlite3.Connection, child: Child, ids: Sequence[str]) -> dict[str, set[tuple[Any, ...]]]:
    found: dict[str, set[tuple[Any, ...]]] = {}
    for start in range(0, len(ids), _ASKED):
        some = ids[start : start + _ASKED]
        marks = ", ".join("?" * len(some))
        query = f"SELECT {child.owner}, {', '.join(child.columns)} FROM {child.table} WHERE {child.owner} IN ({marks})"
        for owner, *item in connection.execute(query, some):
            found.setdefault(owner, set()).add(tuple(item))
    return found


def _columns(child: Child) -> str:
    return f"{child.table} ({child.owner}, {', '.join(child.columns)})"


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
