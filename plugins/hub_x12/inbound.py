"""What a partner's TA1, 997 or 999 says about what we sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hub.findings import Finding, Position, error, warning
from hub.translation import Acknowledged, Status
from hub_x12.advice import read_application
from hub_x12.situational import context_in_words

_STATUS = {"A": Status.ACCEPTED, "E": Status.ACCEPTED, "P": Status.PARTIAL}
"""TA104, AK501 and AK901; every other code (R, M, W, X) is a rejection."""

_LISTS = {"AK3": "720", "IK3": "620", "AK4": "723", "IK4": "621", "AK5": "718", "IK5": "618"}


def _at(values: list[str], place: int) -> str:
    value = values[place] if place < len(values) else ""
    return value.strip() if isinstance(value, str) else ":".join(value)


def read_interchange(values: list[str], interchange: str) -> Acknowledged:
    """A TA1 (``['TA1', TA101 …]``): the verdict on one of our interchanges. ``interchange`` is the one it came in."""
    code, note = _at(values, 4), _at(values, 5)
    findings: tuple[Finding, ...] = ()
    if note and note != "000":
        make = error if code == "R" else warning
        where = Position(interchange=_at(values, 1))
        says = f"the receiver notes TA105 {note}"
        findings = (make("x12.acknowledged.interchange", says, where, list_id="I18", list_code=note),)
    status = _STATUS.get(code, Status.REJECTED)
    return Acknowledged("interchange", status, code, _at(values, 1), findings=findings)


def read_functional(segments: list[list[str]]) -> Iterator[Acknowledged]:
    """The body of a 997 or 999 (composites as lists): one verdict per AK2/AK5, and one for the group (AK9)."""
    group = kind = message = message_type = ""
    findings: list[Finding] = []
    for values in segments:
        match values[0]:
            case "AK1":
                kind, group = _at(values, 1), _at(values, 2)
            case "AK2":
                message_type, message = _at(values, 1), _at(values, 2)
                findings = []
            case "AK3" | "IK3" | "AK4" | "IK4":
                findings.append(_detail(values, message, findings))
            case "CTX" if findings and (words := context_in_words(values)):
                findings[-1] = findings[-1]._replace(message=f"{findings[-1].message}, {words}")
            case "AK5" | "IK5":
                code = _at(values, 1)
                findings += _codes(values, 2, message)
                yield Acknowledged(
                    "message",
                    _STATUS.get(code, Status.REJECTED),
                    code,
                    "",
                    group,
                    kind,
                    message,
                    message_type,
                    tuple(findings),
                )
            case "AK9":
                code = _at(values, 1)
                noted = tuple(_codes(values, 5, ""))
                yield Acknowledged("group", _STATUS.get(code, Status.REJECTED), code, "", group, kind, findings=noted)


def _detail(values: list[str], message: str, before: list[Finding]) -> Finding:
    """AK3/IK3: a segment; AK4/IK4: an element of the segment told just before."""
    ident, list_id = values[0], _LISTS[values[0]]
    if ident in ("AK3", "IK3"):
        place = _at(values, 2)
        where = Position(
            message=message,
            segment=int(place) if place.isdigit() else None,
            segment_id=_at(values, 1),
            loop=_at(values, 3),
        )
        code = _at(values, 4)
        return warning(
            "x12.acknowledged.segment",
            f"the receiver objects to segment {_at(values, 1)}",
            where,
            list_id=list_id,
            list_code=code,
        )
    whole = values[1] if len(values) > 1 else ""
    parts = whole if isinstance(whole, list) else [whole]
    numbers = [int(part) if part.isdigit() else None for part in [*parts, "", ""]]
    last = before[-1].position if before else Position(message=message)
    where = Position(
        message=message,
        segment=last.segment,
        segment_id=last.segment_id,
        loop=last.loop,
        element=numbers[0],
        component=numbers[1],
        repetition=numbers[2],
    )
    return warning(
        "x12.acknowledged.element",
        f"the receiver objects to element {parts[0]} of {last.segment_id or 'a segment'}",
        where,
        value=_at(values, 4)[:99],
        list_id=list_id,
        list_code=_at(values, 3),
    )


def _codes(values: list[str], first: int, message: str) -> list[Finding]:
    """The reason codes at the end of AK5, IK5 (list 718, 618) and AK9 (716)."""
    list_id = _LISTS.get(values[0], "716")
    subject = "set" if message else "group"
    return [
        warning(
            f"x12.acknowledged.{subject}",
            f"the receiver objects to the {subject}: code {values[at]}",
            Position(message=message),
            list_id=list_id,
            list_code=values[at],
        )
        for at in range(first, len(values))
        if values[at]
    ]


Reader = Callable[[list[list[str]]], Iterator[Acknowledged]]
"""From the body of a set (composites as lists) to what it says about what we sent."""

READERS: dict[str, Reader] = {"997": read_functional, "999": read_functional, "824": read_application}
"""The sets that speak of others that we sent."""
