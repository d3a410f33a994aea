"""Cards that sales name: what the hub learns of a card when the sale it was shown for comes in.

A sale is a fact, whatever the card was: what is wrong with it becomes a warning of the upload, never a refusal.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hub.cards.issuing import RevokedByNow, seen, suspicion
from hub.cards.publishing import trust_for
from hub.cards.verify import verify
from hub.errors import HubError
from hub.findings import Finding, Position, warning

if TYPE_CHECKING:
    from hub.repository import Transaction

PATH = Position(path="$.extensions.card")
_SUSPICIONS = {
    "unknown": "the hub has issued no such card to this customer",
    "went_back": "the hub knows a newer image of this card: it was copied or restored",
    "forked": "the hub knows another image of this card with the same seq",
}


def card_shown(tx: Transaction, text: str, at: datetime) -> tuple[Finding, ...]:
    """Note that a card was shown ``at`` a time; warnings ``card.CODE`` where it did not hold then or went back. One
    that does not hold is not noted: nobody shall make true cards look old by a high seq under a bad key."""
    try:
        verdict = verify(text, trust_for(tx, text), RevokedByNow(tx), at)
    except (HubError, ValueError) as problem:
        return (warning("card.unchecked", f"the card of this sale was not checked: {problem}", PATH),)
    found = []
    if verdict.refused:
        found.append(warning(f"card.{verdict.refused}", f"the sale was made with a card: {verdict.why}", PATH))
    if verdict.card is not None:
        card = verdict.card
        doubt = suspicion(tx.card(card.number), card) if verdict.refused else seen(tx, card)
        if doubt:
            found.append(warning(f"card.{doubt}", f"card {card.number}: {_SUSPICIONS[doubt]}", PATH))
    return tuple(found)
