"""Random choices: the same for the same numbers, within their limits, and the simplest where their reach ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.testing.choices import Choices, choices

SEEDS = st.integers(0, 2**32 - 1)


def drawn(chosen: Choices) -> list[object]:
    return [
        [chosen.some(), chosen.count(1, 4), chosen.number(-5, 70), chosen.one_of("abc"), chosen.text("01", 2, 9)]
        for _ in range(20)
    ]


@given(SEEDS, st.floats(0, 1))
def test_the_same_numbers_choose_the_same(seed: int, share: float) -> None:
    assert drawn(Choices(seed, share, 90)) == drawn(Choices(seed, share, 90))


@given(SEEDS, st.floats(0, 1))
def test_every_choice_is_within_its_limits(seed: int, share: float) -> None:
    for _, count, number, one, text in drawn(Choices(seed, share, 1000)):  # type: ignore[misc]
        assert 1 <= count <= 4
        assert -5 <= number <= 70
        assert one in "abc"
        assert 2 <= len(text) <= 9
        assert set(text) <= {"0", "1"}


@given(SEEDS)
def test_beyond_its_reach_every_choice_is_the_simplest(seed: int) -> None:
    chosen = Choices(seed, 1, 0)
    assert drawn(chosen) == [[False, 1, -5, "a", "00"]] * 20
    assert chosen.spent


def test_what_is_drawn_differs_in_seed_share_and_name() -> None:
    found: set[str] = set()

    @given(choices("one"), choices("other"))
    def collect(one: Choices, other: Choices) -> None:
        found.update((repr(one), repr(other)))

    collect()
    assert len(found) > 100
