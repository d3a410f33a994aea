"""Is a card true, and does it still hold? From the card over its store's certificate to a key of the hub.

``plugins/hub_pos/card.py`` is the till's own; a test compares the two on random cards.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.cards import cose
from hub.cards.records import MAX_BYTES, Card, Certificate, bytes_of

SKEW = timedelta(minutes=10)
"""What a till's clock and the hub's may differ by."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a card. ``refused`` is '' for a card that holds, else a code, with the words in ``why``. ``card``
    is None where nothing of it can be believed. ``store`` signed it, '' is the hub."""

    card: Card | None
    store: str = ""
    refused: str = ""
    why: str = ""


class Trust:
    """The keys of the hub, which are known beforehand, and the certificates that they signed."""

    def __init__(self, roots: Iterable[bytes], certificates: Iterable[bytes] = ()) -> None:
        """``roots``: the hub's own certificates; ``certificates``: the stores'. One that is not signed by the hub is
        left out, so a card that needs it is refused. Raises ``ValueError`` for what is no certificate."""
        self._roots: dict[bytes, list[Certificate]] = {}
        self._stores: dict[bytes, list[tuple[Certificate, Certificate]]] = {}
        for data in roots:
            envelope, certificate = _certificate(data)
            if envelope.signed_by(certificate.public, cose.CERTIFICATE) and not certificate.store:
                self._roots.setdefault(cose.key_id(certificate.public), []).append(certificate)
        for data in certificates:
            envelope, certificate = _certificate(data)
            for root in self.roots_named(envelope.key_id):
                if envelope.signed_by(root.public, cose.CERTIFICATE) and certificate.store:
                    known = self._stores.setdefault(cose.key_id(certificate.public), [])
                    known.append((certificate, root))

    def roots_named(self, key_id: bytes) -> list[Certificate]:
        """The hub's keys with this id."""
        return self._roots.get(key_id, [])

    def chains(self, key_id: bytes) -> list[tuple[Certificate, ...]]:
        """What leads from a key that signs cards to the hub's, the signer's certificate first."""
        return [(root,) for root in self.roots_named(key_id)] + [*self._stores.get(key_id, [])]


def verify(card: str | bytes, trust: Trust, revoked: Container[int] | None, now: datetime) -> Verdict:
    """Whether a card, as text or as bytes, holds at ``now``. ``revoked`` are the numbers of revoked cards;
    without them nobody knows whether it was revoked."""
    try:
        data = bytes_of(card) if isinstance(card, str) else card
        if len(data) > MAX_BYTES:
            raise ValueError("it is too long")
        envelope = cose.read(data)
    except ValueError as problem:
        return Verdict(None, refused="unreadable", why=f"this is no card: {problem}")
    chains = trust.chains(envelope.key_id)
    if not chains:
        return Verdict(None, refused="unknown_key", why="the card is signed by a key that is not known here")
    chain = next((one for one in chains if envelope.signed_by(one[0].public, cose.CARD)), None)
    if chain is None:
        return Verdict(None, refused="altered", why="the signature does not fit: the card was altered or forged")
    try:
        read = Card.of(cose.fields_of(envelope.payload))
    except ValueError as problem:
        return Verdict(None, refused="unreadable", why=f"the card holds something else than a card: {problem}")
    refused, why = _standing(read, chain, revoked, now)
    return Verdict(read, chain[0].store, refused, why)


def _standing(
    card: Card, chain: tuple[Certificate, ...], revoked: Container[int] | None, now: datetime
) -> tuple[str, str]:
    if any(card.issued < one.begins or card.expires > one.ends for one in chain):
        return "outside_key", "the card was issued before its key was certified, or expires after it"
    if card.rights > chain[0].cap:
        return "above_cap", f"the card holds more rights than its store may give ({chain[0].cap})"
    if revoked is not None and card.number in revoked:
        return "revoked", "the card was revoked"
    if now + SKEW < card.issued:
        return "not_yet_valid", f"the card is of {card.issued.isoformat()}: check this machine's clock"
    if now - SKEW >= card.expires:
        return "expired", f"the card expired on {card.expires.isoformat()}"
    return "", ""


def _certificate(data: bytes) -> tuple[cose.Envelope, Certificate]:
    envelope = cose.read(data)
    return envelope, Certificate.of(cose.fields_of(envelope.payload))
