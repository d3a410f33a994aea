"""The grammar files: readable, complete in themselves, and in agreement with other people's tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.errors import ConfigurationError
from hub.grammar import Loop, Structure
from hub_x12.grammar import grammar, release
from hub_x12.grammar.release import available, nearest
from hub_x12.grammar.source import parse

DEFS = Path(__file__).parents[4] / "shared" / "samples" / "defs"


def test_releases_and_names() -> None:
    assert available() == ("004010", "005010")
    assert [nearest(name) for name in ("003040", "004010", "004060", "005010", "006020")] == [
        "004010", "004010", "004010", "005010", "005010",
    ]  # fmt: skip
    for name in ("x12/004010/810", "x12/009999/850", "edifact/D96A/ORDERS", "x12/004010/850/x", ""):
        assert grammar(name) is None
    with pytest.raises(ConfigurationError, match="no X12 grammar for release 003040"):
        release("003040")


@pytest.mark.parametrize("name", ["004010", "005010"])
def test_everything_named_is_defined(name: str) -> None:
    known = release(name)
    assert set(known.segments) <= known.known_segments
    assert set(known.sets) - {"999"} <= known.known_sets
    for kind in known.sets:
        found = grammar(f"x12/{name}/{kind}")
        assert found is not None
        assert Structure(found).nodes
    for definition in known.segments.values():
        assert definition.name, definition.id
        for element in definition.elements:
            assert element.name
            for part in element.components or (element,):
                assert part.max > 0
                assert part.min <= part.max
        for note in definition.notes:
            places = [int(note[at : at + 2]) for at in range(1, len(note), 2)]
            assert note[0] in "PRECL"
            assert len(places) > 1
            assert max(places) <= len(definition.elements), (definition.id, note)


def test_a_broken_file_is_named_with_its_line() -> None:
    with pytest.raises(ConfigurationError, match=r"x\.grammar:2: .*braces"):
        parse("release 004010\nset 850 PO order\n  BEG! N1/2 { N1!\n", "x.grammar")
    with pytest.raises(ConfigurationError, match=r"x\.grammar:1: .*unknown heading"):
        parse("elephants\n  1\n", "x.grammar")
    with pytest.raises(ConfigurationError, match=r"x\.grammar:1"):
        parse("segments\n  BEG  heading: 353! what?\n", "x.grammar")
    with pytest.raises(ConfigurationError, match=r"x\.grammar:1"):
        parse("elements\n  92 ID two order type\n", "x.grammar")


def _content(items: Any) -> list[Any]:
    return [
        [item.id, item.required, item.max, _content(item.content)]
        if isinstance(item, Loop)
        else [item.id, item.required, item.max]
        for item in items
    ]


def _theirs(items: Any) -> list[Any]:
    most = 1_000_000_000
    return [
        [item["loop"], item["req"] == "M", most if item["max"] == ">1" else item["max"], _theirs(item["content"])]
        if "loop" in item
        else [item["segment"], item["req"] == "M", most if item["max"] == ">1" else item["max"]]
        for item in items
    ]


@pytest.mark.skipif(not DEFS.exists(), reason="the definitions to check against are not at hand")
def test_004010_agrees_with_other_tables() -> None:
    """Element types and lengths, segments and sets; where we differ on purpose, it is listed here."""
    table = json.loads((DEFS / "x12-004010.json").read_text())
    known = release("004010")
    wider = {"1551": 4096, "739": 20, "740": 20, "741": 20}  # both kinds of table exist; the wider one is followed
    for ident, definition in known.segments.items():
        if ident in ("ISA", "IEA", "TA1", "GS", "GE", "ST", "SE"):
            continue
        theirs = table["segments"][ident]["elements"]
        assert [(one.number, one.required) for one in definition.elements] == [(n, r == "M") for n, r, *_ in theirs], (
            ident
        )
        for element in definition.elements:
            for part in element.components or (element,):
                fact = table["elements"][part.number]
                assert (part.min, part.max) == (fact["min"], wider.get(part.number, fact["max"])), part
    for kind in ("855", "997"):
        found = grammar(f"x12/004010/{kind}")
        assert found is not None
        ours = json.loads(json.dumps(_content(found.content)))
        assert _relaxed(ours) == _relaxed(_theirs(table["sets"][kind])), kind


def _relaxed(items: list[Any]) -> list[Any]:
    """Without requirement: one table has LQ and AK5 optional where the standard makes them mandatory."""
    return [[one[0], one[2], *([_relaxed(one[3])] if len(one) > 3 else [])] for one in items]


def test_what_005010_changed() -> None:
    old, new = release("004010"), release("005010")
    assert (old.segments["REF"].elements[1].max, new.segments["REF"].elements[1].max) == (30, 50)
    assert (old.segments["PO1"].elements[1].number, new.segments["PO1"].elements[1].number) == ("330", "380")
    assert "IK3" in new.segments
    assert "IK3" not in old.segments
    assert len(new.segments["N4"].elements) == 7
    texts = grammar("x12/005010/850")
    assert texts is not None
    assert "MTX" in texts.node_ids()
    assert "MSG" not in texts.node_ids()
