"""What is signed: a card, and the certificate of a key. Integer names, see ``plugins/hub_pos/PROTOCOL.md``, "Cards"."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from hub.cards import base45

PREFIX = "HUBC1:"
"""Beginning of a card's text, so that a scanner's reader knows what it has."""

MAX_BYTES = 512
"""Longest card that is looked at. Ours have at most 130 bytes."""

_BOUNDS = {"number": (1, 2**32 - 1), "tier": (0, 23), "rights": (0, 2**32 - 1), "seq": (1, 2**16 - 1)}


@dataclass(frozen=True, slots=True)
class Card:
    """A customer's card. ``rights``: what may still be spent on it where nobody can ask the hub, a whole number whose
    unit the company chooses (cents, points). ``seq`` counts how often this card was written. Times in whole seconds.
    Raises ``ValueError`` for values that a card has no room for."""

    number: int
    customer: str
    tier: int
    rights: int
    seq: int
    issued: datetime
    expires: datetime

    def __post_init__(self) -> None:
        for name, (low, high) in _BOUNDS.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"a card's {name} is {low} to {high}, not {getattr(self, name)}")

    def fields(self) -> dict[int, Any]:
        """As it is signed."""
        return {
            1: self.number,
            2: uuid.UUID(self.customer).bytes,
            3: self.tier,
            4: self.rights,
            5: self.seq,
            6: int(self.issued.timestamp()),
            7: int(self.expires.timestamp()),
        }

    @classmethod
    def of(cls, fields: Mapping[int, Any]) -> Self:
        """The card of signed fields. Raises ``ValueError``. Fields that we do not know are left alone."""
        number, tier, rights, seq, issued, expires = (_integer(fields, name) for name in (1, 3, 4, 5, 6, 7))
        customer = str(uuid.UUID(bytes=_bytes(fields, 2, 16)))
        return cls(number, customer, tier, rights, seq, moment(issued), moment(expires))


@dataclass(frozen=True, slots=True)
class Certificate:
    """Says that a key may sign: the hub's own (``store`` is "", signed by itself) or a store's (signed by the hub's).
    A store's key signs cards with at most ``cap`` rights, issued and expiring between ``begins`` and ``ends``."""

    store: str
    public: bytes
    begins: datetime
    ends: datetime
    cap: int

    def fields(self) -> dict[int, Any]:
        """As it is signed."""
        begins, ends = int(self.begins.timestamp()), int(self.ends.timestamp())
        return {1: self.store, 2: self.public, 3: begins, 4: ends, 5: self.cap}

    @classmethod
    def of(cls, fields: Mapping[int, Any]) -> Self:
        """The certificate of signed fields. Raises ``ValueError``."""
        store = fields.get(1)
        if not isinstance(store, str):
            raise ValueError("field 1 is no text")
        begins, ends, cap = (_integer(fields, name) for name in (3, 4, 5))
        return cls(store, _bytes(fields, 2, 32), moment(begins), moment(ends), cap)


def text_of(card: bytes) -> str:
    """A signed card as text for a QR code."""
    return PREFIX + base45.encode(card)


def bytes_of(text: str) -> bytes:
    """The signed card of a text. Raises ``ValueError``."""
    text = text.strip("\r\n\t")
    if not text.startswith(PREFIX) or len(text) > 2 * MAX_BYTES:
        raise ValueError(f"a card's text begins with {PREFIX}")
    return base45.decode(text[len(PREFIX) :])


def moment(seconds: int) -> datetime:
    """Seconds since 1970 as a time. Raises ``ValueError``."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError):
        raise ValueError("no time") from None


def _integer(fields: Mapping[int, Any], name: int) -> int:
    value = fields.get(name)
    if type(value) is not int or value < 0:
        raise ValueError(f"field {name} is no count")
    return value


def _bytes(fields: Mapping[int, Any], name: int, size: int) -> bytes:
    value = fields.get(name)
    if not isinstance(value, bytes) or len(value) != size:
        raise ValueError(f"field {name} does not have {size} bytes")
    return value
