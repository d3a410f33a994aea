"""The segments between two envelope segments: found, bounded, decoded and cut."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from hub.translation import Limits
from hub_x12.options import CHARACTER_SETS
from hub_x12.separators import Separators
from hub_x12.source import BLANKS, Source

KEPT = 100
"""Bytes kept of a segment that exceeds its limit, and of a set that exceeds its own: enough to name it."""


@dataclass(slots=True)
class Body:
    """Raw bytes of a set from ST up to the terminator before the next envelope segment. ``long`` are segments cut
    for their length, by index. ``ended``: the payload ended inside. ``excess`` says which limit the set exceeds."""

    raw: bytes
    offset: int
    ended: bool = False
    excess: str = ""
    long: dict[int, int] = field(default_factory=dict)


def collect(source: Source, separators: Separators, limits: Limits) -> Body:
    """Take a set's bytes from the window; memory is bounded by ``limits.message_bytes``."""
    start = source.offset
    parts: list[bytes] = []
    held = 0
    long: dict[int, int] = {}
    scan = 0
    while True:
        match = separators.boundary.search(source.buffer, source.pos + scan)
        if match:
            end = match.start()
            parts.append(bytes(source.buffer[source.pos : end]))
            source.pos = end + 1
            return _bounded(b"".join(parts), start, False, limits, separators, long)
        last = source.buffer.rfind(separators.terminator, source.pos)
        scan = max(0, last - source.pos)
        open_from = last + 1 if last >= 0 else source.pos
        if len(source.buffer) - open_from > limits.segment_bytes:
            keep = min(KEPT, limits.segment_bytes)
            kept = bytes(source.buffer[source.pos : open_from + keep])
            parts.append(kept)
            held += len(kept)
            source.pos = open_from + keep
            index = sum(part.count(separators.terminator) for part in parts)
            long[index] = keep + source.skip_past(separators.terminator)
            if source.buffer[source.pos - 1 : source.pos] == separators.segment.encode("latin-1"):
                source.pos -= 1
                long[index] -= 1
            scan = 0
        elif held + source.size > limits.message_bytes:
            return _discard(source, separators, start, b"".join(parts), limits)
        elif not source.more():
            parts.append(bytes(source.buffer[source.pos :]))
            source.pos = len(source.buffer)
            return _bounded(b"".join(parts), start, True, limits, separators, long)


def _discard(source: Source, separators: Separators, start: int, held: bytes, limits: Limits) -> Body:
    """Let go of a set that is too large, up to its end."""
    first = (held + bytes(source.buffer[source.pos : source.pos + KEPT]))[:KEPT]
    source.skip_to(separators.boundary, 64)
    ended = not source.size
    source.skip(min(1, source.size))
    return Body(first, start, ended, f"message_bytes ({limits.message_bytes})")


def _bounded(raw: bytes, start: int, ended: bool, limits: Limits, separators: Separators, long: dict[int, int]) -> Body:
    if ended:  # what follows the last terminator is nothing, not an empty segment
        raw = raw.rstrip(BLANKS).removesuffix(separators.segment.encode("latin-1"))
    if len(raw) > limits.message_bytes:
        return Body(raw[:KEPT], start, ended, f"message_bytes ({limits.message_bytes})")
    if raw.count(separators.terminator) >= limits.message_segments:
        return Body(raw[:KEPT], start, ended, f"message_segments ({limits.message_segments})")
    if len(raw) > limits.segment_bytes:
        pieces = raw.split(separators.segment.encode("latin-1"))
        for index, piece in enumerate(pieces):
            if len(piece) > limits.segment_bytes:
                long[index] = len(piece)
                pieces[index] = piece[: min(KEPT, limits.segment_bytes)]
        raw = separators.segment.encode("latin-1").join(pieces)
    return Body(raw, start, ended, "", long)


@dataclass(slots=True)
class Texts:
    """A set's segments as text. ``empty`` are the places of empty segments among all that were sent. ``guessed``
    names a character set that was guessed, ``undecodable`` the one that did not fit. ``indented``: tabs or blanks
    stood between segments."""

    segments: list[str]
    empty: list[int] = field(default_factory=list)
    guessed: str = ""
    undecodable: str = ""
    indented: bool = False


def decode(raw: bytes, character_set: str, separators: Separators) -> tuple[str, str, str]:
    """Text, the character set if it was guessed, and the one agreed if it did not fit. Bytes that do not fit become
    U+FFFD under UTF-8 and stay what they are in Latin-1 otherwise: nothing is dropped."""
    if raw.isascii():
        return raw.decode("ascii"), "", ""
    agreed = CHARACTER_SETS[character_set]
    if not agreed:
        if not separators.above_ascii:
            try:
                return raw.decode("utf-8"), "utf-8", ""
            except UnicodeDecodeError:
                return raw.decode("latin-1"), "latin-1", ""
        return raw.decode("latin-1"), "latin-1", ""
    try:
        return raw.decode(agreed), "", ""
    except UnicodeDecodeError:
        fallback = raw.decode("latin-1") if agreed == "ascii" else raw.decode(agreed, "replace")
        return fallback, "", character_set


@lru_cache(maxsize=64)
def _after(segment: str) -> re.Pattern[str]:
    return re.compile(re.escape(segment) + "[ \t\r\n\x00\x0b\x0c\x1a]+")


@lru_cache(maxsize=64)
def _indent(segment: str) -> re.Pattern[str]:
    return re.compile(re.escape(segment) + "[\r\n]*[ \t]")


_BLANK = ("\n", "\r", "\t", "\x00", "\x1a", "\x0b", "\x0c")


def cut(raw: bytes, character_set: str, separators: Separators) -> Texts:
    """Decode a set and cut it into segments: line ends and blanks between segments go, empty segments are noted."""
    if not raw:
        return Texts([])
    text, guessed, undecodable = decode(raw, character_set, separators)
    end = separators.segment
    if separators.wrapped:
        text = text.replace("\r", "").replace("\n", "")
    indented = False
    if f"{end} " in text or any(blank in text for blank in _BLANK):
        indented = _indent(end).search(text) is not None
        text = _after(end).sub(end.replace("\\", "\\\\"), text)
    segments = text.split(end)
    empty: list[int] = []
    if "" in segments:
        empty = [at for at, segment in enumerate(segments) if not segment]
        segments = [segment for segment in segments if segment]
    return Texts(segments, empty, guessed, undecodable, indented)
