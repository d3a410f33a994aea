"""COSE_Sign1 (RFC 9052) with Ed25519, in exactly one form, so that no byte of it can differ and still be taken.

``D2 84 | 49 A2 01 27 04 44 KEY-ID(4) | A0 | payload as byte string | 58 40 SIGNATURE(64)``: tag 18, the protected
header {alg: EdDSA, kid}, an empty unprotected header. The signed text holds, as ``external_aad``, what kind of
record it is: a key that may sign cards cannot make one that is taken for a list or a certificate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

CARD, CERTIFICATE, REVOCATIONS = b"hub-card-1", b"hub-card-key-1", b"hub-card-revocations-1"
"""Kinds of records."""

_HEADER = bytes.fromhex("a20127 0444")
_START = b"\xd2\x84\x49" + _HEADER
_EMPTY, _SIGNATURE = b"\xa0", b"\x58\x40"
_KEY = 4
_FIXED = len(_START) + _KEY + 1


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed record as it was read; nothing of it is known to be true before ``signed_by``."""

    key_id: bytes
    payload: bytes
    signature: bytes

    def signed_by(self, public: bytes, kind: bytes) -> bool:
        """Whether the private half of ``public`` (32 bytes) has signed this as a record of ``kind``."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            key = Ed25519PublicKey.from_public_bytes(public)
            key.verify(self.signature, _signed_text(self.key_id, self.payload, kind))
        except (InvalidSignature, ValueError):
            return False
        return True


def key_id(public: bytes) -> bytes:
    """The 4 bytes by which a record names its key: where to look, no proof of anything."""
    return hashlib.sha256(public).digest()[:_KEY]


def sign(fields: Mapping[int, Any], kind: bytes, key: Ed25519PrivateKey) -> bytes:
    """A record of ``kind`` with ``fields``, signed."""
    payload = _dumps(dict(fields))
    id_ = key_id(key.public_key().public_bytes_raw())
    signature = key.sign(_signed_text(id_, payload, kind))
    return _START + id_ + _EMPTY + _head(payload) + payload + _SIGNATURE + signature


def read(data: bytes) -> Envelope:
    """The parts of a record. Raises ``ValueError`` for bytes in another form."""
    middle, mark, signature = data[_FIXED:-66], data[-66:-64], data[-64:]
    if data[: len(_START)] != _START or data[_FIXED - 1 : _FIXED] != _EMPTY or mark != _SIGNATURE:
        raise ValueError("no signed record in the hub's form")
    for size in (1, 2, 3, 5):
        if middle[:size] == _head(middle[size:]):
            return Envelope(data[len(_START) : _FIXED - 1], middle[size:], signature)
    raise ValueError("the record's length is wrong")


def fields_of(payload: bytes) -> dict[int, Any]:
    """The fields of a payload whose signature was checked. Raises ``ValueError`` where it is no map in the
    deterministic encoding."""
    loads = _cbor().loads
    try:
        fields = loads(payload)
        whole = _dumps(fields) == payload
    except Exception as problem:  # a library that reads bytes may raise anything
        raise ValueError("no CBOR") from problem
    if not isinstance(fields, dict) or not whole:
        raise ValueError("no map in deterministic CBOR")
    return fields


def _signed_text(id_: bytes, payload: bytes, kind: bytes) -> bytes:
    # Sig_structure of RFC 9052, section 4.4.
    return _dumps(["Signature1", _HEADER + id_, kind, payload])


def _head(value: bytes) -> bytes:
    return _dumps(value)[: -len(value) or None]


def _dumps(value: Any) -> bytes:
    out: bytes = _cbor().dumps(value, canonical=True)
    return out


def _cbor() -> Any:
    try:
        import cbor2
        import cryptography  # noqa: F401
    except ImportError:
        raise ConfigurationError(
            "cards need a library that is not installed", hint="Install it: pip install 'erp-edi-hub[cards]'"
        ) from None
    return cbor2
