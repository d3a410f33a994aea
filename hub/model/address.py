"""A postal address, as sent and as understood."""

from __future__ import annotations

from hub.model.numbers import Number
from hub.model.value import Many, Value


class Geo(Value):
    """A point on the earth, WGS 84, in degrees (north and east positive)."""

    latitude: Number
    longitude: Number


class Address(Value):
    """``lines`` are street lines in order (an empty one keeps its place). ``region`` is the state or province as
    written, ``region_code`` its ISO 3166-2 code (``US-IL``), ``country`` ISO 3166-1 alpha-2. ``raw`` keeps an
    address that came as one text. ``usage`` (legal, billing, delivery, return, visit), ``default`` and the validity
    belong to a party's address book."""

    lines: Many[str] = ()
    building: str = ""
    city: str = ""
    region: str = ""
    region_code: str = ""
    postal_code: str = ""
    country: str = ""
    gln: str = ""
    geo: Geo | None = None
    raw: str = ""
