"""Three kinds of dates, and periods of them.

``LocalDate``  a business date (order date, due date): a day, no zone.
``Instant``    what a machine saw: an aware time, always UTC.
``Floating``   a local time whose zone nobody stated: a naive time; ``ZonedTime`` when the zone is known.

They never turn into one another silently.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from hub.model.value import Value

_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2})"


def format_moment(moment: date) -> str:
    """``2026-01-15``, ``2026-01-15T10:00:00Z`` (aware, written in UTC) or ``2026-01-15T10:00:00`` (floating)."""
    if not isinstance(moment, datetime):
        return moment.isoformat()
    if moment.tzinfo is None:
        return moment.isoformat()
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _to_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(fold=0) if moment.fold else moment
    return moment if moment.tzinfo is UTC else _shifted(moment)


def _shifted(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("instant", "Input is outside the years 1 to 9999 in UTC") from error


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise PydanticCustomError("instant", "Input should say its time zone: an instant ends in Z or an offset")
    return _to_utc(moment)


def _naive(moment: datetime) -> datetime:
    if moment.tzinfo is not None:
        raise PydanticCustomError("floating", "Input should not have a time zone: a floating time has none")
    return _to_utc(moment)


def _text(pattern: str, schema: CoreSchema) -> CoreSchema:
    return core_schema.chain_schema([core_schema.str_schema(strict=True, pattern=pattern, max_length=40), schema])


def _time_schema(pattern: str, check: Callable[[datetime], datetime]) -> CoreSchema:
    python = core_schema.datetime_schema(strict=True)
    return core_schema.no_info_after_validator_function(
        check,
        core_schema.json_or_python_schema(
            json_schema=_text(pattern, core_schema.datetime_schema(strict=False)), python_schema=python
        ),
    )


class _Moment:
    """Core schemas of the kinds of dates; a subclass per kind."""

    formats: tuple[str, ...] = ()

    @classmethod
    def schemas(cls) -> list[CoreSchema]:
        """The choices, tried in this order."""
        found: list[CoreSchema] = []
        if "date" in cls.formats:
            found.append(
                core_schema.json_or_python_schema(
                    json_schema=_text(_DATE, core_schema.date_schema(strict=False)),
                    python_schema=core_schema.date_schema(strict=True),
                )
            )
        if "instant" in cls.formats and "floating" in cls.formats:
            found.append(_time_schema(_TIME + _ZONE + "?$", _to_utc))
        elif "instant" in cls.formats:
            found.append(_time_schema(_TIME + _ZONE + "$", _aware))
        elif "floating" in cls.formats:
            found.append(_time_schema(_TIME + "$", _naive))
        return found

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schemas = cls.schemas()
        schema = (
            schemas[0]
            if len(schemas) == 1
            else core_schema.union_schema(
                list(schemas),
                mode="left_to_right",
                custom_error_type="moment",
                custom_error_message="Input should be a date (2026-01-15) or a time (2026-01-15T10:00:00, with Z or an "
                "offset when the zone is known)",
            )
        )
        schema["serialization"] = core_schema.plain_serializer_function_ser_schema(  # type: ignore[index]
            format_moment, return_schema=core_schema.str_schema(), when_used="json"
        )
        return schema

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        known: dict[str, dict[str, Any]] = {
            "date": {"type": "string", "format": "date"},
            "instant": {"type": "string", "format": "date-time"},
            "floating": {"type": "string", "pattern": _TIME + "$"},
        }
        choices = [known[name] for name in cls.formats]
        return choices[0] if len(choices) == 1 else {"anyOf": choices}


class _LocalDate(_Moment):
    formats = ("date",)


class _Instant(_Moment):
    formats = ("instant",)


class _Floating(_Moment):
    formats = ("floating",)


class _When(_Moment):
    formats = ("date", "instant", "floating")


LocalDate = Annotated[date, _LocalDate]
"""A business date: a ``date`` and never a ``datetime``."""
Instant = Annotated[datetime, _Instant]
"""A machine's time: an aware ``datetime``, turned to UTC when it is read."""
Floating = Annotated[datetime, _Floating]
"""A local time without zone: a naive ``datetime``."""
When = Annotated[date | datetime, _When]
"""Whatever of the three a message stated: ``date``, aware ``datetime`` (UTC) or naive ``datetime``."""


class ZonedTime(Value):
    """A local time with its zone (IANA name). ``fold`` is 1 for the second pass through an hour that happens twice."""

    local: Floating
    zone: str
    fold: int = 0

    def instant(self) -> datetime:
        """The instant in UTC; raises as ``to_instant`` does."""
        return to_instant(self.local, self.zone, self.fold)


def to_instant(local: datetime, zone: str, fold: int = 0) -> datetime:
    """The UTC instant of a naive local time in ``zone`` (IANA name).

    Raises ``ValueError`` for an unknown zone, for an aware time, and for a time that the clocks skipped (in
    Berlin, 2026-03-29 02:30 never was): ``zoneinfo`` alone would invent an offset for it.
    """
    if local.tzinfo is not None:
        raise ValueError("a local time has no zone of its own")
    try:
        found = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {zone[:60]!r}: use an IANA name such as Europe/Berlin") from error
    instant = local.replace(tzinfo=found, fold=1 if fold else 0).astimezone(UTC)
    if instant.astimezone(found).replace(tzinfo=None, fold=0) != local.replace(fold=0):
        raise ValueError(f"{local.isoformat()} does not exist in {zone}: the clocks were put forward over it")
    return instant


def is_ambiguous(local: datetime, zone: str) -> bool:
    """Whether a naive local time happens twice in ``zone`` (clocks put back), so that ``fold`` decides."""
    return to_instant(local, zone, 0) != to_instant(local, zone, 1)


def full_year(two_digits: int, pivot: int = 70) -> int:
    """The year of ``YY`` (ISA09, BEG05 up to 003050, DTM format 101): below ``pivot`` 20YY, else 19YY."""
    if not 0 <= two_digits <= 99:
        raise ValueError("a two-digit year is 0 to 99")
    return two_digits + (2000 if two_digits < pivot else 1900)


class Period(Value):
    """From ``start`` to ``end``; either may be open. ``qualifier`` is the list's own code where it says more.

    ``end`` is what the business says: a date is the last day (X12 374 *063* "do not deliver after"), a time is the
    first moment outside. ``half_open`` gives the pair to compute with, start included and end excluded.
    """

    start: When | None = None
    end: When | None = None
    qualifier: str = ""

    def half_open(self) -> tuple[date | None, date | None]:
        """(first inside, first outside): the day after the last day for dates, ``end`` itself for times."""
        end = self.end
        if end is not None and not isinstance(end, datetime):
            end = end + timedelta(days=1) if end < date.max else None
        return self.start, end

    def holds(self, moment: date) -> bool:
        """Whether ``moment`` lies in the period. Dates, floating times and instants do not compare: ``TypeError``."""
        start, end = self.half_open()
        kinds = {_kind(one) for one in (start, end, moment) if one is not None}
        if len(kinds) > 1:
            raise TypeError(f"a period of {' and '.join(sorted(kinds))} cannot be compared: state the time zone first")
        return (start is None or start <= moment) and (end is None or moment < end)


def _kind(moment: date) -> str:
    if not isinstance(moment, datetime):
        return "dates"
    return "floating times" if moment.tzinfo is None else "instants"
