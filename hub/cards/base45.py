"""Base45 (RFC 9285): bytes as text of the 45 characters that a QR code packs best."""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}


def encode(data: bytes) -> str:
    """``data`` as text: three characters for two bytes, two for the last odd one."""
    out = []
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            out.append(_ALPHABET[digit])
    return "".join(out)


def decode(text: str) -> bytes:
    """The bytes of ``text``. Raises ``ValueError`` for what ``encode`` does not write."""
    out = bytearray()
    for start in range(0, len(text), 3):
        group = text[start : start + 3]
        try:
            number = sum(_VALUES[character] * 45**place for place, character in enumerate(group))
        except KeyError:
            raise ValueError("a character that base45 does not have") from None
        if len(group) == 1 or number >> (8 * (len(group) - 1)):
            raise ValueError("no base45")
        out += number.to_bytes(len(group) - 1, "big")
    return bytes(out)
