"""The events of a payload: interchange by interchange, message by message (see ``hub.translation``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from hub.findings import Finding, Position, error, warning
from hub.translation import Event, InterchangeClosed, InterchangeOpened, Status
from hub_edifact import errors0085 as e
from hub_edifact.charsets import charset_for
from hub_edifact.envelope import Header, finding_at, read_header
from hub_edifact.framing import BLOCK, Frames
from hub_edifact.interchange import Interchange, Observer
from hub_edifact.remarks import remark
from hub_edifact.runs import Note, Run
from hub_edifact.segments import SegmentParser
from hub_edifact.separators import DEFAULT_REPETITION

if TYPE_CHECKING:
    from hub.translation import ReadContext


class PayloadReader:
    """One pass over one payload."""

    def __init__(
        self, stream: BinaryIO, context: ReadContext, block: int = 0, observer: Observer | None = None
    ) -> None:
        limits = context.limits
        self._frames = Frames(stream, limits.segment_bytes, limits.payload_bytes, block or BLOCK)
        self._context = context
        self._observer = observer
        self._open: Interchange | None = None
        self._closing: InterchangeClosed | None = None
        self._pending: list[Finding] = []  # about what stands before the next UNB
        self._offset = 0
        self._any = False

    def events(self) -> Iterator[Event]:
        """All events. The end of an interchange is held back until it is known that nothing strange follows it."""
        for run in self._frames:
            yield from self._run(run)
        yield from self._end_of_payload()

    def _run(self, run: Run) -> Iterator[Event]:
        if run.outside:
            self._outside(run)
            return
        tag = run.texts[0][:3] if run.texts else ""
        if self._observer is not None and run.service and run.texts:
            self._observer.service(run.texts[0], self._frames.separators)
        if run.service and tag == "UNA":
            yield from self._close_open()
            self._offset = run.offset
            self._pending += [remark(note, self._place(segment_id="UNA"), note.detail) for note in run.notes]
        elif run.service and tag in ("UNB", "UIB"):
            yield from self._close_open()
            yield from self._header(run, tag)
        else:
            if self._open is None:
                yield from self._without_header(run)
            assert self._open is not None
            yield from self._open.run(run)
            if self._open.closed is not None:
                self._closing, self._open = self._open.closed, None

    def _place(self, **where: Any) -> Position:
        return Position(file=self._context.file, **where)

    def _outside(self, run: Run) -> None:
        note = Note("outside", 0, str(run.end - run.offset))
        finding = remark(note, self._place(name=f"byte {run.offset}"), run.texts[0])
        if self._closing is not None:
            self._closing.findings.append(finding)
        else:
            self._pending.append(finding)

    def _close_open(self) -> Iterator[Event]:
        """Another interchange begins, or the payload ends: close the present one."""
        if self._open is not None:
            yield from self._open.end(None, 0)
            self._closing, self._open = self._open.closed, None
        if self._closing is not None:
            closing, self._closing = self._closing, None
            yield closing

    def _header(self, run: Run, tag: str) -> Iterator[Event]:
        frames = self._frames
        parser = SegmentParser(frames.separators)
        header, findings = read_header(parser.parse(run.texts[0]))
        if tag == "UIB":
            text = "this is interactive EDI (UIB), which is not supported; batch interchanges begin with UNB"
            findings = [finding_at(error, "interchange.interactive", text, e.NOT_SUPPORTED_HERE, "UIB")]
        if not frames.advised and header.read_as == 4 and frames.separators.release:
            frames.separators = replace(frames.separators, repetition=DEFAULT_REPETITION)
        frames.separators = frames.separators.for_version(header.read_as)
        if run.notes:
            findings += [remark(note, self._place(segment_id="UNB"), run.texts[0]) for note in run.notes]
        offset = self._offset if frames.advised and run.offset - self._offset < 20 else run.offset
        envelope = header.envelope(offset)
        options = self._context.options(envelope)
        charset = charset_for(header.syntax, header.encoding, str(options.get("charset", "")))
        frames.charset = charset
        yield from self._begin(header, offset, findings, options)

    def _without_header(self, run: Run) -> Iterator[Event]:
        """Segments, but no UNB before them."""
        yield from self._close_open()
        self._frames.charset = charset_for("UNOA")
        envelope = Header().envelope(run.offset)
        options = self._context.options(envelope)
        accept = options.get("bare_messages") == "accept"
        text = "there is no UNB before this message: an interchange header is missing"
        make = warning if accept else error
        finding = finding_at(make, "interchange.header_missing", text, e.MISSING, "UNB", name=f"byte {run.offset}")
        yield from self._begin(Header(), run.offset, [finding], options)

    def _begin(
        self, header: Header, offset: int, findings: list[Finding], options: Mapping[str, Any]
    ) -> Iterator[Event]:
        self._any = True
        findings = [one.at(file=self._context.file, interchange=header.control) for one in self._pending + findings]
        self._pending = []
        self._open = Interchange(
            header, header.envelope(offset), self._frames, self._context, options, findings, self._observer
        )
        yield InterchangeOpened(self._open.envelope, findings)

    def _end_of_payload(self) -> Iterator[Event]:
        if self._frames.too_large:
            text = f"the payload is larger than the limit payload_bytes allows ({self._context.limits.payload_bytes})"
            finding = finding_at(error, "payload.too_large", text, e.UNSPECIFIED, "", file=self._context.file)
            (self._open.findings if self._open is not None else self._pending).append(finding)
        yield from self._close_open()
        if self._pending or not self._any:
            envelope = Header().envelope(0)
            text = "there is no EDIFACT interchange in this payload: no UNB was found"
            nothing = finding_at(error, "interchange.none", text, e.MISSING, "UNB", file=self._context.file)
            yield InterchangeOpened(envelope, [])
            yield InterchangeClosed(envelope, Status.REJECTED, [*self._pending, nothing], wants_acknowledgment=False)
