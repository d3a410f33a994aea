"""A table as a stream of events: header, then one message per document, in memory that does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from hub.findings import Finding, Position, error, rejects, warning
from hub.translation import Envelope, Event, InterchangeClosed, InterchangeOpened, Limits, MessageRead, Status
from hub_csv.feeds import STANDARD, Feed, choose, split_name
from hub_csv.grouping import Group, Grouping
from hub_csv.header import Header, positional, read_header
from hub_csv.lines import CHUNK, TooLarge, encoding_of, lines
from hub_csv.results import Results
from hub_csv.rows import Rows

if TYPE_CHECKING:
    from hub.translation import ReadContext


def read(stream: BinaryIO, context: ReadContext) -> Iterator[Event]:
    """The events of one table. Whatever the file holds, they end in one ``InterchangeClosed``."""
    envelope = Envelope(STANDARD, extra={"file": context.file})
    head = _head(stream)
    feed = choose(head, envelope, context)
    if isinstance(feed, Finding):
        yield from _refused(envelope, feed.at(file=context.file))
        return
    form = {"encoding": feed.dialect.encoding, "delimiter": feed.dialect.delimiter, "quote": feed.dialect.quote}
    envelope = replace(envelope, version=feed.name, extra={"file": context.file, "feed": feed.name, **form})
    yield from _Reader(feed, envelope, context).events(_Joined(head, stream), head)


def _head(stream: BinaryIO) -> bytes:
    """The beginning of the file, whole chunks whatever the stream gives at a time."""
    parts, size = [], 0
    while size < CHUNK and (part := stream.read(CHUNK - size)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _refused(envelope: Envelope, finding: Finding) -> Iterator[Event]:
    yield InterchangeOpened(envelope)
    yield InterchangeClosed(envelope, Status.REJECTED, [finding])


class _Joined:
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """The head first, then the rest."""
        if self._head:
            head, self._head = self._head, b""
            return head
        return self._stream.read(size)


@dataclass(slots=True)
class _Count:
    received: int = 0
    accepted: int = 0


class _Reader:
    """One file being read."""

    def __init__(self, feed: Feed, envelope: Envelope, context: ReadContext) -> None:
        self._feed = feed
        self._envelope = envelope
        self._file = context.file
        self._limits = _bounded(context.limits, feed)
        self._type, self._version = split_name(feed.name)
        first = set(feed.mapping.plan.columns)
        # Each mapping with the columns that only other mappings read (to it they are not unmapped content), and for
        # a companion with those that only it reads.
        self._readers = [
            (one, set(feed.columns) - set(one.plan.columns), set(one.plan.columns) - first)
            for one in (feed.mapping, *feed.companions)
        ]
        self._count = _Count()
        self._findings: list[Finding] = []
        self._results = Results(feed.dialect, feed.name, result_policy(context.options(envelope)))

    def events(self, stream: Any, head: bytes) -> Iterator[Event]:
        """Opened, one ``MessageRead`` per document, closed."""
        encoding, mark, remark = encoding_of(head, self._feed.dialect.encoding)
        opened = InterchangeOpened(self._envelope)
        if remark:
            opened.findings.append(warning("csv.encoding.differs", remark, Position(file=self._file)))
        limits = self._limits
        physical = lines(stream, encoding, mark, limits.segment_bytes, limits.payload_bytes)
        rows = iter(Rows(physical, replace(self._feed.dialect, encoding=encoding), limits.segment_bytes))
        try:
            header = self._header(rows)
            opened.findings.extend(self._own(finding) for finding in header.findings if not rejects([finding]))
            self._findings.extend(self._own(finding) for finding in header.findings if rejects([finding]))
            yield opened
            opened = None  # type: ignore[assignment]
            if not self._findings:
                grouping = Grouping(header.names, self._feed.dialect, self._feed.group_by, limits)
                for group in grouping.groups(rows):
                    message = self._message(group)
                    yield message
                    # The core may have rejected it meanwhile: the result table says what it is now.
                    self._note(group, message)
                if not self._count.received:
                    self._findings.append(self._own(warning("csv.empty", "the table has no rows")))
        except TooLarge as exc:
            if opened is not None:
                yield opened
            self._findings.append(self._own(error("csv.too_large", str(exc))))
        yield self._closed()

    def _header(self, rows: Iterator[Any]) -> Header:
        feed = self._feed
        if not feed.dialect.header:
            return positional(feed.dialect)
        row = next(rows, None)
        if row is None:
            return Header([], [error("csv.empty", "the file holds no row, not even a header")])
        most = self._limits.elements
        if len(row.values) > most:
            text = f"the header has {len(row.values)} columns, {most} are allowed (format: max: columns, or elements)"
            return Header([], [error("csv.columns", text, Position(line=row.line))])
        needed = [feed.group_by] if feed.group_by else []
        return read_header(row, feed.dialect, feed.columns, needed)

    def _message(self, group: Group) -> MessageRead:
        self._count.received += 1
        position = self._count.received
        read = MessageRead(
            self._envelope, self._type, self._version, group.key or str(position), position=position,
            mapping=self._feed.mapping.name, offset=group.offset, length=group.size, findings=group.findings,
        )  # fmt: skip
        if not rejects(group.findings):
            self._map(group, read)
        del read.findings[self._limits.findings_per_message :]
        read.findings[:] = [self._own(finding).at(message=read.control) for finding in read.findings]
        read.accepted = not rejects(read.findings)
        if not read.accepted:
            read.documents.clear()  # of a row that is two documents, both or none
        return read

    def _note(self, group: Group, read: MessageRead) -> None:
        self._count.accepted += read.accepted
        line = group.lines[0] if group.lines else 0
        self._results.add(read.position, line, self._id(group), group.rows, read.accepted, read.findings)

    def _map(self, group: Group, read: MessageRead) -> None:
        """The documents of a group; of a companion only where its own columns say something."""
        for mapping, foreign, own in self._readers:
            records = group.records
            if own and not any(row.get(name) for row in records for name in own):
                continue
            if foreign:
                records = [{name: row[name] for name in row if name not in foreign} for row in records]
            reading = mapping.read(records, group.lines)
            read.findings.extend(reading.findings)
            read.documents.extend(reading.documents)

    def _id(self, group: Group) -> str:
        """What the partner knows a document by: the shared key, or the first column that the mapping reads."""
        if self._feed.group_by or not group.records:
            return group.key
        return next((value for name in self._feed.columns if (value := group.records[0].get(name))), "")

    def _own(self, finding: Finding) -> Finding:
        return finding.at(file=self._file)

    def _closed(self) -> InterchangeClosed:
        received, accepted = self._count.received, self._count.accepted
        if rejects(self._findings) and not accepted:
            status = Status.REJECTED
        elif rejects(self._findings) or accepted < received:
            status = Status.PARTIAL if accepted else Status.REJECTED
        else:
            status = Status.ACCEPTED
        if rejects(self._findings):
            self._results.refused("; ".join(finding.message for finding in self._findings if rejects([finding])))
        wants = self._results.keep != "none"
        return InterchangeClosed(
            self._envelope, status, self._findings, received, accepted, wants_acknowledgment=wants, state=self._results
        )


def _bounded(limits: Limits, feed: Feed) -> Limits:
    """The hub's limits, made narrower (never wider) by the feed's ``max:``."""
    dialect = feed.dialect
    return replace(
        limits,
        elements=min(limits.elements, dialect.max_columns or limits.elements),
        segment_bytes=min(limits.segment_bytes, dialect.max_row_bytes or limits.segment_bytes),
    )


def result_policy(options: Mapping[str, Any]) -> str:
    """Which result rows the partner gets, from the option ``result``: ``all`` (default), ``rejected`` or ``none``."""
    value = str(options.get("result", "all")).lower()
    known = {"all": "all", "true": "all", "rejected": "rejected", "none": "none", "false": "none"}
    if value not in known:
        from hub.errors import ConfigurationError

        raise ConfigurationError(f"option result: {value!r} is none of all, rejected, none")
    return known[value]
