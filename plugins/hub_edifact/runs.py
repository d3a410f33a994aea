"""What framing hands on: runs of segments, and notes about them."""

from __future__ import annotations

from dataclasses import dataclass

SERVICE = frozenset(["UNA", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ", "UNO", "UNP", "UIB", "UIH", "UIT", "UIZ"])
"""Tags that come as a run of their own. UNS is not among them: it stands inside a message."""

BLANKS = " \t\r\n\x00\x1a"
"""What may stand between two segments: line ends, blanks, and the padding of old transfer programs."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something found while framing: ``kind`` says what, ``index`` which segment of the run, ``detail`` is shown."""

    kind: str
    index: int = 0
    detail: str = ""


@dataclass(slots=True)
class Run:
    """Segments without their terminators. ``service``: exactly one, of ``SERVICE``. ``outside``: not segments but data
    between interchanges (``texts`` holds its beginning). ``offset`` and ``end`` are bytes in the payload."""

    texts: list[str]
    offset: int
    end: int
    service: bool = False
    outside: bool = False
    notes: tuple[Note, ...] = ()
