"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Dialect, Numeric, String, TypeDecorator
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine, UserDefinedType

_SCALE = Decimal(1_000_000)
_MILLIONTH = Decimal("0.000001")
# Above this a scaled amount would no longer fit SQLite's signed 64-bit integer.
_LARGEST = Decimal(9_000_000_000_000)


class Instant(TypeDecorator[datetime]):
    """An aware datetime. ``timestamptz`` on PostgreSQL; on SQLite text in UTC with microseconds, which sorts right."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type of the column in the given dialect."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the driver. Raises ValueError for a datetime without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; the repository stores instants in UTC")
        value = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return value
        return value.isoformat(timespec="microseconds")[:26] + "Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the driver, in UTC."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.fromisoformat(value)


class Scaled(TypeDecorator[Decimal]):
    """An amount to sort and to add up, beside the text that holds it exactly.

    INTEGER in millionths on SQLite, NUMERIC(28, 6) on PostgreSQL; ``func.sum`` over it gives a Decimal on both.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type of the column in the given dialect."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Numeric(28, 6))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """To the driver."""
        if value is None or dialect.name == "postgresql":
            return value
        return _millionths(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """From the driver."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            return Decimal(value)
        return Decimal(value) / _SCALE


@lru_cache(maxsize=10_000)
def _millionths(value: Decimal) -> int:
    return int(value * _SCALE)


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction number (13 and later); the driver hands it over as text."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in DDL."""
        return "XID8"


@lru_cache(maxsize=10_000)
def scaled(text: str | None) -> Decimal | None:
    """An amount's text as a value for a ``Scaled`` column, rounded to millionths.

    None where there is no number, or one too large to be summed; the text beside it stays the truth.
    """
    if not text:
        return None
    try:
        value = Decimal(text)
        if not value.is_finite() or abs(value) > _LARGEST:
            return None
        return value.quantize(_MILLIONTH)
    except InvalidOperation:
        return None


def bounded(value: object, limit: int = 200) -> str:
    """Text for an indexed column: no NUL (PostgreSQL refuses it), no lone surrogate, at most ``limit`` characters.

    The document's JSON keeps the value as it came.
    """
    if not value:
        return "" if value is None else str(value)
    text = value if type(value) is str else str(value)
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return text if len(text) <= limit else text[:limit]
