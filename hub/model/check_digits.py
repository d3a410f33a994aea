"""Check digits of GS1 keys: modulo 10 with weights 3 and 1 from the right.

Source: GS1 General Specifications, section 7.9 (one algorithm for GTIN-8/12/13/14, GLN and SSCC).
"""

from __future__ import annotations


def gs1_check_digit(digits: str) -> str:
    """The check digit for ``digits`` (those before it).

    >>> gs1_check_digit("629104150021"), gs1_check_digit("37613032110910342")
    ('3', '0')
    """
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("a GS1 key consists of digits")
    backwards = digits[::-1]
    total = 3 * sum(map(int, backwards[::2])) + sum(map(int, backwards[1::2]))
    return str(-total % 10)


def has_gs1_check_digit(key: str) -> bool:
    """Whether the last digit of ``key`` is the check digit of the others (a key of zeros has one, and is no key)."""
    return len(key) > 1 and key.isascii() and key.isdigit() and gs1_check_digit(key[:-1]) == key[-1]


def with_check_digit(digits: str) -> str:
    """``digits`` and their check digit: for item numbers sent without one (X12 235 ``UA``, ``UI``)."""
    return digits + gs1_check_digit(digits)


def mod97(text: str) -> int:
    """The remainder of ISO 7064 MOD 97-10 over letters (A=10 … Z=35) and digits: 1 for a good LEI or IBAN.

    Raises ``ValueError`` for other characters.
    """
    if not (text.isascii() and text.isalnum()):
        raise ValueError("only letters and digits have a check sum")
    return int("".join(str(int(character, 36)) for character in text)) % 97
