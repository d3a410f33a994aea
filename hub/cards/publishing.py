"""Card keys and the list of revoked cards as documents, which every store gets as rows of its replica.

The files in the workspace are the truth about the hub's keys and those that it keeps for stores, the table of cards
about revoked ones. ``publish`` makes the documents say the same, in the transaction of whatever changed it. The keys of
tills (``certifying``) are documents alone.
"""

from __future__ import annotations

import base64
from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from hub.cards import cose
from hub.cards.keys import CardKey as Key
from hub.cards.keys import CardKeys
from hub.cards.records import Certificate, bytes_of
from hub.cards.revocations import Revocations, read_revocations
from hub.cards.verify import SKEW, Trust
from hub.model import CardKey, CardRevocations

if TYPE_CHECKING:
    from hub.repository import DocumentRecord, Transaction


def publish(tx: Transaction, keys: CardKeys) -> None:
    """Put the documents that differ from the workspace's certificates and revoked cards, remove those of keys that are
    gone, and touch nothing else. Nothing at all where no card was ever issued. Raises ``ConfigurationError`` for a
    certificate that cannot be read."""
    signer = keys.signer("", tx.now, tx.now) if keys.newest("") is not None else None
    wanted = {_content(key.signed): key for key in keys.all()}
    roots = {bytes.fromhex(key.id) for key in keys.all("")}
    active: frozenset[str] | None = None
    for record in list(published(tx)):
        data = record.data()
        if data.get("node"):
            active = _active(tx) if active is None else active
            if data["node"] not in active or not _lasts(data["certificate"], roots, tx.now):
                tx.remove(record.kind, record.id)
        elif wanted.pop(data["certificate"], None) is None:
            tx.remove(record.kind, record.id)
    for certificate, key in wanted.items():
        tx.put(CardKey(key_id=key.id, store=key.certificate.store, certificate=certificate))
    held = tx.find("CardRevocations")
    if held is not None:
        tx.wait_for(held.id)  # who revoked a card at the same moment put his list first, and this one has his cards
        held = tx.get("CardRevocations", held.id)
    if signer is None:
        if held is not None:
            tx.remove(held.kind, held.id)
        return
    before = _list_of(held, Trust([key.signed for key in keys.all("")]))
    made = next_list(tx, held.data()["seq"] if held is not None else 0)
    # Cards that have expired stay in the list until it is made anew for others: no till takes them anyway.
    if before is None or not before.covers(made):
        signed = base64.b64encode(made.signed(signer.private())).decode()
        tx.put(CardRevocations(list=signed, seq=made.seq, issued=made.issued))


def next_list(tx: Transaction, before: int = 0) -> Revocations:
    """The list of the cards that are revoked by now. Its number is the time in seconds, and larger than ``before``: a
    hub that was put back to a backup does not fall behind the lists that it gave away."""
    now = tx.now.replace(microsecond=0)
    return Revocations.of(max(before + 1, int(now.timestamp())), now, tx.revoked_cards(tx.now - 2 * SKEW))


def _active(tx: Transaction) -> frozenset[str]:
    return frozenset(node.node for node in tx.nodes() if node.state == "active")


def _lasts(certificate: str, roots: Container[bytes], now: datetime) -> bool:
    """Whether cards of a till's key can still hold: its certificate has not ended, nor the hub's key been retired."""
    envelope = cose.read(base64.b64decode(certificate))
    return envelope.key_id in roots and Certificate.of(cose.fields_of(envelope.payload)).ends + SKEW > now


def is_published(tx: Transaction, key: Key) -> bool:
    """Whether the tills get this key."""
    certificate = _content(key.signed)
    return any(record.data()["certificate"] == certificate for record in published(tx, key.id))


def published(tx: Transaction, key_id: str | None = None) -> Iterator[DocumentRecord]:
    """The documents of card keys, all or those with an id."""
    after = ""
    while page := tx.list("CardKey", number=key_id, after=after):
        yield from page
        after = page[-1].id


def certificates(records: Iterable[DocumentRecord]) -> tuple[list[bytes], list[bytes]]:
    """What a reader that is no till needs of the keys: the hub's certificates and the stores', newest first."""
    found = [record.data() for record in records][::-1]
    parts = [[one for one in found if bool(one.get("store")) is of_store] for of_store in (False, True)]
    roots, stores = ([base64.b64decode(one["certificate"]) for one in part] for part in parts)
    return roots, stores


def trust_for(tx: Transaction, card: str | bytes) -> Trust:
    """What is needed to verify this card: the keys that it can be signed with and the hub's that certified them,
    however many others there are. Nothing for what is no card."""
    try:
        named = cose.read(bytes_of(card) if isinstance(card, str) else card).key_id
    except ValueError:
        return Trust([])
    roots, stores = certificates(published(tx, named.hex()))
    for by in {cose.read(one).key_id for one in stores}:
        roots += certificates(published(tx, by.hex()))[0]
    return Trust(dict.fromkeys(roots), stores)


def _content(signed: bytes) -> str:
    return base64.b64encode(signed).decode()


def _list_of(held: DocumentRecord | None, trust: Trust) -> Revocations | None:
    """The list that tills have, None where there is none, or none that they can still believe."""
    if held is None or held.deleted:
        return None
    try:
        return read_revocations(base64.b64decode(held.data()["list"]), trust)
    except ValueError:
        return None
