"""Exact amounts: decimals in, text out, halves rounded up at the edge of a document and nowhere before."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

from hub_pos.errors import SaleRefused

CONTEXT = Context(prec=60, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])
"""For every calculation: a price times a quantity is exact."""

_DIGITS = 38
# ISO 4217: currencies whose smallest unit is not a hundredth.
_WHOLE = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
)
_THOUSANDTHS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))


def decimal(value: Decimal | int | str, what: str) -> Decimal:
    """An exact number. Raises ``SaleRefused`` for a float (it has lost the value already), NaN, an exponent or more
    than 38 digits; ``what`` names it in the message."""
    if isinstance(value, bool | float) or not isinstance(value, Decimal | int | str):
        raise SaleRefused(f"{what} is given as text, an integer or a Decimal, not as {type(value).__name__}")
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise SaleRefused(f"{what} is no number: {str(value)[:40]!r}") from None
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or max(len(digits) + max(exponent, 0), -exponent) > _DIGITS:
        raise SaleRefused(f"{what} is no number of at most {_DIGITS} digits: {str(value)[:40]!r}")
    return number


def rounded(number: Decimal, currency: str) -> Decimal:
    """``number`` with the decimals of its currency (JPY 0, EUR 2, KWD 3), halves away from zero."""
    places = 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2
    return number.quantize(Decimal(1).scaleb(-places), context=CONTEXT)


def text(number: Decimal) -> str:
    """A number as documents have it: no exponent, no negative zero, decimals kept."""
    written = format(number, "f")
    return written[1:] if written[0] == "-" and not number else written


def money(number: Decimal, currency: str) -> dict[str, str]:
    """An amount in the JSON of documents."""
    return {"amount": text(number), **({"currency": currency} if currency else {})}
