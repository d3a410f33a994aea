"""ACME's order numbers: digits, and a letter that checks them (their sum modulo 26)."""

from __future__ import annotations

from collections.abc import Sequence

from hub.mapping.converters import Converter, Environment, Pair


def letter(digits: str) -> str:
    """The check letter of some digits."""
    return chr(ord("A") + sum(map(int, digits)) % 26)


def read(text: str) -> str:
    """The number without its letter; ``ValueError`` where the letter is not the right one."""
    digits, check = text[:-1], text[-1:]
    if not digits.isascii() or not digits.isdigit():
        raise ValueError(f"'{text}' is not digits and a letter")
    if letter(digits) != check:
        raise ValueError(f"the check letter of '{text}' should be {letter(digits)}")
    return digits


def make(args: Sequence[str], environment: Environment) -> Pair:
    """The pair; it takes no arguments."""
    if args:
        raise ValueError("acme.order_no takes no arguments")
    return Pair(read, lambda digits: digits + letter(digits))


ORDER_NO = Converter("acme.order_no", make, "ACME's order number, with a check letter")
