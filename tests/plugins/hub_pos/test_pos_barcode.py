from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_pos.barcode import candidates, check_digit, expand_upc_e


@pytest.mark.parametrize(("body", "digit"), [("629104150021", "3"), ("890400021003", "7"), ("400638133393", "1")])
def test_check_digits(body: str, digit: str) -> None:
    assert check_digit(body) == digit


@pytest.mark.parametrize(
    ("code", "upc_a"),
    [("01234505", "012000003455"), ("01234531", "012300000451"), ("01234543", "012340000053"),
     ("01234565", "012345000065")],
)  # fmt: skip
def test_upc_e_is_expanded(code: str, upc_a: str) -> None:
    assert expand_upc_e(code) == upc_a


def test_upc_e_is_a_second_reading() -> None:
    assert candidates("01234565") == ["00000001234565", "00012345000065"]
    assert expand_upc_e("21234565") is None
    assert expand_upc_e("x") is None


@pytest.mark.parametrize("code", ["00000000", "0000000000000", "123", "4006381333930", "40063813339a1", "٤٠٠٦٣٨١٣"])
def test_what_is_no_gtin(code: str) -> None:
    assert candidates(code) == []


@given(st.text("0123456789", min_size=13, max_size=13).filter(int))
def test_every_form_of_a_gtin_means_the_same(body: str) -> None:
    gtin = body + check_digit(body)
    for length in (14, 13, 12, 8):
        if gtin[: 14 - length].strip("0") == "":
            assert candidates(gtin[14 - length :])[0] == gtin
