"""The answer to a feed: a table that says of every document whether it was taken, and if not, why.

CSV has no standard acknowledgment (there is no 997 and no CONTRL), so that this is ours; it is written in the dialect
of the feed it answers.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from hub.findings import Finding, Severity
from hub.translation import Status
from hub_csv.dialect import Dialect
from hub_csv.writing import encoded, line_of

COLUMNS = ("position", "line", "id", "rows", "status", "reason")
_REASONS = 3
_LONGEST = 500


class Results:
    """Collects the result rows of one file, compressed, since a file may hold millions of documents.

    ``keep`` is ``all``, ``rejected`` (only what was not taken) or ``none``.
    """

    def __init__(self, dialect: Dialect, feed: str, keep: str = "all") -> None:
        self.dialect = dialect
        self.feed = feed
        self.keep = keep
        self._press = zlib.compressobj(level=1)
        self._parts: list[bytes] = []
        self._add(COLUMNS)

    def add(self, position: int, line: int, id: str, rows: int, accepted: bool, findings: Sequence[Finding]) -> None:
        """One document's row. ``line`` is where it begins in the file; ``rows`` how many rows it has."""
        if self.keep == "all" or (self.keep == "rejected" and not accepted):
            status = Status.ACCEPTED if accepted else Status.REJECTED
            self._add((str(position), str(line), id, str(rows), status.value, reason_of(findings)))

    def refused(self, reason: str) -> None:
        """One row for a file that was not processed at all."""
        self._add(("0", "1", "", "0", Status.REJECTED.value, reason))

    def _add(self, values: Sequence[str]) -> None:
        text = line_of(values, self.dialect)
        self._parts.append(self._press.compress(text.encode("utf-8", "replace")))

    def payload(self) -> bytes:
        """The whole table in the feed's encoding. What that encoding cannot hold is written as ``?``: a name in a
        reason must not keep the answer back."""
        press = self._press.copy()
        text = zlib.decompress(b"".join(self._parts) + press.flush()).decode("utf-8")
        return encoded(text, self.dialect, "replace")


def reason_of(findings: Sequence[Finding]) -> str:
    """Why a document was rejected, for a person at the partner's: line, column and words; never more than a few."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    parts = []
    for finding in errors[:_REASONS]:
        where = f"line {finding.position.line}" if finding.position.line else ""
        if finding.position.name:
            where += f", column {finding.position.name}" if where else f"column {finding.position.name}"
        parts.append(f"{where}: {finding.message}" if where else finding.message)
    if len(errors) > _REASONS:
        parts.append(f"and {len(errors) - _REASONS} more")
    return " ".join("; ".join(parts).split())[:_LONGEST]
