"""What each scheme demands of a value.

Sources: GS1 General Specifications (keys, restricted circulation numbers), ISO 13616 (IBAN), ISO 17442 (LEI), ISO 9362
(BIC), ISO 2108 (ISBN), ABA Routing Number Policy (weights 3, 7, 1).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from hub.findings import Severity
from hub.model.check_digits import has_gs1_check_digit, mod97

_RESTRICTED = re.compile(r"^0(02|04|2)")
_BIC = re.compile(r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value is not what its scheme demands."""

    severity: Severity
    code: str
    message: str


@lru_cache(maxsize=16_384)
def problem(scheme: str, value: str) -> Problem | None:
    """What is wrong with ``value`` under ``scheme``, or None; schemes without rules never have a problem.

    Remembered for the values met last: the items of one partner's orders are mostly the same.
    """
    rule = RULES.get(scheme)
    return None if rule is None else rule(value)


def _warning(code: str, message: str) -> Problem:
    return Problem(Severity.WARNING, code, message)


def _gs1(name: str, length: int) -> Callable[[str], Problem | None]:
    def rule(value: str) -> Problem | None:
        if len(value) != length or not (value.isascii() and value.isdigit()):
            return _warning("length", f"a {name} has {length} digits; kept as it is")
        if not value.strip("0"):
            return _warning("zero", f"a {name} of zeros names nothing: not used to find anything")
        if not has_gs1_check_digit(value):
            return _warning("check_digit", f"the check digit of the {name} is wrong; kept as it is")
        if name == "GTIN" and _RESTRICTED.match(value):
            return Problem(
                Severity.NOTICE,
                "restricted",
                "a number for restricted circulation (scale or price bar code, in-store number), not a worldwide GTIN",
            )
        return None

    return rule


def _digits(name: str, length: int) -> Callable[[str], Problem | None]:
    def rule(value: str) -> Problem | None:
        if len(value) == length and value.isascii() and value.isdigit():
            return None
        return _warning("length", f"a {name} has {length} digits; kept as it is")

    return rule


def _lei(value: str) -> Problem | None:
    if len(value) != 20 or not (value.isascii() and value.isalnum()):
        return _warning("length", "an LEI has 20 letters and digits; kept as it is")
    right = mod97(value) == 1
    return None if right else _warning("check_digit", "the check digits of the LEI are wrong; kept as it is")


def _iban(value: str) -> Problem | None:
    if not 15 <= len(value) <= 34 or not (value.isascii() and value.isalnum() and value[:2].isalpha()):
        return _warning("length", "an IBAN has a country, two check digits and up to 30 characters; kept as it is")
    right = mod97(value[4:] + value[:4]) == 1
    return None if right else _warning("check_digit", "the check digits of the IBAN are wrong; kept as it is")


def _bic(value: str) -> Problem | None:
    return None if _BIC.match(value) else _warning("length", "a BIC has 8 or 11 characters; kept as it is")


def _scac(value: str) -> Problem | None:
    right = 2 <= len(value) <= 4 and value.isascii() and value.isalpha()
    return None if right else _warning("length", "a SCAC has 2 to 4 letters; kept as it is")


def _aba_routing(value: str) -> Problem | None:
    if len(value) != 9 or not (value.isascii() and value.isdigit()):
        return _warning("length", "an ABA routing number has 9 digits; kept as it is")
    total = sum(int(digit) * weight for digit, weight in zip(value, (3, 7, 1) * 3, strict=True))
    if total % 10:
        return _warning("check_digit", "the check digit of the ABA routing number is wrong; kept as it is")
    return None


def _isbn(value: str) -> Problem | None:
    if len(value) == 13:
        right = value[:3] in ("978", "979") and has_gs1_check_digit(value)
        return None if right else _warning("check_digit", "not an ISBN-13; kept as it is")
    if len(value) != 10 or not (value[:9].isascii() and value[:9].isdigit()) or value[9] not in "0123456789X":
        return _warning("length", "an ISBN has 10 or 13 characters; kept as it is")
    total = sum((10 - i) * int(digit) for i, digit in enumerate(value[:9])) + (10 if value[9] == "X" else int(value[9]))
    return _warning("check_digit", "the check digit of the ISBN is wrong; kept as it is") if total % 11 else None


RULES: dict[str, Callable[[str], Problem | None]] = {
    "gtin": _gs1("GTIN", 14),
    "gln": _gs1("GLN", 13),
    "sscc": _gs1("SSCC", 18),
    "duns": _digits("D-U-N-S number", 9),
    "duns4": _digits("D-U-N-S number with suffix", 13),
    "lei": _lei,
    "iban": _iban,
    "bic": _bic,
    "scac": _scac,
    "aba_routing": _aba_routing,
    "isbn": _isbn,
}
"""The schemes that demand something."""
