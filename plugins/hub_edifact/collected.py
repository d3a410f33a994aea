"""The findings of one message: as many as are useful, whatever the message holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hub.findings import Finding, Severity, warning


class Collected:
    """Findings in the order they are made. Errors that the agreement tolerates become warnings at once. Of errors and
    of everything else up to ``limit`` are kept, so that a hostile message cannot fill the memory; the rest is
    counted."""

    def __init__(self, limit: int, tolerated: frozenset[str]) -> None:
        self._limit = limit
        self._tolerated = tolerated
        self._kept: list[Finding] = []
        self._errors = 0
        self._left = 0

    def add(self, finding: Finding) -> None:
        """Take one finding."""
        is_error = finding.severity is Severity.ERROR
        if is_error and finding.code in self._tolerated:
            finding, is_error = finding._replace(severity=Severity.WARNING), False
        if (self._errors if is_error else len(self._kept) - self._errors) >= self._limit:
            self._left += 1
            return
        self._errors += is_error
        self._kept.append(finding)

    def extend(self, findings: Iterable[Finding]) -> None:
        """Take several."""
        for finding in findings:
            self.add(finding)

    @property
    def rejects(self) -> bool:
        """Whether there is an error among them."""
        return self._errors > 0

    def settled(self, said: Callable[[Finding], bool]) -> list[Finding]:
        """The findings as they are reported, by segment: without those for which ``said`` answers that it was said of
        this interchange before, and cut to the limit (errors first), with a word on what is left out."""
        out = [one for one in self._kept if not said(one)]
        left = self._left
        if len(out) > self._limit:
            out.sort(key=lambda one: one.severity is not Severity.ERROR)
            left += len(out) - self._limit
            out = out[: self._limit]
        out.sort(key=lambda one: one.position.segment or 0)
        if left:
            text = f"{left} more findings are not listed (limit findings_per_message)"
            out.append(warning("edifact.message.more", text))
        return out
