"""Identifiers: schemes, normal forms, check digits."""

from __future__ import annotations

import biip.gln
import biip.gtin
import biip.sscc
import pytest
from biip import ParseError
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.model.check_digits import gs1_check_digit, has_gs1_check_digit, mod97, with_check_digit
from hub.model.identifier_rules import problem
from hub.model.identifiers import Identifier, normalise, scheme_name


@pytest.mark.parametrize(
    ("body", "digit"),
    [
        ("629104150021", "3"),
        ("890400021003", "7"),
        ("400638133393", "1"),
        ("37613032110910342", "0"),
        ("01234567890", "5"),
    ],
)
def test_vectors_of_the_reference(body: str, digit: str) -> None:
    assert gs1_check_digit(body) == digit
    assert has_gs1_check_digit(body + digit)
    assert with_check_digit(body) == body + digit


@settings(max_examples=80)
@given(st.from_regex(r"[0-9]{13}", fullmatch=True), st.from_regex(r"[0-9]{18}", fullmatch=True))
def test_biip_agrees_about_check_digits(gln: str, sscc: str) -> None:
    for value, parse in ((gln, biip.gln.Gln.parse), (sscc, biip.sscc.Sscc.parse)):
        try:
            parse(value)
            right = True
        except ParseError:
            right = False
        assert has_gs1_check_digit(value) is right


@given(st.from_regex(r"[1-9][0-9]{11}", fullmatch=True))
def test_biip_agrees_about_gtins(body: str) -> None:
    gtin = biip.gtin.Gtin.parse(with_check_digit(body))
    assert normalise("gtin", with_check_digit(body)) == gtin.as_gtin_14()


def test_a_gtin_is_kept_with_14_digits_and_what_was_received_beside_it() -> None:
    upc = Identifier(scheme="gtin", value="012345678905")
    assert (upc.value, upc.raw) == ("00012345678905", "012345678905")
    full = Identifier(scheme="gtin", value="00012345678905")
    assert (full.value, full.raw) == ("00012345678905", "")
    again = Identifier.model_validate_json(upc.model_dump_json())
    assert again == upc


@pytest.mark.parametrize(
    ("scheme", "value", "normal"),
    [
        ("gtin", "0 12345-67890 5", "00012345678905"),
        ("gtin", "4006381333931", "04006381333931"),
        ("gtin", "ABC-1", "ABC-1"),
        ("gtin", "123456789012345", "123456789012345"),
        ("gtin", "４００６３８１３３３９３１", "04006381333931"),
        ("gln", "629 10415 00213", "6291041500213"),
        ("sscc", "00376130321109103420", "376130321109103420"),
        ("sscc", "(00)376130321109103420", "376130321109103420"),
        ("sscc", "376130321109103420", "376130321109103420"),
        ("duns", "15-048-3782", "150483782"),
        ("iban", "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("vat:DE", "de 136.695.976", "DE136695976"),
        ("buyer_assigned", "00-1 A", "00-1 A"),
        ("seller_assigned", "", ""),
    ],
)
def test_values_are_normalised_by_their_scheme(scheme: str, value: str, normal: str) -> None:
    made = Identifier(scheme=scheme, value=value)
    assert made.value == normal
    assert made.raw == ("" if value == normal else value)
    assert Identifier(scheme=scheme, value=normal).value == normal


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("EAN", "gtin"),
        ("UPC", "gtin"),
        ("ILN", "gln"),
        ("GTIN", "gtin"),
        ("vat:de", "vat:DE"),
        (" SWIFT ", "bic"),
        ("own", "own"),
    ],
)
def test_schemes_have_one_name(written: str, name: str) -> None:
    assert scheme_name(written) == name
    assert Identifier(scheme=written, value="1").scheme == name


def test_an_identifier_needs_scheme_and_value() -> None:
    for wrong in (
        {"scheme": "gtin"},
        {"value": "1"},
        {"scheme": None, "value": "1"},
        {"scheme": "gtin", "value": 1},
        "x",
    ):
        with pytest.raises(ValidationError):
            Identifier.model_validate(wrong)


def test_the_data_it_is_made_from_is_not_changed() -> None:
    data = {"scheme": "EAN", "value": "012345678905"}
    Identifier.model_validate(data)
    assert data == {"scheme": "EAN", "value": "012345678905"}


@given(
    st.sampled_from(["gtin", "gln", "sscc", "duns", "iban", "vat:FR", "isbn", "zz"]),
    st.text(max_size=22) | st.text("0-() 1", max_size=26),
)
def test_normalising_twice_is_normalising_once(scheme: str, value: str) -> None:
    once = normalise(scheme, value)
    assert normalise(scheme, once) == once
    made = Identifier(scheme=scheme, value=value)
    assert (made.raw or made.value) == value


@pytest.mark.parametrize(
    ("scheme", "value", "code"),
    [
        ("gtin", "00012345678905", None),
        ("gtin", "00012345678906", "check_digit"),
        ("gtin", "00000000000000", "zero"),
        ("gtin", "ABC", "length"),
        ("gtin", "02000000000008", "restricted"),
        ("gln", "6291041500213", None),
        ("gln", "0000000000000", "zero"),
        ("gln", "6291041500214", "check_digit"),
        ("gln", "62910415", "length"),
        ("sscc", "376130321109103420", None),
        ("sscc", "376130321109103421", "check_digit"),
        ("duns", "150483782", None),
        ("duns", "1504837", "length"),
        ("lei", "529900T8BM49AURSDO55", None),
        ("lei", "529900T8BM49AURSDO56", "check_digit"),
        ("lei", "1", "length"),
        ("iban", "DE89370400440532013000", None),
        ("iban", "DE88370400440532013000", "check_digit"),
        ("iban", "DE", "length"),
        ("bic", "DEUTDEFF500", None),
        ("bic", "DEUT", "length"),
        ("scac", "UPSN", None),
        ("scac", "12", "length"),
        ("isbn", "9780306406157", None),
        ("isbn", "0306406152", None),
        ("isbn", "080442957X", None),
        ("isbn", "0306406153", "check_digit"),
        ("isbn", "9780306406158", "check_digit"),
        ("isbn", "1", "length"),
        ("buyer_assigned", "0000", None),
    ],
)
def test_rules_of_the_schemes(scheme: str, value: str, code: str | None) -> None:
    found = problem(scheme, value)
    assert (found.code if found else None) == code


def test_check_digits_need_digits() -> None:
    with pytest.raises(ValueError, match="digits"):
        gs1_check_digit("12a")
    with pytest.raises(ValueError, match="letters"):
        mod97("12-3")
    assert not has_gs1_check_digit("")
    assert not has_gs1_check_digit("٣٣")
