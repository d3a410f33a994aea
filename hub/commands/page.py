"""``hub explain --html``: the tree of a payload as one page to send to a partner.

The verdict stands at the top but is known last, so the tree is written to a temporary file first; memory stays that of
one message.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from hub.commands.html import CLOSING, opening, target, text
from hub.commands.tree import counted, sentence
from hub.exchange.outline import KEPT, Summary
from hub.outline import Kind, Line

if TYPE_CHECKING:
    from hub.findings import Finding

OPEN = 10
"""How many accepted messages are unfolded; further ones are folded, rejected ones never."""


def write_page(items: Iterable[Line | Summary], path: Path, title: str) -> Summary:
    """Write the page; the summary that ends ``items`` is returned."""
    summary = Summary(title)
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace") as body:
        tree = _Tree(body)
        for item in items:
            if isinstance(item, Summary):
                summary = item
            else:
                tree.add(item)
        tree.close(0)
        body.seek(0)
        with target(path) as out:
            out.write(opening(f"{title}: {summary.status.value}"))
            out.writelines(_top(summary, tree, title))
            shutil.copyfileobj(body, out)
            out.write(CLOSING)
    return summary


def _top(summary: Summary, tree: _Tree, title: str) -> Iterable[str]:
    state = summary.status.value
    yield f"<h1>{text(title)}</h1>\n"
    yield f'<p><span class="verdict {state}">{state.capitalize()}</span>: {text(counted(summary))}.</p>\n'
    if len(summary.interchanges) > 1:
        yield "<table><tr><th>interchange</th><th>verdict</th><th>accepted</th></tr>\n"
        for control, status, accepted, received in summary.interchanges:
            yield f"<tr><td>{text(control)}</td><td>{status}</td><td>{accepted} of {received}</td></tr>\n"
        yield "</table>\n"
        more = sum(summary.states.values()) - len(summary.interchanges)
        yield f"<p>and {more} more</p>\n" if more else ""
    if tree.listed:
        yield "<h2>Findings</h2>\n<ol>\n"
        for number, where, finding in tree.listed:
            severity = finding.severity.value
            yield f'<li class="{severity}"><a href="#f{number}">{text(where)}</a> <b>{severity}</b>: '
            yield f"{text(sentence(finding))}</li>\n"
        yield "</ol>\n"
        if tree.found > len(tree.listed):
            yield f"<p>and {tree.found - len(tree.listed)} more, each at its place below</p>\n"
    yield "<h2>Content</h2>\n"


class _Tree:
    """Writes lines as nested ``<details>``; remembers the first findings for the list at the top."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._open: list[int] = []
        self._messages = 0
        self._segment = 0
        self._where = ""
        self.found = 0
        self.listed: list[tuple[int, str, Finding]] = []

    def add(self, line: Line) -> None:
        """One line; what is deeper than it goes inside."""
        self.close(line.depth)
        if line.kind in (Kind.INTERCHANGE, Kind.MESSAGE):
            self._where = f"{line.label} {line.control}".strip()
        if line.kind is Kind.SEGMENT:
            self._segment = line.depth
        if line.kind in (Kind.ELEMENT, Kind.NOTE):
            self._row(line)
        else:
            self._block(line)
        for finding in line.findings:
            self._finding(finding, line)

    def close(self, depth: int) -> None:
        """Close everything as deep as ``depth`` or deeper."""
        while self._open and self._open[-1] >= depth:
            self._open.pop()
            self._out.write("</details>\n")

    def _block(self, line: Line) -> None:
        unfolded = True
        if line.kind is Kind.MESSAGE:
            self._messages += 1
            unfolded = self._messages <= OPEN or line.state != "accepted"
        state = f" {text(line.state)}" if line.state else ""
        self._out.write(f'<details class="{line.kind.value}{state}"{" open" if unfolded else ""}><summary>')
        if line.kind is Kind.SEGMENT:
            name = text(line.name) or "unknown segment"
            self._out.write(f'<b>{text(line.label)}</b> {name} <span class="raw">{text(line.value)}</span>')
        else:
            rest = ", ".join(text(part) for part in (line.name, line.meaning) if part)
            self._out.write(f"{text(line.label)} <span class='v'>{text(line.value)}</span> {rest}")
            self._out.write(f' <span class="state">{text(line.state)}</span>' if line.state else "")
        self._out.write("</summary>\n")
        self._open.append(line.depth)

    def _row(self, line: Line) -> None:
        deeper = max(line.depth - self._segment - 1, 0)
        style = f' style="--d:{deeper}"' if deeper and line.kind is Kind.ELEMENT else ""
        means = f'<span class="m">{text(line.meaning)}</span>' if line.meaning else ""
        self._out.write(
            f'<div class="e"{style}><span class="l">{text(line.label)}</span><span class="n">{text(line.name)}</span>'
            f'<span><span class="v">{text(line.value)}</span>{means}</span></div>\n'
        )

    def _finding(self, finding: Finding, line: Line) -> None:
        self.found += 1
        severity = finding.severity.value
        if len(self.listed) < KEPT:
            label = line.label if line.kind not in (Kind.INTERCHANGE, Kind.MESSAGE) else ""
            self.listed.append((self.found, f"{self._where} {label}".strip(), finding))
        self._out.write(
            f'<div class="f {severity}" id="f{self.found}"><b>{severity}</b>: {text(sentence(finding))}</div>\n'
        )
