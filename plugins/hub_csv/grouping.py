"""Rows brought together into documents: by the value of a column, or each row for itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hub.findings import Finding, Position, error
from hub.translation import Limits
from hub_csv.dialect import Dialect
from hub_csv.rows import Row
from hub_csv.seen import Seen


@dataclass(slots=True)
class Group:
    """The rows of one document. ``key`` is the value they share ('' where each row is a document)."""

    key: str
    offset: int
    size: int = 0
    records: list[dict[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    rows: int = 0
    findings: list[Finding] = field(default_factory=list)

    def found(self, finding: Finding, limits: Limits) -> None:
        """Keep a finding, as many as the limit allows."""
        if len(self.findings) < limits.findings_per_message:
            self.findings.append(finding)


class Grouping:
    """Makes groups of rows. Rows that do not fit the header make their group bad, not their neighbors."""

    def __init__(self, names: list[str], dialect: Dialect, group_by: str, limits: Limits) -> None:
        self._names = names
        self._dialect = dialect
        self._group_by = group_by
        self._at = names.index(group_by) if group_by in names else -1
        self._limits = limits
        self._most = min(dialect.max_rows or limits.message_segments, limits.message_segments)

    def groups(self, rows: Iterable[Row]) -> Iterator[Group]:
        """The groups, each once its last row was read; with ``regroup``, all of them at the end of the file."""
        if not self._group_by:
            for row in rows:
                group = Group("", row.offset)
                self._add(group, row)
                yield group
        elif self._dialect.regroup:
            yield from self._gathered(rows)
        else:
            yield from self._consecutive(rows)

    def _consecutive(self, rows: Iterable[Row]) -> Iterator[Group]:
        seen = Seen()
        group: Group | None = None
        for row in rows:
            key = self._key(row)
            if group is None or key != group.key or not key:
                if group is not None:
                    yield group
                group = Group(key, row.offset)
                if key and not seen.add(key):
                    text = (
                        f"{self._group_by} {key} came earlier in this file; the rows of one document must follow each "
                        "other (declare regroup: with a number of rows to bring them together)"
                    )
                    again = error("csv.group.again", text, self._place(row, self._group_by), value=key[:99])
                    group.found(again, self._limits)
            self._add(group, row)
        if group is not None:
            yield group

    def _gathered(self, rows: Iterable[Row]) -> Iterator[Group]:
        groups: dict[str, Group] = {}
        for count, row in enumerate(rows, 1):
            key = self._key(row)
            if not key or count > self._dialect.regroup:
                group = Group(key, row.offset)
                if key:
                    text = f"more rows than regroup: allows ({self._dialect.regroup}); raise it or sort the file"
                    group.found(error("csv.group.limit", text, self._place(row)), self._limits)
                self._add(group, row)
                if key in groups:
                    groups[key].findings.extend(group.findings[:1])
                    continue
                yield group
                continue
            self._add(groups.setdefault(key, Group(key, row.offset)), row)
        yield from groups.values()

    def _key(self, row: Row) -> str:
        return row.values[self._at] if self._at < len(row.values) else ""

    def _place(self, row: Row, name: str = "") -> Position:
        return Position(line=row.line, name=name)

    def _add(self, group: Group, row: Row) -> None:
        group.rows += 1
        group.size = row.offset + row.size - group.offset
        if group.rows > self._most:
            if group.rows == self._most + 1:
                text = f"more than {self._most} rows in one document (format: max: rows, or message_segments)"
                group.found(error("csv.rows", text, self._place(row)), self._limits)
            return
        if row.problem:
            group.found(error(row.code, row.problem, self._place(row)), self._limits)
        elif self._group_by and not group.key:
            text = f"no value in column {self._group_by}, so that the row belongs to no document"
            group.found(error("csv.group.empty", text, self._place(row, self._group_by)), self._limits)
        self._fit(group, row)
        group.records.append(dict(zip(self._names, row.values, strict=False)))
        group.lines.append(row.line)

    def _fit(self, group: Group, row: Row) -> None:
        """Compare the row's length with the header's; values beyond it must be empty (a delimiter at the end)."""
        short = len(self._names) - len(row.values)
        if short > 0:
            if not self._dialect.fill and not row.problem:
                text = (
                    f"row has {len(row.values)} values, the header {len(self._names)} columns; the last ones are "
                    "missing (declare ragged: fill if that means empty)"
                )
                missing = self._place(row, self._names[len(row.values)])
                group.found(error("csv.row.short", text, missing), self._limits)
            row.values.extend([""] * short)
        elif any(row.values[len(self._names) :]) and not row.problem:
            text = (
                f"row has {len(row.values)} values, the header {len(self._names)} columns; "
                "is a delimiter inside a value not quoted?"
            )
            group.found(error("csv.row.long", text, self._place(row)), self._limits)
