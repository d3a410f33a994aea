"""What tills need to check cards off line: the signed card keys and the signed list of revoked cards.

Both are the same for every till. The keys are signed with the hub's signing keys, which a node has known since it
registered; so they are believed whatever lies between the hub and the till. The list is signed by a card key.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from hub.cards.issuing import next_list
from hub.cards.keys import CardKeys
from hub.cards.verify import SKEW
from hub.replication.signing import CARD_KEYS, HubKeys

if TYPE_CHECKING:
    from hub.repository import Repository, Transaction

KEYS_FILE, LIST_FILE = "card-keys.json", "card-revocations"
"""Their names on a stick."""

LOOK_SECONDS = 5.0
LIST_SECONDS = 3_600.0
"""How often the hub looks whether a card was revoked, and how old a list gets before it is made anew all the same: a
till tells the age of its list, which must not grow while nothing is revoked."""


class CardFiles:
    """The card keys and the list of one hub as they are sent; made when asked for, kept for some seconds. Threads may
    share it."""

    def __init__(self, repo: Repository, signing: HubKeys) -> None:
        self._repo, self._signing = repo, signing
        self._cards = CardKeys(signing.folder)
        self._lock = threading.Lock()
        self._keys: tuple[float, object, bytes] | None = None
        self._list: tuple[float, object, float, bytes] | None = None

    def _any(self) -> bool:
        return next(iter(self._signing.folder.glob("card-root-*.cert")), None) is not None

    def keys(self) -> bytes | None:
        """The card keys as JSON, ``{"cards": text, "signatures": {key id: base64}}``; None where no card was ever
        issued here. Raises ``ConfigurationError`` for a certificate that cannot be read."""
        with self._lock:
            now = time.monotonic()
            if self._keys is None or now - self._keys[0] > LOOK_SECONDS:
                if not self._any():
                    return None
                roots, certificates = (
                    [base64.b64encode(one).decode() for one in part] for part in self._cards.published()
                )
                held = roots, certificates, sorted(self._signing.public())
                if self._keys is None or self._keys[1] != held:
                    self._keys = now, held, self._signed(roots, certificates)
                else:
                    self._keys = now, *self._keys[1:]
            return self._keys[2]

    def _signed(self, roots: list[str], certificates: list[str]) -> bytes:
        # Milliseconds, and no counter: a hub that was restored from a backup must not fall behind what tills have.
        content = {"format": 1, "seq": int(time.time() * 1000), "roots": roots, "certificates": certificates}
        text = json.dumps(content, separators=(",", ":"))
        signatures = {key: self._signing.sign(text.encode(), key, CARD_KEYS) for key in self._signing.public()}
        return json.dumps({"cards": text, "signatures": signatures}, separators=(",", ":")).encode()

    def revocations(self) -> bytes | None:
        """The list of revoked cards (``PROTOCOL.md``, section 9.1); None where no card was ever issued here. A new one
        where a card was revoked, and every hour."""
        with self._lock:
            now = time.monotonic()
            if self._list is None or now - self._list[0] > LOOK_SECONDS:
                if not self._any():
                    return None
                with self._repo.read() as tx:
                    revoked = sorted(tx.revoked_cards(tx.now - 2 * SKEW))
                held = revoked, getattr(self._cards.newest(""), "id", "")
                if self._list is None or self._list[1] != held or now - self._list[2] > LIST_SECONDS:
                    self._list = now, held, now, self._repo.retrying(lambda tx: signed_list(tx, self._cards))
                else:
                    self._list = now, *self._list[1:]
            return self._list[3]


def signed_list(tx: Transaction, keys: CardKeys) -> bytes:
    """A new list, signed by the hub's newest card key."""
    made = next_list(tx)
    return made.signed(keys.signer("", made.issued, made.issued).private())


def carry_cards(files: CardFiles, folder: Path) -> int:
    """Write both into ``folder``, a stick; the number of files, 0 where no card was ever issued."""
    count = 0
    for name, what in ((KEYS_FILE, files.keys), (LIST_FILE, files.revocations)):
        data = what()
        if data is not None:
            part = folder / f"{name}.part"
            part.write_bytes(data)
            part.replace(folder / name)
            count += 1
    return count
