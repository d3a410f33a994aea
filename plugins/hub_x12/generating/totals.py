"""Counts and sums that a set states about itself, made true: CTT, AK9, and the totals of the warehouse sets."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from hub_x12.writing import Segment

_COUNTED: dict[str, tuple[str, str, int]] = {
    "810": ("IT1", "IT1", 2), "830": ("LIN", "", 0), "832": ("LIN", "", 0), "846": ("LIN", "QTY", 2),
    "850": ("PO1", "PO1", 2), "852": ("LIN", "", 0), "855": ("PO1", "PO1", 2), "856": ("HL", "SN1", 2),
    "860": ("POC", "POC", 3), "861": ("RCD", "RCD", 2), "862": ("LIN", "", 0), "865": ("POC", "POC", 3),
    "867": ("PTD", "", 0), "869": ("HL", "", 0), "870": ("HL", "", 0), "816": ("HL", "", 0),
}  # fmt: skip
"""Set → the segment that CTT01 counts, and the segment and element that CTT02 adds up ('' where it says nothing)."""

_HASH = 10
"""The longest hash total (data element 347) in digits; one that is longer is left out."""


def settle(kind: str, body: list[Segment]) -> None:
    """Put the right counts and sums into ``body``, in place."""
    for segment in body:
        if (change := _SETTLED.get(str(segment[0]))) is not None:
            change(kind, segment, body)


def _text(segment: Segment, at: int) -> str:
    value = segment[at] if at < len(segment) else ""
    return value if isinstance(value, str) else ""


def _put(segment: Segment, at: int, text: str) -> None:
    while len(segment) <= at:
        segment.append("")
    segment[at] = text


def _ctt(kind: str, segment: Segment, body: list[Segment]) -> None:
    counted, summed, at = _COUNTED.get(kind, ("", "", 0))
    if counted:
        _put(segment, 1, str(sum(one[0] == counted for one in body)))
    total = sum((Decimal(_text(one, at) or 0) for one in body if one[0] == summed), Decimal(0))
    shown = f"{total:f}"
    fits = summed and total > 0 and sum(map(str.isdigit, shown)) <= _HASH
    if len(segment) > 2:
        segment[2] = shown if fits else ""


def _ak9(kind: str, segment: Segment, body: list[Segment]) -> None:
    sets = sum(one[0] == "AK2" for one in body)
    good = sum(one[0] in ("AK5", "IK5") and _text(one, 1) in ("A", "E") for one in body)
    for at, count in ((2, sets), (3, sets), (4, good)):
        _put(segment, at, str(count))
    _put(segment, 1, "A" if good == sets else "P" if good else "R")


_SETTLED: dict[str, Callable[[str, Segment, list[Segment]], None]] = {"CTT": _ctt, "AK9": _ak9}
