"""Elements and structure: the fast path accepts exactly what the explaining path finds nothing wrong with."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub_x12.checker import Checker, checker
from hub_x12.numbers import SeenNumbers
from hub_x12.separators import Separators

MARK = Separators("*", "~", ">", "^")
VALUES = st.sampled_from(
    ["", "1", "12", "A", "AB", "ABC", "ABCD", "20260101", "20260229", "20241131", "260101", "1200", "2561", "120061",
     "1.5", "-1", "-.5", ".", "-", "1.", " ", "  ", " A", "A ", "A>B", "A>", ">", ">A", "EA", "EA>1", "EA>1>1>", "PO>1",
     "PO>1>PO", "PO>1>PO>2", "X" * 31, "X" * 90, "9" * 16, "9" * 10, "9.99999999999999", "A^B", "é", "\x07", "1e5",
     "٣", "12000", "12000099", "0"]
)  # fmt: skip


@st.composite
def segments(draw: st.DrawFn, known: Checker) -> list[str]:
    """A segment with some right and some odd elements."""
    definition = draw(st.sampled_from(sorted(known.release.segments.values(), key=lambda one: one.id)))
    values = [definition.id]
    for element in definition.elements[: draw(st.integers(0, 14))]:
        right = {"D": "20260115", "T": "1200", "N": "1" * max(element.min, 1), "R": "1" * max(element.min, 1)}
        filled = "EA>1" if element.components else right.get(element.type[:1], "A" * max(1, element.min))
        choice = draw(st.integers(0, 9))
        values.append(filled[: max(element.max, 4)] if choice < 7 else "" if choice < 8 else draw(VALUES))
    values += (
        draw(st.lists(VALUES, max_size=2)) if draw(st.booleans()) and len(values) > len(definition.elements) else []
    )
    return values


@pytest.mark.parametrize("name", ["004010", "005010"])
def test_both_paths_agree(name: str) -> None:
    known = checker(name, MARK)

    @settings(max_examples=1500, deadline=None)
    @example(["PO1", "1", "12", "EA", "9.25", "", "UP", "012345678905"])
    @given(values=segments(known))
    def agree(values: list[str]) -> None:
        fast = bool(known.clean(values[0])("*".join(values)))
        slow = list(known.faults("*".join(values).split("*")))
        assert not (fast and slow), slow
        assert fast or slow or any("0229" in value for value in values)  # a leap day is for the slow path to judge

    agree()


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("PO1*1*12*EA*9.25**UP", [("x12.element.conditional_missing", 7)]),
        ("PO1*1**EA", [("x12.element.conditional_missing", 2)]),
        ("PO1*1*12*EA**PE", [("x12.element.conditional_missing", 4)]),
        ("N1*ST", [("x12.element.conditional_missing", 2)]),
        ("QTY*21*5**X", [("x12.element.exclusion", 4)]),
        ("BEG*00*SA*PO1**20260105*", [("x12.segment.trailing_separator", None)]),
        ("BEG*00*SA*PO1**20260105********X", [("x12.element.too_many", 13)]),
        ("BEG*00*SA*PO1**20260230", [("x12.element.date", 5)]),
        ("BEG*00*SA*PO1**260105", [("x12.element.date_length", 5)]),
        ("BEG*00*SA*PO1**20240229", []),
        ("BEG*00*SA*" + "P" * 23 + "**20260105", [("x12.element.too_long", 3)]),
        ("BEG*0*SA*PO1**20260105", [("x12.element.too_short", 1)]),
        ("BEG*00*SA*   **20260105", [("x12.element.blank", 3)]),
        ("BEG*00*SA*A>B**20260105", [("x12.element.separator_in_text", 3)]),
        ("DTM*002*20260105*2560", [("x12.element.time", 3)]),
        ("PO1*1*1,5", [("x12.element.character", 2)]),
        ("PO1*1*-12345678901234.5", []),
        ("PO1*1*1234567890123456", [("x12.element.too_long", 2)]),
        ("SAC*C*D240***12.50", [("x12.element.character", 5)]),
        ("REF*DP*1**PO", [("x12.element.missing", 4)]),
        ("REF*DP*1**PO>1>CT", [("x12.element.conditional_missing", 4)]),
        ("CTP**CON*1*1*EA>1>1>", [("x12.segment.trailing_separator", 5)]),
        ("MSG*A\tB", [("x12.element.character", 1)]),
    ],
)  # fmt: skip
def test_each_fault_is_named(segment: str, expected: list[tuple[str, int | None]]) -> None:
    known = checker("004010", Separators())
    values = segment.split("*")
    assert [(fault.code, fault.element) for fault in known.faults(values)] == expected
    assert bool(known.clean(values[0])(segment)) == (not expected) or "0229" in segment


def test_agreed_codes(x12: Any) -> None:
    payload = x12.interchange()
    read = x12.read(payload, codes={"92": ["NE"]})
    assert read.codes.count("x12.element.code") == 1
    assert read.accepted == [True]
    read = x12.read(payload, codes={"92": ["NE"]}, strict=["x12.element.code"])
    assert read.accepted == [False]
    assert "x12.element.code" not in x12.read(payload, codes={"92": ["SA", "NE"]}).codes


@pytest.mark.parametrize(
    ("body", "code", "segment", "list_code"),
    [
        (["N1*ST*A", "PO1*1*1*EA*1"], "x12.segment.missing", 2, "3"),
        (["BEG*00*SA*P**20260105"], "x12.segment.missing", 3, "3"),
        (["BEG*00*SA*P**20260105", "ZZZ*1", "PO1*1*1*EA*1"], "x12.segment.unrecognized", 3, "1"),
        (["BEG*00*SA*P**20260105", "B2*1", "PO1*1*1*EA*1"], "x12.segment.not_in_set", 3, "6"),
        (["BEG*00*SA*P**20260105", "PO1*1*1*EA*1", "N3*STREET"], "x12.segment.unexpected", 4, "2"),
        (["BEG*00*SA*P**20260105", *["CUR*BY*USD"] * 2, "PO1*1*1*EA*1"], "x12.segment.over_max", 4, "5"),
        (
            ["BEG*00*SA*P**20260105", *["SAC*A*C310***1"] * 26, "PO1*1*1*EA*1"],
            "x12.segment.loop_over_max", 28, "4",
        ),
        (
            ["BEG*00*SA*P**20260105", "DTM*002*20260105", "REF*DP*1", "PO1*1*1*EA*1"],
            "x12.segment.out_of_sequence", 4, "7",
        ),
    ],
)  # fmt: skip
def test_structure(x12: Any, body: list[str], code: str, segment: int, list_code: str) -> None:
    read = x12.read(x12.order_of(*body))
    finding = next(one for one in read.findings if one.code == code)
    assert (finding.position.segment, finding.list_id, finding.list_code) == (segment, "720", list_code)
    assert read.accepted == [False]


def test_findings_are_bounded(x12: Any) -> None:
    from hub.translation import Limits

    read = x12.read(x12.order_of(x12.order[0], *["ZZZ*1"] * 50), Limits(findings_per_message=10))
    assert len(read.messages[0].findings) == 11
    assert read.messages[0].findings[-1].code == "x12.set.more_findings"


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.one_of(st.integers(0, 40).map(str), st.integers(0, 40).map(lambda n: f"{n:04d}"), st.text("AB", max_size=2))
    )
)
def test_numbers_seen(numbers: list[str]) -> None:
    seen, plain = SeenNumbers(), set()
    for number in numbers:
        assert seen.add(number) == (number not in plain)
        plain.add(number)
