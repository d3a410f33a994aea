"""What a till needs to believe a customer's card off line: certified keys, and which cards are revoked. The hub makes
both from its keys and cards; nobody sends them."""

from __future__ import annotations

from hub.model.dates import Instant
from hub.model.document import Document
from hub.model.value import Key


class CardKey(Document):
    """A key that may sign cards: the hub's own (``store`` is "") or a store's; where ``node`` is stated, that of a
    till, which alone has the private half. ``certificate`` is the signed record in
    base64 (``hub.cards.records.Certificate``), ``key_id`` what records name the key by, 8 hexadecimal digits: two keys
    may have the same. A key that does not count any more has no document."""

    key_id: Key
    store: str = ""
    node: str = ""
    certificate: Key


class CardRevocations(Document):
    """The one list of revoked cards as of ``issued``: ``list`` is the signed record in base64
    (``hub.cards.revocations``), ``seq`` its number, which grows."""

    list: Key
    seq: int
    issued: Instant
