"""Syntax error codes (data element 0085) and which of them each CONTRL version may carry.

Sources: ISO 9735 service code lists, syntax versions 3 and 4.
"""

from __future__ import annotations

VERSION_UNSUPPORTED = "2"
INVALID = "12"
MISSING = "13"
NOT_SUPPORTED_HERE = "15"
TOO_MANY = "16"
NO_AGREEMENT = "17"
UNSPECIFIED = "18"
INVALID_SERVICE_CHARACTER = "22"
UNKNOWN_SENDER = "23"
TEST_UNSUPPORTED = "25"
DUPLICATE = "26"
REFERENCES_DIFFER = "28"
COUNT_DIFFERS = "29"
MIXED = "30"
EMPTY_LEVEL = "32"
MISPLACED = "33"
SEGMENT_REPEATS = "35"
GROUP_REPEATS = "36"
CHARACTER = "21"
TOO_LONG = "39"
UNKNOWN_RECIPIENT = "43"
CHARSET = "46"

_VERSION_3 = frozenset(["2", "7", *map(str, range(12, 44))])
_VERSION_4 = _VERSION_3 - {"19", "27", "31", "34", "38", "41", "42", "43"} | {"45", "46", "47", "48"}
_INSTEAD = {
    "19": "37", "27": "18", "31": "14", "34": "33", "38": "37", "41": "18", "42": "18", "43": "7",
    "45": "16", "46": "14", "47": "15", "48": "13",
}  # fmt: skip


def for_version(code: str, version: int) -> str:
    """``code`` as a CONTRL of syntax ``version`` may say it: the same, its nearest neighbour, or 18 (unspecified)."""
    allowed = _VERSION_4 if version >= 4 else _VERSION_3
    if code in allowed:
        return code
    instead = _INSTEAD.get(code, UNSPECIFIED)
    return instead if instead in allowed else UNSPECIFIED
