"""Sealed segments, read as ``PROTOCOL.md`` section 6.1 describes them; for the second till, which shares no code with
the hub's sealer or with ``hub_pos``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import accumulate
from typing import Any

import zstandard

from hub.simulation.refusals import Refused


class Row:
    """A row of a replica. Never changed: another state of it is another object, so many tills may share one.
    ``mark`` is for whoever observes a till, and 0 until then."""

    __slots__ = ("entity", "fields", "id", "mark", "number", "seq")

    def __init__(self, number: int, entity: str, id_: str, seq: int, fields: Mapping[str, Any]) -> None:
        self.number, self.entity, self.id, self.seq, self.fields = number, entity, id_, seq, fields
        self.mark = 0


@dataclass(slots=True)
class Change:
    """Rows by number whose listed fields have other values now; None is absent."""

    number: int
    fields: Mapping[str, Any]


@dataclass(slots=True)
class Segment:
    """A segment, unpacked: whole rows, changed rows, numbers of rows that the bucket holds no more."""

    bucket: str
    first: int
    last: int
    snapshot: bool
    puts: list[Row] = field(default_factory=list)
    sets: list[Change] = field(default_factory=list)
    dels: list[int] = field(default_factory=list)
    after: dict[tuple[int, int], tuple[Row, Row]] = field(default_factory=dict)
    """Rows as a ``set`` left them, by number and identity of the row before: what one till has made, others take."""

    def changed(self, row: Row, change: Change) -> Row:
        """The row with the changed fields, complete as of the segment's end."""
        found = self.after.get((change.number, id(row)))
        if found is None:
            merged = {**row.fields, **change.fields}
            fields = {name: value for name, value in merged.items() if value is not None}
            made = Row(row.number, row.entity, row.id, self.last, fields)
            self.after[change.number, id(row)] = found = (row, made)  # the old one too, so that its identity stays its
        return found[1]


def read(data: bytes, digest: str) -> Segment:
    """The segment with this digest. Raises ``Refused`` for other bytes, and for bytes that are no segment."""
    if sha256(data).hexdigest() != digest:
        raise Refused("damaged", "the segment does not have the hash that is its name")
    try:
        body = json.loads(zstandard.ZstdDecompressor().decompress(data))
        if body["format"] != 1:
            raise Refused("damaged", f"format {body['format']!r} is not known here")
        made = Segment(body["bucket"], body["first"], body["last"], body["snapshot"])
        for entity, parts in body["entities"].items():
            _read_entity(made, entity, parts)
    except (zstandard.ZstdError, KeyError, TypeError, ValueError, IndexError, AttributeError) as problem:
        raise Refused("damaged", f"this is no segment: {problem!r}") from problem
    return made


def _read_entity(made: Segment, entity: str, parts: Mapping[str, Any]) -> None:
    if "put" in parts:
        numbers = list(accumulate(parts["put"]["number"]))
        ids = _ids(parts["put"]["id"], len(numbers))
        rows = _table(parts["put"]["columns"], len(numbers))
        for number, id_, row in zip(numbers, ids, rows, strict=True):
            fields = {name: value for name, value in row.items() if value is not None}
            made.puts.append(Row(number, entity, id_, made.last, fields))
    for group in parts.get("set", ()):
        numbers = list(accumulate(group["number"]))
        rows = _table(group["columns"], len(numbers))
        made.sets.extend(Change(number, row) for number, row in zip(numbers, rows, strict=True))
    if "del" in parts:
        made.dels.extend(accumulate(parts["del"]["number"]))


def _table(columns: Mapping[str, Any], count: int) -> Iterator[dict[str, Any]]:
    """Rows from columns; a field that is absent is None."""
    names = list(columns)
    values = [_column(column, count) for column in columns.values()]
    for row in zip(*values, strict=True) if names else ((),) * count:
        yield dict(zip(names, row, strict=True))


def _column(column: Any, count: int) -> Sequence[Any]:
    """One value for each row; None where it is absent."""
    if isinstance(column, str):
        found: list[Any] = [text or None for text in column.split("|")]
    elif isinstance(column, list):
        found = column
    elif "all" in column:
        return [column["all"]] * count
    else:
        lengths = _column(column["lengths"], count)
        items = [
            {name: value for name, value in item.items() if value is not None}
            for item in _table(column["columns"], sum(lengths))
        ]
        ends = accumulate(lengths)
        found = [items[end - length : end] or None for end, length in zip(ends, lengths, strict=True)]
    if len(found) != count:
        raise ValueError(f"a column has {len(found)} values for {count} rows")
    return found


def _ids(column: Any, count: int) -> Sequence[str]:
    if not isinstance(column, dict) or "high" not in column:
        return _column(column, count)
    high, low = column["high"], column["low"]
    if len(high) != 16 * count or len(low) != 16 * count:
        raise ValueError("the ids are not those of so many rows")
    digits = [high[at : at + 16] + low[at : at + 16] for at in range(0, 16 * count, 16)]
    return [f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}" for one in digits]
