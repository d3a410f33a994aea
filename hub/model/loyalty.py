"""Points and their history."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from hub.model.dates import Instant
from hub.model.document import Document
from hub.model.numbers import Number
from hub.model.reference import DocRef
from hub.model.value import Key


class LoyaltyEntry(Document):
    """One entry in an account's history, append only. ``type`` is earn, redeem, expire, adjust or reverse;
    ``points`` is signed (redeem and expire are negative). The balance is the sum, never stored."""

    entry_id: Key
    account_id: Key
    party_id: str = ""
    type: str
    points: Number
    at: Instant
    expires_at: Instant | None = None
    ref: DocRef | None = None
    reverses: str = ""
    pos_id: str = ""
    reason: str = ""


def balance(entries: Iterable[LoyaltyEntry]) -> Decimal:
    """The points of an account: the sum of its entries, an entry that came twice counted once."""
    return sum({entry.entry_id: entry.points for entry in entries}.values(), Decimal(0))
