"""``hub check``."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.commands.printing import Progress, as_json, print_finding, workspace_option

if TYPE_CHECKING:
    from hub.exchange.check import Checked

_COLORS = {"accepted": "green", "partial": "yellow", "rejected": "red"}


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path, allow_dash=True))
@as_json
@click.option("--ack", type=click.Path(path_type=Path, allow_dash=True), help="Write the acknowledgments here.")
@click.option("--deep", is_flag=True, help="Ask the translator's second opinion too (X12: pyx12); slow.")
@click.option("--partner", "-p", metavar="P", help="Check under this partner's agreement.")
@click.option("--mapping", "-m", "mappings", multiple=True, metavar="M", help="A mapping's name, or an overlay file.")
@workspace_option
def check(
    files: tuple[Path, ...],
    as_json: bool,
    ack: Path | None,
    deep: bool,
    partner: str | None,
    mappings: tuple[str, ...],
    workspace: Path | None,
) -> None:
    """Show what is wrong with payloads, and where.

    FILE is - for standard input. With --json, one line of JSON for each interchange. Exit status: 0 all accepted,
    1 something rejected, 2 usage or configuration.
    """
    from hub.commands.opening import settle, stateless, written_to
    from hub.exchange.check import Checked, checked
    from hub.exchange.overlays import Chosen
    from hub.exchange.reading import counting, opened
    from hub.translation import Status

    accepted = True
    aside = str(ack) == "-"  # standard output belongs to the acknowledgments then
    with stateless(workspace, partner) as hub, ExitStack() as stack, Progress("findings") as progress:
        chosen = Chosen(hub.library, mappings) if mappings else None
        known = hub.partners.named(partner) if partner else None
        answers = stack.enter_context(written_to(ack)) if ack else None
        draw = counting() if ack else None
        settle()
        for file in files:
            name = "stdin" if str(file) == "-" else str(file)
            with opened(file) as stream:
                items = checked(hub, stream, name, partner=known, chosen=chosen, deep=deep, draw=draw, collect=as_json)
                for item in items:
                    if not isinstance(item, Checked):
                        progress.advance()
                        if not as_json:
                            print_finding(item, err=aside)
                        continue
                    accepted = accepted and item.status is Status.ACCEPTED
                    if answers is not None and item.answer is not None:
                        answers.write(item.answer.payload)
                    _print(item, as_json, aside)
    if not accepted:
        raise click.exceptions.Exit(1)


def _print(item: Checked, as_json: bool, aside: bool) -> None:
    if as_json:
        click.echo(json.dumps(item.as_dict(), ensure_ascii=False), err=aside)
        return
    status = click.style(item.status.value, fg=_COLORS[item.status.value])
    what = f"{item.translator} interchange {item.control}".strip() if item.control else item.translator or "payload"
    click.echo(f"{item.file}: {what}: {status}, {item.accepted} of {item.received} messages accepted", err=aside)
