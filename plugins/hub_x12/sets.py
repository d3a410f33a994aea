"""One transaction set: header and trailer against each other, structure, elements, and then its meaning."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from math import inf
from typing import TYPE_CHECKING, Any

from hub.findings import Finding, Position, Severity, rejects
from hub.grammar import Structure
from hub.grammar.structure import Fault as Order
from hub.grammar.structure import Misplaced
from hub.translation import Envelope, MessageRead, ReadContext
from hub_x12.body import Body, Texts, cut
from hub_x12.catalog import LENIENT
from hub_x12.doubled import said_once
from hub_x12.elements import Fault
from hub_x12.inbound import READERS, Reader
from hub_x12.lower_case import raise_ids
from hub_x12.options import Options
from hub_x12.scope import GroupScope, every_set, functional_ids, structure, walked
from hub_x12.verdicts import set_verdict

if TYPE_CHECKING:
    from hub.mapping.compiled import CompiledMapping

_ORDER = {
    Order.UNRECOGNIZED: ("x12.segment.unrecognized", "is no segment of release {release}"),
    Order.UNEXPECTED: ("x12.segment.unexpected", "is not expected here"),
    Order.MISSING: ("x12.segment.missing", "is mandatory and missing before this place"),
    Order.LOOP_OVER_MAX: ("x12.segment.loop_over_max", "begins its loop more often than the {max} times allowed"),
    Order.OVER_MAX: ("x12.segment.over_max", "occurs more often than the {max} times allowed"),
    Order.NOT_IN_SET: ("x12.segment.not_in_set", "is not a segment of set {set}"),
    Order.OUT_OF_SEQUENCE: ("x12.segment.out_of_sequence", "stands in the wrong order"),
}

_SHORT = "x12.element.too_short"
"""Only a warning in an acknowledgment: many partners repeat 0001 as 1, and what they say must not be lost for it."""


class SetReader:
    """Reads one set; made anew for each. ``finish`` gives the event and enters the verdict into the group."""

    def __init__(
        self, body: Body, scope: GroupScope, envelope: Envelope, context: ReadContext, options: Options, position: int
    ) -> None:
        self.body = body
        self.scope = scope
        self.envelope = envelope
        self.context = context
        self.options = options
        self.mark = scope.checker.rules.separators
        self.texts: Texts = cut(body.raw, options.character_set, self.mark)
        self.segments: list[list[str]] = [text.split(self.mark.element) for text in self.texts.segments]
        self.headed = bool(self.segments) and self.segments[0][0].upper() == "ST"
        self.raised = 0
        if self.headed and self.segments[0][0] != "ST":
            self.raised = raise_ids(self.segments, self.texts.segments, scope.checker)
        header = self.segments[0] if self.headed else ["ST"]
        kind = header[1].strip() if len(header) > 1 else ""
        control = header[2].strip() if len(header) > 2 else ""
        self.convention = header[3] if len(header) > 3 else ""
        self.message = MessageRead(
            envelope, kind, scope.verdict.version, control, scope.verdict.control, position, offset=body.offset
        )
        self.numbers: dict[tuple[int, int, int | None], str] = {}
        self.full = False
        """Whether no finding more can change anything: the set is rejected and has as many as it may."""

    # findings

    def find(self, code: str, message: str, value: str = "", **where: Any) -> None:
        """Add a finding of the catalog to the message."""
        if self.full:
            return
        read = self.message
        position = Position(interchange=self.envelope.control, group=read.group, message=read.control, **where)
        finding = self.options.finding(code, message, position, value)
        lenient = code in LENIENT if self.scope.approximate else code == _SHORT and read.type in READERS
        if lenient and finding.severity is Severity.ERROR:
            finding = finding._replace(severity=Severity.WARNING)
        self._add(finding)

    def _add(self, finding: Finding) -> None:
        most = self.context.limits.findings_per_message
        found = self.message.findings
        if len(found) < most:
            found.append(finding)
            return
        if len(found) == most:
            says = f"more findings than findings_per_message ({most})"
            found.append(self.options.finding("x12.set.more_findings", says))
        if finding.severity is Severity.ERROR and not rejects(found):
            found.append(finding)  # the verdict must not depend on what there was no room for
        self.full = rejects(found)

    # the whole

    def finish(self, trailer: list[str] | None, length: int) -> MessageRead:
        """Check the set against its SE (None: missing) and read it."""
        self.message.length = length
        if not self.headed:
            self._headless(trailer)
        self._header()
        if self.body.excess:
            self.find("x12.set.too_large", f"the set is larger than the limit {self.body.excess}; it was not read")
        self._trailer(trailer)
        self._segments()
        if not self.body.excess:
            self._content()
        return self._close()

    def _close(self) -> MessageRead:
        message = self.message
        if self.scope.refusal is not None:
            message.findings.insert(0, self.scope.refusal)
        message.accepted = not rejects(message.findings)
        if not message.accepted:
            message.documents = []
        return message

    def settle(self) -> None:
        """Note the set's verdict for the acknowledgment. Called once the reader of the events is done with the
        message, because it may have rejected it for reasons of its own (see ``hub.exchange.judgment``)."""
        message, verdict = self.message, self.scope.verdict
        noted = self.options.report_warnings and any(
            item.list_code and item.list_id in ("718", "720", "723") for item in message.findings
        )
        if message.accepted and not noted:
            verdict.accept(message.type, message.control, self.convention)
        else:
            status = "E" if message.accepted else "R"
            verdict.note(
                set_verdict(message.type, message.control, self.convention, message.findings, self.numbers, status)
            )

    # header and trailer

    def _headless(self, trailer: list[str] | None) -> None:
        """Segments without ST: a set all the same, named by its trailer and its group."""
        functional = self.scope.verdict.functional
        kinds = [ident for ident, known in functional_ids().items() if known == functional and ident != "999"]
        self.message.type = kinds[0] if kinds else ""
        if trailer is not None and len(trailer) > 2:
            self.message.control = trailer[2].strip()
        first = self.segments[0][0] if self.segments else "SE"
        self.find("x12.set.header_missing", f"{first[:20]} stands where ST was expected", segment=1, segment_id="ST")

    def _header(self) -> None:
        kind, control = self.message.type, self.message.control
        if not self.scope.opened:
            self._found("ST", 0, "x12.set.outside_group", "the set stands outside of any functional group")
        if self.headed and kind not in every_set():
            self._found("ST", 1, "x12.set.unknown", "ST01 is not the number of an X12 transaction set", kind)
        if self.headed and not control:
            self._found("ST", 2, "x12.set.control", "ST02, the control number, is missing")
        elif self.headed and not (4 <= len(control) <= 9):
            says = "ST02 does not have 4 to 9 characters; AK202 repeats what fits"
            self._found("ST", 2, "x12.set.control_length", says, control)
        if control and not self.scope.seen.add(control):
            self._found("ST", 2, "x12.set.control_duplicate", "ST02 was already used in this group", control)
        expected, functional = functional_ids().get(kind), self.scope.verdict.functional
        if expected and functional not in ("", expected):
            says = f"set {kind} belongs into a group {expected}, not {functional}"
            self._found("ST", 1, "x12.set.wrong_group", says, kind)

    def _found(self, ident: str, element: int, code: str, message: str, value: str = "", *, at: int = 1) -> None:
        """A finding about ST or SE: the segment at position ``at``, or (``element`` not 0) one of its elements."""
        where: dict[str, Any] = {"element": element, "name": f"{ident}{element:02}"} if element else {}
        self.find(code, message, value, segment=at, segment_id=ident, **where)

    def _trailer(self, trailer: list[str] | None) -> None:
        count = len(self.segments) + 1
        if trailer is None:
            self._found("SE", 0, "x12.set.trailer_missing", "the set has no SE", at=count)
            return
        stated = trailer[1].strip() if len(trailer) > 1 else ""
        control = trailer[2].strip() if len(trailer) > 2 else ""
        if control != self.message.control:
            says = f"SE02 is not ST02 ({self.message.control})"
            self._found("SE", 2, "x12.set.control_mismatch", says, control, at=count)
        counts = [count, count + len(self.texts.empty)]
        if not self.headed:
            counts.append(count + 1)  # the ST that is missing may well have been counted
        if not self.body.excess and not (stated.isascii() and stated.isdigit() and int(stated[:10]) in counts):
            says = f"SE01 does not count the {count} segments of the set, ST and SE included"
            self._found("SE", 1, "x12.set.segment_count", says, stated, at=count)

    # segments

    def _segments(self) -> None:
        for index, at in enumerate(self.texts.empty):
            if index > self.context.limits.findings_per_message:
                break
            says = "an empty segment (two terminators together) was skipped"
            self.find("x12.segment.empty", says, segment=at - index)
        for at, size in self.body.long.items():
            place = at - bisect_left(self.texts.empty, at)
            ident = self.segments[place][0][:3] if place < len(self.segments) else ""
            limit = self.context.limits.segment_bytes
            self.find(
                "x12.segment.too_long",
                f"the segment has {size} bytes, more than segment_bytes ({limit}); it was cut",
                segment=place + 1,
                segment_id=ident,
            )
        if self.texts.guessed:
            self.find("x12.set.character_set", f"no character set is agreed; the text was read as {self.texts.guessed}")
        if self.texts.undecodable:
            self.find("x12.set.undecodable", f"the text is not {self.texts.undecodable}, as agreed", segment=1)

    def _content(self) -> None:
        kind, near = self.message.type, self.scope.checker.release.name
        ordered = structure(f"x12/{near}/{kind}")
        if ordered is None:
            self._undescribed(kind)
            return
        first = 1 if self.headed else 0
        ids = [values[0] for values in self.segments[first:]]
        walk = walked(ordered, ids)
        if walk.faults and not self.raised:
            self.raised = raise_ids(self.segments, self.texts.segments, self.scope.checker)
            if self.raised:
                ids = [values[0] for values in self.segments[first:]]
                walk = walked(ordered, ids)
        if self.raised:
            at = self.raised
            says = "the id of the segment, and maybe others, is written in lower case"
            self.find("x12.segment.lower_case", says, segment=at, segment_id=self.segments[at - 1][0])
        for misplaced in walk.faults:
            self._misplaced(misplaced, kind)
            if self.full:
                break
        loops = ordered.nodes
        for at in () if self.full else self.scope.checker.dirty(self.texts.segments, self.segments):
            if self.full:
                break
            node = walk.places[at - first] if at >= first else -1
            loop = loops[node].loop_ids[-1] if node >= 0 and loops[node].loop_ids else ""
            for fault in self.scope.checker.faults(self.segments[at]):
                if at < first and fault.element in (1, 2):
                    continue  # ST01 and ST02 have findings of their own
                self._element(fault, at + 1, self.segments[at][0], loop)
        if walk.faults:
            self.message.findings.sort(key=_place)
        if kind in READERS:
            self._acknowledgments(READERS[kind], first)
        elif not rejects(self.message.findings):
            self._meaning(ordered, walk.places, first)

    def _undescribed(self, kind: str) -> None:
        if kind in every_set():
            self.find("x12.set.not_supported", f"there is no grammar for set {kind}; only its envelope was checked")

    def _misplaced(self, found: Misplaced, kind: str) -> None:
        code, says = _ORDER[found.fault]
        most = found.node.max if found.node else 0
        text = says.format(release=self.scope.checker.release.name, set=kind, max=most)
        shown = found.segment_id.strip()[:20] or "(blank)"
        loop = found.node.loop_ids[-1] if found.node and found.node.loop_ids else ""
        where = found.at + 1 + self.headed
        self.find(code, f"{shown} {text}", segment=where, segment_id=shown, loop=loop)

    def _element(self, fault: Fault, segment: int, ident: str, loop: str) -> None:
        if fault.element is not None and fault.number:
            self.numbers[segment, fault.element, fault.component] = fault.number
        if fault.instead and fault.element is not None and fault.component is None and fault.repetition is None:
            self.segments[segment - 1][fault.element] = fault.instead
        self.find(
            fault.code,
            fault.message,
            fault.value,
            segment=segment,
            segment_id=ident,
            loop=loop,
            element=fault.element,
            component=fault.component,
            repetition=fault.repetition,
            name=fault.name,
        )

    # meaning

    def _acknowledgments(self, read: Reader, first: int) -> None:
        """A 997, 999 or 824: what the partner says about what we sent."""
        self.scope.checker.compose(self.segments)
        self.message.acknowledged = list(read(self.segments[first:]))

    def _meaning(self, ordered: Structure, places: list[int], first: int) -> None:
        message = self.message
        mapping = self.context.mapping("x12", message.type, self.scope.release, self.envelope)
        if mapping is None:
            self.find("x12.set.no_mapping", f"there is no mapping for set {message.type}; it is kept unread")
            return
        self.scope.checker.compose(self.segments)
        self._read(mapping, ordered, places, first)

    def _read(self, mapping: CompiledMapping, ordered: Structure, places: list[int], first: int) -> None:
        message = self.message
        body = self.segments[first:]
        if mapping.grammar is not None and mapping.grammar.name != ordered.grammar.name and mapping.structure:
            places = mapping.structure.walk([values[0] for values in body]).places
        reading = mapping.read(body, places, first=2)
        message.mapping = mapping.name
        found: Iterable[Finding] = reading.findings
        for finding in said_once(message.findings, found) if found and message.findings else found:
            self._add(finding.inside(self.envelope.control, message.group, message.control))
        message.documents = reading.documents


def _place(finding: Finding) -> tuple[float, int]:
    if finding.code == "x12.set.more_findings":
        return inf, 0
    return finding.position.segment or 0, finding.position.element or 0
