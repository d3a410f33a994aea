"""A payload as a window of bytes that moves forward: constant memory whatever the payload's size."""

from __future__ import annotations

import re
from typing import BinaryIO

BLOCK = 1 << 17
"""Bytes read at a time."""

BLANKS = b" \t\r\n\x00\x0b\x0c\x1a"
"""Bytes between segments that carry nothing: blanks, line ends, and the end-of-file mark of old systems."""


class Source:
    """``buffer[pos:]`` is what has been read and not yet consumed; ``offset`` is where that begins in the payload.

    Nothing depends on how the stream cuts its blocks. ``exceeded`` is set once more than ``limit`` bytes came; what
    follows is not read.
    """

    __slots__ = ("_base", "_limit", "_stream", "buffer", "ended", "exceeded", "pos")

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._base = 0
        self.buffer = bytearray()
        self.pos = 0
        self.ended = False
        self.exceeded = False

    @property
    def offset(self) -> int:
        """Where the window begins, in bytes from the start of the payload."""
        return self._base + self.pos

    @property
    def size(self) -> int:
        """Bytes in the window."""
        return len(self.buffer) - self.pos

    def more(self) -> bool:
        """Read another block behind the window; False at the end of the payload."""
        if self.ended:
            return False
        block = self._stream.read(BLOCK)
        if block and self._base + len(self.buffer) + len(block) > self._limit:
            self.exceeded = True
            block = block[: max(0, self._limit - self._base - len(self.buffer))]
            self.ended = True
        if not block:
            self.ended = True
            return False
        if self.pos:
            del self.buffer[: self.pos]
            self._base += self.pos
            self.pos = 0
        self.buffer += block
        return True

    def ensure(self, count: int) -> bool:
        """Whether the window holds ``count`` bytes, after reading what it takes."""
        while self.size < count:
            if not self.more():
                return False
        return True

    def peek(self, count: int) -> bytes:
        """Up to ``count`` bytes of the window's start; fewer only at the end of the payload."""
        if len(self.buffer) - self.pos < count:
            self.ensure(count)
        return bytes(self.buffer[self.pos : self.pos + count])

    def skip(self, count: int) -> None:
        """Consume ``count`` bytes that the window holds."""
        self.pos += count

    def skip_blanks(self) -> int:
        """Consume bytes that carry nothing; returns how many."""
        start = self.offset
        while True:
            match = _NO_BLANK.search(self.buffer, self.pos)
            if match:
                self.pos = match.start()
                return self.offset - start
            self.pos = len(self.buffer)
            if not self.more():
                return self.offset - start

    def skip_empty(self, byte: int) -> int:
        """Consume blanks and terminators in any order; returns how many terminators there were."""
        count = 0
        more = re.compile(rb"[^" + re.escape(BLANKS + bytes([byte])) + rb"]")
        while True:
            match = more.search(self.buffer, self.pos)
            end = match.start() if match else len(self.buffer)
            count += self.buffer.count(byte, self.pos, end)
            self.pos = end
            if match or not self.more():
                return count

    def find(self, byte: int, limit: int) -> int:
        """Index in ``buffer`` of the next ``byte``; -1 if the payload ends first, -2 if it is further away than
        ``limit`` bytes."""
        scan = self.pos
        while True:
            at = self.buffer.find(byte, scan, self.pos + limit + 1)
            if at >= 0:
                return at
            if self.size > limit:
                return -2
            done = len(self.buffer) - self.pos
            if not self.more():
                return -1
            scan = self.pos + done

    def skip_past(self, byte: int) -> int:
        """Consume everything up to and including the next ``byte``, in constant memory; returns how many bytes."""
        start = self.offset
        while True:
            at = self.buffer.find(byte, self.pos)
            if at >= 0:
                self.pos = at + 1
                return self.offset - start
            self.pos = len(self.buffer)
            if not self.more():
                return self.offset - start

    def skip_all(self) -> int:
        """Consume everything that is left, in constant memory; returns how many bytes."""
        start = self.offset
        while True:
            self.pos = len(self.buffer)
            if not self.more():
                return self.offset - start

    def skip_to(self, pattern: re.Pattern[bytes], reach: int) -> tuple[int, bytes]:
        """Consume up to the next match of ``pattern`` (which spans at most ``reach`` bytes), or to the end.
        Returns how many bytes were skipped and the first few of them."""
        start = self.offset
        first = self.peek(200)
        while True:
            match = pattern.search(self.buffer, self.pos)
            if match:
                self.pos = match.start()
                break
            if self.more():
                self._forget(reach)
            else:
                self.pos = len(self.buffer)
                break
        skipped = self.offset - start
        return skipped, first[:skipped]

    def _forget(self, reach: int) -> None:
        """Let go of all but the last block and ``reach`` bytes of a window that is being searched."""
        keep = BLOCK + reach
        if self.size > keep:
            self.pos = len(self.buffer) - keep


_NO_BLANK = re.compile(rb"[^ \t\r\n\x00\x0b\x0c\x1a]")
