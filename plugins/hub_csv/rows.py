"""Rows of values from physical lines: RFC 4180 quoting, line breaks in quotes, and recovery after a broken quote.

A row whose quotes are broken costs one physical line: reading goes on with the next line, so that a quote that is
never closed cannot swallow the rest of the file.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from hub_csv.dialect import Dialect
from hub_csv.lines import Line

ROW_LINES = 1_000
"""Lines that one quoted row may span."""


@dataclass(slots=True)
class Row:
    """One row. ``problem`` says why its values cannot be trusted ('' if they can), ``code`` is the finding's."""

    line: int
    values: list[str]
    offset: int
    size: int
    problem: str = ""
    code: str = ""


class Rows:
    """Iterate over the rows of a table; blank lines, blank rows and comments are left out."""

    def __init__(self, lines: Iterable[Line], dialect: Dialect, row_bytes: int) -> None:
        self._lines = iter(lines)
        self._dialect = dialect
        self._row_bytes = row_bytes
        self._pending: deque[Line] = deque()
        self._patterns = _patterns(dialect.delimiter, dialect.quote, dialect.escape, dialect.trim)

    def __iter__(self) -> Iterator[Row]:
        dialect = self._dialect
        special = [mark for mark in (dialect.quote, dialect.escape) if mark]
        while (line := self._next()) is not None:
            text = line.text
            if line.number <= dialect.skip or (dialect.comment and text.startswith(dialect.comment)):
                continue
            if line.over:
                yield self._bad(line, f"line is longer than row-bytes ({self._row_bytes})", "csv.row.too_long")
                continue
            row = (
                self._quoted(line)
                if any(mark in text for mark in special)
                else Row(line.number, text.split(dialect.delimiter), line.offset, line.size)
            )
            if dialect.trim:
                row.values = [value.strip() for value in row.values]
            if dialect.formulas:  # by value: the line that a row begins with is not all of it
                row.values = [unguarded(value) if value[:1] in _GUARDS else value for value in row.values]
            if not row.problem and ("\x00" in text or "\ufffd" in text):
                self._unreadable(row)
            if row.problem or any(row.values):
                yield row

    def _next(self) -> Line | None:
        return self._pending.popleft() if self._pending else next(self._lines, None)

    def _quoted(self, line: Line) -> Row:
        """A row with quotes, over as many lines as they need."""
        scan = _Scan(self._patterns, self._dialect)
        scan.feed(line.text)
        held: list[Line] = []
        size = line.size
        while scan.open and not scan.problem:
            following = self._next()
            if following is None:
                scan.problem = f"quote opened in value {len(scan.values) + 1} is never closed"
                break
            held.append(following)
            size += following.size
            if len(held) >= ROW_LINES or size > self._row_bytes or following.over:
                scan.problem = (
                    f"quote opened in value {len(scan.values) + 1} is not closed within {ROW_LINES} lines "
                    f"and {self._row_bytes} bytes"
                )
                break
            scan.feed("\n" + following.text)
        if scan.problem:
            self._pending.extendleft(reversed(held))
            return self._bad(line, scan.problem, "csv.quote")
        row = Row(line.number, scan.values, line.offset, size)
        if any("\x00" in one.text or "\ufffd" in one.text for one in held):
            self._unreadable(row)
        return row

    def _bad(self, line: Line, problem: str, code: str) -> Row:
        """A row that cannot be split for certain; split without regard to quotes, so that its key may be seen."""
        naive = line.text.split(self._dialect.delimiter)
        return Row(line.number, [value.strip().strip('"') for value in naive], line.offset, line.size, problem, code)

    def _unreadable(self, row: Row) -> None:
        at = next((at for at, value in enumerate(row.values, 1) if "\ufffd" in value or "\x00" in value), 1)
        if any("\x00" in value for value in row.values):
            row.problem, row.code = f"value {at} holds a NUL character; is the file in another encoding?", "csv.nul"
        else:
            row.problem = f"value {at} has bytes that are not {self._dialect.encoding}; declare the file's encoding"
            row.code = "csv.encoding"


_GUARDS = ("=", "'")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[\d.,]+")


def unguarded(value: str) -> str:
    """A value without the guards spreadsheets need: ``="00123"`` is 00123, ``'=1+1`` is =1+1."""
    if value.startswith('="') and value.endswith('"') and len(value) > 2:
        return value[2:-1].replace('""', '"')
    return value[1:] if _GUARDED.match(value) else value


def guarded(value: str) -> str:
    """A value that no spreadsheet runs as a formula (``unguarded`` gives it back); numbers are left alone."""
    if value[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMBER.fullmatch(value):
        return "'" + value
    return "'" + value if _GUARDED.match(value) else value


@dataclass(frozen=True, slots=True)
class _Patterns:
    opening: re.Pattern[str]
    inside: re.Pattern[str]
    closing: re.Pattern[str]
    plain: re.Pattern[str]
    escaped: re.Pattern[str]


@lru_cache(maxsize=64)
def _patterns(delimiter: str, quote: str, escape: str, trim: bool) -> _Patterns:
    d, q, e = re.escape(delimiter), re.escape(quote), re.escape(escape) if escape != quote else ""
    blank = "".join(mark for mark in " \t" if mark != delimiter) if trim else ""
    blanks = f"[{blank}]*" if blank else ""
    never = r"(?!)"
    inside = f"(?:[^{q}{e}]++|{q}{q}" + (f"|{e}.?)*+" if e else ")*+")
    plain = f"(?:[^{d}{e}]++|{e}.?)*+" if e else f"[^{d}]*+"
    return _Patterns(
        opening=re.compile(blanks + q if quote else never),
        inside=re.compile(inside if quote else never, re.DOTALL),
        closing=re.compile(f"{q}{blanks}(?:({d})|\\Z)" if quote else never),
        plain=re.compile(plain, re.DOTALL),
        escaped=re.compile(f"{e}(.)|{q}({q})" if e and q else f"{e}(.)()" if e else never, re.DOTALL),
    )


class _Scan:
    """Splits one row that holds quotes or escapes; fed line by line, each character is looked at once."""

    def __init__(self, patterns: _Patterns, dialect: Dialect) -> None:
        self.values: list[str] = []
        self.open = False
        self.problem = ""
        self._parts: list[str] = []
        self._patterns = patterns
        self._quote = dialect.quote
        self._escape = dialect.escape if dialect.escape != dialect.quote else ""

    def feed(self, text: str) -> None:
        """Take the row's next line (with the line break before it, from the second on)."""
        at, patterns = 0, self._patterns
        while not self.problem:
            if not self.open:
                opening = patterns.opening.match(text, at)
                if opening is None:
                    found = patterns.plain.match(text, at)
                    at = found.end() if found else at
                    self.values.append(self._escaped(found[0] if found else ""))
                    if at >= len(text):
                        return
                    at += 1
                    continue
                self.open, at = True, opening.end()
            inner = patterns.inside.match(text, at)
            if inner is not None:
                self._parts.append(inner[0])
                at = inner.end()
            if at >= len(text):
                return
            closing = patterns.closing.match(text, at)
            if closing is None:
                self.problem = f"value {len(self.values) + 1} has text behind its closing quote"
                return
            whole = "".join(self._parts)
            self.values.append(self._escaped(whole) if self._escape else whole.replace(self._quote * 2, self._quote))
            self._parts, self.open, at = [], False, closing.end()
            if closing[1] is None:
                return

    def _escaped(self, value: str) -> str:
        if not self._escape or (self._escape not in value and self._quote not in value):
            return value
        return self._patterns.escaped.sub(lambda match: match[1] or match[2], value)
