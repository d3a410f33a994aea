"""The certificates in a folder of card keys, as whoever checks cards knows them."""

from __future__ import annotations

from hub.cards.keys import CardKeys
from hub.cards.verify import Trust


def published_of(keys: CardKeys) -> tuple[list[bytes], list[bytes]]:
    """The hub's and the stores', newest first."""
    found = [*keys.all()][::-1]
    roots = [key.signed for key in found if not key.certificate.store]
    return roots, [key.signed for key in found if key.certificate.store]


def trust_in(keys: CardKeys) -> Trust:
    """All of them, for verifying."""
    return Trust(*published_of(keys))
