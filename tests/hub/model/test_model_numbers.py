"""Exact numbers: reading, writing, rounding, sharing out."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.model.money import Money, UnitPrice
from hub.model.numbers import allocate, format_number, parse_number, round_half_up, scale_of
from hub.model.quantity import Quantity

GOOD = ["0", "12.30", "-1.5", "+7", ".5", "5.", "0.0000000001", "9" * 38]
BAD = [
    "",
    " 1",
    "1 ",
    "1\n",
    "1,5",
    "1_000",
    "1e3",
    "1E+3",
    "NaN",
    "Infinity",
    "-inf",
    "0x1",
    "--1",
    "1.2.3",
    "٣",
    ".",
    "9" * 39,
]


@pytest.mark.parametrize("text", GOOD)
def test_plain_text_is_a_number(text: str) -> None:
    assert parse_number(text) == Decimal(text)
    assert Quantity(value=text).value == Decimal(text)  # type: ignore[arg-type]
    assert Quantity.model_validate_json(f'{{"value": "{text}"}}').value == Decimal(text)


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_not(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|digits"):
        parse_number(text)
    with pytest.raises(ValidationError):
        Quantity(value=text)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [1.5, 1.0, math.nan, True, None, b"1"])
def test_floats_and_booleans_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        parse_number(value)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        Money(amount=value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("-Infinity"), Decimal("sNaN"), Decimal("1E+40"), Decimal("1E-50")]
)
def test_decimals_without_a_sane_value_are_refused(value: Decimal) -> None:
    with pytest.raises(ValueError, match=r"number|digits"):
        parse_number(value)
    with pytest.raises(ValidationError):
        Money(amount=value)


@pytest.mark.parametrize("text", ["1.5", "1e3", "true", "NaN", "null", '"1e3"', '" 1"', "[]"])
def test_json_numbers_with_a_fraction_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Money.model_validate_json(f'{{"amount": {text}}}')


def test_json_integers_are_exact() -> None:
    assert Money.model_validate_json('{"amount": 12345678901234567890}').amount == Decimal("12345678901234567890")


def test_numbers_are_never_written_with_an_exponent() -> None:
    assert format_number(Decimal("1E+3")) == "1000"
    assert format_number(Decimal("1E-7")) == "0.0000001"
    assert format_number(Decimal("-0.00")) == "0.00"
    assert format_number(Decimal("-12.30")) == "-12.30"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6))
def test_writing_and_reading_is_exact(number: Decimal) -> None:
    assert parse_number(format_number(number)) == number


def test_halves_are_rounded_up() -> None:
    assert round_half_up(Decimal("2.665"), 2) == Decimal("2.67")
    assert round_half_up(Decimal("1.005"), 2) == Decimal("1.01")
    assert round_half_up(Decimal("-2.665"), 2) == Decimal("-2.67")
    assert round_half_up(Decimal("1500.5"), 0) == Decimal("1501")


def test_amounts_are_rounded_to_the_decimals_of_their_currency() -> None:
    assert Money(amount=Decimal("1500.4"), currency="JPY").rounded().amount == Decimal("1500")
    assert Money(amount=Decimal("1.0005"), currency="KWD").rounded().amount == Decimal("1.001")
    assert Money(amount=Decimal("1.005"), currency="BGN").rounded().amount == Decimal("1.01")
    assert Money(amount=Decimal("1.005")).rounded().amount == Decimal("1.01")


def test_scale_is_what_is_written() -> None:
    assert [scale_of(Decimal(text)) for text in ("12", "12.30", "1E+3", "1E-7", "0.000000")] == [0, 2, 0, 7, 6]


def test_a_price_per_hundred_is_a_hundredth_for_one() -> None:
    assert UnitPrice(amount=Decimal("925"), per=Quantity(value=Decimal(100))).for_one() == Decimal("9.25")
    with pytest.raises(ValueError, match="zero"):
        UnitPrice(amount=Decimal(1), per=Quantity(value=Decimal(0))).for_one()


def test_thirds_of_a_hundred_add_up() -> None:
    assert allocate(Decimal("100.00"), [Decimal(1)] * 3) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert allocate(Decimal("-0.01"), [Decimal(1), Decimal(2)]) == [Decimal("0.00"), Decimal("-0.01")]
    assert allocate(Decimal("5"), [Decimal(0), Decimal(0)], places=0) == [Decimal(3), Decimal(2)]
    assert allocate(Decimal("5"), []) == []


def test_what_cannot_be_shared_out_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        allocate(Decimal(1), [Decimal(-1)])
    with pytest.raises(ValueError, match="more than 2 decimals"):
        allocate(Decimal("1.005"), [Decimal(1)])


@settings(max_examples=60)
@given(
    total=st.decimals(min_value=-(10**9), max_value=10**9, places=2),
    weights=st.lists(st.decimals(min_value=0, max_value=10**6, places=4), min_size=1, max_size=12),
)
def test_parts_always_add_up_and_are_less_than_a_cent_from_their_share(total: Decimal, weights: list[Decimal]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    if whole:
        assert all(
            abs(part - total * weight / whole) < Decimal("0.0100001")
            for part, weight in zip(parts, weights, strict=True)
        )
