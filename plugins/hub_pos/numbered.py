"""Writing a sealed segment into the tables: rows are known by their numbers, and of most only what changed is there.

A row of the segment is complete as of the segment's end, so that is its ``seq``. A stored row of the same or a higher
``seq`` has it all already (another bucket brought it, or a snapshot taken later) and stays as it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub_pos import writing
from hub_pos.errors import CheckpointRefused
from hub_pos.schema import ENTITIES, Entity
from hub_pos.sealed import Dels, Puts, SealedSegment, Sets
from hub_pos.search import folded


def write(connection: sqlite3.Connection, bucket: int, segment: SealedSegment) -> int:
    """Apply one segment of one bucket; returns how many rows were inserted or changed. Entities and fields this
    software does not know are left out. Raises ``CheckpointRefused`` where a row that is to be changed is missing."""
    changed = 0
    for change in segment.changes:
        entity = ENTITIES.get(change.entity)
        if entity is None:
            continue
        if isinstance(change, Puts):
            seqs = [segment.last] * len(change.ids)
            changed += writing.upsert(connection, entity, change.ids, seqs, change.columns, change.numbers)
            writing.join(connection, [(change.entity, id_, bucket) for id_ in change.ids])
        elif isinstance(change, Sets):
            changed += _set(connection, entity, change, segment)
        else:
            _leave(connection, entity, change, bucket)
    return changed


def _leave(connection: sqlite3.Connection, entity: Entity, change: Dels, bucket: int) -> None:
    # A row without a number here was deleted with its last bucket before.
    ids = _ids(connection, entity, change.numbers).values()
    writing.leave(connection, [(change.entity, id_, bucket) for id_ in ids])


def _set(connection: sqlite3.Connection, entity: Entity, change: Sets, segment: SealedSegment) -> int:
    fields = [index for index, name in enumerate(change.names) if name in entity.columns]
    marks = "".join(f"{change.names[index]} = ?, " for index in fields)
    rows = zip(*(change.values[index] for index in fields), strict=True) if fields else ((),) * len(change.numbers)
    changed = connection.executemany(
        f"UPDATE {entity.table} SET {marks}seq = ? WHERE row_no = ? AND seq < ?",
        [(*row, segment.last, number, segment.last) for row, number in zip(rows, change.numbers, strict=True)],
    ).rowcount
    if changed != len(change.numbers):
        _all_there(connection, entity, change, segment.bucket)
    lists = [index for index, name in enumerate(change.names) if name in entity.children]
    found = any(name in entity.search or name == "keys" for name in change.names) and bool(entity.search)
    if lists or found:
        ids = _ids(connection, entity, change.numbers, segment.last)
        for index in lists:
            name = change.names[index]
            pairs = zip(change.numbers, change.values[index], strict=True)
            owned = [(ids[number], segment.last, items or ()) for number, items in pairs if number in ids]
            writing.replace_children(connection, entity, entity.children[name], owned)
        if found:
            _search_again(connection, entity, ids.values())
    return changed


def _all_there(connection: sqlite3.Connection, entity: Entity, change: Sets, bucket: str) -> None:
    there = _ids(connection, entity, change.numbers)
    missing = [number for number in change.numbers if number not in there]
    if missing:
        raise CheckpointRefused(
            f"bucket {bucket}: the {change.entity} with number {missing[0]} (and {len(missing) - 1} more) is to be"
            " changed, but is not here: ask the hub for everything anew"
        )


def _ids(
    connection: sqlite3.Connection, entity: Entity, numbers: Sequence[int], seq: int | None = None
) -> Mapping[int, str]:
    """The ids of rows by number; with ``seq`` only of those that are as of it."""
    query = f"SELECT id FROM {entity.table} WHERE row_no = ? AND (? IS NULL OR seq = ?)"
    found: dict[int, str] = {}
    for number in numbers:
        row: tuple[Any, ...] | None = connection.execute(query, (number, seq, seq)).fetchone()
        if row is not None:
            found[number] = row[0]
    return found


def _search_again(connection: sqlite3.Connection, entity: Entity, ids: Iterable[str]) -> None:
    """The text that ``find`` looks at, after some of what it is made of has changed."""
    keys = entity.children["keys"]
    for id_ in ids:
        values = connection.execute(f"SELECT {', '.join(entity.search)} FROM {entity.table} WHERE id = ?", (id_,))
        row = dict(zip(entity.search, values.fetchone(), strict=True))
        row["keys"] = [
            {"value": value}
            for (value,) in connection.execute(f"SELECT value FROM {keys.table} WHERE {keys.owner} = ?", (id_,))
        ]
        text = folded(writing.searched(entity, row))
        connection.execute(f"UPDATE {entity.table} SET search = ? WHERE id = ?", (text, id_))
