"""Identifiers that carry a check digit, for the qualifiers that promise one."""

from __future__ import annotations

import random
from collections.abc import Mapping

from hub.grammar import ElementDef

_QUALIFIED = {"234": "235", "67": "66", "87": "88", "1000": "559"}
"""Data element of an identifier → that of its qualifier."""

_LENGTHS: dict[tuple[str, str], int] = {
    ("235", "UP"): 12, ("235", "UI"): 11, ("235", "UA"): 12, ("235", "EN"): 13, ("235", "UK"): 14,
    ("66", "1"): 9, ("66", "9"): 13, ("66", "UL"): 13, ("88", "GM"): 20,
}  # fmt: skip
"""How long the identifier is that a qualifier announces (GTIN, GLN, D-U-N-S, SSCC with its application identifier)."""

_BARE = {("235", "UI"), ("66", "1"), ("66", "9")}
"""Those whose last digit is no GS1 check digit (a D-U-N-S number, with or without a suffix; a U.P.C. without it)."""


def check_digit(digits: str) -> str:
    """The GS1 check digit behind ``digits``."""
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def identified(rng: random.Random, element: ElementDef, before: Mapping[str, str]) -> str:
    """An identifier as the qualifier before it announces, '' where it announces none that is known here."""
    qualifier = _QUALIFIED.get(element.number, "")
    key = (qualifier, before.get(qualifier, ""))
    length = _LENGTHS.get(key)
    if length is None or not element.min <= length <= element.max:
        return ""
    if key == ("88", "GM"):
        body = "".join(rng.choices("0123456789", k=17))
        return f"00{body}{check_digit(body)}"
    body = rng.choice("123456789") + "".join(rng.choices("0123456789", k=length - 2))
    return body + (rng.choice("0123456789") if key in _BARE else check_digit(body))
