"""Physical lines of a table, whatever its encoding and line ends, in bounded memory, each with its place in bytes."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from hub_csv.dialect import MULTIBYTE

CHUNK = 65_536
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Line(NamedTuple):
    """One line without its end. ``number`` counts from 1, ``offset`` and ``size`` are bytes with the line end.
    ``over``: the line was longer than allowed, ``text`` holds its beginning only."""

    number: int
    text: str
    offset: int
    size: int
    over: bool = False


class TooLarge(Exception):
    """The payload is larger than the limit; the message says by which setting."""


def encoding_of(head: bytes, declared: str) -> tuple[str, int, str]:
    """The encoding to read with, the length of the byte order mark, and a remark where it is not the declared one.

    A byte order mark wins over the declaration. Text of two-byte characters without mark is seen by its zero bytes.
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            agrees = declared == name or (declared == "utf-16" and name.startswith("utf-16"))
            remark = "" if agrees else f"its byte order mark says {name}, the mapping says {declared}; read as {name}"
            return name, len(mark), remark
    seen = _without_mark(head)
    if declared == "utf-16":
        return seen or "utf-16-le", 0, "" if seen else "utf-16 without byte order mark; read as utf-16-le"
    if declared in MULTIBYTE or not seen:
        return declared, 0, _looks_utf8(head, declared)
    return seen, 0, f"it looks like {seen} without byte order mark, the mapping says {declared}; read as {seen}"


def _without_mark(head: bytes) -> str:
    """``utf-16-le`` or ``-be`` where nearly every second byte is zero, which no text of one-byte characters has."""
    sample = head[:512]
    half = len(sample) // 2
    if half < 4:
        return ""
    if sample[1::2].count(0) > half * 0.7 and not sample[0::2].count(0):
        return "utf-16-le"
    if sample[0::2].count(0) > half * 0.7 and not sample[1::2].count(0):
        return "utf-16-be"
    return ""


def _looks_utf8(head: bytes, declared: str) -> str:
    """Any bytes are lawful in most one-byte encodings; three UTF-8 sequences and no other byte are no accident."""
    if declared.startswith(("utf-8", "shift", "euc", "gb", "big5", "cp932")) or head.isascii():
        return ""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return ""
    many = sum(1 for character in text if character > "\x7f") >= 3
    return f"it looks like utf-8, the mapping says {declared}; read as {declared}" if many else ""


def lines(stream: BinaryIO, encoding: str, skip: int, line_bytes: int, payload_bytes: int) -> Iterator[Line]:
    """The lines of ``stream``, from behind the byte order mark of ``skip`` bytes.

    Line ends are LF, CR LF or CR alone. Undecodable bytes become U+FFFD. Raises ``TooLarge``.
    """
    wide = encoding in MULTIBYTE
    chunks = _chunks(stream, skip, payload_bytes)
    offset, number, rest, over = skip, 0, b"", 0
    codec = "utf-8" if wide else encoding
    for chunk in _narrowed(chunks, encoding) if wide else chunks:
        pieces = (rest + chunk).splitlines(keepends=True)
        # The last piece may go on in the next chunk, also when it ends with CR: an LF may follow.
        rest = pieces.pop() if pieces and not pieces[-1].endswith(b"\n") else b""
        for piece in pieces:
            number += 1
            size = over + (_wide_size(piece) if wide else len(piece))
            yield _line(number, piece, codec, offset, size, bool(over) or len(piece) > line_bytes, line_bytes)
            offset, over = offset + size, 0
        if len(rest) > line_bytes and not rest.endswith(b"\r"):
            over += _wide_size(rest) if wide else len(rest)
            rest = b""
    if rest or over:
        size = over + (_wide_size(rest) if wide else len(rest))
        yield _line(number + 1, rest, codec, offset, size, bool(over) or len(rest) > line_bytes, line_bytes)


def _line(number: int, piece: bytes, codec: str, offset: int, size: int, over: bool, line_bytes: int) -> Line:
    text = piece[: line_bytes if over else None].rstrip(b"\r\n").decode(codec, "replace")
    return Line(number, text, offset, size, over)


def _wide_size(piece: bytes) -> int:
    return len(piece.decode("utf-8", "replace").encode("utf-16-le"))


def _chunks(stream: BinaryIO, skip: int, payload_bytes: int) -> Iterator[bytes]:
    total = 0
    while chunk := stream.read(CHUNK):
        total += len(chunk)
        if total > payload_bytes:
            raise TooLarge(f"the file is larger than payload_bytes ({payload_bytes})")
        if skip:
            chunk, skip = chunk[skip:], max(0, skip - len(chunk))
        yield chunk


def _narrowed(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The same text as UTF-8, in which a line end is one byte."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8")
    if last := decoder.decode(b"", True):
        yield last.encode("utf-8")
