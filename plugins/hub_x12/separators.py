"""The four characters that cut an interchange into pieces, and the patterns that follow from them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

ENVELOPE = ("ISA", "GS", "ST", "SE", "GE", "IEA", "TA1")
"""Segments that frame others. None of them may stand inside a set's body."""


@dataclass(frozen=True)
class Separators:
    """``repetition`` is '' before 00402 and wherever ISA11 is no separator; ``component`` is '' for an ISA without
    one. ``wrapped``: the sender cut lines at a fixed width without regard to segments, so that every line end inside
    the interchange is to be taken out. All are single characters below U+0100."""

    element: str = "*"
    segment: str = "~"
    component: str = ">"
    repetition: str = ""
    wrapped: bool = False

    @property
    def data_free(self) -> str:
        """The characters that data cannot hold."""
        return self.element + self.segment + self.component + self.repetition

    @cached_property
    def terminator(self) -> int:
        """The segment terminator as a byte."""
        return ord(self.segment)

    @property
    def above_ascii(self) -> bool:
        """Whether a separator is no ASCII character, so that the interchange cannot be UTF-8."""
        return any(ord(char) > 0x7F for char in self.data_free)

    @cached_property
    def boundary(self) -> re.Pattern[bytes]:
        """Finds, from inside a set, the terminator before the next envelope segment. An ISA may bring other
        separators, so any mark after it counts."""
        end = re.escape(self.element.encode("latin-1"))
        idents = [self._spelled(ident) + end for ident in ENVELOPE[1:]]
        idents.append(self._spelled("ISA") + rb"[^A-Za-z0-9\s]")
        blanks = rb"[ \t\r\n\x00\x0b\x0c\x1a]*"
        # Some senders write everything in lower case.
        return re.compile(re.escape(self.segment.encode("latin-1")) + blanks + rb"(?i:" + rb"|".join(idents) + rb")")

    @cached_property
    def plain(self) -> dict[bytes, str]:
        """The ids of the envelope segments that a set or a group begins or ends with, by how they begin."""
        end = self.element.encode("latin-1")
        return {ident.encode("ascii") + end: ident for ident in ("ST", "SE", "GS", "GE")}

    def _spelled(self, ident: str) -> bytes:
        return (rb"[\r\n]*" if self.wrapped else b"").join(bytes([code]) for code in ident.encode("ascii"))


@lru_cache(maxsize=256)
def separators_of(
    element: str, segment: str, component: str, repetition: str = "", wrapped: bool = False
) -> Separators:
    """The same object for the same characters, so that its patterns are compiled once."""
    return Separators(element, segment, component, repetition, wrapped)


def parted(text: str, mark: str) -> list[str]:
    """``text.split(mark)``, for a separator that may be missing."""
    return text.split(mark) if mark else [text]
