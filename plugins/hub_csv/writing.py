"""Tables out: rows of a mapping as text in a partner's dialect, read again before they leave the house."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from hub.errors import ConfigurationError, DocumentRejected
from hub.findings import Finding, Position, error
from hub.translation import Envelope, WrittenMessage
from hub_csv.dialect import Dialect
from hub_csv.feeds import STANDARD, Feed, feed_of, split_name
from hub_csv.lines import lines
from hub_csv.rows import Rows, guarded

if TYPE_CHECKING:
    from hub.model.document import Document
    from hub.translation import WriteContext, Written


def line_of(values: Sequence[str], dialect: Dialect) -> str:
    """One row with its line end: quoted where it must be, guarded against spreadsheets unless that is switched off.

    Raises ``ValueError`` for a value that the dialect cannot hold (no quote character, and a delimiter in the value).
    """
    cells = [_cell(guarded(value) if dialect.formulas else value, dialect) for value in values]
    if dialect.comment and cells and cells[0].startswith(dialect.comment) and dialect.quote:
        cells[0] = f"{dialect.quote}{cells[0]}{dialect.quote}"
    return dialect.delimiter.join(cells) + dialect.line_end


def _cell(value: str, dialect: Dialect) -> str:
    quote, escape = dialect.quote, dialect.escape
    special = dialect.delimiter in value or "\n" in value or "\r" in value or bool(quote and quote in value)
    if escape and escape in value:
        special, value = True, value.replace(escape, escape * 2)
    if not special:
        return value
    if quote:
        doubled = quote * 2 if not escape or escape == quote else escape + quote
        return quote + value.replace(quote, doubled) + quote
    if escape and "\n" not in value and "\r" not in value:
        return value.replace(dialect.delimiter, escape + dialect.delimiter)
    raise ValueError("the value holds a delimiter or a line break, and the dialect has no quote character")


def encoded(text: str, dialect: Dialect, errors: str = "strict") -> bytes:
    """Text in the dialect's encoding; UTF-16 gets its byte order mark."""
    if dialect.encoding == "utf-16":
        return codecs.BOM_UTF16_LE + text.encode("utf-16-le", errors)
    return text.encode(dialect.encoding, errors)


def write(documents: Sequence[Document], message: str, version: str, context: WriteContext) -> Written:
    """One table with the rows of every document. Raises ``DocumentRejected`` for a document whose values the
    dialect cannot hold, ``ConfigurationError`` where there is no mapping to write with."""
    from hub.translation import Written

    feed = _feed(message, version, context)
    control = str(context.next_control("interchange"))
    rows: list[tuple[str, Mapping[str, str]]] = []
    messages = []
    findings: list[Finding] = []
    for number, document in enumerate(documents, 1):
        if document.kind != feed.mapping.document:
            text = f"mapping {feed.name} writes {feed.mapping.document}, not {document.kind}"
            raise ConfigurationError(text, hint="Name another message in the agreement.")
        messages.append(WrittenMessage(split_name(message)[0], version, f"{control}-{number}"))
        rows.extend((f"{control}-{number}", row) for row in _rows(document, feed, f"{control}-{number}", findings))
    columns = list(feed.dialect.columns or feed.mapping.plan.columns)
    columns += [name for name in dict.fromkeys(name for _, row in rows for name in row) if name not in columns]
    payload = _table(columns, rows, feed)
    extra = {"feed": feed.name}
    envelope = Envelope(STANDARD, context.sender, context.receiver, control, test=context.test, extra=extra)
    name = f"{split_name(message)[0].replace('/', '-')}-{control}.csv"
    return Written(payload, envelope, tuple(messages), name, tuple(findings))


