"""Time as a till knows it: ids that sort by time, and a hybrid logical clock for changes that two stores may make.

The clock's text sorts as time does: ``2026-03-01T12:00:00.000Z-0003-S001-1`` is the millisecond, a counter within it
(four hexadecimal digits) and the node. It never goes back, even when this machine's clock does, and it is never earlier
than what the hub had said when the change was made. Source: Kulkarni et al., Logical Physical Clocks (2014).
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

_FORMAT = "%Y-%m-%dT%H:%M:%S"
_LARGEST = 0xFFFF


def uuid7(now: datetime) -> str:
    """A new UUIDv7 (RFC 9562, section 5.7) as text of 36 characters: its first 48 bits are ``now``."""
    milliseconds = int(now.timestamp() * 1000)
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62 | random & 0x3FFF_FFFF_FFFF_FFFF
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def instant(moment: datetime) -> str:
    """An aware time in UTC as documents have it: ``2026-03-01T12:00:00.250000Z``, no fraction where it is zero."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def tick(last: str, now: datetime, seen: str, node: str) -> str:
    """The next reading after ``last`` ("" at first), at ``now`` (aware), by ``node``. ``seen`` is the hub's time of
    the data this till works with (ISO 8601, "" for none): what is decided after it must not look earlier."""
    moment = now.astimezone(UTC)
    if seen:
        moment = max(moment, datetime.fromisoformat(seen).astimezone(UTC))
    at, counter = _stamp(moment), 0
    if last and last[:24] >= at:
        at, counter = last[:24], int(last[25:29], 16) + 1
    if counter > _LARGEST:
        at, counter = _stamp(datetime.fromisoformat(at) + timedelta(milliseconds=1)), 0
    return f"{at}-{counter:04x}-{node}"


def _stamp(moment: datetime) -> str:
    return f"{moment.strftime(_FORMAT)}.{moment.microsecond // 1000:03d}Z"
