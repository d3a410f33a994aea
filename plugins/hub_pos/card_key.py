"""The key with which this till writes cards: made here, certified by the hub, never sent.

``S001.card-key.pem`` lies beside the replica, readable by its owner alone. The next key waits in
``S001.card-key.next.pem`` until its certificate has come with a pull: from then on every till that pulls believes it,
and it takes the other's place.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hub_pos import card_record
from hub_pos.card import Certified, certified
from hub_pos.card_record import CardsUnavailable
from hub_pos.durable import settle, write_whole
from hub_pos.reading import Reader

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

RENEW = timedelta(days=30)
"""A key whose certificate does not last longer than that is replaced."""


@dataclass(frozen=True, slots=True)
class WritingKey:
    """A private key with what the hub says about it."""

    private: Ed25519PrivateKey
    certificate: Certified


def key_paths(replica: Path) -> tuple[Path, Path]:
    """The files of the key in use and of the next one."""
    return replica.with_name(replica.stem + ".card-key.pem"), replica.with_name(replica.stem + ".card-key.next.pem")


def writing_key(reader: Reader) -> WritingKey:
    """The key in use, as far as the replica knows its certificate. Raises ``CardsUnavailable`` where there is none: the
    store may write no cards, or the certificate has not come yet."""
    for path in key_paths(reader.path)[::-1]:
        private = _load(path)
        held = _certificate(reader, private) if private is not None else None
        if private is not None and held is not None:
            return WritingKey(private, held)
    raise CardsUnavailable("this till writes no cards: the hub has certified no key of it, or no pull has brought that")


def renew(replica: Path, now: datetime, ask: Callable[[bytes], object]) -> bool:
    """Have the next key certified where the one in use is missing or ends soon; whether ``ask`` was called with its
    public half. What was certified takes the place of the key before."""
    with closing(Reader(replica)) as reader:
        current, following = key_paths(replica)
        new = _load(following)
        if new is not None and _certificate(reader, new) is not None:
            following.replace(current)
            settle(current.parent)
        held = _load(current)
        certificate = _certificate(reader, held) if held is not None else None
    if certificate is not None and certificate.ends - now.timestamp() > RENEW.total_seconds():
        return False
    ask((_load(following) or _made(following)).public_key().public_bytes_raw())
    return True


def _made(path: Path) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    # On the disk before the hub knows it: a key that is lost afterwards would be certified for nobody.
    write_whole(path, key.private_bytes(*form), 0o600)
    return key


def _load(path: Path) -> Ed25519PrivateKey | None:
    """The key in a file; None where there is none, or one that is damaged or that others may know."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise card_record.missing("cryptography") from None
    with suppress(OSError, ValueError, TypeError):
        if os.name == "posix" and path.stat().st_mode & 0o077:
            return None
        key = load_pem_private_key(path.read_bytes(), None)
        if isinstance(key, Ed25519PrivateKey):
            return key
    return None


def _certificate(reader: Reader, private: Ed25519PrivateKey) -> Certified | None:
    public = private.public_key().public_bytes_raw()
    named = card_record.key_id(public).hex()
    for row in reader.all("SELECT certificate FROM card_key WHERE key_id = ? AND store IS NOT NULL", (named,)):
        with suppress(CardsUnavailable, ValueError):
            held = certified(base64.b64decode(row["certificate"], validate=True))
            if held.public == public:
                return held
    return None
