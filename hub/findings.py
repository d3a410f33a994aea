"""Findings: what is wrong or notable in a payload, and exactly where."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple


class Severity(StrEnum):
    """``error``: the message (or interchange) cannot be accepted. ``warning``: accepted, somebody should look.
    ``notice``: accepted, worth knowing (something was not mapped, a tolerance was used)."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Position(NamedTuple):
    """Where in a payload. Empty parts are unknown or do not apply.

    ``segment`` counts from the message header (ST or UNH) = 1, as 997 AK302 and CONTRL 0096 do. ``line`` is the line
    of a text file or feed, from 1. ``element``, ``component`` and ``repetition`` count from 1. ``name`` is what
    the element is called where it is found: ``PO103``, ``C186.6411``, a column, an XML path. ``path`` is the canonical
    field.
    """

    file: str = ""
    interchange: str = ""
    group: str = ""
    message: str = ""
    line: int | None = None
    segment: int | None = None
    segment_id: str = ""
    loop: str = ""
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    name: str = ""
    path: str = ""

    def __str__(self) -> str:
        parts = [
            self.file,
            f"interchange {self.interchange}" if self.interchange else "",
            f"group {self.group}" if self.group else "",
            f"message {self.message}" if self.message else "",
            f"line {self.line}" if self.line is not None else "",
            f"segment {self.segment}" + (f" ({self.segment_id})" if self.segment_id else "")
            if self.segment is not None
            else self.segment_id,
            f"loop {self.loop}" if self.loop else "",
            self.name or (f"element {self.element}" if self.element is not None else ""),
            f"component {self.component}" if self.component is not None else "",
            f"repetition {self.repetition}" if self.repetition is not None else "",
            self.path,
        ]
        return ", ".join(part for part in parts if part)


UNKNOWN = Position()
"""Of a finding about nothing in particular, or whose place somebody else fills in."""


class Finding(NamedTuple):
    """One thing found. ``code`` is the hub's own stable name (``x12.element.too_long``); ``list_id`` and
    ``list_code`` are the standard's (data element 720, 723, 718, 716, I18 of X12; 0085 of EDIFACT), from which
    acknowledgments are built. ``value`` is the offending value, cut to 99 characters."""

    severity: Severity
    code: str
    message: str
    position: Position = UNKNOWN
    value: str = ""
    list_id: str = ""
    list_code: str = ""

    def at(self, **known: Any) -> Finding:
        """The same finding with more of its position filled in (only parts that are still empty)."""
        held = self.position
        filled = {name: value for name, value in known.items() if getattr(held, name) in ("", None)}
        if not filled:
            return self
        return self._replace(position=held._replace(**filled))

    def inside(self, interchange: str, group: str, message: str) -> Finding:
        """The same finding in a message, if it does not say yet which. Called for every finding: made to be quick."""
        held = self.position
        if held.interchange or held.group or held.message:
            return self.at(interchange=interchange, group=group, message=message)
        position = Position._make((held.file, interchange, group, message, *held[4:]))
        return Finding._make((*self[:3], position, *self[4:]))

    def as_dict(self) -> dict[str, Any]:
        """JSON form: empty parts left out, the position flattened into one object."""
        position = {
            name: value for name in Position._fields if (value := getattr(self.position, name)) not in ("", None)
        }
        out: dict[str, Any] = {"severity": self.severity.value, "code": self.code, "message": self.message}
        if position:
            out["position"] = position
        for name in ("value", "list_id", "list_code"):
            if value := getattr(self, name):
                out[name] = value
        return out

    def __str__(self) -> str:
        where = str(self.position)
        shown = f" [{self.value}]" if self.value else ""
        standard = f" ({self.list_id}={self.list_code})" if self.list_id else ""
        place = f"{where}: " if where else ""
        return printable(f"{self.severity.value}: {place}{self.message}{shown}{standard}")


def printable(text: str, longest: int = 1_000) -> str:
    """``text`` on one line and safe for a terminal: what a partner sent may hold line ends and escape sequences."""
    if len(text) > longest:
        text = text[:longest] + "…"
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def error(code: str, message: str, position: Position = UNKNOWN, **more: str) -> Finding:
    """A finding that rejects its message."""
    return Finding(Severity.ERROR, code, message, position, **more)


def warning(code: str, message: str, position: Position = UNKNOWN, **more: str) -> Finding:
    """A finding that a person should look at; its message is accepted."""
    return Finding(Severity.WARNING, code, message, position, **more)


def notice(code: str, message: str, position: Position = UNKNOWN, **more: str) -> Finding:
    """A finding worth knowing."""
    return Finding(Severity.NOTICE, code, message, position, **more)


def rejects(findings: list[Finding]) -> bool:
    """Whether any of ``findings`` is an error."""
    return bool(findings) and any(finding.severity is Severity.ERROR for finding in findings)
