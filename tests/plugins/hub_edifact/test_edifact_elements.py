"""Elements: the fast test and the slow explanation must agree, and numbers are read by their marks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.grammar import Structure
from hub_edifact.directories import load_grammar, load_segments, nearest_directory
from hub_edifact.elements import SegmentCheck
from hub_edifact.segments import SegmentParser
from hub_edifact.separators import LEVEL_A, Separators

PIECES = st.lists(
    st.one_of(
        st.sampled_from(["", "", "A", "21", "5", "1.5", "-3", ".5", "5.", "1,5", "1.000,5", "ABCD", "102", "12A"]),
        st.text("AB12 .-", max_size=40),
    ),
    max_size=7,
)
COMMA = Separators(decimal=",")


@given(st.data(), st.sampled_from(["D96A", "D01B", "V3"]), st.sampled_from([LEVEL_A, COMMA]))
@settings(max_examples=400, deadline=None)
def test_what_is_clean_needs_no_explanation(data, directory: str, separators: Separators) -> None:
    definition = data.draw(st.sampled_from(list(load_segments(directory).values())))
    elements = [":".join(data.draw(PIECES)) for _ in range(data.draw(st.integers(0, len(definition.elements) + 1)))]
    text = "+".join([definition.id, *elements])
    check = SegmentCheck(definition, separators)
    faults = check.explain(SegmentParser(separators).parse(text))
    if check.clean(text):
        assert not faults, text
    elif not text.rstrip("+:").endswith(("+", ":")) and "," not in text and text == text.rstrip("+:"):
        assert faults or separators is COMMA or ":+" in text or text.endswith(":"), text


@pytest.mark.parametrize(
    ("mark", "text", "code", "value"),
    [
        (".", "1.5", "", "1.5"),
        (",", "1,5", "", "1.5"),
        (".", "1,5", "decimal_mark", "1.5"),
        (",", "1.5", "decimal_mark", "1.5"),
        (".", ".5", "decimal_digit", "0.5"),
        (".", "5.", "decimal_digit", "5"),
        (".", "1.234.567", "thousands", "1.234.567"),
        (",", "1.234,5", "thousands", "1.234,5"),
        (".", "1 234", "thousands", "1 234"),
        (".", "12a", "number", "12a"),
        (".", "+5", "number", "+5"),
        (".", "1e3", "number", "1e3"),
        (".", "-12.50", "", "-12.50"),
        (".", "123456789012345", "", "123456789012345"),
        (".", "-12345678901234.5", "", "-12345678901234.5"),
        (".", "1234567890123456", "too_long", "1234567890123456"),
    ],
)
def test_numbers(mark: str, text: str, code: str, value: str) -> None:
    check = SegmentCheck(load_segments("D96A")["QTY"], Separators(decimal=mark))
    segment = ["QTY", ["21", text]]
    assert [fault.code for fault in check.explain(segment)] == ([code] if code else [])
    assert segment[1][1] == value


@pytest.mark.parametrize("name", ["D96A/ORDERS", "D96A/ORDRSP", "D01B/ORDERS", "D01B/ORDRSP", "V3/CONTRL", "V4/CONTRL"])
def test_grammars(name: str) -> None:
    grammar = load_grammar(f"edifact/{name}")
    assert grammar is not None
    assert grammar.listed
    assert Structure(grammar).walk([node.segment.id for node in grammar.nodes]).faults == []


def test_names_that_are_no_grammar() -> None:
    for name in (
        "edifact/D96A/INVOIC",
        "edifact/D96A/directory",
        "x12/004010/850",
        "edifact/../D96A/ORDERS",
        "edifact",
    ):
        assert load_grammar(name) is None


def test_the_directories_differ_where_they_do() -> None:
    old, new = load_segments("D96A"), load_segments("D01B")
    assert old["BGM"].resolve("1004").element == new["BGM"].resolve("C106.1004").element == 2
    assert old["NAD"].resolve("3229") is not None
    assert new["NAD"].resolve("C819.3229") is not None
    assert (old["NAD"].resolve("3251").definition.max, new["NAD"].resolve("3251").definition.max) == (9, 17)
    assert (old["LIN"].resolve("1082").definition.type, new["LIN"].resolve("1082").definition.type) == ("n", "an")
    assert new["IMD"].resolve("C272.7081") is not None


@pytest.mark.parametrize(
    ("version", "directory"),
    [("D93A", "D96A"), ("D97A", "D96A"), ("D99B", "D01B"), ("D03B", "D01B"), ("D11A", "D01B"), ("2912", "")],
)
def test_the_nearest_directory(version: str, directory: str) -> None:
    assert nearest_directory(version) == directory
