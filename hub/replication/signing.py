"""The hub's own keys, and signatures both ways: manifests that the hub signs, requests that a node signs.

Ed25519. The hub's private keys are files of the workspace that only its user can read (``keys/signing-NUMBER.pem``);
the newest signs, older ones stay until the nodes know the new one. A key's id is the beginning of the SHA-256 of its
public half.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Container
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from hub.durable import write_new
from hub.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FOLDER = "keys"
MANIFEST = b"hub-manifest-1\n"
AUTHORIZATION = b"hub-authorization-1\n"
REQUEST = b"hub-request-1\n"


class HubKeys:
    """The signing keys of one workspace; the first is made when it is needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not self._files():
            self.rotate()
        self._load()

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("signing-*.pem"))

    def _load(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        self._keys: dict[str, Ed25519PrivateKey] = {}
        for file in self._files():
            if os.name == "posix" and file.stat().st_mode & 0o077:
                raise ConfigurationError(
                    "others than its owner can read the hub's signing key",
                    file=file,
                    hint=f"Make it yours alone (chmod 600 {file}), and change it: hub store rotate-key",
                )
            key = load_pem_private_key(file.read_bytes(), None)
            if not isinstance(key, Ed25519PrivateKey):
                raise ConfigurationError("this is no Ed25519 key", file=file, hint="Remove it: the hub makes its own.")
            self._keys[key_id(_raw(key.public_key()))] = key

    def rotate(self) -> str:
        """Make a new key, which signs from now on for the nodes that know it; its id."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519PrivateKey.generate()
        text = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        last = self._files()[-1:]
        number = int(last[0].stem.rpartition("-")[2]) + 1 if last else 1
        write_new(self.folder / f"signing-{number:04d}.pem", text)
        self._load()
        return self.newest

    @property
    def newest(self) -> str:
        """Id of the newest key."""
        return list(self._keys)[-1]

    def public(self) -> dict[str, str]:
        """Public keys by id, base64, oldest first."""
        return {name: base64.b64encode(_raw(key.public_key())).decode() for name, key in self._keys.items()}

    def choose(self, known: Container[str]) -> str:
        """The newest key that is ``known`` to a node; the newest of all where it knows none."""
        return next((name for name in reversed(self._keys) if name in known), self.newest)

    def sign(self, data: bytes, key: str, what: bytes = MANIFEST) -> str:
        """The signature, base64, of ``data`` as a manifest or another kind of thing."""
        return base64.b64encode(self._keys[key].sign(what + data)).decode()


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes_raw()


def key_id(public: bytes) -> str:
    """The id of a public key."""
    return hashlib.sha256(public).hexdigest()[:16]


def request_text(method: str, target: str, node: str, time: str, nonce: str, body: bytes) -> bytes:
    """What a node signs: ``target`` is path and query as sent, ``time`` milliseconds since 1970."""
    digest = hashlib.sha256(body).hexdigest()
    return REQUEST + "\n".join((method, target, node, time, nonce, digest)).encode()


def signed_by(public_key: str, signature: str, text: bytes) -> bool:
    """Whether ``signature`` (base64) of ``text`` was made with the key whose public half is ``public_key``."""
    from cryptography.exceptions import InvalidSignature

    try:
        _public(public_key).verify(base64.b64decode(signature, validate=True), text)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def usable(public_key: str) -> bool:
    """Whether this is the base64 of an Ed25519 public key."""
    try:
        _public(public_key)
    except (binascii.Error, ValueError):
        return False
    return True


@lru_cache(maxsize=20_000)
def _public(key: str) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
