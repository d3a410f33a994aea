"""What the hub learns from the images of a card: each that it wrote itself, or that tills showed or wrote.

A card is written anew again and again, each time with the next ``seq``. Uploads come late and in any order; so an older
image is suspicious only where it was shown after a newer one had been written, and two images with one ``seq`` always.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hub.cards.records import Card

if TYPE_CHECKING:
    from hub.repository import Transaction
    from hub.repository.cards import CardImage

SUSPICIONS = {
    "unknown": "the hub has issued no such card to this customer",
    "went_back": "it was shown after a newer image had been written: it was copied or restored, or writing it failed",
    "forked": "the hub knows another image of this card with the same seq: one of them is of a copy",
    "rights_rose": "it holds more rights than the image before it, and not by the hub",
}


@dataclass(frozen=True, slots=True)
class Image:
    """A card that was read, its signed bytes, and whether the hub's own key has signed it."""

    card: Card
    signed: bytes
    of_hub: bool = False

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal."""
        return hashlib.sha256(self.signed).hexdigest()


def suspicion(tx: Transaction, image: Image, at: datetime, written: Image | None = None) -> str:
    """What is wrong with an image whose signature is right, shown ``at`` a time: a word of ``SUSPICIONS`` or ''.
    ``written`` is what took its place then."""
    card = image.card
    held = tx.card(card.number)
    if held is None or held.customer_id != card.customer:
        return "unknown"
    same = tx.image(card.number, card.seq)
    if same is not None and same.digest != image.digest:
        return "forked"
    following = tx.image(card.number, card.seq + 1)
    if written is None or following is None or following.digest != written.digest:
        replaced = tx.replaced_at(card.number, card.seq)
        # Images that were written before the hub kept them are known by the newest seq alone.
        if at > replaced if replaced is not None else held.seq > card.seq:
            return "went_back"
    return _risen(tx, image)


def seen(tx: Transaction, image: Image, at: datetime, written: Image | None = None) -> str:
    """Note an image that was shown at a till or a reader, signature checked; what is suspicious about it, or ''.
    Revoking it is the caller's choice: a customer who was robbed shows the old image too."""
    doubt = suspicion(tx, image, at, written)
    return _noted(tx, image, doubt)


def wrote(tx: Transaction, image: Image) -> str:
    """Note an image that a till wrote, signature checked; what is suspicious about it, or ''."""
    card = image.card
    same = tx.image(card.number, card.seq)
    doubt = "forked" if same is not None and same.digest != image.digest else _risen(tx, image)
    return _noted(tx, image, doubt)


def issued(tx: Transaction, image: Image) -> None:
    """Note an image that the hub wrote."""
    tx.keep_image(_row(image))


def _risen(tx: Transaction, image: Image) -> str:
    before = tx.image(image.card.number, image.card.seq - 1)
    rose = before is not None and image.card.rights > before.rights and not image.of_hub
    return "rights_rose" if rose else ""


def _noted(tx: Transaction, image: Image, doubt: str) -> str:
    card = image.card
    if doubt != "unknown":
        tx.keep_image(_row(image))
    if not doubt:
        tx.advance_card(card.number, card.seq, card.rights, card.customer)
    return doubt


def _row(image: Image) -> CardImage:
    from hub.repository.cards import CardImage

    card = image.card
    return CardImage(card.number, card.seq, card.rights, card.issued, image.digest)