def _rows(document: Document, feed: Feed, control: str, findings: list[Finding]) -> list[dict[str, str]]:
    """A document's rows; refused where they would not be read as this one document."""
    found: list[Finding] = []
    rows: list[dict[str, str]] = feed.mapping.write(document, found)
    findings.extend(finding.at(message=control) for finding in found)
    reason = ""
    if not any(value for row in rows for value in row.values()):
        reason = "holds nothing that this feed has a column for"
    elif feed.group_by and not all(row.get(feed.group_by) for row in rows):
        reason = f"has no value for {feed.group_by}, by which its rows are brought together"
    elif not feed.group_by and len(rows) > 1:
        reason = f"takes {len(rows)} rows, and in this feed each row is a document"
    if reason:
        text = f"{document.kind} {reason} (mapping {feed.name})"
        raise DocumentRejected(text, [error("csv.unwritable", text, Position(message=control))])
    return rows


def _feed(message: str, version: str, context: WriteContext) -> Feed:
    name, own = split_name(message)
    mapping = context.mapping(STANDARD, name, version or own)
    if mapping is None:
        raise ConfigurationError(
            f"there is no mapping csv/{name}{'.' + version if version else ''} to write with",
            hint="See 'hub mapping list'; feeds are the files in mappings/csv/.",
        )
    return feed_of(mapping, lambda other: context.mapping(STANDARD, *split_name(other)))


def _table(columns: Sequence[str], rows: Sequence[tuple[str, Mapping[str, str]]], feed: Feed) -> bytes:
    dialect = feed.dialect
    table = [line_of(columns, dialect)] if dialect.header else []
    for number, (control, row) in enumerate(rows, 2 if dialect.header else 1):
        values = [row.get(name) or "" for name in columns]
        try:
            text = line_of(values, dialect)
            encoded(text, dialect)
        except ValueError as exc:
            raise _unwritable(values, columns, control, number, dialect, exc) from exc
        table.append(text)
    payload = encoded("".join(table), dialect)
    meant = [[row.get(name) or "" for name in columns] for _, row in rows]
    _check(payload, [list(columns), *meant] if dialect.header else meant, feed)
    return payload


def _unwritable(
    values: Sequence[str], columns: Sequence[str], control: str, number: int, dialect: Dialect, exc: ValueError
) -> DocumentRejected:
    reason, at = str(exc), 0
    for at, value in enumerate(values):  # noqa: B007 - the place is needed afterwards
        try:
            encoded(line_of([value], dialect), dialect)
        except UnicodeEncodeError as one:
            reason = f"{dialect.encoding} has no character for {one.object[one.start : one.end]!r}"
            break
        except ValueError as other:
            reason = str(other)
            break
    where = Position(message=control, line=number, name=columns[at])
    finding = error("csv.unwritable", reason, where, value=values[at][:99])
    return DocumentRejected(f"row {number}, column {columns[at]}: {reason}", [finding])


def _check(payload: bytes, expected: Sequence[Sequence[str]], feed: Feed) -> None:
    """Read back what was written: what a partner would read must be what was meant."""
    size = len(payload) + 1
    mark = 2 if feed.dialect.encoding == "utf-16" else 0
    encoding = "utf-16-le" if mark else feed.dialect.encoding
    wanted = ([_read_as(value, feed.dialect) for value in row] for row in expected)
    wanted_rows = [row for row in wanted if any(row)]
    rows = list(Rows(lines(BytesIO(payload), encoding, mark, size, size), feed.dialect, size))
    read = [[row.problem] if row.problem else row.values for row in rows]
    if read != wanted_rows:
        at = next((at for at, (a, b) in enumerate(zip(read, wanted_rows, strict=False)) if a != b), len(wanted_rows))
        text = f"row {at + 1} would be read differently from what was meant; check quote and escape of {feed.name}"
        raise DocumentRejected(text, [error("csv.unwritable", text, Position(line=at + 1))])


def _read_as(value: str, dialect: Dialect) -> str:
    """A value as reading gives it back: line breaks as LF, blanks around it cut where the dialect trims."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    return value.strip() if dialect.trim else value
