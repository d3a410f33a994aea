"""Old segments of a bucket merged into longer ones, so that a store that was away asks for few.

What stands there afterwards says the same: applied from any place inside, it leads to its end. Segments younger than an
hour stay as they are, because stores that poll all the time would fetch again what they have; then those of one hour
become one, and after two days those of one day.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate, groupby
from typing import Any

import zstandard

from hub.replication.columns import SEPARATOR
from hub.replication.sealed import Contents, Del, Put, Set
from hub.replication.sealed_log import Entry

ROWS = 20_000
"""The most rows in a merged segment: what a till holds in memory at a time."""

YOUNG = timedelta(hours=1)
"""Segments that are not older stay as they are."""

_DAYS = timedelta(days=2)


def runs(entries: Iterable[Entry], now: datetime) -> Iterator[list[Entry]]:
    """Neighbours to be merged: changes of one bucket, two or more of one hour or day. ``entries`` are as
    ``sealed_log.changes`` gives them."""
    changes = [entry for entry in entries if now - entry.created_at > YOUNG]
    for _, group in groupby(changes, key=lambda one: (one.bucket, _period(one.created_at, now))):
        run: list[Entry] = []
        rows = 0
        for entry in group:
            # Between two that do not touch, nothing of the bucket changed.
            if run and rows + entry.rows > ROWS:
                if len(run) > 1:
                    yield run
                run, rows = [], 0
            run.append(entry)
            rows += entry.rows
        if len(run) > 1:
            yield run


def _period(at: datetime, now: datetime) -> str:
    return at.strftime("%Y-%m-%d" if now - at.replace(hour=0, minute=0) > _DAYS else "%Y-%m-%dT%H")


def merged(segments: Iterable[bytes]) -> Contents:
    """The contents of consecutive segments of a bucket, as those of one. Bytes are our own, checked by their hash."""
    rows: dict[tuple[str, int], Put | Set | Del] = {}
    for data in segments:
        for change in _changes(json.loads(zstandard.ZstdDecompressor().decompress(data))["entities"]):
            key = (change.entity, change.number)
            rows[key] = _after(rows.get(key), change)
    made = Contents()
    for change in rows.values():
        if isinstance(change, Put):
            made.puts.append(change)
        elif isinstance(change, Set):
            made.sets.append(change)
        else:
            made.dels.append(change)
    return made


def _after(before: Put | Set | Del | None, change: Put | Set | Del) -> Put | Set | Del:
    """What two changes of a row amount to: what is set goes into what is there."""
    if not isinstance(change, Set) or before is None or isinstance(before, Del):
        return change
    row = {**before.row, **change.row}
    if isinstance(before, Put):
        return replace(before, row={name: value for name, value in row.items() if value not in (None, [])})
    return Set(change.number, change.entity, tuple(sorted({*before.changed, *change.changed})), row)


def _changes(entities: Mapping[str, Any]) -> Iterator[Put | Set | Del]:
    for entity, parts in entities.items():
        if put := parts.get("put"):
            numbers = list(accumulate(put["number"]))
            rows = _rows(put["columns"], len(numbers), absent=False)
            for number, id_, row in zip(numbers, _ids(put["id"], len(numbers)), rows, strict=True):
                yield Put(number, entity, id_, row)
        for group in parts.get("set", ()):
            numbers = list(accumulate(group["number"]))
            changed = tuple(group["columns"])
            for number, row in zip(numbers, _rows(group["columns"], len(numbers), absent=True), strict=True):
                yield Set(number, entity, changed, row)
        if gone := parts.get("del"):
            for number in accumulate(gone["number"]):
                yield Del(number, entity)


def _rows(columns: Mapping[str, Any], count: int, *, absent: bool) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{} for _ in range(count)]
    for name, column in columns.items():
        for row, value in zip(rows, _values(column, count), strict=True):
            if absent or value not in (None, []):
                row[name] = value
    return rows


def _values(column: Any, count: int) -> Sequence[Any]:
    if isinstance(column, str):
        return [text or None for text in column.split(SEPARATOR)]
    if isinstance(column, list):
        return column
    if "all" in column:
        return [column["all"]] * count
    lengths = _values(column["lengths"], count)
    items = _rows(column["columns"], sum(lengths), absent=False)
    return [items[end - length : end] for end, length in zip(accumulate(lengths), lengths, strict=True)]


def _ids(column: Any, count: int) -> Sequence[str]:
    if not (isinstance(column, dict) and "high" in column):
        return _values(column, count)
    texts = [column["high"][at : at + 16] + column["low"][at : at + 16] for at in range(0, 16 * count, 16)]
    return [f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}" for one in texts]
