"""Cutting a block of bytes at its segment terminators, and decoding what lies between."""

from __future__ import annotations

from typing import AnyStr

from hub_edifact.charsets import Charset
from hub_edifact.runs import Note

_ESCAPE = b"\x1b"


def _released(buffer: bytes, at: int, release: bytes) -> bool:
    """Whether the byte at ``at`` is data because an odd number of release characters stands before it."""
    start = at
    while start > 0 and buffer[start - 1 : start] == release:
        start -= 1
    return (at - start) % 2 == 1


def last_end(buffer: bytes, terminator: bytes, release: bytes, codec: str) -> int:
    """Index of the last terminator in ``buffer`` that ends a segment, -1 if there is none."""
    at = buffer.rfind(terminator)
    while at >= 0:
        if codec == "iso2022_jp_2" and (shifted := _shift_before(buffer, at)) >= 0:
            at = buffer.rfind(terminator, 0, shifted)
        elif release and _released(buffer, at, release):
            at = buffer.rfind(terminator, 0, at)
        else:
            return at
    return -1


def first_end(buffer: bytes, start: int, terminator: bytes, release: bytes) -> int:
    """Index of the first terminator at or after ``start`` that ends a segment, -1 if there is none."""
    at = buffer.find(terminator, start)
    while at >= 0 and release and _released(buffer, at, release):
        at = buffer.find(terminator, at + 1)
    return at


def _shift_before(buffer: bytes, at: int) -> int:
    """Where the multi-byte sequence that covers ``at`` begins (ISO 2022 shifts with ESC $ …), -1 if none does."""
    escape = buffer.rfind(_ESCAPE, 0, at)
    return escape if escape >= 0 and buffer[escape + 1 : escape + 2] == b"$" else -1


def rejoin(pieces: list[AnyStr], release: AnyStr, terminator: AnyStr) -> list[AnyStr]:
    """Put together again what was split at released terminators (``?'``)."""
    out: list[AnyStr] = []
    held: list[AnyStr] = []
    for piece in pieces:
        if piece.endswith(release) and (len(piece) - len(piece.rstrip(release))) % 2:
            held += (piece, terminator)
        elif held:
            held.append(piece)
            out.append(type(piece)().join(held))
            held = []
        else:
            out.append(piece)
    if held:
        out.append(type(terminator)().join(held))
    return out


def cut(block: bytes, terminator: str, release: str, charset: Charset) -> tuple[list[bytes], list[str], list[Note]]:
    """The segments of a block that ends with a terminator: as bytes, as text, and what decoding them showed."""
    end = terminator.encode("latin-1")
    raw = block.split(end)
    raw.pop()
    releases = bool(release) and release.encode("latin-1") in block
    if releases:
        raw = rejoin(raw, release.encode("latin-1"), end)
    notes: list[Note] = []
    try:
        text = block.decode(charset.codec)
    except UnicodeDecodeError:
        return raw, [_decode(piece, index, charset, notes) for index, piece in enumerate(raw)], notes
    texts = text.split(terminator)
    texts.pop()
    if releases:
        texts = rejoin(texts, release, terminator)
    if charset.codec == "iso2022_jp_2" and len(texts) != len(raw):
        raw = [piece.encode(charset.codec) for piece in texts]
    if charset.codec.startswith("iso8859") and not charset.overridden and not block.isascii() and _is_utf8(block):
        notes.append(Note("utf8_suspected", next(i for i, piece in enumerate(raw) if not piece.isascii())))
    return raw, texts, notes


def _decode(piece: bytes, index: int, charset: Charset, notes: list[Note]) -> str:
    """One segment that may not be what the header declares: UTF-8 where it can only be that, else ISO 8859-1."""
    try:
        return piece.decode(charset.codec)
    except UnicodeDecodeError as problem:
        codec = "utf-8" if charset.codec == "ascii" and _is_utf8(piece) else "iso8859-1"
        notes.append(Note("undeclared_charset", index, f"{codec} 0x{piece[problem.start]:02X}"))
        return piece.decode(codec)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
