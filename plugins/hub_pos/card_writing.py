"""Writing a customer's card anew at the till: the same card with less on it, one ``seq`` later.

The till remembers the newest image of each card that it wrote (table ``card`` of its outbox, in the transaction of the
sale). Was it killed before the chip was written, or did the chip not take it, then the customer comes back with the
older image: the till goes on from the one that it remembers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from hub_pos import card_record
from hub_pos.card import CardReading
from hub_pos.card_key import WritingKey
from hub_pos.errors import SaleRefused
from hub_pos.outbox import Outbox

_MOST_SEQ = 2**16 - 1


def rewrite(reading: CardReading, key: WritingKey, *, spend: int, now: datetime) -> str:
    """The text of the card that takes the place of this one, with ``spend`` rights less. Raises ``SaleRefused`` where
    the card does not hold, has less, or cannot be written here."""
    if not reading.holds:
        raise SaleRefused(f"the card is refused: {reading.why}")
    if type(spend) is not int or spend < 1:
        raise SaleRefused(f"what is spent on a card is a whole number from 1, not {spend!r}")
    if spend > reading.rights:
        raise SaleRefused(f"the card has {reading.rights} left, not {spend}")
    if reading.rights - spend > key.certificate.cap:
        raise SaleRefused(f"this store writes cards with at most {key.certificate.cap}: spend on this one on line")
    if reading.seq >= _MOST_SEQ:
        raise SaleRefused("the card was written too often: it needs another one")
    issued = max(int(now.timestamp()), key.certificate.begins)
    expires = min(_seconds(reading.expires), key.certificate.ends)
    if expires <= issued:
        raise SaleRefused("the card, or this till's key, ends now")
    fields = {
        1: reading.number,
        2: UUID(reading.customer).bytes,
        3: reading.tier,
        4: reading.rights - spend,
        5: reading.seq + 1,
        6: issued,
        7: expires,
    }
    return card_record.card_text(card_record.sign(fields, card_record.CARD, key.private))


def _seconds(at: datetime | None) -> int:
    return int((at or datetime.fromtimestamp(0, UTC)).timestamp())


@dataclass(frozen=True, slots=True)
class Cards:
    """The images that an outbox remembers. Only inside the outbox's ``transaction``."""

    outbox: Outbox

    def newest(self, shown: CardReading, read: Callable[[str], CardReading]) -> CardReading:
        """The image to go on from: the one that was shown, or a newer one of the same card that was written here, also
        where that does not hold any more: what was spent must not come back."""
        rows = self.outbox.rows("SELECT text FROM card WHERE number = ? AND seq > ?", shown.number, shown.seq)
        return read(rows[0][0]) if rows else shown

    def keep(self, text: str, number: int, seq: int) -> None:
        """Remember what is going to be written."""
        self.outbox.run("INSERT OR REPLACE INTO card VALUES (?, ?, ?)", number, seq, text)
