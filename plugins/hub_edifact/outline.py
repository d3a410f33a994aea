"""An interchange as a tree of lines, for ``hub explain``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from hub.findings import Finding
from hub.grammar import Node, SegmentDef, Structure
from hub.outline import Kind, Line
from hub.translation import Event, InterchangeClosed, InterchangeOpened, MessageRead, ReadContext
from hub_edifact.message import Content, Examined
from hub_edifact.names import named
from hub_edifact.reader import PayloadReader
from hub_edifact.segments import SegmentParser
from hub_edifact.separators import Separators

LONGEST = 2_000
_HEADERS = ("UNA", "UNB", "UIB")
_MOST = 10_000
"""Service segments that are kept until the event they belong to; groups without messages may be any number."""


def outline(stream: BinaryIO, context: ReadContext) -> Iterator[Event | Line]:
    """See ``hub.outline.Outliner``."""
    shown = _Shown()
    for event in PayloadReader(stream, context, observer=shown).events():
        yield event
        if isinstance(event, InterchangeOpened):
            yield from shown.opening(event)
        elif isinstance(event, MessageRead):
            yield from shown.read(event)
        else:
            yield from shown.closing(event)


class _Shown:
    """What was cut and is not shown yet."""

    def __init__(self) -> None:
        self._service: list[tuple[str, Separators]] = []
        self._message: tuple[Content, Examined, Structure | None] | None = None
        self._depth = 1

    def service(self, text: str, separators: Separators) -> None:
        """See ``Observer``."""
        if len(self._service) < _MOST:
            self._service.append((text, separators))

    def message(self, content: Content, examined: Examined, structure: Structure | None) -> None:
        """See ``Observer``."""
        self._message = (content, examined, structure)

    def opening(self, event: InterchangeOpened) -> Iterator[Line]:
        """The interchange and its UNB."""
        envelope = event.envelope
        says = f"from {envelope.sender} to {envelope.receiver}, syntax {envelope.version}" if envelope.control else ""
        about, other = _parted(event.findings, "UNB")
        yield Line(
            0, Kind.INTERCHANGE, "interchange", "EDIFACT", envelope.control, says, tuple(other), envelope.control
        )
        headers = [one for one in self._service if one[0][:3] in _HEADERS]
        self._service = [one for one in self._service if one[0][:3] not in _HEADERS]
        for text, separators in headers:
            mine, about = ([], about) if text[:3] == "UNA" else (about, [])
            yield from _service_lines(text, separators, 1, mine)
        yield from (Line(1, Kind.NOTE, "UNB", named("UNB"), findings=(one,)) for one in about)

    def read(self, event: MessageRead) -> Iterator[Line]:
        """Groups that begin or end before a message, and the message from UNH to UNT."""
        cut, self._message = self._message, None
        own: dict[str, tuple[str, Separators]] = {}
        while self._service:
            text, separators = self._service[0]
            tag = text[:3]
            if tag in own or (tag == "UNH" and own) or (own and tag not in ("UNT",)):
                break
            self._service.pop(0)
            if tag in ("UNH", "UNT"):
                own[tag] = (text, separators)
            else:
                yield from self._group(text, separators)
        at: dict[int, list[Finding]] = defaultdict(list)
        for finding in event.findings:
            at[finding.position.segment or 0].append(finding)
        yield Line(
            self._depth,
            Kind.MESSAGE,
            f"message {event.type}".strip(),
            event.version,
            event.control,
            f"read by {event.mapping}" if event.mapping else "",
            tuple(at.pop(0, ())),
            event.control,
            "accepted" if event.accepted else "rejected",
        )
        if "UNH" in own:
            yield from _service_lines(*own["UNH"], self._depth + 1, at.pop(1, []))
        if cut is not None:
            yield from self._body(*cut, at)
        if "UNT" in own and cut is not None:
            yield from _service_lines(*own["UNT"], self._depth + 1, at.pop(cut[0].segments, []))
        for number in sorted(at):
            for finding in at[number]:
                tag = finding.position.segment_id
                yield Line(self._depth + 1, Kind.NOTE, tag or "message", named(tag), findings=(finding,))

    def closing(self, event: InterchangeClosed) -> Iterator[Line]:
        """The trailers and what is wrong with the envelope; the next interchange's header stays."""
        end = next((at for at, one in enumerate(self._service) if one[0][:3] in _HEADERS), len(self._service))
        taken, self._service = self._service[:end], self._service[end:]
        left = list(event.findings)
        for text, separators in taken:
            if text[:3] in ("UNG", "UNE"):
                yield from self._group(text, separators)
                continue
            self._depth = 1
            about, left = _parted(left, text[:3])
            yield from _service_lines(text, separators, 1, about)
        for finding in left:
            tag = finding.position.segment_id
            label = f"{tag} {finding.position.group}".strip() or "interchange"
            yield Line(1, Kind.NOTE, label, named(tag), findings=(finding,))
        self._depth = 1

    def _group(self, text: str, separators: Separators) -> Iterator[Line]:
        segment = SegmentParser(separators).parse(text)
        if text[:3] == "UNG":
            parts = [*segment, [""], [""], [""], [""], [""]]
            control = parts[5][0]
            yield Line(1, Kind.GROUP, f"group {parts[1][0]}".strip(), "", control, "", (), control)
            self._depth = 2
        yield from _service_lines(text, separators, self._depth, [])
        if text[:3] == "UNE":
            self._depth = 1

    def _body(
        self, content: Content, examined: Examined, structure: Structure | None, at: dict[int, list[Finding]]
    ) -> Iterator[Line]:
        nodes = structure.nodes if structure is not None else ()
        known = structure.grammar.segments if structure is not None else {}
        for number, (text, segment, place) in enumerate(
            zip(content.texts, examined.segments, examined.places, strict=True), 2
        ):
            depth = self._depth + 1
            node: Node | None = nodes[place] if place >= 0 else None
            if node is not None:
                depth += len(node.loops)
                if node.trigger:
                    yield Line(depth - 1, Kind.LOOP, f"loop {node.loop_ids[-1]}", node.segment.name)
            found = at.pop(number, [])
            missing = [one for one in found if one.code == "edifact.segment.missing"]
            about = [one for one in found if one not in missing]
            yield from _segment_lines(text, segment, known.get(segment[0]), depth, about)
            for finding in missing:  # CONTRL reports it at the segment before the gap
                tag = finding.position.segment_id
                yield Line(depth, Kind.NOTE, tag, named(tag), findings=(finding,))


