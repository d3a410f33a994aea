"""Issuing and revoking cards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hub.cards import cose, images
from hub.cards.keys import CardKeys
from hub.cards.publishing import is_published, publish
from hub.cards.records import Card, text_of
from hub.errors import ConfigurationError

if TYPE_CHECKING:
    from hub.repository import Transaction
    from hub.repository.cards import CardRecord

_NUMBERS = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a card shall be: whose, signed by which store ("" is the hub), with what, for how long. ``number`` writes
    that card of the customer anew."""

    customer: str
    store: str = ""
    tier: int = 0
    rights: int = 0
    days: int = 30
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A card that was issued, and the record that goes onto the chip or into the QR code."""

    card: Card
    store: str
    key_id: str
    signed: bytes

    @property
    def text(self) -> str:
        """For a QR code."""
        return text_of(self.signed)


def issue(tx: Transaction, keys: CardKeys, wanted: Wanted) -> Issued:
    """Make a card and store it, and publish the key that signed it, if it is new. Raises ``ConfigurationError`` for
    what a card, its key or its past does not allow."""
    now = tx.now.replace(microsecond=0)
    expires = now + timedelta(days=wanted.days)
    if wanted.number is None:
        # Drawn in this transaction, so that the numbers, and with them the list of the revoked, have no holes.
        number, seq = tx.next_control("card number", _NUMBERS), 1
    else:
        number, seq = wanted.number, _renewable(tx, wanted).seq + 1
    try:
        card = Card(number, wanted.customer, wanted.tier, wanted.rights, seq, now, expires)
    except ValueError as problem:
        raise ConfigurationError(str(problem)) from None
    key = keys.signer(wanted.store, now, expires)
    if card.rights > key.certificate.cap:
        raise ConfigurationError(
            f"cards of store {wanted.store} hold at most {key.certificate.cap} rights",
            hint=f"Let the hub sign it (without --store), or: hub card keys --rotate --store {wanted.store} --cap N",
        )
    signed = cose.sign(card.fields(), cose.CARD, key.private())
    tx.save_card(_record(card, wanted.store, key.id))
    images.issued(tx, images.Image(card, signed, not wanted.store))
    if not is_published(tx, key):
        publish(tx, keys)
    return Issued(card, wanted.store, key.id, signed)


def revoke(tx: Transaction, keys: CardKeys, numbers: Iterable[int]) -> dict[int, bool]:
    """Refuse these cards from now on, at the tills from their next pull; of each whether it was not revoked before.
    Raises ``NotFound`` for one that there is not."""
    done = {number: tx.revoke_card(number) for number in numbers}
    publish(tx, keys)
    return done


def _renewable(tx: Transaction, wanted: Wanted) -> CardRecord:
    held = tx.card(wanted.number or 0)
    if held is None or held.customer_id != wanted.customer:
        raise ConfigurationError(f"this customer has no card {wanted.number}")
    if held.revoked_at is not None:
        raise ConfigurationError(f"card {held.number} is revoked", hint="Issue a new one, without --number.")
    return held


def _record(card: Card, store: str, key_id: str) -> CardRecord:
    from hub.repository.cards import CardRecord

    return CardRecord(
        number=card.number,
        customer_id=card.customer,
        store=store,
        key_id=key_id,
        tier=card.tier,
        rights=card.rights,
        seq=card.seq,
        issued_at=card.issued,
        expires_at=card.expires,
        revoked_at=None,
    )


@dataclass(frozen=True, slots=True)
class RevokedByNow:
    """The cards that the hub knows to be revoked, asked one by one."""

    tx: Transaction

    def __contains__(self, number: object) -> bool:
        held = self.tx.card(number) if isinstance(number, int) else None
        return held is not None and held.revoked_at is not None
