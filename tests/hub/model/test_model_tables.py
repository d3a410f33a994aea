"""Currencies, countries, units and vocabularies."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hub.model.countries import COUNTRIES, is_country, vat_prefix
from hub.model.currencies import EXPONENTS, HISTORIC, exponent, is_currency
from hub.model.packaging import Packaging, unpack
from hub.model.quantity import Quantity
from hub.model.units import ALIASES, PACKAGES, UNITS, convert, is_unit
from hub.model.vocabulary import VOCABULARIES


@pytest.mark.parametrize(
    ("code", "places"),
    [
        ("EUR", 2),
        ("USD", 2),
        ("JPY", 0),
        ("KWD", 3),
        ("CLF", 4),
        ("BGN", 2),
        ("HRK", 2),
        ("ANG", 2),
        ("ITL", 0),
        ("XAU", None),
        ("???", None),
    ],
)
def test_currencies_have_their_own_decimals_also_withdrawn_ones(code: str, places: int | None) -> None:
    assert exponent(code) == places


def test_currency_tables_do_not_overlap() -> None:
    assert not set(EXPONENTS) & set(HISTORIC)
    assert all(len(code) == 3 and code.isupper() for code in {*EXPONENTS, *HISTORIC})
    assert is_currency("XXX")
    assert not is_currency("usd")


def test_countries_of_today_of_history_and_of_trade() -> None:
    assert len(COUNTRIES) == 249
    assert all(is_country(code) for code in ("DE", "XK", "SU", "AN", "GR"))
    assert not is_country("EL")
    assert (vat_prefix("GR"), vat_prefix("FR")) == ("EL", "FR")


def test_units_are_codes_and_packages_begin_with_x() -> None:
    assert all(code.startswith("X") and len(code) == 3 for code in PACKAGES)
    assert all(is_unit(today) and not is_unit(old) for old, today in ALIASES.items())
    assert PACKAGES["XCS"] == "case"
    assert PACKAGES["XCA"] == "can, rectangular"
    assert PACKAGES["XPX"] == "pallet"
    assert "PCE" not in UNITS


@pytest.mark.parametrize(
    ("value", "unit", "to", "result"),
    [
        ("2", "DZN", "EA", "24"),
        ("1", "KGM", "GRM", "1000"),
        ("1", "LBR", "KGM", "0.45359237"),
        ("3", "EA", "EA", "3"),
        ("1", "XCS", "EA", None),
        ("1", "KGM", "LTR", None),
        ("1.5", "MTQ", "LTR", "1500"),
    ],
)
def test_only_physics_and_counting_convert(value: str, unit: str, to: str, result: str | None) -> None:
    found = convert(Decimal(value), unit, to)
    assert found == (None if result is None else Decimal(result))


def test_a_case_holds_what_its_packaging_says() -> None:
    packagings = [
        Packaging(product_id="p", unit="XCS", contains_qty=Decimal(12), contains_unit="EA"),
        Packaging(product_id="p", unit="XPX", contains_qty=Decimal(40), contains_unit="XCS"),
    ]
    pallets = unpack(Quantity(value=Decimal(2), unit="XPX"), "EA", packagings)
    assert pallets == Quantity(value=Decimal(960), unit="EA", source_unit="XPX", source_value=Decimal(2))
    cases = unpack(Quantity(value=Decimal(6), unit="EA"), "XCS", packagings)
    assert cases is not None
    assert cases.value == Decimal("0.5")
    assert unpack(Quantity(value=Decimal(1), unit="EA"), "KGM", packagings) is None


def test_a_ring_of_packagings_ends() -> None:
    ring = [
        Packaging(product_id="p", unit="XCS", contains_qty=Decimal(2), contains_unit="XBX"),
        Packaging(product_id="p", unit="XBX", contains_qty=Decimal(2), contains_unit="XCS"),
        Packaging(product_id="p", unit="XPX", contains_qty=Decimal(0), contains_unit="EA"),
    ]
    assert unpack(Quantity(value=Decimal(1), unit="XCS"), "EA", ring) is None


def test_vocabularies_are_lower_snake_words() -> None:
    for name, words in VOCABULARIES.items():
        if name != "tax_category":
            assert all(word == word.lower() and word.replace("_", "").isalnum() for word in words), name
