"""What the commands share: the workspace option, output for people and for programs, progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from hub.findings import Finding

Function = TypeVar("Function", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def _given(ctx: click.Context, _param: click.Parameter, value: Path | None) -> Path | None:
    above: Path | None = ctx.find_root().obj
    return value or above


def workspace_option(function: Function) -> Function:
    """``--workspace DIR``, also where it stood before the command; the function gets ``workspace``."""
    option = click.option(
        "--workspace",
        "-w",
        type=click.Path(path_type=Path, file_okay=False),
        callback=_given,
        help="The workspace's folder.",
    )
    return option(function)


def print_json(data: Any) -> None:
    """``data`` as indented JSON on stdout."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def table(rows: Iterable[Sequence[Any]], headers: Sequence[str]) -> None:
    """Rows in aligned columns; the last column is as wide as it wants."""
    text = [[str(cell) if cell is not None else "" for cell in row] for row in rows]
    if not text:
        return
    widths = [max(len(line[column]) for line in [list(headers), *text]) for column in range(len(headers) - 1)]
    for index, line in enumerate([list(headers), *text]):
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        shown = "  ".join([*cells, line[-1]]).rstrip()
        click.echo(click.style(shown, bold=True) if index == 0 else shown)


_COLORS = {"error": "red", "warning": "yellow", "notice": "cyan"}


def print_finding(finding: Finding, *, err: bool = True, indent: str = "") -> None:
    """One finding as one line, colored on a terminal."""
    severity, _, rest = str(finding).partition(":")
    click.echo(f"{indent}{click.style(severity, fg=_COLORS.get(severity))}:{rest}", err=err)


class Progress:
    """A counter on stderr while long work runs, only where a terminal is attached; gone when the work is done."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.count = 0
        self._shown = sys.stderr.isatty()
        self._step = 200

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown and self.count >= self._step:
            click.echo("\r\033[K", nl=False, err=True)

    def advance(self, count: int = 1) -> None:
        """``count`` more are done."""
        self.count += count
        if self._shown and self.count % self._step < count:
            click.echo(f"\r{self.count:,} {self.what} …", nl=False, err=True)
