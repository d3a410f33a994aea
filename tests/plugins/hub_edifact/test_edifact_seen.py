"""References that were used before."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hub_edifact.seen import MEMORY, Seen


@given(st.lists(st.text("012A", min_size=1, max_size=3), max_size=60))
@settings(max_examples=100, deadline=None)
def test_a_repetition_is_found(references: list[str]) -> None:
    seen = Seen()
    assert [seen.add(one) for one in references] == [one in references[:at] for at, one in enumerate(references)]


def test_counting_references_cost_nothing() -> None:
    for form in ("{}", "{:09}"):
        seen = Seen()
        assert not any(seen.add(form.format(number)) for number in range(20_000))
        assert not seen._others
        assert seen.add(form.format(7))


def test_others_are_remembered_for_a_while() -> None:
    seen = Seen()
    assert not any(seen.add(f"M{number}") for number in range(MEMORY + 5))
    assert seen.add(f"M{MEMORY}")
    assert not seen.add("M1")
