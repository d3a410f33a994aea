"""UUIDv7 (RFC 9562, section 5.7): ids that sort by the time of their creation."""

from __future__ import annotations

from hub.repository import clock


def new_id() -> str:
    """A new UUIDv7 as text of 36 characters.

    The 12 bits after the milliseconds count fractions of a millisecond (RFC 9562, 6.2, method 3), and a process
    never issues one below the one before, so ids of one process sort strictly in the order they were made.
    """
    ticks = clock.ticks()
    random = int.from_bytes(clock.chance(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    value = (ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | random
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
