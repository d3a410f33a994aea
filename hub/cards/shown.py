"""Cards that sales name: what the hub learns of a card when the sale it was shown for comes in, and of the image that
the till wrote then.

A sale is a fact, whatever the card was: what is wrong with it becomes a warning of the upload, never a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from hub.cards.images import SUSPICIONS, Image, seen, suspicion, wrote
from hub.cards.issuing import RevokedByNow
from hub.cards.publishing import trust_for
from hub.cards.records import bytes_of
from hub.cards.verify import Verdict, verify
from hub.errors import HubError
from hub.findings import Finding, Position, warning

if TYPE_CHECKING:
    from hub.repository import Transaction

SHOWN, WRITTEN = Position(path="$.extensions.card"), Position(path="$.extensions.card_written")


def card_shown(tx: Transaction, text: str, written: str, store: str, at: datetime) -> tuple[Finding, ...]:
    """Note that a card was shown in a store ``at`` a time, and what its till ``written`` in its place ("" for nothing);
    warnings ``card.CODE`` where one did not hold then, went back, or does not follow from the other. One that does not
    hold is not noted: nobody shall make true cards look old by a high seq under a bad key."""
    try:
        # Whether the card was revoked counts for what was shown.
        new = verify(written, trust_for(tx, written), None, at) if written else Verdict(None)
        old = verify(text, trust_for(tx, text), RevokedByNow(tx), at) if text else Verdict(None)
        then = _image(written, new)
        found = [*_of_shown(tx, _image(text, old), old, then, at)] if text else []
        return (*found, *_of_written(tx, old, new, then, store)) if written else tuple(found)
    except (HubError, ValueError) as problem:
        return (warning("card.unchecked", f"the card of this sale was not checked: {problem}", SHOWN),)


def _image(text: str, verdict: Verdict) -> Image | None:
    return None if verdict.card is None else Image(verdict.card, bytes_of(text), not verdict.store)


def _of_shown(
    tx: Transaction, image: Image | None, verdict: Verdict, written: Image | None, at: datetime
) -> Iterator[Finding]:
    if verdict.refused:
        yield warning(f"card.{verdict.refused}", f"the sale was made with a card: {verdict.why}", SHOWN)
    if image is not None:
        doubt = suspicion(tx, image, at, written) if verdict.refused else seen(tx, image, at, written)
        if doubt:
            yield warning(f"card.{doubt}", f"card {image.card.number}: {SUSPICIONS[doubt]}", SHOWN)


def _of_written(tx: Transaction, old: Verdict, new: Verdict, image: Image | None, store: str) -> Iterator[Finding]:
    if new.refused:
        yield warning(f"card.{new.refused}", f"the till wrote a card: {new.why}", WRITTEN)
    if image is None or new.refused:
        return
    card, before = image.card, old.card
    if new.store != store:
        yield warning("card.other_key", f"card {card.number} was written with a key of '{new.store}'", WRITTEN)
        return
    if before is None or (before.number, before.customer, before.tier) != (card.number, card.customer, card.tier):
        yield warning("card.other_card", f"card {card.number} was written, and another one was shown", WRITTEN)
        return
    if card.seq <= before.seq or card.expires > before.expires:
        yield warning("card.not_following", f"card {card.number} does not follow from the one that was shown", WRITTEN)
    doubt = wrote(tx, image)
    if doubt:
        yield warning(f"card.{doubt}", f"card {card.number}, as the till wrote it: {SUSPICIONS[doubt]}", WRITTEN)
