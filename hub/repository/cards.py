"""Customer cards: which were issued, what each was last known to hold, and which are revoked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from hub.repository.card_tables import card_images, cards
from hub.repository.failures import NotFound, VersionConflict
from hub.repository.work import Work


@dataclass(frozen=True, slots=True)
class CardRecord:
    """A card as the hub knows it: ``seq`` and ``rights`` are the newest that it wrote or saw."""

    number: int
    customer_id: str
    store: str
    key_id: str
    tier: int
    rights: int
    seq: int
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class CardImage:
    """What a card was at one ``seq``. ``digest`` is the SHA-256 (hexadecimal) of its signed bytes."""

    number: int
    seq: int
    rights: int
    issued_at: datetime
    digest: str


class Cards(Work):
    """The part of a transaction that knows cards."""

    def save_card(self, card: CardRecord) -> None:
        """Store a new card, or one that was written anew. Raises VersionConflict where it was written, seen or revoked
        by somebody else in the meantime."""
        row = {column.name: getattr(card, column.name) for column in cards.c}
        if card.seq == 1 and self.add(cards, row, unless=("number",)):
            return
        before = (cards.c.number == card.number) & (cards.c.seq == card.seq - 1) & cards.c.revoked_at.is_(None)
        if self.write(update(cards).where(before).values(**row)).rowcount != 1:
            raise VersionConflict(f"card {card.number} was changed by another process at the same moment; try again")

    def card(self, number: int) -> CardRecord | None:
        """A card by its number."""
        row = self.one(select(cards).where(cards.c.number == number))
        return None if row is None else _record(row)

    def cards(self, customer_id: str = "", *, limit: int = 1000) -> list[CardRecord]:
        """Cards, newest first, all or of one customer."""
        query = select(cards).order_by(cards.c.number.desc()).limit(limit)
        if customer_id:
            query = query.where(cards.c.customer_id == customer_id)
        return [_record(row) for row in self.rows(query)]

    def revoke_card(self, number: int) -> bool:
        """Refuse a card from now on; whether it was not revoked before. Raises NotFound."""
        if self.card(number) is None:
            raise NotFound(f"there is no card {number}")
        wanted = (cards.c.number == number) & cards.c.revoked_at.is_(None)
        return self.write(update(cards).where(wanted).values(revoked_at=self.now)).rowcount == 1

    def revoked_cards(self, expired_before: datetime) -> list[int]:
        """Numbers of revoked cards, without those that expired before that time: no till takes them anyway."""
        wanted = cards.c.revoked_at.is_not(None) & (cards.c.expires_at >= expired_before)
        return [row.number for row in self.rows(select(cards.c.number).where(wanted))]

    def keep_image(self, image: CardImage) -> CardImage:
        """Note an image of a card, unless one of the same ``seq`` is known; the one that is known from now on."""
        if self.add(card_images, asdict(image), unless=("number", "seq")):
            return image
        return self.image(image.number, image.seq) or image

    def image(self, number: int, seq: int) -> CardImage | None:
        """What a card was at a ``seq``, as far as the hub knows."""
        table = card_images
        row = self.one(select(table).where(table.c.number == number, table.c.seq == seq))
        return None if row is None else CardImage(**row._mapping)

    def replaced_at(self, number: int, seq: int) -> datetime | None:
        """When the image of a card with this ``seq`` was replaced: the time of the first later one that is known."""
        table = card_images
        later = select(table).where(table.c.number == number, table.c.seq > seq).order_by(table.c.seq).limit(1)
        row = self.one(later)
        return None if row is None else CardImage(**row._mapping).issued_at

    def advance_card(self, number: int, seq: int, rights: int, customer_id: str) -> bool:
        """Note that a customer's card was seen with a ``seq`` that is newer than the one known; False where not."""
        wanted = (cards.c.number == number) & (cards.c.seq < seq) & (cards.c.customer_id == customer_id)
        return self.write(update(cards).where(wanted).values(seq=seq, rights=rights)).rowcount == 1


def _record(row: Row[Any]) -> CardRecord:
    return CardRecord(**row._mapping)
