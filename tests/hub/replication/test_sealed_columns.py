"""What the hub writes into a segment is what the till reads out of it: any rows, any fields, any order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

import hub_pos
from hub.replication.columns import columns
from hub.replication.sealed import Contents, Del, Put, Set, seal
from hub_pos.errors import SegmentDamaged
from hub_pos.sealed import Dels, Puts, Sets, opened, rows_of

GTIN = "gtin:04006381333931"
texts = st.text(min_size=1, max_size=8) | st.sampled_from(["|", "a|b", "EUR", "1.00", "\x00", "ß"])
values = texts | st.booleans() | st.integers(-5, 10**12)
items = st.lists(st.dictionaries(st.sampled_from("pq"), values, min_size=1), min_size=1, max_size=3)
rows = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), values | items, max_size=4)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), values, max_size=3), min_size=1, max_size=6))
def test_columns_of_plain_values(many: list[dict[str, Any]]) -> None:
    assert rows_of(columns(many), len(many)) == many


@st.composite
def contents(draw: st.DrawFn) -> Contents:
    numbers = draw(st.lists(st.integers(1, 10**9), unique=True, min_size=1, max_size=12))
    made = Contents()
    plain = st.dictionaries(st.sampled_from("xyz"), values, max_size=3)
    lists = st.fixed_dictionaries({}, optional={"list": items})
    for number in numbers:
        entity = draw(st.sampled_from(["price", "product"]))
        row = {**draw(plain), **draw(lists)}
        match draw(st.integers(0, 2)):
            case 0:
                id_ = draw(st.uuids().map(str) | st.sampled_from(["1", "no uuid", "A" * 36]))
                made.puts.append(Put(number, entity, id_, row))
            case 1:
                names = tuple(sorted(draw(st.sets(st.sampled_from(["x", "y", "list"]), min_size=1))))
                made.sets.append(Set(number, entity, names, row))
            case _:
                made.dels.append(Del(number, entity))
    return made


def shown(row: Any) -> str:
    return json.dumps(row, sort_keys=True)


def read(put: Puts) -> list[dict[str, Any]]:
    """Rows without the fields that are absent."""
    rows = ({name: values[at] for name, values in put.columns.items()} for at in range(len(put.ids)))
    return [{name: value for name, value in row.items() if value not in (None, [])} for row in rows]


@given(contents())
def test_segments_come_back_as_they_were_made(made: Contents) -> None:
    sealed = seal("zone:A", 3, 9, made, snapshot=False)
    segment = opened(sealed.data)
    assert (segment.bucket, segment.first, segment.last, segment.snapshot) == ("zone:A", 3, 9, False)
    puts, sets, dels = set(), {}, set()
    for change in segment.changes:
        if isinstance(change, Puts):
            for number, id_, row in zip(change.numbers, change.ids, read(change), strict=True):
                puts.add((change.entity, number, id_, shown(row)))
        elif isinstance(change, Sets):
            for index, number in enumerate(change.numbers):
                sets[change.entity, number] = {
                    name: column[index] or None if name == "list" else column[index]
                    for name, column in zip(change.names, change.values, strict=True)
                }
        else:
            assert isinstance(change, Dels)
            dels |= {(change.entity, number) for number in change.numbers}
    assert puts == {(one.entity, one.number, one.id, shown(one.row)) for one in made.puts}
    assert sets == {(one.entity, one.number): {name: one.row.get(name) for name in one.changed} for one in made.sets}
    assert dels == {(one.entity, one.number) for one in made.dels}
    # The same contents in another order are the same bytes, and so the same name.
    again = Contents(made.puts[::-1], made.sets[::-1], made.dels[::-1])
    assert seal("zone:A", 3, 9, again).digest == sealed.digest


@pytest.mark.parametrize(
    "text",
    [
        "[]", "{}", '{"format": 2}', "not json",
        '{"format":1,"bucket":"a","first":0,"last":1,"schema":1,"snapshot":false,"entities":{"price":{"set":[{"number":'
        '[1,1],"columns":{"amount":"1.00"}}]}}}',
        '{"format":1,"bucket":"a","first":0,"last":1,"schema":1,"snapshot":false,"entities":{"price":{"put":{"number":'
        '[1],"id":{"high":"0","low":""},"columns":{}}}}}',
    ],
)  # fmt: skip
def test_what_is_no_segment_is_said_to_be_none(text: str) -> None:
    with pytest.raises(SegmentDamaged):
        opened(zstandard.ZstdCompressor().compress(text.encode()))


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(600 << 20))
    assert len(bomb) < 100_000
    with pytest.raises(SegmentDamaged, match="at most"):
        opened(bomb)
    with pytest.raises(SegmentDamaged):
        opened(b"no zstd at all")


def test_the_example_of_the_protocol_reads_as_it_says() -> None:
    text = Path(hub_pos.__file__).with_name("PROTOCOL.md").read_text("utf-8")
    example = text.partition("### 6.1")[2].partition("```json\n")[2].partition("```")[0]
    segment = opened(zstandard.ZstdCompressor().compress(example.encode()))
    assert (segment.bucket, segment.first, segment.last, segment.snapshot) == ("zone:RTL", 120, 180, False)
    put, changed, gone = segment.changes
    assert isinstance(put, Puts)
    assert put.numbers == [17, 20]
    assert put.ids == ["0197a1b2-c3d4-7001-8f00-000000000001", "0197a1b2-c3d4-7002-8f00-000000000002"]
    assert read(put) == [
        {"item": "own:K-1", "currency": "EUR", "priority": 1, "items": [{"item": "id:7"}, {"item": GTIN}]},
        {"item": "own:K-2", "currency": "EUR"},
    ]  # fmt: skip
    assert changed == Sets("price", [4, 5, 14], ["amount", "basis"], [["2.50", "3.00", None], [None, None, None]])
    assert gone == Dels("price", [8])
