"""Sealed segments as the hub makes them, read again: from bytes to rows (``PROTOCOL.md``, section 6).

Needs zstandard (``pip install 'erp-edi-hub-pos[wire]'``); nothing else of a till does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from hub_pos.errors import SegmentDamaged

FORMAT = 1
SEPARATOR = "|"
LARGEST = 512 << 20
"""Bytes of a segment after unpacking that are accepted; a small packet must not fill a till's memory."""


@dataclass(frozen=True, slots=True)
class Puts:
    """Whole rows of one entity: their numbers, ids, and for each field one value for every row (None: absent)."""

    entity: str
    numbers: Sequence[int]
    ids: Sequence[str]
    columns: Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Sets:
    """Rows of one entity in which the same fields changed; ``values`` has one list for each of ``names``."""

    entity: str
    numbers: Sequence[int]
    names: Sequence[str]
    values: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Dels:
    """Rows of one entity that left the bucket."""

    entity: str
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class SealedSegment:
    """One sealed segment, unpacked."""

    bucket: str
    first: int
    last: int
    schema: int
    snapshot: bool
    changes: Sequence[Puts | Sets | Dels]


def opened(data: bytes) -> SealedSegment:
    """Unpack a segment. Raises ``SegmentDamaged`` for bytes that are none; their hash must have been checked before."""
    import zstandard

    try:
        size = zstandard.frame_content_size(data)
        if not 0 <= size <= LARGEST:
            raise SegmentDamaged(f"the segment says that it unpacks to {size} bytes; at most {LARGEST} are taken")
        body = json.loads(zstandard.ZstdDecompressor().decompress(data))
        if body["format"] != FORMAT:
            raise SegmentDamaged(f"the segment has format {body['format']!r}, this till reads {FORMAT}: update hub_pos")
        return SealedSegment(
            bucket=str(body["bucket"]),
            first=int(body["first"]),
            last=int(body["last"]),
            schema=int(body["schema"]),
            snapshot=bool(body["snapshot"]),
            changes=list(_changes(body["entities"])),
        )
    except (
        zstandard.ZstdError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        IndexError,
        RecursionError,
    ) as problem:
        raise SegmentDamaged(f"this is no segment of the hub: {problem!r}") from problem


def _changes(entities: Mapping[str, Any]) -> Iterator[Puts | Sets | Dels]:
    for entity, parts in entities.items():
        if put := parts.get("put"):
            numbers = list(accumulate(put["number"]))
            columns = {name: values_of(column, len(numbers)) for name, column in put["columns"].items()}
            yield Puts(entity, numbers, _ids(put["id"], len(numbers)), columns)
        for group in parts.get("set", ()):
            numbers = list(accumulate(group["number"]))
            values = [values_of(column, len(numbers)) for column in group["columns"].values()]
            yield Sets(entity, numbers, list(group["columns"]), values)
        if gone := parts.get("del"):
            yield Dels(entity, list(accumulate(gone["number"])))


def rows_of(columns: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """``count`` rows from their columns, absent fields left out."""
    rows: list[dict[str, Any]] = [{} for _ in range(count)]
    for name, column in columns.items():
        for row, value in zip(rows, values_of(column, count), strict=True):
            if value is not None and value != []:
                row[name] = value
    return rows


def values_of(column: Any, count: int) -> list[Any]:
    """The ``count`` values of one column; None where a field is absent. Raises ``ValueError`` for another number."""
    if isinstance(column, str):
        values: list[Any] = [text or None for text in column.split(SEPARATOR)]
    elif isinstance(column, list):
        values = column
    elif "all" in column:
        return [column["all"]] * count
    else:
        values = _lists(column, count)
    if len(values) != count:
        raise ValueError(f"a column has {len(values)} values for {count} rows")
    return values


def _lists(column: Mapping[str, Any], count: int) -> list[Any]:
    lengths = values_of(column["lengths"], count)
    items = rows_of(column["columns"], sum(lengths))
    ends = list(accumulate(lengths))
    return [items[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def _ids(column: Any, count: int) -> list[str]:
    if not (isinstance(column, dict) and "high" in column):
        return [str(value) for value in values_of(column, count)]
    high, low = column["high"], column["low"]
    if len(high) != 16 * count or len(low) != 16 * count:
        raise ValueError(f"the ids are not those of {count} rows")
    halves = ((high[at : at + 16], low[at : at + 16]) for at in range(0, 16 * count, 16))
    return [f"{one[:8]}-{one[8:12]}-{one[12:]}-{two[:4]}-{two[4:]}" for one, two in halves]
