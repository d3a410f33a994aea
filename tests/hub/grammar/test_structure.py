"""Finding every segment's place: clean messages, repeats, gaps, strays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.grammar import ElementDef, Grammar, Loop, SegmentDef, SegmentUse, Structure
from hub.grammar.structure import Fault

USE = SegmentUse
IDS = ["BEG", "REF", "N1", "N2", "N3", "N4", "PO1", "PO4", "PID", "DTM", "SCH", "CTT", "AMT", "ZZZ"]
GRAMMAR = Grammar(
    "t",
    "850",
    "1",
    (
        USE("BEG", True),
        USE("REF", False, 2),
        Loop("N1", (USE("N1", True), USE("N2", False, 2), USE("N3", False, 2), USE("N4")), max=3),
        Loop(
            "PO1",
            (
                USE("PO1", True),
                USE("PO4"),
                Loop("PID", (USE("PID", True), USE("DTM")), max=1000),
                USE("REF", max=2),
                Loop("SCH", (USE("SCH", True), USE("REF")), max=2),
                Loop("N1", (USE("N1", True), USE("N4"))),
            ),
            True,
            100000,
        ),
        Loop("CTT", (USE("CTT", True), USE("AMT"))),
    ),
    {name: SegmentDef(name, (ElementDef(f"{name}01", "1"),)) for name in IDS},
)
STRUCTURE = Structure(GRAMMAR)


def faults(text):
    return [(one.fault.name, one.at, one.segment_id) for one in STRUCTURE.walk(text.split()).faults]


def places(text):
    walk = STRUCTURE.walk(text.split())
    return [
        "/".join((*GRAMMAR.nodes[at].loop_ids, GRAMMAR.nodes[at].segment.id)) if at >= 0 else "-" for at in walk.places
    ]


def test_every_segment_of_a_clean_message_has_its_place():
    text = "BEG REF REF N1 N3 N4 N1 PO1 PID PID DTM PO1 REF SCH REF N1 N4 CTT AMT"
    assert faults(text) == []
    assert places(text) == [
        "BEG", "REF", "REF", "N1/N1", "N1/N3", "N1/N4", "N1/N1", "PO1/PO1", "PO1/PID/PID", "PO1/PID/PID",
        "PO1/PID/DTM", "PO1/PO1", "PO1/REF", "PO1/SCH/SCH", "PO1/SCH/REF", "PO1/N1/N1", "PO1/N1/N4",
        "CTT/CTT", "CTT/AMT",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("MISSING", 0, "BEG"), ("MISSING", 0, "PO1")]),
        ("BEG", [("MISSING", 1, "PO1")]),
        ("BEG CTT", [("MISSING", 1, "PO1")]),
        ("PO1", [("MISSING", 0, "BEG")]),
        ("BEG BEG PO1", [("OVER_MAX", 1, "BEG")]),
        ("BEG REF REF REF PO1", [("OVER_MAX", 3, "REF")]),
        ("BEG N1 N1 N1 N1 PO1", [("LOOP_OVER_MAX", 4, "N1")]),
        ("BEG PO1 SCH SCH SCH", [("LOOP_OVER_MAX", 4, "SCH")]),
        ("BEG N1 N4 N3 PO1", [("OUT_OF_SEQUENCE", 3, "N3")]),
        ("BEG PO1 ZZZ", [("NOT_IN_SET", 2, "ZZZ")]),
        ("BEG PO1 Q?", [("UNRECOGNIZED", 2, "Q?")]),
        ("BEG PO1 CTT PID", [("UNEXPECTED", 3, "PID")]),
    ],
)
def test_fault_is_named_with_its_place(text, expected):
    assert faults(text) == expected


@given(st.lists(st.sampled_from([*IDS, "XX"]), max_size=40))
def test_any_order_of_segments_is_walked_to_its_end(ids):
    walk = STRUCTURE.walk(ids)
    assert len(walk.places) == len(ids)
    for at, place in enumerate(walk.places):
        assert place == -1 or GRAMMAR.nodes[place].segment.id == ids[at]
        if place == -1:
            assert any(one.at == at for one in walk.faults), "a segment without a place is always reported"


@given(st.data())
def test_messages_made_from_the_grammar_are_clean(data):
    ids: list[str] = []

    def make(content):
        for item in content:
            least = 1 if item.required else 0
            for _ in range(data.draw(st.integers(least, min(item.max, 2)))):
                if isinstance(item, Loop):
                    make(item.content)
                else:
                    ids.append(item.id)

    make(GRAMMAR.content)
    found = [one.fault for one in STRUCTURE.walk(ids).faults]
    assert found == [], ids
    assert Fault.MISSING.value == "3"
