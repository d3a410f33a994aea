"""The first row of a table: which column is which, and what to say when it is not the table that was agreed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.findings import Finding, Position, error, notice, warning
from hub_csv.dialect import Dialect
from hub_csv.rows import Row

CANDIDATES = (";", ",", "\t", "|")
"""Delimiters that are tried when the declared one finds no columns."""

_SHOWN = {"\t": "tab"}


@dataclass(slots=True)
class Header:
    """The columns of a file, in its order, under the names the mapping uses."""

    names: list[str]
    findings: list[Finding] = field(default_factory=list)


def folded(name: str) -> str:
    """A column's name without what people change by accident: case, blanks, ``_`` and ``-``."""
    return re.sub(r"[\s_\-]+", "", name).casefold()


def read_header(row: Row, dialect: Dialect, known: Sequence[str], needed: Sequence[str]) -> Header:
    """The header of a file, from its first row. ``known`` are the columns that the mapping reads, ``needed`` those
    it cannot do without. An error among the findings means that the file cannot be read."""
    place = Position(line=row.line)
    names = [name if name else f"column {at}" for at, name in enumerate(row.values, 1)]
    header = Header(names)
    if row.problem:
        header.findings.append(error(row.code, f"the header cannot be read: {row.problem}", place))
        return header
    _rename(header, known, place)
    for name, count in Counter(header.names).items():
        if count > 1:
            _double(header, name, name in known, place)
    if not set(known) & set(header.names):
        header.findings.append(_no_column(row, dialect, known, place))
        return header
    for name in needed:
        if name not in header.names:
            text = f"the header has no column {name!r}; it has {shown(header.names)}"
            header.findings.append(error("csv.column.missing", text, at(place, name)))
    absent = [name for name in known if name not in header.names and name not in needed]
    if absent:
        text = f"the file has no column {shown(absent)}, which the mapping reads"
        header.findings.append(notice("csv.column.absent", text, place))
    return header


def positional(dialect: Dialect) -> Header:
    """The columns of a file without header."""
    return Header(list(dialect.columns))


def _rename(header: Header, known: Sequence[str], place: Position) -> None:
    """Give columns that differ from the mapping's by case or blanks only the mapping's name."""
    wanted: dict[str, list[str]] = {}
    for name in known:
        if name not in header.names:
            wanted.setdefault(folded(name), []).append(name)
    counts = Counter(folded(name) for name in header.names)
    for index, name in enumerate(header.names):
        matches = wanted.get(folded(name), [])
        if name not in known and len(matches) == 1 and counts[folded(name)] == 1:
            header.names[index] = matches[0]
            text = f"column {name!r} is read as {matches[0]!r}"
            header.findings.append(notice("csv.column.spelling", text, at(place, matches[0])))


def _double(header: Header, name: str, used: bool, place: Position) -> None:
    places = [index for index, other in enumerate(header.names) if other == name]
    numbers = " and ".join(str(index + 1) for index in places)
    if used:
        text = f"column {name!r} stands {len(places)} times (columns {numbers}); which one counts cannot be told"
        header.findings.append(error("csv.column.double", text, at(place, name)))
        return
    for nth, index in enumerate(places[1:], 2):
        header.names[index] = f"{name} [{nth}]"
    text = f"column {name!r} stands {len(places)} times (columns {numbers}); the mapping reads none of them"
    header.findings.append(warning("csv.column.double", text, at(place, name)))


def _no_column(row: Row, dialect: Dialect, known: Sequence[str], place: Position) -> Finding:
    used = _SHOWN.get(dialect.delimiter, dialect.delimiter)
    count = len(row.values)
    plural = "s" if count != 1 else ""
    text = f"the header has {count} column{plural} with delimiter '{used}', and none of the columns {shown(known)}"
    if other := better_delimiter(dialect.delimiter.join(row.values), dialect.delimiter, known):
        text += f"; did you mean delimiter: '{_SHOWN.get(other, other)}'?"
    return error("csv.header", text, place, value=dialect.delimiter.join(row.values)[:99])


def better_delimiter(line: str, used: str, known: Sequence[str]) -> str:
    """The delimiter with which most of the ``known`` columns are found in a header, '' if none finds any."""
    wanted = {folded(name) for name in known}
    score = {
        one: len(wanted & {folded(name.strip().strip('"')) for name in line.split(one)})
        for one in CANDIDATES
        if one != used
    }
    best = max(score, key=lambda one: score[one])
    return best if score[best] else ""


def shown(names: Sequence[str], most: int = 6) -> str:
    """A few names for a message."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(repr(name) for name in names[:most]) + rest


def at(place: Position, name: str) -> Position:
    """The same place, in the column ``name``."""
    return Position(file=place.file, message=place.message, line=place.line, name=name)
