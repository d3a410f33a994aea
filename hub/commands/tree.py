"""The lines of a payload's tree as text for people, in color where that is wanted."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from hub.findings import printable
from hub.outline import Kind, Line

if TYPE_CHECKING:
    from hub.exchange.outline import Summary
    from hub.findings import Finding

STATES = {"accepted": "green", "partial": "yellow", "rejected": "red"}
SEVERITIES = {"error": "red", "warning": "yellow", "notice": "cyan"}


class TreePrinter:
    """Prints to standard output. ``color`` None: on a terminal, unless NO_COLOR is set (no-color.org)."""

    def __init__(self, color: bool | None) -> None:
        self._color = (sys.stdout.isatty() and not os.environ.get("NO_COLOR")) if color is None else color
        self._write = sys.stdout.write  # click.echo looks at the terminal again for every line

    def line(self, line: Line) -> None:
        """One line of the tree with its findings below it."""
        indent = "  " * line.depth
        self._write(f"{indent}{self._shown(line)}\n")
        for finding in line.findings:
            severity = finding.severity.value
            says = self._style(f"{severity}:", fg=SEVERITIES[severity], bold=True)
            self._write(f"{indent}  ! {says} {sentence(finding)}\n")

    def summary(self, summary: Summary) -> None:
        """The verdict on the whole payload."""
        state = summary.status.value
        self._write(f"{summary.file}: {self._style(state, fg=STATES[state], bold=True)}, {counted(summary)}\n")

    def _style(self, text: str, **how: Any) -> str:
        return click.style(text, **how) if self._color and text else text

    def _shown(self, line: Line) -> str:
        label, name, value = printable(line.label), printable(line.name), printable(line.value, 4_000)
        meaning = printable(line.meaning)
        if line.kind is Kind.SEGMENT:
            head = f"{self._style(label, fg='blue', bold=True)}  {name or 'unknown segment'}"
            return f"{head}  {self._style(value, dim=True)}".rstrip()
        if line.kind in (Kind.ELEMENT, Kind.NOTE):
            text = f"{self._style(label, fg='cyan')}  {name}".rstrip()
            text = f"{text}: {value}" if value else text
            return f"{text}  {self._style(f'= {meaning}', fg='green')}" if meaning else text
        text = self._style(f"{label} {value}".rstrip(), bold=True)
        rest = [part for part in (name, meaning) if part]
        text += f"  {', '.join(rest)}" if rest else ""
        return f"{text}  {self._style(line.state, fg=STATES.get(line.state), bold=True)}" if line.state else text


def sentence(finding: Finding) -> str:
    """What a finding says where it stands: without its position, with the value and the standard's code."""
    value = f" [{finding.value}]" if finding.value else ""
    standard = f" ({finding.list_id}={finding.list_code})" if finding.list_id else ""
    return printable(f"{finding.message}{value}{standard}")


def counted(summary: Summary) -> str:
    """``1 of 2 messages accepted; 3 errors, 1 warning``."""
    counts = summary.severities
    found = [f"{counts[one]} {one}{'' if counts[one] == 1 else 's'}" for one in SEVERITIES if counts[one]]
    said = ", ".join(found) or "nothing was found wrong"
    return f"{summary.accepted} of {summary.received} messages accepted; {said}"
