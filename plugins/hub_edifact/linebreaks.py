"""Line ends in a payload: between segments they mean nothing, inside one they have to be explained.

Old transfer programs cut a file into lines of one width (80 columns) wherever that falls, also inside an element. No
character set of EDIFACT has line ends, so inside dates, numbers and codes they are no data and are taken out. In
segments of free text somebody may have typed one: there only those go that stand at the width of the wrapped lines.
"""

from __future__ import annotations

import re

from hub_edifact.runs import BLANKS, Note

_BREAK = re.compile("\r\n|\n|\r")
_BREAK_BYTES = re.compile(b"\r\n|\n|\r")
MINIMUM_WIDTH = 60
"""Lines shorter than this are not believed to be wrapped at a width."""
FREE_TEXT = frozenset(["ALC", "CTA", "FTX", "IMD", "NAD", "PAT", "PCI", "TOD", "TXT"])
"""Segments in which a line end may be what somebody typed."""


class LineBreaks:
    """Remembers, over a payload's blocks, where lines end and at which width they are wrapped."""

    def __init__(self) -> None:
        self._last = -1  # offset of the last line end before the block
        self._width = 0

    def clean(self, block: bytes, raw: list[bytes], texts: list[str], base: int, notes: list[Note]) -> None:
        """Strip blanks before each segment of ``texts``, resolve line ends inside. ``base``: the block's offset."""
        texts[:] = [text.lstrip(BLANKS) for text in texts]
        broken = [index for index, text in enumerate(texts) if "\n" in text or "\r" in text]
        if broken:
            starts = [0]
            for piece in raw:
                starts.append(starts[-1] + len(piece) + 1)
            for index in broken:
                texts[index] = self._resolve(block, raw[index], texts[index], starts[index], base, index, notes)
        end = max(block.rfind(b"\n"), block.rfind(b"\r"))
        if end >= 0:
            self._last = base + end

    def _resolve(
        self, block: bytes, piece: bytes, text: str, start: int, base: int, index: int, notes: list[Note]
    ) -> str:
        lead = len(piece) - len(piece.lstrip(BLANKS.encode()))
        breaks = [start + match.start() for match in _BREAK_BYTES.finditer(piece, lead)]
        parts = _BREAK.split(text)
        breaks = breaks[: len(parts) - 1]  # a line end before the terminator may be gone already
        if len(parts) != len(breaks) + 1:  # a codec that has line ends of its own: leave the text as it is
            notes.append(Note("line_break", index))
            return text
        out, kept = [parts[0]], 0
        for at, part, match in zip(breaks, parts[1:], _BREAK.finditer(text), strict=True):
            last = max(block.rfind(b"\n", 0, at), block.rfind(b"\r", 0, at))
            column = at - last - 1 if last >= 0 else base + at - self._last - 1
            if match.end() == len(text) or self._wraps(column, text[:3]):
                out.append(part)
            else:
                kept += 1
                out.append(match[0] + part)
        notes.append(Note("line_break", index) if kept else Note("wrapped", index))
        return "".join(out)

    def _wraps(self, column: int, tag: str) -> bool:
        if tag in FREE_TEXT:
            return column == self._width
        if not self._width and column >= MINIMUM_WIDTH:
            self._width = column
        return True
