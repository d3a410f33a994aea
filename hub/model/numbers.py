"""Exact decimal numbers: how they are read, written, rounded and shared out.

A number is a ``Decimal`` with at most 38 digits, read only from ``str``, ``int`` or ``Decimal`` and written without
exponent. A float, NaN, infinity or ``1E+3`` is refused wherever it comes from: a float has already lost the
value that the partner sent, and an exponent is no number in X12, EDIFACT or UBL.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

MAX_DIGITS = 38
"""Digits in one number: what NUMERIC holds on every database, twice what X12 (R 1/18) and EDIFACT (n..18) allow."""

PATTERN = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$"
"""The text form that is read. Written numbers are narrower: ``-?[0-9]+(\\.[0-9]+)?``."""

CONTEXT = Context(prec=60, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])
"""For every calculation with amounts: a price times a quantity is exact, and halves go up as in EN 16931."""

_TEXT = re.compile(PATTERN)


def parse_number(value: str | int | Decimal) -> Decimal:
    """An exact number from text, an integer or a ``Decimal``.

    Raises ``ValueError`` for exponents, NaN, infinity, spaces, separators and more than 38 digits, and
    ``TypeError`` for a float or a bool.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError(f"a number is read from text, an integer or a Decimal, not from {type(value).__name__}")
    if isinstance(value, str) and (len(value) > MAX_DIGITS + 3 or not _TEXT.match(value) or value.endswith("\n")):
        raise ValueError(f"not a plain decimal number: {value[:50]!r}")
    number = Decimal(value)
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError("not a finite number")
    if max(len(digits) + max(exponent, 0), -exponent) > MAX_DIGITS:
        raise ValueError(f"more than {MAX_DIGITS} digits")
    return number


def format_number(number: Decimal) -> str:
    """The text of a number: no exponent, decimals kept as they are (``12.30`` stays ``12.30``), no negative zero.

    >>> format_number(Decimal("1E+3")), format_number(Decimal("-0.00"))
    ('1000', '0.00')
    """
    text = format(number, "f")
    return text[1:] if text[0] == "-" and not number else text


def round_half_up(number: Decimal, places: int) -> Decimal:
    """``number`` with exactly ``places`` decimals, halves away from zero (EN 16931; Peppol: 0.5 and more rounds up).

    >>> round_half_up(Decimal("2.665"), 2), round_half_up(Decimal("1.005"), 2)
    (Decimal('2.67'), Decimal('1.01'))
    """
    return number.quantize(_UNITS[places] if 0 <= places < len(_UNITS) else Decimal(1).scaleb(-places), context=CONTEXT)


_UNITS = tuple(Decimal(1).scaleb(-places) for places in range(7))


def scale_of(number: Decimal) -> int:
    """How many decimals are written: 2 for ``12.30``, 0 for ``12`` and for ``1E+3``."""
    text = str(number)
    if "E" in text:
        text = format(number, "f")
    point = text.find(".")
    return len(text) - point - 1 if point >= 0 else 0


def allocate(total: Decimal, weights: Sequence[Decimal], places: int = 2) -> list[Decimal]:
    """Share ``total`` out by ``weights`` so that the rounded parts add up to it exactly (largest remainder).

    Equal remainders go to the earlier part. A total of zero weights is shared equally. ``total`` must not have
    more than ``places`` decimals and weights must not be negative (``ValueError``); no weights give no parts.

    >>> allocate(Decimal("100.00"), [Decimal(1)] * 3)
    [Decimal('33.34'), Decimal('33.33'), Decimal('33.33')]
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    unit = Decimal(1).scaleb(-places)
    if total != total.quantize(unit, context=CONTEXT):
        raise ValueError(f"{format_number(total)} has more than {places} decimals: round it before sharing it out")
    if not weights:
        return []
    whole = sum(weights, Decimal(0))
    shares = list(weights) if whole else [Decimal(1)] * len(weights)
    whole = whole or Decimal(len(weights))
    exact = [CONTEXT.divide(CONTEXT.multiply(abs(total), share), whole) for share in shares]
    parts = [value.quantize(unit, rounding=ROUND_FLOOR, context=CONTEXT) for value in exact]
    missing = int((abs(total) - sum(parts, Decimal(0))) / unit)
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[:missing]:
        parts[i] += unit
    return [-part for part in parts] if total < 0 else parts


class _NumberSchema:
    """Tells pydantic's core how to read and write a number; the common case, a ``Decimal``, runs no Python."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        decimal = core_schema.decimal_schema(strict=True, max_digits=MAX_DIGITS, allow_inf_nan=False)
        lax = core_schema.decimal_schema(strict=False, max_digits=MAX_DIGITS, allow_inf_nan=False)
        text = core_schema.chain_schema(
            [core_schema.str_schema(strict=True, pattern=PATTERN, max_length=MAX_DIGITS + 3), lax]
        )
        integer = core_schema.chain_schema([core_schema.int_schema(strict=True), lax])
        error = {
            "custom_error_type": "number",
            "custom_error_message": "Input should be an exact decimal number: text such as '12.30', an integer or a "
            f"Decimal, at most {MAX_DIGITS} digits, no exponent, never a float",
        }
        return core_schema.json_or_python_schema(
            json_schema=core_schema.union_schema([text, integer], mode="left_to_right", **error),  # type: ignore[arg-type]
            python_schema=core_schema.union_schema([decimal, text, integer], mode="left_to_right", **error),  # type: ignore[arg-type]
            serialization=core_schema.plain_serializer_function_ser_schema(
                format_number, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": PATTERN, "examples": ["12.30"]}


Number = Annotated[Decimal, _NumberSchema]
"""An exact decimal number as a model's field."""
