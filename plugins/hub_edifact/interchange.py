"""One interchange being read: its groups, its messages, its trailers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from hub.findings import Finding, Position, Severity, error, warning
from hub.translation import Envelope, Event, InterchangeClosed, MessageRead, Status
from hub_edifact import errors0085 as e
from hub_edifact.collected import Collected
from hub_edifact.envelope import Group, Header, MessageHeader, component, finding_at, read_group, read_message_header
from hub_edifact.inbound import acknowledged
from hub_edifact.message import Content, Examined, MessageExaminer, map_message, unmapped
from hub_edifact.remarks import ONCE, remark
from hub_edifact.runs import Note, Run
from hub_edifact.seen import Seen
from hub_edifact.segments import Segment
from hub_edifact.summary import GroupReport, Report, Summary, blame, message_report

if TYPE_CHECKING:
    from hub.grammar import Structure
    from hub.translation import ReadContext
    from hub_edifact.framing import Frames
    from hub_edifact.separators import Separators

ACKNOWLEDGING = frozenset(["CONTRL", "APERAK"])
"""Messages that are never answered with CONTRL."""


class Observer(Protocol):
    """Is shown what was cut, for ``hub explain``: before the event that belongs to it."""

    def service(self, text: str, separators: Separators) -> None:
        """A service segment: UNB, UNH, UNT …"""

    def message(self, content: Content, examined: Examined, structure: Structure | None) -> None:
        """A message after it was examined."""


class Interchange:
    """From UNB to UNZ. Feed it runs; ``closed`` is set when its end was read. ``opening`` are the header's findings,
    ``findings`` those of trailers and groups."""

    def __init__(
        self, header: Header, envelope: Envelope, frames: Frames, context: ReadContext, options: Mapping[str, Any],
        opening: list[Finding], observer: Observer | None = None,
    ) -> None:  # fmt: skip
        self._observer = observer
        self.header, self.envelope, self.opening = header, envelope, opening
        self.findings: list[Finding] = []
        self.closed: InterchangeClosed | None = None
        self._frames, self._context = frames, context
        self._examiner = MessageExaminer(frames.separators, frames.charset, context.limits.elements)
        self._tolerated = frozenset(str(code) for code in options.get("tolerate", ()))
        self._bare = not header.syntax and not header.control and options.get("bare_messages") != "accept"
        self._group: Group | None = None
        self._group_report: GroupReport | None = None
        self._content: Content | None = None
        self._seen, self._seen_groups = Seen(), Seen()
        self._said: set[str] = set()
        self._received = self._accepted = self._loose = self._groups = self._objects = self._answered = 0
        self._unnamed = 0
        self._summary = Summary(
            header.syntax or "UNOA", header.read_as, header.control, header.sender, header.recipient, header.agreement
        )

    def run(self, run: Run) -> Iterator[Event]:
        """Take one run; yields a message where it completes one."""
        if not run.service:
            self._body(run)
            return
        if not run.texts or any(note.kind == "oversize" for note in run.notes):
            self._body(run)
            return
        segment = self._examiner.parser.parse(run.texts[0])
        cut_off = any(note.kind == "unterminated" for note in run.notes)
        self._service_notes(segment[0][:3], run)
        match segment[0][:3]:
            case "UNH":
                yield from self._finish(None, None)
                self._message(segment, run)
            case "UNT" if not cut_off or len(segment) > 2:
                yield from self._finish(segment, run)
            case "UNG":
                yield from self._finish(None, None)
                self._end_group(None)
                self._begin_group(segment)
            case "UNE":
                yield from self._finish(None, None)
                self._end_group(segment)
            case "UNO":
                yield from self._finish(None, None)
                yield self._object(segment, run)
            case "UNZ" | "UIZ":
                yield from self.end(segment, run.end)
            case "UNP":
                return
            case _:
                self._body(run)

    def _service_notes(self, tag: str, run: Run) -> None:
        """Framing notes about UNG, UNE and UNZ; those about UNH and UNT go into the message's findings."""
        if tag in ("UNH", "UNT"):
            return
        for note in run.notes:
            found = remark(note, Position(self._context.file, self.header.control, segment_id=tag), run.texts[0])
            if tag == "UNZ" and note.kind == "unterminated":
                found = found._replace(severity=Severity.WARNING)  # what it says is checked, and it is the last word
            self.findings.append(found)

    # -- messages ------------------------------------------------------------------------------------------------

    def _message(self, segment: Segment, run: Run) -> None:
        header, findings = read_message_header(segment)
        findings += [remark(note, Position(segment=1, segment_id="UNH"), run.texts[0]) for note in run.notes]
        self._content = Content(header, run.offset, run.end, findings=findings)
        if header.reference and self._seen.add(header.reference):
            text = "this message reference number was used before in this interchange: a repetition, not processed"
            where = {"segment": 1}
            findings.append(
                finding_at(error, "message.duplicate", text, e.DUPLICATE, "UNH", 1, None, header.reference, **where)
            )

    def _body(self, run: Run) -> None:
        content = self._content
        if content is None:
            content = self._content = Content(MessageHeader(), run.offset, run.end)
            text = "segments outside a message: there is no UNH before them"
            content.findings.append(finding_at(error, "message.header_missing", text, e.MISPLACED, "UNH", segment=1))
        room = self._context.limits.message_segments - len(content.texts)
        first = len(content.texts)
        content.notes += [Note(n.kind, n.index + first, n.detail) for n in run.notes if n.index + first <= first + room]
        content.texts += run.texts[: max(room, 0)]
        content.dropped += max(len(run.texts) - max(room, 0), 0)
        content.end = run.end

    def _finish(self, trailer: Segment | None, run: Run | None) -> Iterator[Event]:
        """Complete the present message, with its UNT or (None) because something else begins."""
        content = self._content
        if content is None:
            if trailer is None or run is None:
                return
            self._body(Run([], run.offset, run.end))
            content = self._content
            assert content is not None
        self._content = None
        if run is not None:
            content.end = run.end
            content.notes += [Note(n.kind, len(content.texts), n.detail) for n in run.notes]
        self._received += 1
        if self._group is None:
            self._loose += 1
        else:
            self._group.messages += 1
            self._group.types.add(content.header.type)
        header = content.header
        findings = [*content.findings, *self._trailer(content, trailer)]
        event = MessageRead(
            self.envelope, header.type, header.version, header.reference, self._group.reference if self._group else "",
            self._received, offset=content.offset, length=content.end - content.offset,
        )  # fmt: skip
        self._fill(event, content, findings)
        yield event
        self._accepted += event.accepted
        self._answered += header.type in ACKNOWLEDGING
        if not event.accepted and header.type not in ACKNOWLEDGING:
            report = message_report(header.reference, header.identifier, event.findings, content.segments)
            self._summary.add(report, self._group_report)
            if not header.reference or not header.type:
                self._unnamed += 1

    def _trailer(self, content: Content, trailer: Segment | None) -> list[Finding]:
        found: list[Finding] = []
        position = content.segments

        def say(code: str, text: str, standard: str, element: int | None, value: str = "") -> None:
            found.append(
                finding_at(error, f"message.{code}", text, standard, "UNT", element, None, value, segment=position)
            )

        if content.dropped:
            text = f"the message has {content.dropped} segments more than the limit message_segments allows"
            say("too_many_segments", text, e.TOO_MANY, None)
        if trailer is None:
            text = "the message has no trailer (UNT): something else begins, or the payload ends, before it"
            say("trailer_missing", text, e.MISSING, None)
            return found
        if not content.header.reference and not content.header.identifier:
            return found
        stated, reference = component(trailer, 1), component(trailer, 2)
        if not stated.isdigit() or int(stated) != content.segments:
            text = f"UNT says {stated or 'nothing'}, the message has {content.segments} segments with UNH and UNT"
            say("count", text, e.COUNT_DIFFERS if stated else e.MISSING, 1, stated)
        if reference != content.header.reference:
            text = f"UNT does not repeat the reference of UNH ({content.header.reference})"
            say("reference", text, e.REFERENCES_DIFFER if reference else e.MISSING, 2, reference)
        return found

    def _fill(self, event: MessageRead, content: Content, found: list[Finding]) -> None:
        """Examine and map a message; findings, documents and verdict go into its event."""
        header, mapping = content.header, None
        findings = Collected(self._context.limits.findings_per_message, self._tolerated)
        findings.extend(found)
        if header.type and header.type not in ACKNOWLEDGING:
            mapping = self._context.mapping("edifact", header.type, header.version, self.envelope)
        structure = mapping.structure if mapping else self._examiner.structure_for(header, self.header.read_as)
        examined = self._examiner.examine(content, structure, findings)
        if self._observer is not None:
            self._observer.message(content, examined, structure)
        if header.type in ACKNOWLEDGING:
            self._acknowledging(event, examined, findings)
        elif mapping is None:
            findings.extend([unmapped(header)] if header.type else [])
        else:
            event.mapping = mapping.name
            if not findings.rejects:
                event.documents = map_message(examined, mapping, header, findings)
                if not event.documents and not findings.rejects:
                    text = "the mapping made no document of this message"
                    findings.add(finding_at(error, "message.empty", text, e.UNSPECIFIED, "UNH", segment=1))
        if self._bare:
            text = "a message without an interchange is not processed (option bare_messages: accept takes it)"
            findings.add(finding_at(error, "message.bare", text, e.MISSING, "UNB", segment=1))
        where = {"file": self._context.file, "interchange": self.header.control}
        settled = findings.settled(self._said_before)
        event.findings = [one.at(**where, group=event.group, message=event.control) for one in settled]
        event.accepted = not findings.rejects
        if not event.accepted:
            event.documents = []

    def _acknowledging(self, event: MessageRead, examined: Examined, findings: Collected) -> None:
        if event.type == "CONTRL":
            event.acknowledged = acknowledged(examined.segments)
        else:
            text = "APERAK is not read: what the partner reports in it must be looked up in the payload"
            findings.add(warning("edifact.message.unmapped", text))

    def _said_before(self, finding: Finding) -> bool:
        """Whether a finding that holds for the whole interchange was reported already."""
        if finding.code not in ONCE:
            return False
        before = finding.code in self._said
        self._said.add(finding.code)
        return before

    def _object(self, segment: Segment, run: Run) -> MessageRead:
        """A package (UNO … UNP of version 4): its bytes are passed over."""
        length = component(segment, 4)
        self._objects += 1
        self._received += 1
        self._accepted += 1
        octets = int(length) if length.isdigit() else 0
        self._frames.skip(octets)
        text = f"a package with an object of {length or 'unknown'} bytes was passed over; packages are not read"
        found = finding_at(
            warning, "package.not_read", text, e.NOT_SUPPORTED_HERE, "UNO", interchange=self.header.control
        )
        reference = component(segment, 1)
        return MessageRead(
            self.envelope, "UNO", "", reference, "", self._received, findings=[found], offset=run.offset,
            length=run.end - run.offset + octets,
        )  # fmt: skip

    # -- groups --------------------------------------------------------------------------------------------------

    def _say(
        self, make: Any, code: str, text: str, standard: str, tag: str, element: int | None, **more: Any
    ) -> Finding:
        where = {"file": self._context.file, "interchange": self.header.control, "group": more.pop("group", "")}
        value = more.pop("value", "")
        if f"edifact.{code}" in self._tolerated:
            make = warning
        found = finding_at(make, code, text, standard, tag, element, None, value, **where)
        self.findings.append(found)
        return found

    def _begin_group(self, segment: Segment) -> None:
        group, findings = read_group(segment, self.header.control)
        self.findings += findings
        self._group, self._groups = group, self._groups + 1
        report = Report(group.reference, rejected=False)
        self._group_report = GroupReport(report, group.sender, group.recipient)
        self._summary.groups.append(self._group_report)
        if group.reference and self._seen_groups.add(group.reference):
            text = "this group reference number was used before in this interchange"
            self._group_fault("group.duplicate", text, e.DUPLICATE, "UNG", 5, group.reference)

    def _group_fault(self, code: str, text: str, standard: str, tag: str, element: int | None, value: str = "") -> None:
        assert self._group is not None
        assert self._group_report is not None
        found = self._say(error, code, text, standard, tag, element, group=self._group.reference, value=value)
        if found.severity is Severity.ERROR:
            self._group_report.head.rejected = True
            blame(self._group_report.head, [found])

    def _end_group(self, trailer: Segment | None) -> None:
        group = self._group
        if group is None:
            if trailer is not None:
                text = "a group trailer without a group before it"
                self._say(error, "group.header_missing", text, e.MISPLACED, "UNE", None, value=component(trailer, 2))
            return
        if trailer is None:
            self._group_fault("group.trailer_missing", "the group has no trailer (UNE)", e.MISSING, "UNE", None)
        else:
            stated, reference = component(trailer, 1), component(trailer, 2)
            if not stated.isdigit() or int(stated) != group.messages:
                text = f"UNE says {stated or 'nothing'}, the group has {group.messages} messages"
                self._group_fault("group.count", text, e.COUNT_DIFFERS if stated else e.MISSING, "UNE", 1, stated)
            if reference != group.reference:
                text = f"UNE does not repeat the reference of UNG ({group.reference})"
                self._group_fault("group.reference", text, e.REFERENCES_DIFFER, "UNE", 2, reference)
        if len(group.types) > 1 and self.header.read_as < 4:
            text = f"a group holds messages of one type; this one has {', '.join(sorted(group.types))}"
            self._say(warning, "group.mixed_types", text, "31", "UNG", 1, group=group.reference)
        self._group = self._group_report = None

    # -- the end -------------------------------------------------------------------------------------------------

    def end(self, trailer: Segment | None, offset: int) -> Iterator[Event]:
        """Close the interchange, with its UNZ or (None) because another begins or the payload ends."""
        yield from self._finish(None, None)
        if self._group is not None:
            self._end_group(None)
        if not (trailer is None and self._bare):
            self._check_trailer(trailer)
        if self._groups and self._loose:
            text = "functional groups and messages outside of groups are mixed in one interchange"
            self._say(error, "interchange.mixed", text, e.MIXED, "UNG", None)
        if self._unnamed and not self._bare:
            text = (
                f"{self._unnamed} rejected parts have no reference by which CONTRL could name them; acknowledging "
                "the rest would acknowledge them too, so the interchange is rejected"
            )
            self._say(error, "interchange.unnamed", text, e.MISPLACED, "UNH", None)
        if not self._received:
            self._say(warning, "interchange.empty", "the interchange holds no message", e.EMPTY_LEVEL, "UNB", None)
        errors = [one for one in [*self.opening, *self.findings] if one.severity is Severity.ERROR]
        if errors:
            self._summary.head.rejected = True
            blame(self._summary.head, errors)
        self._summary.only_acknowledges = bool(self._answered) and self._answered == self._received
        if errors or (self._received and not self._accepted):
            status = Status.REJECTED
        else:
            status = Status.ACCEPTED if self._accepted == self._received else Status.PARTIAL
        answer = bool(self.header.control and self.envelope.sender.id) and not self._summary.only_acknowledges
        self.closed = InterchangeClosed(
            self.envelope, status, self.findings, self._received, self._accepted, answer, self._summary
        )

    def _check_trailer(self, trailer: Segment | None) -> None:
        control = self.header.control
        if trailer is None:
            text = "the interchange has no trailer (UNZ): it was cut off, or another one begins before it"
            self._say(error, "interchange.trailer_missing", text, e.MISSING, "UNZ", None)
            return
        stated, reference = component(trailer, 1), component(trailer, 2)
        counted, what = (self._groups, "groups") if self._groups else (self._received, "messages")
        if not stated.isdigit() or int(stated) != counted:
            text = f"UNZ says {stated or 'nothing'}, the interchange has {counted} {what}"
            make = error
            if self._groups and stated == str(self._received):
                make, text = warning, f"UNZ counts messages ({stated}), but where groups are used it counts groups"
            self._say(make, "interchange.count", text, e.COUNT_DIFFERS if stated else e.MISSING, "UNZ", 1, value=stated)
        if reference != control and control:
            text = f"UNZ does not repeat the reference of UNB ({control})"
            standard = e.REFERENCES_DIFFER if reference else e.MISSING
            self._say(error, "interchange.reference", text, standard, "UNZ", 2, value=reference)
