"""What a segment needs to be written, by its mandatory elements and syntax notes."""

from __future__ import annotations

from itertools import product

import pytest

from hub.grammar import ElementDef, SegmentDef
from hub.mapping.notes import Needs, whole
from hub.mapping.runtime import WriteState


def segment(*notes: str, required: tuple[int, ...] = ()) -> SegmentDef:
    """A segment of four elements."""
    return SegmentDef("XX", tuple(ElementDef(f"XX{at:02}", str(at), at in required) for at in range(1, 5)), notes)


@pytest.mark.parametrize(
    ("notes", "before", "after"),
    [
        (("P0203",), ["1", "", "3", "4"], ["1", "", "", "4"]),
        (("P0203",), ["1", "2", "3", ""], ["1", "2", "3", ""]),
        (("C0203",), ["1", "2", "", "4"], ["1", "", "", "4"]),
        (("C0203",), ["1", "", "3", "4"], ["1", "", "3", "4"]),
        (("L020304",), ["1", "2", "", ""], ["1", "", "", ""]),
        (("L020304",), ["1", "2", "", "4"], ["1", "2", "", "4"]),
        (("C0102", "P0203"), ["1", "2", "", "4"], ["", "", "", "4"]),  # what is taken out was needed by another
    ],
)
def test_what_cannot_stand_alone_is_taken_out(notes: tuple[str, ...], before: list[str], after: list[str]) -> None:
    elements = list(before)
    gone = Needs.of(segment(*notes)).clear(elements)
    assert elements == after
    assert {name for name, _ in gone} == {f"XX{at:02}" for at, one in enumerate(before, 1) if one and not after[at - 1]}


def test_a_segment_is_missing_what_is_mandatory_and_one_of_its_choices() -> None:
    needs = Needs.of(segment("R0203", required=(1,)))
    assert needs.missing(["", "", "", "4"]) == ["XX01", "XX02 or XX03"]
    assert needs.missing(["1", "", "3"]) == []


@pytest.mark.parametrize("notes", [(), ("P0203",), ("R0203",), ("C0203",), ("L020304",), ("C0102", "P0304", "R0204")])
@pytest.mark.parametrize("width", [1, 3, 4])
def test_the_quick_test_says_the_same_as_the_long_one(notes: tuple[str, ...], width: int) -> None:
    needs = Needs.of(segment(*notes, required=(1,)))
    test = needs.condition(width, frozenset())
    for filled in product(("", "x"), repeat=width):
        elements = list(filled)
        complete = bool(eval(test, {"e": list(filled)}))
        assert complete == (not needs.clear(elements) and not needs.missing(elements)), filled


def test_elements_that_always_have_a_value_are_not_looked_at() -> None:
    assert Needs.of(segment("P0102", required=(1,))).condition(2, frozenset({0, 1})) == ""


def test_a_segment_that_lacks_something_is_left_out_where_it_can_be() -> None:
    needs = Needs.of(segment("P0203", required=(1,)))
    state = WriteState([], complete=True)
    assert not state.stands(needs, ["", "2", "", "4"], alone=True)
    assert [(one.code, one.position.name) for one in state.findings] == [
        ("mapping.no_room", "XX02"), ("mapping.no_room", "XX01"),
    ]  # fmt: skip
    assert state.findings[1].message == "XX needs XX01, which is not known; it is not written"
    assert WriteState([], complete=True).stands(needs, ["", "", "", "4"], alone=False)  # the check of the whole says it


def test_an_item_without_its_qualifier_is_refused() -> None:
    write = whole(lambda item: item)
    assert write(("92", "0042")) == ("92", "0042")
    with pytest.raises(ValueError, match="needs a qualifier"):
        write(("", "0042"))
