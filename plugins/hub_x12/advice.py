"""What a partner's 824 says: the verdict of his application on the content of what we sent. X12 824, OTI and TED.

OTI01 (data element 110) is two letters. The first says what it is about: a batch, a group, a transaction set or an
item of one. The second says what became of it: accepted, accepted with a change or with errors, partly accepted,
rejected. Several OTI of one 824 may be about one set: of its items.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hub.findings import Finding, Position, warning
from hub.translation import Acknowledged, Status

_STATUS = {"A": Status.ACCEPTED, "C": Status.ACCEPTED, "E": Status.ACCEPTED, "P": Status.PARTIAL, "R": Status.REJECTED}
_GRAVITY = {Status.ACCEPTED: 0, Status.PARTIAL: 1, Status.REJECTED: 2}
_LEVELS = {"B": "interchange", "G": "group", "T": "message", "I": "message"}


@dataclass(slots=True)
class _Advice:
    """Everything that one 824 says about one thing: group, set, its type, or the number of its document."""

    group: str
    message: str
    type: str
    reference: str
    codes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def said(self) -> Acknowledged:
        """The verdict on the whole: that of the OTI about it, else a set of which items were refused is partly so."""
        whole = [code for code in self.codes if code[:1] != "I"] or self.codes
        code = max(whole, key=_gravity)
        status = _status(code)
        if code[:1] == "I" and status is Status.REJECTED:
            status = Status.PARTIAL
        level = _LEVELS.get(code[:1], "message")
        if self.message or (self.reference and not self.group):
            level = "message"
        elif self.group:
            level = "group"
        return Acknowledged(
            level,
            status,
            code,
            group=self.group,
            message=self.message,
            message_type=self.type,
            findings=tuple(self.findings),
            application=True,
            reference=self.reference,
        )


def _status(code: str) -> Status:
    return _STATUS.get(code[1:2], Status.REJECTED)


def _gravity(code: str) -> tuple[int, bool]:
    return _GRAVITY[_status(code)], code[1:2] in "CE"


def read_application(segments: list[list[str]]) -> Iterator[Acknowledged]:
    """The body of an 824: one verdict for each set, group or document it is about."""
    found: dict[tuple[str, str, str, str], _Advice] = {}
    current: _Advice | None = None
    for values in segments:
        match values[0]:
            case "OTI":
                group, message, kind = (_at(values, place) for place in (8, 9, 10))
                key = (group, message, kind, "" if message else _at(values, 3))
                current = found.setdefault(key, _Advice(*key))
                current.codes.append(_at(values, 1))
                current.findings += _reported(values, current)
            case "TED" if current is not None:
                current.findings.append(_error(values, current))
            case "NTE" if current is not None and current.findings:
                current.findings[-1] = _with_note(current.findings[-1], _at(values, 2))
    for advice in found.values():
        yield advice.said()


def _reported(values: list[str], advice: _Advice) -> Iterator[Finding]:
    code = _at(values, 1)
    if code[1:2] != "A":
        what = " ".join(part for part in (_at(values, 2), _at(values, 3)) if part) or "it"
        says = f"the receiver's application says {code or 'nothing'} of {what}"
        where = Position(group=advice.group, message=advice.message)
        more = {"value": _at(values, 3)[:99], "list_id": "110", "list_code": code}
        yield warning("x12.acknowledged.application", says, where, **more)


def _error(values: list[str], advice: _Advice) -> Finding:
    """TED: what the application objects to, and where."""
    place, element = _at(values, 4), _at(values, 5)
    where = Position(
        group=advice.group,
        message=advice.message,
        segment=int(place) if place.isdigit() else None,
        segment_id=_at(values, 3),
        element=int(element) if element.isdigit() else None,
    )
    text = _at(values, 2) or "an error without a text"
    says = f"the receiver's application objects: {text}"
    return warning(
        "x12.acknowledged.application_error",
        says,
        where,
        value=_at(values, 7)[:99],
        list_id="647",
        list_code=_at(values, 1),
    )


def _with_note(finding: Finding, text: str) -> Finding:
    if not text or len(finding.message) > 1000:
        return finding
    says = f"{finding.message} {text}"
    return Finding(
        finding.severity, finding.code, says, finding.position, finding.value, finding.list_id, finding.list_code
    )


def _at(values: list[str], place: int) -> str:
    value: object = values[place] if place < len(values) else ""
    while isinstance(value, (list, tuple)):  # a composite, or repetitions of one: the first part
        value = value[0] if value else ""
    return str(value).strip()
