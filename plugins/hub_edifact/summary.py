"""What CONTRL needs to know of an interchange, small whatever its size."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.findings import Finding, Severity
from hub_edifact import errors0085 as e

DETAILED = 1_000
"""So many rejected messages are reported with their segments; the ones after them with a code only."""
SEGMENTS = 50
"""So many faulty segments of one message are reported (CONTRL allows 999)."""
ELEMENTS = 99


@dataclass(slots=True)
class SegmentReport:
    """UCS and its UCDs: ``code`` is '' where only elements are wrong. ``elements``: (code, element, component)."""

    position: int
    code: str = ""
    elements: list[tuple[str, int, int | None]] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """UCM or UCF: the reference, what identifies it as sent, and why it was rejected ('' in ``code``: see below it).
    ``tag``, ``element`` and ``component`` point into the service segment at fault."""

    reference: str
    identifier: tuple[str, ...] = ()
    rejected: bool = True
    code: str = ""
    tag: str = ""
    element: int | None = None
    component: int | None = None
    segments: list[SegmentReport] = field(default_factory=list)


@dataclass(slots=True)
class GroupReport:
    """A functional group: UCF and what stands below it."""

    head: Report
    sender: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()
    messages: list[Report] = field(default_factory=list)


@dataclass(slots=True)
class Summary:
    """An interchange's outcome. ``head`` is its UCI; ``only_acknowledges`` where it holds nothing but CONTRL and
    APERAK, which are never answered."""

    syntax: str = "UNOA"
    version: int = 3
    control: str = ""
    sender: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()
    agreement: str = ""
    head: Report = field(default_factory=lambda: Report("", rejected=False))
    messages: list[Report] = field(default_factory=list)
    groups: list[GroupReport] = field(default_factory=list)
    only_acknowledges: bool = False
    rejected: int = 0

    def add(self, report: Report, group: GroupReport | None) -> None:
        """Remember a rejected message."""
        self.rejected += 1
        if self.rejected > DETAILED and report.segments:
            report.segments, report.code = [], report.code or e.UNSPECIFIED
        (group.messages if group else self.messages).append(report)


def blame(report: Report, findings: list[Finding]) -> None:
    """Say in ``report`` why: the first error that lies in a service segment or has no segment."""
    for finding in findings:
        if finding.severity is Severity.ERROR and finding.list_id == "0085":
            report.code, report.tag = finding.list_code, finding.position.segment_id
            report.element, report.component = finding.position.element, finding.position.component
            return
    report.code = e.UNSPECIFIED


def message_report(reference: str, identifier: tuple[str, ...], findings: list[Finding], last: int) -> Report:
    """The report of a rejected message. ``last`` is the position of its UNT: errors there, in UNH, or of the message
    as a whole are told in UCM, all others segment by segment."""
    report = Report(reference, identifier)
    whole: list[Finding] = []
    reports: dict[tuple[int, bool], SegmentReport] = {}  # what is wrong in a segment, then what is wrong with it
    for finding in findings:
        if finding.severity is not Severity.ERROR:
            continue
        code = finding.list_code if finding.list_id == "0085" and finding.list_code else e.INVALID
        position, element = finding.position.segment, finding.position.element
        service = finding.position.segment_id in ("UNH", "UNT") or not position
        if service and (element is not None or not position or position in (1, last)):
            whole.append(finding)
            continue
        assert position is not None
        place = (position, element is None)
        if place not in reports and len(reports) >= SEGMENTS:
            continue
        segment = reports.setdefault(place, SegmentReport(position))
        if element is None:
            segment.code = segment.code or code
        elif len(segment.elements) < ELEMENTS:
            segment.elements.append((code, element, finding.position.component))
    report.segments = [reports[place] for place in sorted(reports)]
    if whole:
        blame(report, whole)
    elif not report.segments:
        report.code = e.UNSPECIFIED
    return report
