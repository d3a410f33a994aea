"""Converters: ``read(write(x)) == x`` on their domains, and what they refuse."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.grammar import ElementDef
from hub.mapping.codes import CodeLists
from hub.mapping.converters import Environment, Unmapped, registry

KNOWN = registry()


def make(name, *args, **env):
    return KNOWN[name].make(args, Environment(CodeLists([]), **env))


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4))
def test_decimal_round_trip(value):
    for pair in (make("decimal"), make("decimal", options={"decimal": ","}), make("decimal", standard="edifact")):
        assert pair.read(pair.write(value)) == value


@given(st.integers(-(10**9), 10**9))
def test_implied_decimals_round_trip(cents):
    pair = make("decimal", "N2")
    value = Decimal(cents).scaleb(-2)
    assert pair.read(pair.write(value)) == value


@pytest.mark.parametrize(("value", "text"), [("1234.50", "123450"), ("0.05", "5"), ("0.01", "1"), ("100.25", "10025")])
def test_n2_has_two_decimals_whatever_the_currency(value, text):
    pair = make("decimal", "N2")
    assert pair.write(Decimal(value)) == text
    assert pair.read(text) == Decimal(value)


def test_n2_refuses_what_it_would_cut():
    with pytest.raises(ValueError, match="more than 2 decimals"):
        make("decimal", "N2").write(Decimal("1.005"))


@pytest.mark.parametrize("text", ["", "1,000.00", "1e5", "NaN", "Infinity", "--1", "٣", "1 000", "0x10"])
def test_decimal_refuses(text):
    with pytest.raises(ValueError, match="not a number"):
        make("decimal").read(text)


def test_edifact_takes_either_mark_but_no_thousands():
    pair = make("decimal", standard="edifact")
    assert pair.read("12,5") == pair.read("12.5") == Decimal("12.5")
    with pytest.raises(ValueError, match="not a number"):
        pair.read("1.234,5")


@given(st.dates(date(1971, 1, 1), date(2068, 12, 31)))
def test_date_round_trip(day):
    for pair in (make("date", standard="x12", version="004010"), make("date", standard="x12", version="003040")):
        assert pair.read(pair.write(day)) == day
    assert len(make("date", standard="x12", version="003040").write(day)) == 6


@pytest.mark.parametrize("text", ["20260231", "2026011", "2026-01-01", "00000000", "²0260101"])
def test_date_refuses(text):
    with pytest.raises(ValueError, match=r"not a (date|day)"):
        make("date", standard="x12", version="004010").read(text)


DTM = ElementDef("C507", "C507", components=tuple(ElementDef(n, n) for n in ("2005", "2380", "2379")))


@pytest.mark.parametrize(
    ("text", "form", "value"),
    [
        ("20261122", "102", date(2026, 11, 22)),
        ("202611221530", "203", datetime(2026, 11, 22, 15, 30)),  # noqa: DTZ001
        ("20261122153012", "204", datetime(2026, 11, 22, 15, 30, 12)),  # noqa: DTZ001
        ("261122", "101", date(2026, 11, 22)),
        ("202124", "616", {"start": date(2021, 6, 14), "end": date(2021, 6, 20)}),
        ("2002080120020831", "718", {"start": date(2002, 8, 1), "end": date(2002, 8, 31)}),
        ("20261122", "", date(2026, 11, 22)),
        ("202611221530EST", "303", datetime(2026, 11, 22, 15, 30)),  # noqa: DTZ001
    ],
)
def test_dtm_formats(text, form, value):
    assert make("dtm", element=DTM).read(["137", text, form]) == value


@pytest.mark.parametrize(("text", "form"), [("000000", "101"), ("", "102"), ("20261122", "999")])
def test_dtm_that_says_nothing_is_a_warning(text, form):
    with pytest.raises(Unmapped):
        make("dtm", element=DTM).read(["137", text, form])


@pytest.mark.parametrize(("text", "form"), [("20261345", "102"), ("99", "203"), ("202199", "616")])
def test_dtm_that_is_wrong_is_an_error(text, form):
    with pytest.raises(ValueError, match="is not a date in format"):
        make("dtm", element=DTM).read(["137", text, form])


@given(st.lists(st.text("ABCDEF", min_size=1, max_size=9), min_size=1, max_size=12).map(" ".join))
def test_lines_wrap_and_join(text):
    pair = make("lines", "20")
    parts = pair.write(text)
    assert all(len(part) <= 20 for part in parts)
    assert pair.read(parts) == text
