"""Bytes to runs of segments, in constant memory.

``Frames`` reads a payload block by block and yields ``Run`` objects: one service segment (UNB, UNH, UNT …) alone, or
the data segments between two of them together. Whoever reads them sets ``charset`` and ``separators`` after the UNB;
the rest of that interchange is framed with them. Nothing is dropped: what stands outside an interchange, what is too
long and what was cut off comes as a run with a note.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import BinaryIO

from hub_edifact.charsets import Charset
from hub_edifact.linebreaks import LineBreaks
from hub_edifact.pieces import cut, first_end, last_end
from hub_edifact.runs import BLANKS, SERVICE, Note, Run
from hub_edifact.separators import LEVEL_A, LEVEL_B, from_advice

BLOCK = 1 << 18
_AHEAD = 64
_START = re.compile(rb"UNA(?=[^A-Za-z0-9])|UN[BGH](?=[^A-Za-z0-9\s])|UIB(?=[^A-Za-z0-9\s])")
_ADVICE = re.compile(rb"UNA(.{5}[^A-Za-z0-9])[ \t\r\n]{0,8}(?=[A-Z]{3}[^A-Za-z0-9])", re.S)
_LINES = re.compile(rb"UNB\+[^'\r\n]{1,500}\r?\nUN[HG]\+")
_SHORT_ADVICE = re.compile(rb"UNA(.{5})[ \t\r\n]{0,8}(?=UN[BGH])", re.S)


class Frames:
    """Iterate once over the runs of a payload. ``charset`` and ``separators`` may be set between two runs.

    ``segment_bytes`` bounds one segment; a longer one is skipped to its end and reported. ``payload_bytes`` bounds the
    whole: reading stops there and ``too_large`` is set. ``advised``: the present interchange brought a UNA."""

    def __init__(
        self, stream: BinaryIO, segment_bytes: int = 1_000_000, payload_bytes: int = 2_000_000_000, block: int = BLOCK
    ) -> None:
        self.separators = LEVEL_A
        self.charset = Charset("", "ascii")
        self.advised = False
        self.too_large = False
        self._stream = stream
        self._room = payload_bytes
        self._limit = max(segment_bytes, _AHEAD)
        self._block = max(block, 4 * _AHEAD)
        self._buffer = b""
        self._base = 0  # offset of the buffer in the payload
        self._eof = False
        self._between = True
        self._fresh = True  # nothing but a UNA was read since the last start was found
        self._skip = 0
        self._lines = LineBreaks()

    def skip(self, octets: int) -> None:
        """Pass over the object that follows the segment just read (UNO of syntax version 4)."""
        self._skip = octets

    def __iter__(self) -> Iterator[Run]:
        if self._fill(3)[:3] == b"\xef\xbb\xbf":
            self._drop(3)
        while True:
            if self._skip:
                self._pass_object()
            elif self._between:
                yield from self._seek()
                if self._between:
                    return
            else:
                more = yield from self._segments()
                if not more:
                    return

    def _fill(self, wanted: int) -> bytes:
        """The buffer, with at least ``wanted`` bytes unless the payload ends before."""
        if len(self._buffer) < wanted and not self._eof:
            parts, have = [self._buffer], len(self._buffer)
            while have < wanted:
                data = self._stream.read(min(wanted - have, self._room + 1))
                self._room -= len(data)
                if not data or self._room < 0:
                    self.too_large = self._room < 0
                    self._eof = True
                    break
                parts.append(data)
                have += len(data)
            self._buffer = b"".join(parts)
        return self._buffer

    def _drop(self, count: int) -> None:
        self._base += count
        self._buffer = self._buffer[count:]

    def _pass_object(self) -> None:
        while self._skip and self._fill(1):
            count = min(self._skip, len(self._buffer))
            self._skip -= count
            self._drop(count)
        self._skip = 0

    def _seek(self) -> Iterator[Run]:
        """Go to the next interchange, or message without one, and set the separators for it."""
        start, head = self._base, b""
        while True:
            buffer = self._fill(self._block)
            found = _START.search(buffer)
            keep = found.start() if found else (len(buffer) if self._eof else len(buffer) - 3)
            head += buffer[: min(keep, 200 - len(head))]
            self._drop(keep)
            if found is not None or self._eof:
                break
        self.charset, self.advised, self._fresh = Charset("", "ascii"), False, True
        if text := head.decode("latin-1").strip(BLANKS):
            yield Run([text[:99]], start, self._base, outside=True, notes=(Note("outside"),))
        if found is not None:
            self._between = False
            yield from self._advice()

    def _advice(self) -> Iterator[Run]:
        """Read the UNA if there is one; otherwise the character after the tag tells which defaults apply."""
        buffer = self._fill(_AHEAD)
        if buffer[:3] != b"UNA":
            mark = buffer[3:4]
            self.separators = LEVEL_B if mark == b"\x1d" else LEVEL_A
            if _LINES.match(self._fill(8 * _AHEAD)):
                self.separators = replace(LEVEL_A, terminator="\n")
                yield Run(["UNA"], self._base, self._base, True, notes=(Note("line_terminated"),))
            if mark not in b"+\x1d":
                note = Note("unknown_separators", 0, mark.decode("latin-1"))
                yield Run(["UNA"], self._base, self._base, True, notes=(note,))
            return
        full, short = _ADVICE.match(buffer), _SHORT_ADVICE.match(buffer)
        match = short if short and (full is None or len(full[0]) > len(short[0]) + 1) else full or short
        advice = (match[1] if match else buffer[3:9]).decode("latin-1")
        made = from_advice(advice) if len(advice) in (5, 6) else None
        kind = "bad_advice" if made is None else "short_advice" if len(advice) == 5 else ""
        self.separators, self.advised = made or LEVEL_A, made is not None
        notes = (Note(kind, 0, advice),) if kind else ()
        yield Run(["UNA"], self._base, self._base + 3 + len(advice), True, notes=notes)
        self._drop(3 + len(advice))

    def _segments(self) -> Generator[Run, None, bool]:
        """The runs of one block. Returns whether there may be more."""
        release, terminator = self.separators.release.encode("latin-1"), self.separators.terminator.encode("latin-1")
        wanted = 4 * _AHEAD if self._fresh else self._block
        while True:
            buffer = self._fill(wanted)
            end = self._end(buffer, terminator, release)
            if end >= 0:
                yield from self._split(buffer[: end + 1])
                return True
            if self._eof:
                yield from self._rest(buffer)
                return False
            if len(buffer) > self._limit:
                yield self._oversize(terminator, release)
                return True
            wanted = max(len(buffer) * 2, self._block)

    def _end(self, buffer: bytes, terminator: bytes, release: bytes) -> int:
        """Where to cut: after the UNB (the rest needs its character set), after a UNZ, else after the last segment."""
        if self._fresh:
            return first_end(buffer, 0, terminator, release)
        element = self.separators.element.encode("latin-1")
        # Each search ends where the one before it found something: thousands of headers cost no more than one each.
        again = buffer.find(b"UNB" + element, 1)
        again = min(
            (at for at in (again, buffer.find(b"UNA", 1, again if again > 0 else len(buffer))) if at > 0), default=0
        )
        mark = buffer.find(b"UNZ" + element, 0, again or len(buffer))
        end = first_end(buffer, mark, terminator, release) if mark >= 0 else -1
        if end >= 0:
            buffer = buffer[: end + 1]
        if again and again < len(buffer):  # another interchange begins before this one ended, most likely
            end = last_end(buffer[:again], terminator, release, self.charset.codec)
            if end >= 0:
                return end
            end = first_end(buffer, again, terminator, release)
            if end >= 0:
                return end
        return last_end(buffer, terminator, release, self.charset.codec)

    def _split(self, block: bytes) -> Iterator[Run]:
        self._fresh, fresh = False, self._fresh
        separators = self.separators
        raw, texts, notes = cut(block, separators.terminator, separators.release, self.charset)
        if separators.terminator == "\n":
            texts = [text.rstrip("\r") for text in texts]
        self._lines.clean(block, raw, texts, self._base, notes)
        if len(block) > self._limit:
            self._cap(raw, texts, notes)
        first, at, base = 0, self._base, self._base
        for mark in [*(index for index, text in enumerate(texts) if text[:3] in SERVICE), len(texts)]:
            if mark > first:
                end = at + sum(map(len, raw[first:mark])) + mark - first
                yield _run(texts[first:mark], at, end, False, notes, first)
                at = end
            if mark == len(texts):
                break
            tag = texts[mark][:3]
            if tag in ("UNA", "UNB", "UIB") and not (fresh and mark == 0 and tag != "UNA"):
                self._between = True
                break
            end = at + len(raw[mark]) + 1
            yield _run([texts[mark]], at, end, True, notes, mark)
            first, at = mark + 1, end
            self._between = tag in ("UNZ", "UIZ")
            if self._between or self._skip:
                break
        self._drop(at - base)

    def _cap(self, raw: list[bytes], texts: list[str], notes: list[Note]) -> None:
        """Replace segments over the limit by their tag."""
        for index, piece in enumerate(raw):
            if len(piece) > self._limit:
                texts[index] = texts[index][:3]
                notes.append(Note("oversize", index, str(len(piece))))

    def _oversize(self, terminator: bytes, release: bytes) -> Run:
        """Skip to the end of a segment that is longer than the limit."""
        start, tag, odd = self._base, self._buffer.lstrip(BLANKS.encode())[:3].decode("latin-1"), False
        while True:
            buffer = (release if odd else b"") + self._buffer
            end = first_end(buffer, 0, terminator, release)
            if end >= 0:
                self._drop(end + 1 - odd)
                break
            trailing = len(buffer) - len(buffer.rstrip(release)) if release else 0
            odd = trailing % 2 == 1
            self._drop(len(self._buffer))
            if not self._fill(self._block):
                break
        size = self._base - start - 1
        return Run([tag], start, self._base, tag in SERVICE, notes=(Note("oversize", 0, str(size)),))

    def _rest(self, buffer: bytes) -> Iterator[Run]:
        """What stands after the last terminator when the payload ends."""
        start = self._base
        self._drop(len(buffer))
        if not buffer.strip(BLANKS.encode()):
            return
        text = buffer.decode(self.charset.codec, "replace").strip(BLANKS)
        yield Run([text], start, self._base, text[:3] in SERVICE, notes=(Note("unterminated"),))


def _run(texts: list[str], offset: int, end: int, service: bool, notes: list[Note], first: int) -> Run:
    """A run with its share of a block's notes; empty segments are taken out and noted."""
    mine = [Note(n.kind, n.index - first, n.detail) for n in notes if first <= n.index < first + len(texts)]
    if "" in texts:
        places = [index for index, text in enumerate(texts) if text]
        moved = {old: new for new, old in enumerate(places)}
        mine = [Note(n.kind, moved.get(n.index, 0), n.detail) for n in mine]
        mine += [
            Note("empty_segment", index) for index in sorted({_next(i, moved) for i, t in enumerate(texts) if not t})
        ]
        texts = [texts[index] for index in places]
    return Run(texts, offset, end, service, notes=tuple(mine))


def _next(index: int, moved: dict[int, int]) -> int:
    """The new place of the first segment after an empty one (or one past the last)."""
    return next((moved[later] for later in sorted(moved) if later > index), len(moved))
