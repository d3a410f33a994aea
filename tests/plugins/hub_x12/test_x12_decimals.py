"""Numbers below one: read with a zero before the point and without, written without. X12.6 §3.5.1.4."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_x12.decimals import shorten
from hub_x12.grammar.release import release

SEGMENTS = release("005010").segments


def written(*segment: Any) -> list[Any]:
    body = [list(segment)]
    shorten(body, SEGMENTS)
    return body[0]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-100, max_value=100))
def test_no_number_begins_with_a_zero_that_means_nothing(value: Decimal) -> None:
    text = format(value, "f")
    out = written("PO1", "1", "12", "EA", text)[4]
    assert re.fullmatch(r"-?(?:[1-9][0-9]*)?\.[0-9]{4}", out)
    assert Decimal(out) == value


@pytest.mark.parametrize("text", ["0", "1.5", "10.0", "-1", "", ".5", "0.", "00.5", "0.x"])
def test_other_numbers_stay(text: str) -> None:
    assert written("PO1", "1", "12", "EA", text)[4] == text


def test_only_decimal_numbers_are_shortened() -> None:
    assert written("REF", "ZZ", "0.5", "0.7") == ["REF", "ZZ", "0.5", "0.7"]  # texts
    assert written("PO1", "0.5", "0.5")[1:] == ["0.5", ".5"]  # PO101 is a text, PO102 a number
    assert written("MEA", "PD", "WT", "0.25", ["LB", "0.5", "-0.5"])[3:] == [".25", ["LB", ".5", "-.5"]]
    assert written("XXX", "0.5") == ["XXX", "0.5"]


@pytest.mark.parametrize("price", ["0.5", ".5", "0.50", "-0.5", "-.5", "0.00"])
def test_both_forms_are_read_and_one_is_written(x12: Any, price: str) -> None:
    (message,) = x12.read(x12.order_of(*x12.order[:3], f"PO1*1*12*EA*{price}**UP*012345678905", "CTT*1")).messages
    assert message.accepted
    assert message.documents[0].lines[0].price.amount == Decimal(price)
    first = x12.translator.write(message.documents, "850", "004010", x12.context()).payload
    assert f"*EA*{price.replace('0.', '.')}*".encode() in first
    again = x12.read(first).messages[0].documents
    assert x12.translator.write(again, "850", "004010", x12.context()).payload == first
