"""Certifying the card keys of tills: made on the till, which alone has the private half."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hub.cards import cose
from hub.cards.keys import STORE_DAYS, CardKeys
from hub.cards.publishing import is_published, publish, published
from hub.cards.records import Certificate
from hub.errors import ConfigurationError
from hub.model import CardKey
from hub.repository.keys import thread_of_card_keys

if TYPE_CHECKING:
    from hub.repository import Transaction

RENEW = timedelta(days=30)
"""A certificate that lasts longer than that is as good as a new one; so is the key of a till."""

AT_ONCE = 10
"""Keys of one till that count at the same time: each is a row in every store."""


class TooManyKeys(ConfigurationError):
    """A till has more keys than it can need."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The till ``node`` of ``store`` asks for a certificate of its ``public`` key (32 bytes), for cards with at most
    ``cap`` rights."""

    node: str
    store: str
    public: bytes
    cap: int


def certify(tx: Transaction, keys: CardKeys, asked: Asked) -> bytes:
    """The certificate of a till's key, signed, and published to every store: the one that is there, where it lasts
    longer than ``RENEW``, else a new one. Raises ``TooManyKeys``, also where another till says it has this key."""
    now = tx.now.replace(microsecond=0)
    id_ = cose.key_id(asked.public).hex()
    for record in published(tx, id_):
        data = record.data()
        held = Certificate.of(cose.fields_of(cose.read(base64.b64decode(data["certificate"])).payload))
        if held.public != asked.public:
            continue
        if data.get("node", "") != asked.node:
            raise TooManyKeys("this card key is another one's")
        if held.store == asked.store and held.ends - now > RENEW:
            return base64.b64decode(data["certificate"])
    ends = now + timedelta(days=STORE_DAYS)
    root = keys.signer("", now, ends)
    # What ended goes; and the hub's own key may be new.
    if not is_published(tx, root) or len(_mine(tx, asked.node)) > 1:
        publish(tx, keys)
    if len(_mine(tx, asked.node)) >= AT_ONCE:
        raise TooManyKeys(
            f"node {asked.node} has {AT_ONCE} card keys that have not ended",
            hint="hub card keys lists them; remove with --retire what it has lost.",
        )
    certificate = Certificate(asked.store, asked.public, now, ends, asked.cap)
    signed = cose.sign(certificate.fields(), cose.CERTIFICATE, root.private())
    text = base64.b64encode(signed).decode()
    tx.put(CardKey(key_id=id_, store=asked.store, node=asked.node, certificate=text))
    return signed


def retire(tx: Transaction, keys: CardKeys, key_id: str) -> None:
    """Remove a key that somebody else may know, of the workspace or of a till; its cards are void at the tills with
    their next pull. Raises ``ConfigurationError`` where there is no such key."""
    of_tills = [record for record in published(tx, key_id) if record.data().get("node")]
    for record in of_tills:
        tx.remove(record.kind, record.id)
    if not of_tills:
        keys.retire(key_id)
    publish(tx, keys)


def _mine(tx: Transaction, node: str) -> list[str]:
    return [record.id for record in tx.list("CardKey", thread=thread_of_card_keys(node))]
