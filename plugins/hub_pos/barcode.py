"""Barcodes as scanners send them, brought to the one form in which the replica stores them: GTIN-14 digits."""

from __future__ import annotations

_LENGTHS = (8, 12, 13, 14)


def check_digit(body: str) -> str:
    """The GS1 modulo-10 check digit of the digits before it (weights 3, 1, … from the right)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def expand_upc_e(code: str) -> str | None:
    """UPC-E (8 digits, number system 0 or 1) as UPC-A, or None for what is no UPC-E."""
    if len(code) != 8 or not code.isdecimal() or code[0] not in "01":
        return None
    system, six, check = code[0], code[1:7], code[7]
    last = six[5]
    if last in "012":
        body = six[:2] + last + "0000" + six[2:5]
    elif last == "3":
        body = six[:3] + "00000" + six[3:5]
    elif last == "4":
        body = six[:4] + "00000" + six[4]
    else:
        body = six[:5] + "0000" + last
    return system + body + check


def candidates(code: str) -> list[str]:
    """The GTIN-14 forms a scanned or typed code may mean, most likely first; empty for what is no GTIN.

    Accepts GTIN-8, 12, 13 and 14 with spaces and dashes, and UPC-E. The check digit must be right: a wrong one is
    a misread, and half-read codes must not sell another product.
    """
    digits = "".join(code.split()).replace("-", "")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) not in _LENGTHS:
        return []
    readings = [digits, expand_upc_e(digits)]
    return [
        reading.zfill(14)
        for reading in readings
        if reading and int(reading) and check_digit(reading[:-1]) == reading[-1]
    ]
