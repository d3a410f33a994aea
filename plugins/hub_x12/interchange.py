"""One interchange: TA1s, groups and sets between ISA and IEA, each trailer against its header. X12.6 §4."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from hub.findings import Finding, Position, Severity, rejects
from hub.translation import Acknowledged, Envelope, Event, InterchangeClosed, MessageRead, ReadContext, Status
from hub_x12.body import Body, collect
from hub_x12.envelope import Complaint, check_group, group_of, same_number
from hub_x12.header import START, Header
from hub_x12.inbound import read_interchange
from hub_x12.numbers import SeenNumbers
from hub_x12.options import Options
from hub_x12.scope import GroupScope, scope_of
from hub_x12.separators import ENVELOPE
from hub_x12.sets import SetReader
from hub_x12.source import Source
from hub_x12.verdicts import GroupVerdict, InterchangeVerdict
from hub_x12.wreckage import hopeless

_IDENT = re.compile(rb"[A-Za-z0-9]{2,3}")
_MOST = 10
"""How many times ``findings_per_message`` an interchange may have findings of its own."""


class InterchangeReader:
    """Reads from behind ISA to behind IEA, or to where the next interchange begins."""

    def __init__(
        self,
        source: Source,
        header: Header,
        envelope: Envelope,
        options: Options,
        context: ReadContext,
        observe: Callable[[SetReader], None] | None = None,
        witness: Callable[[InterchangeReader, list[str]], None] | None = None,
    ) -> None:
        self.source = source
        self.mark = header.separators
        self.envelope = envelope
        self.options = options
        self.context = context
        self.observe = observe
        self.witness = witness
        self.verdict = InterchangeVerdict(header.elements)
        self.findings: list[Finding] = []
        self.group: GroupScope | None = None
        self.groups = 0
        self.received = 0
        self.accepted = 0
        self.spoiled = 0
        self._start = source.offset
        self._lower = self._indented = self._grave = False
        self._seen: dict[tuple[str, str, str], SeenNumbers] = {}
        self._plain = self.mark.plain

    # findings

    def find(self, code: str, message: str, value: str = "", **where: Any) -> Finding:
        """A finding about the envelope; its TA105 or AK905 code is kept for the acknowledgment."""
        group = self.group.verdict.control if self.group else ""
        position = Position(interchange=self.envelope.control, **({"group": group} | where))
        finding = self.options.finding(code, message, position, value)
        if finding.severity is not Severity.NOTICE:
            codes: list[str] = []
            if finding.list_id == "I18":
                codes = self.verdict.codes
                self._note(finding)
            elif finding.list_id == "716" and self.group:
                codes = self.group.verdict.codes
            if finding.list_code not in codes:
                codes.append(finding.list_code)
        most = self.context.limits.findings_per_message * _MOST
        if len(self.findings) < most:
            self.findings.append(finding)
        elif len(self.findings) == most:
            self.findings.append(self.options.finding("x12.set.more_findings", f"more findings than {most}"))
        return finding

    def _note(self, finding: Finding) -> None:
        """TA105 has room for one code: the first of an error, else the first."""
        error = finding.severity is Severity.ERROR
        if not self.verdict.note or (error and not self._grave):
            self.verdict.note, self._grave = finding.list_code, error

    def complaints(self, segment: str, found: Iterable[Complaint]) -> list[Finding]:
        """Findings about one envelope segment; they are taken out of the interchange's own list."""
        start = len(self.findings)
        for code, message, element, value in found:
            name = f"{segment}{element:02d}" if element else ""
            self.find(code, message, value, segment_id=segment, element=element or None, name=name)
        taken = self.findings[start:]
        del self.findings[start:]
        return taken

    # header and end

    @staticmethod
    def refused(findings: list[Finding]) -> bool:
        """Whether the header is so wrong that the interchange is not read."""
        return rejects(findings)

    def refuse(self, findings: list[Finding], skipped: int) -> InterchangeClosed:
        """Close an interchange that was not read beyond its header."""
        self.verdict.refused = True
        self.find("x12.interchange.content", f"because of its header, {skipped} bytes of the interchange were not read")
        return InterchangeClosed(self.envelope, Status.REJECTED, [*findings, *self.findings], state=self.verdict)

    def close(self, opened: list[Finding]) -> InterchangeClosed:
        """The closing event, once the contents are read."""
        only_answers = bool(self.verdict.acknowledgments) and not self.groups
        answers = self._answers()
        wants = not answers or (not self.verdict.groups and not only_answers)
        if self.groups and answers:
            wants = self.envelope.acknowledge
        if self.verdict.refused:
            wants, self.accepted = not only_answers and not (self.groups and answers), 0
            self.verdict.groups.clear()
        if not self.received and not self.verdict.acknowledgments and not self.verdict.refused:
            self.find("x12.interchange.empty", "the interchange holds no transaction set")
        return InterchangeClosed(
            self.envelope, self._status(), self.findings, self.received, self.accepted, wants, self.verdict
        )

    def _answers(self) -> bool:
        """Whether every group only acknowledges."""
        return all(group.answers for group in self.verdict.groups)

    def _status(self) -> Status:
        failed = rejects(self.findings)
        if self.verdict.refused or (self.received and not self.accepted) or (failed and not self.received):
            return Status.REJECTED
        if failed or self.accepted < self.received:
            return Status.PARTIAL
        return Status.ACCEPTED

    # segments

    def _peek(self) -> str:
        """The id of the next segment: '' at the end of the payload, 'ISA' where an interchange begins."""
        plain = self._plain.get(bytes(self.source.buffer[self.source.pos : self.source.pos + 3]))
        if plain is not None:  # as most are: right behind the terminator, in upper case
            return plain
        self.source.skip_blanks()
        head = self.source.peek(16)
        if head[:1] == self.mark.segment.encode("latin-1"):
            count = self.source.skip_empty(self.mark.terminator)
            what = "an empty segment" if count == 1 else f"{count} empty segments"
            self.find("x12.segment.empty", f"{what} (terminators with nothing between them) skipped")
            self.spoiled += 1
            head = self.source.peek(16)
        if not head:
            return ""
        if self.mark.wrapped:
            head = head.replace(b"\r", b"").replace(b"\n", b"")
        if head[:3].upper() == b"ISA" and START.match(head):
            return "ISA"
        match = _IDENT.match(head)
        if match is None:
            return "?"
        ident = match[0].decode("ascii")
        return ident if ident.isupper() else self._upper(ident)

    def _upper(self, ident: str) -> str:
        """The id of an envelope segment in lower case; others stay what they are."""
        upper = ident.upper()
        if ident == upper or upper not in ENVELOPE:
            return ident
        if not self._lower:
            self._lower = True
            self.find("x12.interchange.lower_case", f"{ident} and maybe others are written in lower case")
        return upper

    def _next(self) -> list[str]:
        """Consume the next segment, an envelope segment or one that is lost, as its elements."""
        limit = self.context.limits.segment_bytes
        end = self.source.find(self.mark.terminator, limit)
        if end == -2:
            head = self.source.peek(99)
            size = self.source.skip_past(self.mark.terminator)
            text = head.decode("latin-1")
            self.find(
                "x12.segment.too_long",
                f"the segment has {size} bytes, more than segment_bytes ({limit}); it was cut",
                text,
                segment_id=text[:3].strip(),
            )
        elif end == -1:
            text = self.source.peek(self.source.size).decode("latin-1").rstrip()
            self.source.skip(self.source.size)
            self.find("x12.interchange.unterminated", "the last segment has no terminator", segment_id=text[:3].strip())
        else:
            text = self._bytes(end).decode("latin-1")
        if self.mark.wrapped:
            text = text.replace("\r", "").replace("\n", "")
        values = text.split(self.mark.element)
        if self.witness is not None:
            self.witness(self, values)
        return values

    def _bytes(self, end: int) -> bytes:
        """Consume up to the terminator at ``end``, or up to an ISA before it: the terminator was forgotten then."""
        raw = bytes(self.source.buffer[self.source.pos : end])
        begins = START.search(raw, 3)
        if begins is None or begins.start() == 0:
            self.source.pos = end + 1
            return raw
        self.source.pos += begins.start()
        ident = raw[:3].decode("latin-1").strip()
        self.find("x12.interchange.unterminated", f"{ident} has no terminator before the next ISA", segment_id=ident)
        return raw[: begins.start()].rstrip()

    def leading_acknowledgments(self) -> list[Acknowledged]:
        """The TA1s directly after ISA."""
        found = []
        while self._peek() == "TA1" and not self._hopeless():
            found.append(self._acknowledgment())
        return found

    def _acknowledgment(self) -> Acknowledged:
        values = self._next()
        self.verdict.acknowledgments += 1
        control, _, _, code = [value.strip() for value in [*values, *[""] * 5][1:5]]
        if len(values) < 5 or not control.isdigit() or code not in ("A", "E", "R"):
            message = "TA1 is not complete: TA101 to TA105 are mandatory, TA104 is A, E or R"
            self.find("x12.interchange.acknowledgment", message, "*".join(values), segment_id="TA1")
            self.spoiled += 1
        return read_interchange(values, self.envelope.control)

    def contents(self) -> Iterator[Event]:
        """The messages, up to and including IEA."""
        while True:
            ident = self._peek()
            if self._hopeless():
                self._give_up()
                return
            match ident:
                case "GS":
                    self._close_group("x12.group.trailer_missing")
                    self._open_group(self._next())
                case "ST" | "SE":
                    yield from self._set(ident)
                case "GE":
                    self._trailer(self._next())
                case "IEA":
                    self._close_group("x12.group.trailer_missing")
                    self._end(self._next())
                    return
                case "TA1":
                    yield self._stray_acknowledgment()
                case "ISA" | "":
                    self._close_group("x12.group.trailer_missing")
                    self._cut(ident)
                    return
                case _ if self.group is not None:
                    yield from self._set(ident)
                case _:
                    self._lost()

    def _hopeless(self) -> bool:
        return hopeless(self.spoiled, self.source.offset - self._start)

    def _give_up(self) -> None:
        """Refuse the interchange as a whole; what was accepted of it is taken back by its status."""
        self.group = None
        skipped, _ = self.source.skip_to(START, 16)
        says = f"{self.spoiled} pieces of it were rejected or empty; the {skipped} bytes left were not read"
        self.find("x12.interchange.too_many_faults", f"{says}, and nothing of it is taken")
        self.verdict.refused = True

    def _cut(self, ident: str) -> None:
        if ident:
            self.find("x12.interchange.trailer_missing", "IEA is missing: another interchange begins", segment_id="IEA")
        else:
            self.find("x12.interchange.cut", "the payload ends before IEA", segment_id="IEA")

    def _lost(self) -> None:
        """Segments between groups that are none of the envelope."""
        where = self.source.offset
        body = collect(self.source, self.mark, self.context.limits)
        self.find(
            "x12.interchange.content",
            f"segments outside of any group were not read (byte {where + 1})",
            body.raw[:99].decode("latin-1"),
        )

    def _stray_acknowledgment(self) -> MessageRead:
        found = self._acknowledgment()
        message = "TA1 stands behind a group; it belongs before the first"
        self.find("x12.interchange.stray_acknowledgment", message, segment_id="TA1")
        self.received += 1
        self.accepted += 1
        group = self.group.verdict.control if self.group else ""
        return MessageRead(self.envelope, "TA1", "", found.interchange, group, self.received, acknowledged=[found])

    # groups and sets

    def _open_group(self, values: list[str]) -> None:
        verdict = group_of(values)
        self.groups += 1
        verdict.room = self.verdict.room
        self.verdict.groups.append(verdict)
        self.group = scope_of(verdict, self.options, self.mark, opened=True)
        found = []
        for code, message, element, value in check_group(values):
            name = f"GS{element:02d}" if element else ""
            found.append(self.find(code, message, value, segment_id="GS", element=element or None, name=name))
        seen = self._seen.setdefault((verdict.functional, verdict.sender, verdict.receiver), SeenNumbers())
        if not seen.add(verdict.control):
            message = "another group of this interchange has the same GS01, GS02, GS03 and GS06"
            where: dict[str, Any] = {"segment_id": "GS", "element": 6, "name": "GS06"}
            found.append(self.find("x12.group.control_duplicate", message, verdict.control, **where))
        errors = [item for item in found if item.severity is Severity.ERROR]
        if errors:
            verdict.refused = True
            self.spoiled += 1
            self.group.refusal = errors[0]

    def _set(self, ident: str) -> Iterator[MessageRead]:
        scope = self.group
        if scope is None:  # a set in no group gets a verdict of its own, which no 997 can tell
            scope = scope_of(GroupVerdict(), self.options, self.mark, opened=False)
            message = f"{ident} stands outside of any functional group"
            self.find("x12.interchange.content", message, segment_id=ident)
        start = self.source.offset
        body = Body(b"", start) if ident == "SE" else collect(self.source, self.mark, self.context.limits)
        trailer = self._next() if not body.ended and self._peek() == "SE" else None
        self.received += 1
        reader = SetReader(body, scope, self.envelope, self.context, self.options, self.received)
        if reader.texts.indented and not self._indented:
            self._indented = True
            self.find("x12.interchange.indented", "tabs or blanks stand between segments")
        message_read = reader.finish(trailer, self.source.offset - start)
        if self.options.deep:
            from hub_x12.second_opinion import disagreement

            message_read.findings += disagreement(reader)
        if self.observe is not None:
            self.observe(reader)
        yield message_read
        # The core may have rejected it meanwhile: what is acknowledged is what it is now.
        self.accepted += message_read.accepted
        self.spoiled += not message_read.accepted or len(reader.segments) < 2
        reader.settle()

    def _trailer(self, values: list[str]) -> None:
        if self.group is None:
            self.find("x12.group.trailer_stray", "GE without GS", segment_id="GE")
            self.spoiled += 1
            return
        verdict = self.group.verdict
        count, control = _trailer_values(values)
        verdict.declared = count
        if not same_number(control, verdict.control):
            message = f"GE02 is not GS06 ({verdict.control})"
            self.find("x12.group.control_mismatch", message, control, segment_id="GE", element=2, name="GE02")
        if not same_number(count, str(verdict.received)) and not (count.strip("0") == "" and not verdict.received):
            message = f"GE01 is not the number of sets in the group ({verdict.received})"
            self.find("x12.group.set_count", message, count, segment_id="GE", element=1, name="GE01")
        self._close_group("")

    def _close_group(self, missing: str) -> None:
        if self.group is None:
            return
        if missing:
            self.find(missing, "the group has no GE", segment_id="GE")
        if not self.group.verdict.received:
            self.find("x12.group.empty", "the group holds no transaction set", segment_id="GS")
            self.spoiled += not self.group.verdict.refused
        self.group = None

    def _end(self, values: list[str]) -> None:
        count, control = _trailer_values(values)
        if not same_number(control, self.envelope.control):
            message = f"IEA02 is not ISA13 ({self.envelope.control})"
            self.find("x12.interchange.control_mismatch", message, control, segment_id="IEA", element=2, name="IEA02")
        if not (count.isascii() and count.isdigit() and int(count[:9]) == self.groups):
            message = f"IEA01 is not the number of groups in the interchange ({self.groups})"
            self.find("x12.interchange.group_count", message, count, segment_id="IEA", element=1, name="IEA01")


def _trailer_values(values: list[str]) -> tuple[str, str]:
    """Count and control number of a GE or IEA."""
    padded = [*values, "", ""]
    return padded[1].strip(), padded[2].strip()
