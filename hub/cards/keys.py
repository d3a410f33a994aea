"""The keys that sign cards: the hub's, which certify short-lived ones of the stores. All are files of the workspace
that only its user can read; the first of each is made when it is needed.

``keys/card-root-0001.pem`` and ``keys/card-store-S001-0001.pem`` are private, the ``.cert`` beside each is public. The
newest key of each signs; older ones verify until their certificate ends.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hub.cards import cose
from hub.cards.records import Certificate
from hub.durable import write_new, write_whole
from hub.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FOLDER = "keys"
ROOT_DAYS, STORE_DAYS = 1_830, 90
"""How long a key is certified, so also how long its last card can last."""

NO_CAP, STORE_CAP = 2**32 - 1, 10_000
"""The most rights on a card of the hub's, and of a store's where nobody has said."""


@dataclass(frozen=True, slots=True)
class CardKey:
    """One key: its private file and its certificate, signed."""

    file: Path
    signed: bytes
    certificate: Certificate

    @property
    def id(self) -> str:
        """The key's id, as cards name it."""
        return cose.key_id(self.certificate.public).hex()

    def private(self) -> Ed25519PrivateKey:
        """What signs. Raises ``ConfigurationError`` where the file is gone, is no key, or can be read by others."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(self.file.read_bytes(), None)
            mode = self.file.stat().st_mode
        except (OSError, ValueError, TypeError):
            key, mode = None, 0
        hint = f"Make another one (hub card keys --rotate), and if this may be known: hub card keys --retire {self.id}"
        if not isinstance(key, Ed25519PrivateKey) or key.public_key().public_bytes_raw() != self.certificate.public:
            raise ConfigurationError("this is not the private key of its certificate", file=self.file, hint=hint)
        if os.name == "posix" and mode & 0o077:
            raise ConfigurationError("others than its owner can read this key", file=self.file, hint=hint)
        return key


class CardKeys:
    """The card keys of one workspace. ``store`` is "" for the hub's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self, store: str | None = None) -> Iterator[CardKey]:
        """Every key, the hub's first, each issuer's oldest first; with ``store`` only this issuer's."""
        name = "card-*" if store is None else f"{glob.escape(_name(store))}-*"
        for file in sorted(self.folder.glob(f"{name}.cert"), key=_order):
            try:
                signed = file.read_bytes()
                certificate = Certificate.of(cose.fields_of(cose.read(signed).payload))
            except (OSError, ValueError) as problem:
                raise ConfigurationError(f"this certificate cannot be read: {problem}", file=file) from None
            # Stores may be called S001 and S001-1.
            if store is None or certificate.store == store:
                yield CardKey(file.with_suffix(".pem"), signed, certificate)

    def newest(self, store: str) -> CardKey | None:
        """The newest key of an issuer."""
        return next(reversed([*self.all(store)]), None)

    def signer(self, store: str, now: datetime, expires: datetime) -> CardKey:
        """The key that signs what holds from ``now`` to ``expires``: the newest, or a new one where that ends before.
        Raises ``ConfigurationError`` where no key lasts so long."""
        key = self.newest(store)
        if key is None or key.certificate.ends < expires or key.certificate.begins > now:
            key = self.rotate(store, now)
        if key.certificate.ends < expires:
            days = STORE_DAYS if store else ROOT_DAYS
            raise ConfigurationError(f"a card lasts at most {days} days here", hint="Let it expire sooner.")
        return key

    def rotate(self, store: str, now: datetime, cap: int | None = None) -> CardKey:
        """Make a new key, which signs from now on. A store's ``cap`` stays what it was unless it is given."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        now = now.replace(microsecond=0)
        ends = now + timedelta(days=STORE_DAYS if store else ROOT_DAYS)
        key = Ed25519PrivateKey.generate()
        signer = key
        if store:
            signer = self.signer("", now, ends).private()
            before = self.newest(store)
            held = before.certificate.cap if before is not None else STORE_CAP
        limit = NO_CAP if not store else held if cap is None else cap
        certificate = Certificate(store, key.public_key().public_bytes_raw(), now, ends, limit)
        signed = cose.sign(certificate.fields(), cose.CERTIFICATE, signer)
        name = _name(store)
        number = 1 + max((_number(file) for file in self.folder.glob(f"{name}-*.pem")), default=0)
        file = self.folder / f"{name}-{number:04d}.pem"
        self._write(file, key, signed)
        return CardKey(file, signed, certificate)

    def _write(self, file: Path, key: Ed25519PrivateKey, signed: bytes) -> None:
        from cryptography.hazmat.primitives import serialization

        form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        try:
            write_new(file, key.private_bytes(*form))
        except FileExistsError:
            raise ConfigurationError("another process made this key just now", file=file, hint="Try again.") from None
        # The key counts from the moment its certificate is there, whole.
        write_whole(file.with_suffix(".cert"), signed)

    def retire(self, key_id: str) -> CardKey:
        """Remove a key that somebody else may know: nothing that it signed holds any more once that is published
        (``hub.cards.publishing``), at the tills with their next pull. Raises ``ConfigurationError`` where there is no
        such key."""
        key = next((one for one in self.all() if one.id == key_id), None)
        if key is None:
            raise ConfigurationError(f"there is no card key '{key_id}'", hint="List them: hub card keys")
        key.file.with_suffix(".cert").unlink()
        # Emptied, not removed: the number is not used again.
        key.file.write_bytes(b"")
        return key


def _name(store: str) -> str:
    return f"card-store-{store}" if store else "card-root"


def _order(file: Path) -> tuple[str, int]:
    return file.stem.rpartition("-")[0], _number(file)


def _number(file: Path) -> int:
    digits = file.stem.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0
