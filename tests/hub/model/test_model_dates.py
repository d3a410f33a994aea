"""Dates of three kinds, zones, periods."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from hub.model.dates import (
    Floating,
    Instant,
    LocalDate,
    Period,
    When,
    ZonedTime,
    format_moment,
    full_year,
    is_ambiguous,
    to_instant,
)

NAIVE = datetime(2026, 1, 15, 10, 30)  # noqa: DTZ001 - a floating time
AWARE = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


class Moments(BaseModel):
    model_config = ConfigDict(strict=True)

    day: LocalDate | None = None
    instant: Instant | None = None
    floating: Floating | None = None
    when: When | None = None


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": NAIVE},
        {"day": "2026-01-15"},
        {"instant": NAIVE},
        {"floating": AWARE},
        {"instant": date(2026, 1, 15)},
        {"when": 1},
    ],
)
def test_the_kinds_never_turn_into_one_another(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Moments.model_validate(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        '{"day": "2026-01-15T00:00:00"}',
        '{"day": "20260115"}',
        '{"day": "1767225600"}',
        '{"day": 1767225600}',
        '{"instant": "2026-01-15T10:30:00"}',
        '{"floating": "2026-01-15T10:30:00Z"}',
        '{"when": "1767225600"}',
        '{"when": "2026-01-15 10:30"}',
        '{"instant": "2026-01-15"}',
        '{"instant": "9999-12-31T23:59:59-05:00"}',
    ],
)
def test_text_is_read_in_one_form_only(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Moments.model_validate_json(wrong)


def test_text_of_every_kind_is_read() -> None:
    text = (
        '{"day": "2026-01-15", "instant": "2026-01-15T12:30:00+02:00", "floating": "2026-01-15T10:30:00", '
        '"when": "2026-01-15T10:30:00.5Z"}'
    )
    found = Moments.model_validate_json(text)
    assert (found.day, found.instant, found.floating) == (date(2026, 1, 15), AWARE, NAIVE)
    assert found.when == AWARE + timedelta(seconds=0.5)
    assert found.instant is not None
    assert found.instant.utcoffset() == timedelta(0)


def test_instants_become_utc_and_are_written_so() -> None:
    found = Moments(instant=datetime(2026, 1, 15, 5, 30, tzinfo=timezone(timedelta(hours=-5))))
    assert found.instant is not None
    assert found.instant.tzinfo is UTC
    assert format_moment(found.instant) == "2026-01-15T10:30:00Z"
    assert format_moment(NAIVE) == "2026-01-15T10:30:00"
    assert format_moment(date(2026, 1, 15)) == "2026-01-15"


def test_a_time_that_the_clocks_skipped_is_refused() -> None:
    with pytest.raises(ValueError, match="does not exist in Europe/Berlin"):
        to_instant(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")  # noqa: DTZ001


def test_a_time_that_happens_twice_is_two_instants() -> None:
    twice = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001
    assert is_ambiguous(twice, "Europe/Berlin")
    assert to_instant(twice, "Europe/Berlin", 0) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert to_instant(twice, "Europe/Berlin", 1) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert ZonedTime(local=twice, zone="Europe/Berlin", fold=1).instant() == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert not is_ambiguous(NAIVE, "Europe/Berlin")


@pytest.mark.parametrize("zone", ["Nowhere/City", "../etc/passwd", "", "/etc/localtime"])
def test_unknown_zones_are_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        to_instant(NAIVE, zone)


def test_a_local_time_has_no_zone() -> None:
    with pytest.raises(ValueError, match="no zone of its own"):
        to_instant(AWARE, "Europe/Berlin")


def test_two_digit_years_have_an_explicit_pivot() -> None:
    assert [full_year(year) for year in (0, 26, 69, 70, 99)] == [2000, 2026, 2069, 1970, 1999]
    assert full_year(40, pivot=30) == 1940
    with pytest.raises(ValueError, match="0 to 99"):
        full_year(2026)


def test_the_last_day_belongs_to_a_period_of_dates() -> None:
    period = Period(start=date(2026, 1, 1), end=date(2026, 1, 31))
    assert period.half_open() == (date(2026, 1, 1), date(2026, 2, 1))
    assert period.holds(date(2026, 1, 31))
    assert not period.holds(date(2026, 2, 1))
    assert not period.holds(date(2025, 12, 31))
    assert Period().holds(date(2026, 1, 1))
    assert Period(end=date.max).holds(date.max)


def test_the_last_moment_does_not_belong_to_a_period_of_times() -> None:
    period = Period(start=AWARE, end=AWARE + timedelta(hours=1))
    assert period.holds(AWARE)
    assert not period.holds(AWARE + timedelta(hours=1))


def test_different_kinds_do_not_compare() -> None:
    with pytest.raises(TypeError, match="dates and instants"):
        Period(start=date(2026, 1, 1)).holds(AWARE)