def _parted(findings: Sequence[Finding], tag: str) -> tuple[list[Finding], list[Finding]]:
    about = [one for one in findings if one.position.segment_id == tag]
    return about, [one for one in findings if one.position.segment_id != tag]


def _service_lines(text: str, separators: Separators, depth: int, findings: list[Finding]) -> Iterator[Line]:
    if text[:3] == "UNA":
        yield Line(depth, Kind.SEGMENT, "UNA", named("UNA"), text[:20], findings=tuple(findings))
        return
    yield from _segment_lines(text, SegmentParser(separators).parse(text), None, depth, findings)


def _segment_lines(
    text: str, segment: list[Any], definition: SegmentDef | None, depth: int, findings: list[Finding]
) -> Iterator[Line]:
    at: dict[tuple[int, int], list[Finding]] = defaultdict(list)
    for finding in findings:
        at[finding.position.element or 0, finding.position.component or 0].append(finding)
    tag = str(segment[0])[:20]
    yield Line(depth, Kind.SEGMENT, tag or "(blank)", named(tag), _cut(text), findings=tuple(at.pop((0, 0), ())))
    elements = definition.elements if definition is not None else ()
    for number, parts in enumerate(segment[1:], 1):
        element = elements[number - 1] if number <= len(elements) else None
        ref = element.ref if element is not None else f"{tag}{number:02d}"
        whole = tuple(at.pop((number, 0), ()))
        inner = element.components if element is not None else ()
        simple = len(parts) == 1 and not inner
        if not any(parts) and not whole and not any(key[0] == number for key in at):
            continue
        name = element.name if element is not None else named(ref)
        yield Line(depth + 1, Kind.ELEMENT, ref, name, _cut(parts[0]) if simple else "", findings=whole)
        for place, part in enumerate(() if simple else parts, 1):
            about = tuple(at.pop((number, place), ()))
            if part or about:
                known = inner[place - 1] if place <= len(inner) else None
                label = f"{ref}.{known.ref}" if known is not None else f"{ref}-{place:02d}"
                yield Line(depth + 2, Kind.ELEMENT, label, known.name if known else "", _cut(part), findings=about)
    for (number, _), found in sorted(at.items()):  # about what was not sent
        ref = elements[number - 1].ref if 0 < number <= len(elements) else f"{tag}{number:02d}"
        label = found[0].position.name or ref
        yield Line(depth + 1, Kind.ELEMENT, label, named(label.rpartition(".")[2]), findings=tuple(found))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"
