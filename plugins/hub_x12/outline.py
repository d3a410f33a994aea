"""An interchange as a tree of lines, for ``hub explain``: envelope segments here, the sets in ``outline_set.py``.

The events come from the same reader as always; two observers keep what it cut until the event that belongs to it has
passed the core, which may have findings of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from hub.findings import Finding
from hub.outline import Kind, Line
from hub.translation import Envelope, Event, InterchangeClosed, InterchangeOpened, MessageRead, ReadContext
from hub_x12.grammar.release import Release, nearest, release
from hub_x12.interchange import InterchangeReader
from hub_x12.outline_segment import OWN, by_place, described, segment_lines
from hub_x12.outline_set import set_lines
from hub_x12.reading import read_payload
from hub_x12.sets import SetReader

_TRAILERS = ("GE", "IEA")


def outline(stream: BinaryIO, context: ReadContext) -> Iterator[Event | Line]:
    """See ``hub.outline.Outliner``."""
    shown = _Shown()
    for event in read_payload(stream, context, observe=shown.set_read, witness=shown.segment_read):
        yield event
        if isinstance(event, InterchangeOpened):
            yield from shown.opening(event)
        elif isinstance(event, MessageRead):
            yield from shown.message(event)
        else:
            yield from shown.closing(event)


class _Shown:
    """What was cut and is not shown yet, and how deep in the tree we are."""

    def __init__(self) -> None:
        self._pending: list[list[str]] = []
        self._set: SetReader | None = None
        self._reader: InterchangeReader | None = None
        self._told = 0
        self._depth = 1
        self._open = False

    # observers

    def segment_read(self, reader: InterchangeReader, values: list[str]) -> None:
        """An envelope segment was cut."""
        if reader is not self._reader:
            self._reader, self._told = reader, 0
        self._pending.append(values)

    def set_read(self, reader: SetReader) -> None:
        """A set was checked."""
        self._set = reader

    # events

    def opening(self, event: InterchangeOpened) -> Iterator[Line]:
        """The interchange, its ISA, and TA1s behind it."""
        yield from self._interchange(event.envelope, event.findings)
        self._open = True
        yield from self._envelope(self._taken())

    def message(self, event: MessageRead) -> Iterator[Line]:
        """What of the envelope stood before a set, and the set with its SE."""
        reader, self._set = self._set, None
        pending = self._taken()
        trailer = pending.pop() if reader is not None and pending and pending[-1][0].strip().upper() == "SE" else None
        yield from self._envelope(pending)
        if reader is not None:
            yield from set_lines(reader, event, trailer, self._depth)

    def closing(self, event: InterchangeClosed) -> Iterator[Line]:
        """The trailers, and the findings that nothing was told of yet."""
        if not self._open:
            yield from self._interchange(event.envelope, event.findings)
            self._taken()
        else:
            before = self._reader.findings[: self._told] if self._reader is not None else []
            told = {id(one) for one in before}
            own = [one for one in event.findings if id(one) not in told]
            yield from self._envelope(self._taken(), own)
        self._open, self._depth, self._reader = False, 1, None

    # lines

    def _taken(self) -> list[list[str]]:
        pending, self._pending = self._pending, []
        return pending

    def _interchange(self, envelope: Envelope, findings: Sequence[Finding]) -> Iterator[Line]:
        elements = envelope.extra.get("isa", ())
        if not elements:
            yield Line(0, Kind.INTERCHANGE, "no interchange", findings=tuple(findings))
            return
        about = [one for one in findings if one.position.segment_id == "ISA"]
        other = tuple(one for one in findings if one.position.segment_id != "ISA")
        parties = f"from {envelope.sender} to {envelope.receiver}"
        test = ", test" if envelope.test else ""
        yield Line(
            0,
            Kind.INTERCHANGE,
            "interchange",
            "X12",
            envelope.control,
            f"{parties}, version {envelope.version}{test}",
            other,
            envelope.control,
        )
        mark = envelope.extra["separators"].element
        known = release("005010" if envelope.version >= "00402" else "004010")
        values = ["ISA", *elements]
        yield from segment_lines(values, mark.join(values), known, envelope.extra["separators"], 1, by_place(about))

    def _release(self) -> Release:
        group = self._reader.group if self._reader is not None else None
        return group.checker.release if group is not None else release(nearest("004010"))

    def _envelope(self, segments: list[list[str]], own: list[Finding] | None = None) -> Iterator[Line]:
        """Envelope segments with the findings since the last time; findings about none of them stand alone."""
        found: list[Finding] = own or []
        if own is None and self._reader is not None:
            found = self._reader.findings[self._told :]
            self._told = len(self._reader.findings)
        left = list(found)
        for values in segments:
            ident = values[0].strip().upper()
            about = [one for one in left if one.position.segment_id == ident]
            left = [one for one in left if one.position.segment_id != ident]
            yield from self._segment(ident, values, about)
        for one in left:
            ident = one.position.segment_id
            name = described(self._release(), ident).name if ident else ""
            yield Line(1, Kind.NOTE, ident or "interchange", name, findings=(one,))

    def _segment(self, ident: str, values: list[str], about: list[Finding]) -> Iterator[Line]:
        assert self._reader is not None
        known, mark = self._release(), self._reader.mark
        if ident == "GS":
            yield _group(values, known, [one for one in about if one.code in OWN])
            self._depth = 2
        if ident == "IEA":
            self._depth = 1
        depth = 1 if ident in ("IEA", "ISA") else self._depth
        yield from segment_lines(values, mark.element.join(values), known, mark, depth, by_place(about))
        if ident in _TRAILERS:
            self._depth = 1


def _group(values: list[str], known: Release, findings: list[Finding]) -> Line:
    from hub_x12.codes import meaning

    texts = [value.strip() for value in [*values, *[""] * 9]]
    functional, control, version = texts[1].upper(), texts[6], texts[8]
    means = f"from {texts[2]} to {texts[3]}, version {version}"
    name = meaning(known.name, "479", functional)
    return Line(1, Kind.GROUP, f"group {functional}".strip(), name, control, means, tuple(findings), control)
