"""A received CONTRL: what the partner says about an interchange of ours."""

from __future__ import annotations

from hub.findings import Finding, Position, error
from hub.translation import Acknowledged, Status
from hub_edifact.envelope import component
from hub_edifact.segments import Segment

_STATUS = {"4": Status.REJECTED, "7": Status.ACCEPTED, "8": Status.ACCEPTED}
"""0083: 4 rejected with all below; 7 acknowledged, what is below too unless it says otherwise; 8 received (no word on
its syntax yet: ``Acknowledged.code`` tells it from 7)."""


def acknowledged(segments: list[Segment]) -> list[Acknowledged]:
    """What a CONTRL's segments say, one entry for UCI and every UCF and UCM, in order."""
    out: list[Acknowledged] = []
    control = group = ""
    below: list[Finding] = []
    head: Acknowledged | None = None
    segment_position = 0

    def close() -> None:
        if head is not None:
            out.append(_with(head, below))

    for segment in segments:
        match segment[0]:
            case "UCI":
                close()
                control, below = component(segment, 1), []
                head = _entry("interchange", segment, 4, control, "", "", "", below)
            case "UCF":
                close()
                group, below = component(segment, 1), []
                head = _entry("group", segment, 4, control, group, "", "", below)
            case "UCM":
                close()
                below = []
                head = _entry(
                    "message", segment, 3, control, group, component(segment, 1), component(segment, 2), below
                )
            case "UCS":
                position = component(segment, 1)
                segment_position = int(position) if position.isdigit() else 0
                if code := component(segment, 2):
                    below.append(_finding(code, segment_position, None, None))
            case "UCD":
                element, part = component(segment, 2), component(segment, 2, 1)
                below.append(
                    _finding(
                        component(segment, 1),
                        segment_position,
                        int(element) - 1 if element.isdigit() else None,
                        int(part) if part.isdigit() else None,
                    )
                )
    close()
    return out


def _entry(
    level: str,
    segment: Segment,
    action_at: int,
    control: str,
    group: str,
    message: str,
    kind: str,
    below: list[Finding],
) -> Acknowledged:
    action = component(segment, action_at)
    if code := component(segment, action_at + 1):
        below.append(_finding(code, None, None, None, component(segment, action_at + 2)))
    status = _STATUS.get(action, Status.REJECTED)
    return Acknowledged(level, status, action, control, group, "", message, kind)


def _with(head: Acknowledged, findings: list[Finding]) -> Acknowledged:
    return Acknowledged(
        head.level, head.status, head.code, head.interchange, head.group, head.group_type, head.message,
        head.message_type, tuple(findings),
    )  # fmt: skip


def _finding(code: str, segment: int | None, element: int | None, part: int | None, tag: str = "") -> Finding:
    where = Position(segment=segment, segment_id=tag, element=element, component=part)
    text = "the partner reports a syntax error here"
    return error("edifact.contrl.reported", text, where, list_id="0085", list_code=code)
