"""What each note of the framing means to the person who reads it."""

from __future__ import annotations

from collections.abc import Callable

from hub.findings import Finding, Position, error, notice, warning
from hub_edifact import errors0085 as e
from hub_edifact.runs import Note

_Made = tuple[Callable[..., Finding], str, str, str]

_REMARKS: dict[str, _Made] = {
    "wrapped": (
        notice, "framing.wrapped", "",
        "the payload is cut into lines also inside segments; line ends there were taken out",
    ),
    "line_break": (
        warning, "framing.line_break", e.CHARACTER,
        "a line end inside a segment, kept as data though no EDIFACT character set has it",
    ),
    "empty_segment": (
        warning, "framing.empty_segment", e.MISPLACED, "a segment terminator without a segment before it",
    ),
    "oversize": (
        error, "segment.oversize", e.TOO_LONG,
        "this segment has {detail} bytes, more than the limit segment_bytes allows; it was skipped",
    ),
    "unterminated": (error, "segment.unterminated", e.MISSING, "the payload ends inside this segment"),
    "undeclared_charset": (
        warning, "charset.undeclared", e.CHARACTER,
        "a character outside the declared character set, read as {detail}; if the partner always sends so, set the "
        "agreement's option charset",
    ),
    "utf8_suspected": (
        warning, "charset.utf8_suspected", "",
        "declared as ISO 8859, but every special character here reads as UTF-8; if names look wrong, set the "
        "agreement's option charset to utf-8",
    ),
    "bad_advice": (
        error, "una.invalid", e.INVALID_SERVICE_CHARACTER,
        "UNA does not announce six usable service characters; the defaults were tried",
    ),
    "short_advice": (
        warning, "una.short", e.INVALID_SERVICE_CHARACTER,
        "UNA announces five service characters instead of six; the reserved one was taken as left out",
    ),
    "line_terminated": (
        warning, "una.lines", e.INVALID_SERVICE_CHARACTER,
        "there is no UNA, and segments end with line ends instead of apostrophes; taken so",
    ),
    "unknown_separators": (
        error, "una.missing", e.INVALID_SERVICE_CHARACTER,
        "there is no UNA, and the character after the first tag is no default data element separator",
    ),
    "outside": (warning, "framing.outside", e.MISPLACED, "data outside an interchange, {detail} bytes, not read"),
    "repertoire": (
        notice, "charset.repertoire", e.CHARACTER,
        "a character that the declared syntax identifier {detail} does not have; read all the same",
    ),
    "stray_release": (
        warning, "framing.stray_release", e.INVALID_SERVICE_CHARACTER,
        "a release character before {detail}, which needs none; taken as if it were not there",
    ),
}  # fmt: skip

ONCE = frozenset(
    f"edifact.{code}"
    for code in ("framing.wrapped", "charset.repertoire", "charset.utf8_suspected", "charset.undeclared")
)
"""Findings that say the same of a whole interchange: the first one is reported, with the message where it was seen."""


def remark(note: Note, position: Position, value: str = "") -> Finding:
    """The finding for a framing note at a position."""
    make, code, standard, text = _REMARKS[note.kind]
    more = {"list_id": "0085", "list_code": standard} if standard else {}
    return make(f"edifact.{code}", text.format(detail=note.detail), position, value=value[:99], **more)
