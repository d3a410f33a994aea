"""A payload as a stream of events: interchange after interchange, whatever lies between them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import BinaryIO

from hub.findings import Finding, Position
from hub.translation import Envelope, Event, InterchangeClosed, InterchangeOpened, ReadContext, Status
from hub_x12.envelope import check_header, envelope_of
from hub_x12.header import LENGTH, START, Header, foreign, parse, wrapped_width
from hub_x12.interchange import InterchangeReader
from hub_x12.options import DEFAULT, Options
from hub_x12.separators import Separators, separators_of
from hub_x12.sets import SetReader
from hub_x12.source import Source
from hub_x12.verdicts import InterchangeVerdict
from hub_x12.wreckage import hopeless

_PEEK = 4096
_BOM = b"\xef\xbb\xbf"


def read_payload(
    stream: BinaryIO,
    context: ReadContext,
    observe: Callable[[SetReader], None] | None = None,
    witness: Callable[[InterchangeReader, list[str]], None] | None = None,
) -> Iterator[Event]:
    """The events of a payload. Constant memory; never raises for what the payload holds. ``observe`` is shown every
    set as it was cut, after it was checked; ``witness`` every segment of an envelope, before it is checked."""
    source = Source(stream, context.limits.payload_bytes)
    found = False
    spoiled = 0
    before, outside = _seek(source)
    while source.size:
        found = True
        header = _header(source)
        envelope = envelope_of(header, source.offset)
        if header.fault is None:
            options = Options.of(context.options(envelope))
            closed = yield from _interchange(source, header, envelope, options, context, before, observe, witness)
        else:
            closed = _unreadable(source, header, envelope, before)
            options = DEFAULT
        before, outside = _seek(source)
        if source.exceeded:
            message = f"the payload is larger than payload_bytes ({context.limits.payload_bytes})"
            before.append(options.finding("x12.payload.too_large", message))
        segments = _segments_in(outside, header.separators)
        if not segments:
            closed.findings += before
        yield closed
        if segments:
            yield _stray(source, outside, envelope)
        before = []
        spoiled += closed.status is Status.REJECTED or not (closed.received or closed.state.acknowledgments)
        if source.size and hopeless(spoiled, source.offset):
            yield _given_up(source, spoiled)
    if not found:
        yield _nothing(source, before, outside)


def _seek(source: Source) -> tuple[list[Finding], bytes]:
    """Go to the next ISA or the end. Findings about what lies before it, and its first bytes (b'' for blanks)."""
    findings: list[Finding] = []
    where = Position(name=f"byte {source.offset + 1}")
    if source.peek(3) == _BOM:
        source.skip(3)
        findings.append(DEFAULT.finding("x12.payload.byte_order_mark", "a byte order mark was skipped", where))
    blanks = source.skip_blanks()
    if blanks and source.size and source.offset == blanks + 3 * len(findings):
        message = f"{blanks} blank bytes before ISA were skipped"
        findings.append(DEFAULT.finding("x12.payload.blank_before", message, where))
    if not source.size or START.match(source.peek(16)):
        return findings, b""
    where = Position(name=f"byte {source.offset + 1}")
    skipped, first = source.skip_to(START, 16)
    message = f"{skipped} bytes that belong to no interchange were skipped"
    shown = first.decode("latin-1")
    findings.append(DEFAULT.finding("x12.payload.bytes_outside", message, where, shown))
    return findings, first


def _header(source: Source) -> Header:
    head = source.peek(_PEEK)
    header = parse(head)
    if header.fault is None and not header.separators.wrapped:
        if wrapped_width(head, header.separators.segment):
            return _wrapped(header)
    elif header.separators.wrapped:
        return _wrapped(header)
    return header


def _wrapped(header: Header) -> Header:
    mark = header.separators
    separators = separators_of(mark.element, mark.segment, mark.component, mark.repetition, True)
    note = ("x12.interchange.wrapped", "lines are cut at a fixed width; line ends were taken out")
    return replace(header, separators=separators, deviations=(*header.deviations, note))


def _segments_in(outside: bytes, separators: Separators) -> bool:
    text = outside.decode("latin-1")
    return separators.segment in text and separators.element in text


def _interchange(
    source: Source,
    header: Header,
    envelope: Envelope,
    options: Options,
    context: ReadContext,
    before: list[Finding],
    observe: Callable[[SetReader], None] | None,
    witness: Callable[[InterchangeReader, list[str]], None] | None,
) -> Generator[Event, None, InterchangeClosed]:
    reader = InterchangeReader(source, header, envelope, options, context, observe, witness)
    findings = [*before, *reader.complaints("ISA", check_header(header))]
    if reader.refused(findings):
        source.skip(header.length)
        skipped, _ = source.skip_to(START, 16)
        return reader.refuse(findings, skipped)
    source.skip(header.length)
    opened = InterchangeOpened(envelope, findings, reader.leading_acknowledgments())
    yield opened
    yield from reader.contents()
    return reader.close(findings)


def _unreadable(source: Source, header: Header, envelope: Envelope, before: list[Finding]) -> InterchangeClosed:
    code, sentence = header.fault or ("", "")
    shown = source.peek(LENGTH).decode("latin-1")
    source.skip(3)
    skipped, _ = source.skip_to(START, 16)
    where = Position(segment_id="ISA", name=f"byte {envelope.offset + 1}")
    finding = DEFAULT.finding(code, f"{sentence}; {skipped + 3} bytes were not read", where, shown)
    verdict = InterchangeVerdict(header.elements, True, [finding.list_code], finding.list_code)
    wants = bool(header.elements)  # without them there is nothing that an answer could name
    return InterchangeClosed(envelope, Status.REJECTED, [*before, finding], 0, 0, wants, verdict)


def _stray(source: Source, outside: bytes, envelope: Envelope) -> InterchangeClosed:
    where = Position(name=f"before byte {source.offset + 1}")
    message = f"segments after interchange {envelope.control} belong to no interchange"
    finding = DEFAULT.finding("x12.payload.segments_outside", message, where, outside.decode("latin-1"))
    verdict = InterchangeVerdict((), True, [finding.list_code])
    return InterchangeClosed(Envelope("x12"), Status.REJECTED, [finding], 0, 0, False, verdict)


def _given_up(source: Source, spoiled: int) -> InterchangeClosed:
    where = Position(name=f"byte {source.offset + 1}")
    left = source.skip_all()
    message = f"{spoiled} interchanges were rejected or empty; the {left} bytes left were not read"
    finding = DEFAULT.finding("x12.payload.too_many_faults", message, where)
    return InterchangeClosed(
        Envelope("x12"), Status.REJECTED, [finding], 0, 0, False, InterchangeVerdict((), True, [finding.list_code])
    )


def _nothing(source: Source, before: list[Finding], outside: bytes) -> InterchangeClosed:
    if encoding := foreign(outside):
        before, outside = [], b""  # nobody can read them
        code = "x12.payload.encoding"
        message = f"the payload is X12 in {encoding}; it is read in ASCII, Latin-1 or UTF-8 only"
    elif outside[:3] == b"ISA":
        cut = len(outside) < LENGTH and source.ended
        code = "x12.interchange.header_cut" if cut else "x12.interchange.header_elements"
        message = "the payload ends inside ISA" if cut else "ISA cannot be read: its separators are not in their places"
    elif not outside:
        code, message = "x12.payload.no_interchange", "the payload is empty"
    else:
        code, message = "x12.payload.no_interchange", "the payload holds no X12 interchange: there is no ISA in it"
    finding = DEFAULT.finding(code, message, Position(name="byte 1"), outside.decode("latin-1"))
    return InterchangeClosed(
        Envelope("x12"), Status.REJECTED, [*before, finding], 0, 0, False, InterchangeVerdict((), True)
    )
