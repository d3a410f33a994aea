"""Hashes of what a replica holds, which the hub computes as well (``PROTOCOL.md``, section 10).

A row's hash is made of its canonical text; a bucket's is the sum of the hashes of the rows that it holds, so the order
does not matter, and a part of it is the sum over the rows whose place (a hash of their name) begins alike. What the hub
cannot know is checked here, and spoils the row's hash: a row ahead of the cursor, a search text that does not fit, a
list or a membership without its row.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby
from typing import Any

from hub_pos.schema import ENTITIES, Entity
from hub_pos.search import folded
from hub_pos.writing import searched

MODULUS = 1 << 128
NOBODY = ""
"""Stands for the bucket of rows that no bucket holds; there is nothing in it."""

_SPOILT = 1

Sums = list[int]
Child = tuple[str, Sequence[Any]]


@dataclass(slots=True)
class Seen:
    """One row as it was read: where it belongs in the tree, its hash, and the buckets that hold it."""

    entity: str
    id: str
    place: bytes
    hash: int
    buckets: Sequence[str]


@dataclass(slots=True)
class _Stored:
    id: str
    number: int | None
    spoilt: bool
    values: Sequence[Any]
    search: str | None = None
    lists: dict[str, list[Sequence[Any]]] = field(default_factory=dict)


def layout() -> dict[str, Any]:
    """What is hashed of each entity: the fields that this software stores. A newer hub leaves its other fields out."""
    return {
        name: {
            "columns": list(entity.columns),
            "lists": {key: list(child.columns) for key, child in entity.children.items()},
        }
        for name, entity in ENTITIES.items()
    }


def place_of(entity: str, id_: str) -> bytes:
    """Where a row belongs: 8 bytes, of which the first choose the leaf."""
    return sha256(f"{entity}:{id_}".encode()).digest()[:8]


def hash_of(
    entity: str, id_: str, number: int | None, values: Sequence[Any], lists: Iterable[Iterable[Sequence[Any]]]
) -> int:
    """The hash of a row: 128 bits."""
    items = [sorted([_texts(item) for item in one], key=_dumped) for one in lists]
    text = _dumped([entity, id_, number, _texts(values), items])
    return int.from_bytes(sha256(text.encode("utf-8", "replace")).digest()[:16], "big")


def sums_of(rows: Iterable[tuple[bytes, int]], level: int) -> Sums:
    """The sums of rows (place, hash) by byte ``level`` of their place."""
    sums = [0] * 256
    for place, value in rows:
        sums[place[level]] += value
    return [value % MODULUS for value in sums]


def scan(connection: sqlite3.Connection, position: int) -> Iterator[Seen]:
    """Every row of the replica, in the caller's transaction. ``position`` is its cursor's. What has no row but a list
    or a membership counts as a row too, one that nobody can have."""
    buckets: dict[int, str] = dict(connection.execute("SELECT bucket, name FROM bucket"))
    for name, entity in ENTITIES.items():
        members = _grouped(
            connection.execute("SELECT row, bucket FROM membership WHERE entity = ? ORDER BY row, bucket", (name,))
        )
        rows = _joined(connection, name, entity, position)
        for id_, row, held in _merged(rows, members):
            names = [buckets.get(one[0], NOBODY) for one in held] or [NOBODY]
            place = place_of(name, id_)
            if row is None:
                yield Seen(name, id_, place, _SPOILT, names)
                continue
            value = hash_of(name, id_, row.number, row.values, row.lists.values())
            yield Seen(name, id_, place, value ^ _SPOILT if row.spoilt else value, names)
    marks = ", ".join("?" * len(ENTITIES))
    strange = f"SELECT entity, row FROM membership WHERE entity NOT IN ({marks})"
    for name, id_ in connection.execute(strange, tuple(ENTITIES)):
        yield Seen(name, id_, place_of(name, id_), _SPOILT, [NOBODY])


def _joined(connection: sqlite3.Connection, name: str, entity: Entity, position: int) -> Iterator[_Stored]:
    """The rows with their lists, by id; a list without a row comes as a spoilt one."""
    columns = ", ".join(["id", "row_no", "seq", *(["search"] if entity.search else []), *entity.columns])
    lists = {
        key: _grouped(
            connection.execute(
                f"SELECT {child.owner}, {', '.join(child.columns)} FROM {child.table} ORDER BY {child.owner}"
            )
        )
        for key, child in entity.children.items()
    }
    stream: Iterator[tuple[str, _Stored | None]] = (
        (row.id, row)
        for row in (
            _stored(entity, found, position)
            for found in connection.execute(f"SELECT {columns} FROM {entity.table} ORDER BY id")
        )
    )
    for key, items in lists.items():
        stream = _with_list(stream, key, items)
    for id_, row in stream:
        if row is None:
            yield _Stored(id_, None, True, ())
            continue
        if entity.search:
            row.spoilt |= row.search != _search(entity, row)
        yield row


def _stored(entity: Entity, found: Sequence[Any], position: int) -> _Stored:
    id_, number, seq, *rest = found
    search = rest.pop(0) if entity.search else None
    spoilt = type(seq) is not int or seq > position
    return _Stored(id_, number, spoilt, rest, search, {key: [] for key in entity.children})


def _search(entity: Entity, row: _Stored) -> str:
    data: dict[str, Any] = dict(zip(entity.columns, row.values, strict=True))
    keys = entity.children["keys"].columns
    data["keys"] = [dict(zip(keys, item, strict=True)) for item in row.lists["keys"]]
    return folded(searched(entity, data))


def _with_list(
    rows: Iterator[tuple[str, _Stored | None]], key: str, items: Iterator[tuple[str, list[Sequence[Any]]]]
) -> Iterator[tuple[str, _Stored | None]]:
    for id_, row, found in _merged_pairs(rows, items):
        if row is not None:
            row.lists[key] = found
        yield id_, row


def _merged(
    rows: Iterator[_Stored], others: Iterator[tuple[str, list[Sequence[Any]]]]
) -> Iterator[tuple[str, _Stored | None, list[Sequence[Any]]]]:
    return _merged_pairs(((row.id, row) for row in rows), others)


def _merged_pairs(
    rows: Iterator[tuple[str, _Stored | None]], others: Iterator[tuple[str, list[Sequence[Any]]]]
) -> Iterator[tuple[str, _Stored | None, list[Sequence[Any]]]]:
    """Both streams together by id; both come in the order of their ids' bytes."""
    end: tuple[None, Any] = (None, None)
    row, other = next(rows, end), next(others, end)
    while row[0] is not None or other[0] is not None:
        if other[0] is None or (row[0] is not None and row[0].encode() < other[0].encode()):
            assert row[0] is not None
            yield row[0], row[1], []
            row = next(rows, end)
        elif row[0] is None or other[0].encode() < row[0].encode():
            yield other[0], None, other[1]
            other = next(others, end)
        else:
            yield row[0], row[1], other[1]
            row, other = next(rows, end), next(others, end)


def _grouped(found: Iterable[Sequence[Any]]) -> Iterator[tuple[str, list[Sequence[Any]]]]:
    for id_, items in groupby(found, key=lambda one: one[0]):
        yield id_, [item[1:] for item in items]


def _texts(values: Iterable[Any]) -> list[str | None]:
    return [None if value is None else str(int(value) if isinstance(value, bool) else value) for value in values]


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def parts(rows: Iterable[Seen]) -> Mapping[str, Sums]:
    """The sums of each bucket by leaf."""
    found: dict[str, Sums] = {}
    for row in rows:
        for bucket in row.buckets:
            sums = found.get(bucket) or found.setdefault(bucket, [0] * 256)
            sums[row.place[0]] += row.hash
    return {bucket: [value % MODULUS for value in sums] for bucket, sums in found.items()}
