"""CONTRL: the syntax and service report that answers an interchange (ISO 9735 part 4 and its version 3 predecessor)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hub.translation import Envelope, InterchangeClosed, WriteContext, Written
from hub_edifact import errors0085 as e
from hub_edifact.charsets import CODECS
from hub_edifact.segments import Segment
from hub_edifact.summary import GroupReport, Report, SegmentReport, Summary
from hub_edifact.writer import Letterhead, write_interchange

if TYPE_CHECKING:
    from collections.abc import Iterator

REJECTED, ACKNOWLEDGED, RECEIVED = "4", "7", "8"
"""Data element 0083. There is no "accepted with errors" in EDIFACT."""

REASONS = {
    "duplicate": (e.DUPLICATE, "UNB", 5, None),
    "unknown_sender": (e.UNKNOWN_SENDER, "UNB", 2, 1),
    "unknown_receiver": ("7", "UNB", 3, 1),
    "test_not_expected": (e.TEST_UNSUPPORTED, "UNB", 11, None),
}
"""Why the core refuses an interchange: 0085, the service segment at fault, and its element and component."""


def acknowledge(closed: InterchangeClosed, context: WriteContext) -> Written | None:
    """The CONTRL for an interchange that was read. None where the options say so (``acknowledgment: none``), where it
    only acknowledges itself, or where there is nobody to answer. Option ``contrl: receipt`` says only that it came."""
    summary = closed.state
    if not isinstance(summary, Summary) or not closed.wants_acknowledgment:
        return None
    if str(context.options.get("acknowledgment", "CONTRL")).lower() == "none":
        return None
    receipt = context.options.get("contrl") == "receipt" and not summary.head.rejected
    return _written(summary, RECEIVED if receipt else "", closed.envelope, context)


def refuse(envelope: Envelope, reason: str, context: WriteContext) -> Written | None:
    """The CONTRL that rejects an interchange as a whole. None where there is nobody to answer."""
    code, tag, element, component = REASONS.get(reason, (e.UNSPECIFIED, "UNB", None, None))
    extra = envelope.extra
    summary = Summary(
        str(extra.get("syntax") or "UNOA"),
        int(extra.get("syntax_version") or 3),
        envelope.control,
        tuple(extra.get("sender") or (envelope.sender.id, envelope.sender.qualifier)),
        tuple(extra.get("recipient") or (envelope.receiver.id, envelope.receiver.qualifier)),
        str(extra.get("agreement") or ""),
        Report("", (), True, code, tag, element, component),
    )
    if not envelope.control or not envelope.sender.id:
        return None
    return _written(summary, REJECTED, envelope, context)


def _written(summary: Summary, action: str, envelope: Envelope, context: WriteContext) -> Written:
    if not any(summary.recipient):  # the partner did not say who we are
        summary.recipient = (context.sender.id, context.sender.qualifier)
    version = 4 if summary.version == 4 else 3
    segments = list(_segments(summary, action, version))
    identifier = ["CONTRL", "4", "1", "UN"] if version == 4 else ["CONTRL", "D", "3", "UN"]
    options: Mapping[str, Any] = context.options
    usable = summary.syntax.startswith("UNO") and summary.syntax in CODECS  # the partner may have sent anything
    letterhead = Letterhead(
        sender=summary.recipient,
        recipient=summary.sender,
        syntax=str(options.get("contrl_syntax") or (summary.syntax if usable else "UNOA")),
        version=summary.version,
        test=envelope.test,
        agreement=summary.agreement,
    )
    return write_interchange([(identifier, segments)], letterhead, context, "CONTRL")


def _segments(summary: Summary, action: str, version: int) -> Iterator[Segment]:
    head = summary.head
    action = action or (REJECTED if head.rejected else ACKNOWLEDGED)
    # 0013 in UCI may only name a segment of the interchange's own level
    tag = head.tag if head.tag in ("UNA", "UNB", "UNZ") else ""
    blamed = _blame(head, tag, version) if head.rejected else []
    yield ["UCI", [summary.control], list(summary.sender), list(summary.recipient), [action], *blamed]
    if action == RECEIVED:
        return
    if not summary.groups:
        if action == ACKNOWLEDGED:
            for report in summary.messages:
                yield from _message(report, version)
        return
    for group in summary.groups:
        if group.head.rejected or (group.messages and action == ACKNOWLEDGED):
            yield from _group(group, version)


def _group(group: GroupReport, version: int) -> Iterator[Segment]:
    head = group.head
    action = REJECTED if head.rejected else ACKNOWLEDGED
    yield [
        "UCF", [head.reference], list(group.sender), list(group.recipient), [action],
        *(_blame(head, head.tag, version) if head.rejected else []),
    ]  # fmt: skip
    if action == ACKNOWLEDGED:
        for report in group.messages:
            yield from _message(report, version)


def _message(report: Report, version: int) -> Iterator[Segment]:
    if not report.reference or not report.identifier:
        return  # UCM cannot name it; the segments stand outside of any message
    blamed = _blame(report, report.tag if report.tag in ("UNH", "UNT") else "", version) if report.code else []
    yield ["UCM", [report.reference], list(report.identifier[:5]), [REJECTED], *blamed]
    for segment in report.segments:
        yield from _faulty(segment, version)


def _faulty(segment: SegmentReport, version: int) -> Iterator[Segment]:
    code = e.for_version(segment.code, version) if segment.code else ""
    yield ["UCS", [str(segment.position)], [code]]
    for fault, element, component in segment.elements:
        yield ["UCD", [e.for_version(fault, version)], _place(element, component)]


def _blame(report: Report, tag: str, version: int) -> list[list[str]]:
    """0085, 0013 (0135 in version 4) and S011."""
    code = e.for_version(report.code or e.UNSPECIFIED, version)
    place = _place(report.element, report.component) if tag and report.element else [""]
    return [[code], [tag], place]


def _place(element: int | None, component: int | None) -> list[str]:
    """S011: 0098 counts the segment tag as 1 (its definition in the service directory), 0104 counts from 1."""
    return ["" if element is None else str(element + 1), "" if component is None else str(component)]
