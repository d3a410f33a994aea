"""One message: from its segments' text to a document, with everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hub.findings import Finding, Position, error, notice, warning
from hub.grammar import Structure
from hub.grammar.structure import Fault as Misfit
from hub.grammar.structure import Misplaced
from hub_edifact import errors0085 as e
from hub_edifact.charsets import Charset, outside_repertoire
from hub_edifact.collected import Collected
from hub_edifact.directories import load_grammar, nearest_directory
from hub_edifact.elements import SegmentCheck, tests_of
from hub_edifact.envelope import MessageHeader
from hub_edifact.remarks import remark
from hub_edifact.runs import Note
from hub_edifact.segments import Segment, SegmentParser
from hub_edifact.separators import Separators

if TYPE_CHECKING:
    from hub.grammar import SegmentDef
    from hub.mapping.compiled import CompiledMapping

_MISFITS = {
    Misfit.UNRECOGNIZED: ("segment.unknown", e.NOT_SUPPORTED_HERE, "{0} is no segment of this directory's message"),
    Misfit.UNEXPECTED: ("segment.unexpected", e.NOT_SUPPORTED_HERE, "{0} may not stand here"),
    Misfit.NOT_IN_SET: ("segment.unexpected", e.NOT_SUPPORTED_HERE, "{0} is no segment of this message"),
    Misfit.OUT_OF_SEQUENCE: ("segment.order", e.NOT_SUPPORTED_HERE, "{0} stands too late, its place is further up"),
    Misfit.MISSING: ("segment.missing", e.MISSING, "the mandatory segment {0} is missing"),
    Misfit.OVER_MAX: ("segment.repeats", e.SEGMENT_REPEATS, "{0} repeats more than {1} times"),
    Misfit.LOOP_OVER_MAX: ("segment.group_repeats", e.GROUP_REPEATS, "{2} (from {0}) repeats more than {1} times"),
}


@dataclass(slots=True)
class Content:
    """A message as framed: the texts between UNH and UNT and the notes about them (index into ``texts``).
    ``dropped`` counts segments beyond the limit ``message_segments``."""

    header: MessageHeader
    offset: int
    end: int
    texts: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    dropped: int = 0

    @property
    def segments(self) -> int:
        """How many segments the message has, UNH and UNT included (what UNT 0074 must say)."""
        return len(self.texts) + self.dropped + 2


@dataclass(slots=True)
class Examined:
    """A message after reading: parsed segments with their places in the structure (-1: nowhere)."""

    segments: list[Segment]
    places: list[int]


@lru_cache(maxsize=64)
def _structure(name: str) -> Structure | None:
    grammar = load_grammar(name)
    return Structure(grammar) if grammar else None


class MessageExaminer:
    """Parses and validates messages of one interchange: separators, character set and directory checks in one place."""

    def __init__(self, separators: Separators, charset: Charset, elements: int) -> None:
        self.parser = SegmentParser(separators)
        self._charset = charset
        self._elements = elements

    @staticmethod
    def structure_for(header: MessageHeader, syntax_version: int) -> Structure | None:
        """The structure that fits a message best where there is no mapping to say it; None if none is known."""
        directory = nearest_directory(header.version)
        if header.type == "CONTRL":
            directory = "V4" if syntax_version == 4 else "V3"
        return _structure(f"edifact/{directory}/{header.type}")

    def examine(self, content: Content, structure: Structure | None, findings: Collected) -> Examined:
        """Segments, places and findings of a message. Without a structure only the syntax is looked at."""
        definitions = structure.grammar.segments if structure else {}
        clean = tests_of(structure.grammar, self.parser.separators) if structure else {}
        segments: list[Segment] = []
        separators = self.parser.separators
        element, part = separators.element, separators.component
        release, repetition = separators.release or "\0", separators.repetition or "\0"
        for position, text in enumerate(content.texts, 2):
            if release in text or repetition in text:
                definition = definitions.get(text[:3])
                segment = self._careful(text, definition, position, findings)
                self._explain(segment, definition, position, findings)
            else:
                parts = text.split(element)
                segment = [one.split(part) for one in parts]
                tag = segment[0] = parts[0]
                match = clean[tag] if tag in definitions else None
                if match is None or match(text) is None:
                    self._explain(segment, definitions.get(tag[:3]), position, findings)
            segments.append(segment)
        self._framing(content, findings)
        places = [-1] * len(segments)
        if structure is not None:
            walk = structure.walk([segment[0] for segment in segments])
            places = walk.places
            findings.extend([_misfit(fault) for fault in walk.faults])
        return Examined(segments, places)

    def _careful(self, text: str, definition: SegmentDef | None, position: int, findings: Collected) -> Segment:
        """Parse a segment that has release characters or repetitions."""
        where = Position(segment=position, segment_id=text[:3])
        strays = self.parser.stray_releases(text)
        if strays:
            findings.add(remark(Note("stray_release", 0, repr(strays[0][1:])), where, strays[0]))
        segment, over = self.parser.parse_repeating(text, definition)
        for number in over:
            say = "the element repeats more often than its directory allows"
            at = where._replace(element=number)
            findings.add(error("edifact.element.repeats", say, at, list_id="0085", list_code=e.SEGMENT_REPEATS))
        return segment

    def _explain(self, segment: Segment, definition: SegmentDef | None, position: int, findings: Collected) -> None:
        tag = segment[0]
        if ":" in tag or len(tag) != 3 or not (tag.isascii() and tag.isalnum() and tag.isupper()):
            segment[0] = tag[:3] if self.parser.separators.component in tag else tag
            where = Position(segment=position, segment_id=tag[:9])
            if segment[0] == tag:
                say = "a segment begins with a tag of three capital letters"
                findings.add(
                    error("edifact.segment.tag", say, where, value=tag[:99], list_id="0085", list_code=e.INVALID)
                )
            else:
                say = "the tag carries nesting and repetition counts, which were not used"
                findings.add(notice("edifact.segment.nesting", say, where, value=tag[:99]))
        if len(segment) - 1 > self._elements:
            say = f"the segment has {len(segment) - 1} elements, more than the limit elements allows ({self._elements})"
            where = Position(segment=position, segment_id=tag[:3])
            findings.add(error("edifact.segment.elements", say, where, list_id="0085", list_code=e.TOO_MANY))
        if definition is None:
            return
        for fault in SegmentCheck(definition, self.parser.separators).explain(segment):
            where = Position(
                segment=position, segment_id=tag[:3], element=fault.element, component=fault.component, name=fault.name
            )
            code, value = f"edifact.element.{fault.code}", fault.value[:99]
            findings.add(Finding(fault.severity, code, fault.text, where, value, "0085", fault.standard))

    def _framing(self, content: Content, findings: Collected) -> None:
        for note in content.notes:
            text = content.texts[note.index] if note.index < len(content.texts) else ""
            where = Position(segment=note.index + 2, segment_id=text[:3])
            findings.add(remark(note, where, text if note.kind in ("undeclared_charset", "line_break") else ""))
        if not self._charset.overridden:
            self._repertoire(content, findings)

    def _repertoire(self, content: Content, findings: Collected) -> None:
        identifier = self._charset.identifier
        if not outside_repertoire("\n".join(content.texts), identifier):
            return
        for index, text in enumerate(content.texts):
            if outside_repertoire(text, identifier):
                where = Position(segment=index + 2, segment_id=text[:3])
                findings.add(remark(Note("repertoire", index, identifier), where, text))
                return


def _misfit(fault: Misplaced) -> Finding:
    code, standard, text = _MISFITS[fault.fault]
    node = fault.node
    group = node.loop_ids[-1] if node and node.loop_ids else ""
    said = text.format(fault.segment_id, node.max if node else 0, group)
    # a missing segment is reported at the last one before the gap, as CONTRL 0096 wants it
    segment = fault.at + (1 if fault.fault is Misfit.MISSING else 2)
    where = Position(segment=segment, segment_id=fault.segment_id, loop=group)
    return error(f"edifact.{code}", said, where, list_id="0085", list_code=standard)


def map_message(examined: Examined, mapping: CompiledMapping, header: MessageHeader, findings: Collected) -> list[Any]:
    """The documents of an examined message, by its mapping."""
    if mapping.version and mapping.version != header.version:
        say = f"there is no mapping for {header.type} {header.version}; read as {mapping.version} ({mapping.name})"
        findings.add(notice("edifact.message.directory", say, Position(segment=1, segment_id="UNH")))
    reading = mapping.read(examined.segments, examined.places, first=2)
    findings.extend(reading.findings)
    return reading.documents


def unmapped(header: MessageHeader) -> Finding:
    """The warning for a message that nobody described."""
    say = f"there is no mapping for {header.type or 'this message'} {header.version}: accepted, but nothing was read"
    return warning("edifact.message.unmapped", say, Position(segment=1, segment_id="UNH"))
