"""The base of every canonical object, value or document."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

T = TypeVar("T")

Many = Annotated[tuple[T, ...], Field(strict=False)]
"""Several values in order: kept as a tuple, read from a list or a tuple."""

Key = Annotated[str, StringConstraints(min_length=1)]
"""Text that names something and is therefore never empty: the number of an order, the id of a line."""


class Value(BaseModel):
    """Frozen (no field can be set), strict (a number is never read from a float, a date never from a timestamp)
    and closed (an unknown field is an error). Equal fields make equal values. Text that is absent is ``""``, lists
    are tuples; lists are accepted where a tuple is meant.

    The core of a class is built when it is first used, because most runs use few of the kinds.
    """

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        defer_build=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        ser_json_bytes="base64",
    )
