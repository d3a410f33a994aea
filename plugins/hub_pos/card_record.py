"""Signed records (``PROTOCOL.md``, "Cards"): their text, their one form, their signature."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub_pos.errors import ReplicaError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PREFIX = "HUBC1:"
MAX_BYTES = 512
CARD, CERTIFICATE, REVOCATIONS = b"hub-card-1", b"hub-card-key-1", b"hub-card-revocations-1"

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BEFORE_KEY = bytes.fromhex("d28449a201270444")
_HEADER = bytes.fromhex("a201270444")
_TAIL = 66


class CardsUnavailable(ReplicaError):
    """This till cannot check cards: a library is missing, or the hub's keys cannot be read."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record whose signature was not checked yet."""

    key_id: bytes
    payload: bytes
    signature: bytes

    def signed_by(self, public: bytes, kind: bytes) -> bool:
        """Whether the key with this public half (32 bytes) has signed the record as one of ``kind``."""
        try:
            from cryptography.exceptions import InvalidSignature
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        except ImportError:
            raise missing("cryptography") from None
        try:
            text = _signed_text(self.key_id, kind, self.payload)
            Ed25519PublicKey.from_public_bytes(public).verify(self.signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True

    def fields(self) -> dict[int, Any]:
        """What the record says; ask only after ``signed_by``. Raises ``ValueError``."""
        try:
            import cbor2
        except ImportError:
            raise missing("cbor2") from None
        try:
            found = cbor2.loads(self.payload)
            whole = cbor2.dumps(found, canonical=True) == self.payload
        except Exception as problem:  # a library that reads bytes may raise anything
            raise ValueError("it is no CBOR") from problem
        if not isinstance(found, dict) or not whole:
            raise ValueError("it is no map in deterministic CBOR")
        return found


def parse(data: bytes) -> Record:
    """The parts of a record. Raises ``ValueError`` for any other form than the one that the hub writes."""
    start = len(_BEFORE_KEY) + 4
    body, tail = data[start:-_TAIL], data[-_TAIL:]
    if not data.startswith(_BEFORE_KEY) or body[:1] != b"\xa0" or tail[:2] != b"\x58\x40":
        raise ValueError("it is no signed record")
    for size in (1, 2, 3, 5):
        payload = body[1 + size :]
        if body[1 : 1 + size] == _head(payload):
            return Record(data[len(_BEFORE_KEY) : start], payload, tail[2:])
    raise ValueError("its length is wrong")


def key_id(public: bytes) -> bytes:
    """The 4 bytes by which a record names its key."""
    return hashlib.sha256(public).digest()[:4]


def sign(fields: Mapping[int, Any], kind: bytes, key: Ed25519PrivateKey) -> bytes:
    """A record of ``kind`` with ``fields``, signed."""
    try:
        import cbor2
    except ImportError:
        raise missing("cbor2") from None
    payload = cbor2.dumps(dict(fields), canonical=True)
    id_ = key_id(key.public_key().public_bytes_raw())
    signature = key.sign(_signed_text(id_, kind, payload))
    return _BEFORE_KEY + id_ + b"\xa0" + _head(payload) + payload + b"\x58\x40" + signature


def card_text(data: bytes) -> str:
    """A record as a card's text."""
    out = [PREFIX]
    for place in range(0, len(data), 2):
        pair = data[place : place + 2]
        rest = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            rest, digit = divmod(rest, 45)
            out.append(_ALPHABET[digit])
    return "".join(out)


def card_bytes(text: str) -> bytes:
    """The record in a card's text, which is its beginning and Base45 (RFC 9285). Raises ``ValueError``."""
    text = text.strip("\r\n\t")
    if not text.startswith(PREFIX) or len(text) > 2 * MAX_BYTES:
        raise ValueError(f"a card's text begins with {PREFIX}")
    digits = [_ALPHABET.find(character) for character in text[len(PREFIX) :]]
    if -1 in digits or len(digits) % 3 == 1:
        raise ValueError("it is no Base45")
    out = bytearray()
    for place in range(0, len(digits), 3):
        low, middle, *high = digits[place : place + 3]
        number = low + 45 * middle + (45 * 45 * high[0] if high else 0)
        size = 2 if high else 1
        if number >= 256**size:
            raise ValueError("it is no Base45")
        out += number.to_bytes(size, "big")
    return bytes(out)


def _signed_text(id_: bytes, kind: bytes, payload: bytes) -> bytes:
    # ["Signature1", protected header, external_aad, payload]; the first is text, the others are byte strings.
    return b"\x84\x6aSignature1" + b"".join(_head(part) + part for part in (_HEADER + id_, kind, payload))


def _head(value: bytes) -> bytes:
    """The head of a byte string in CBOR, as short as it can be."""
    size = len(value)
    if size < 24:
        return bytes((0x40 | size,))
    for mark, width in ((0x58, 1), (0x59, 2), (0x5A, 4)):
        if size < 256**width:
            return bytes((mark,)) + size.to_bytes(width, "big")
    raise ValueError("it is too long")


def missing(library: str) -> CardsUnavailable:
    """Says what to install."""
    return CardsUnavailable(f"checking cards needs {library}: pip install 'erp-edi-hub-pos[card]'")
