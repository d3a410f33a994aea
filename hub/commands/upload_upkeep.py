"""``hub uploads purge`` and ``hub uploads lost``: what is not needed for ever, and what will never come."""

from __future__ import annotations

import getpass
import re
from dataclasses import asdict
from pathlib import Path

import click

from hub.commands.printing import as_json, print_json, workspace_option


@click.command()
@click.option(
    "--before", required=True, type=click.IntRange(1, 36_500), metavar="DAYS", help="What came longer ago than this."
)
@as_json
@workspace_option
def purge(before: int, as_json: bool, workspace: Path | None) -> None:
    """Empty what stores sent and the hub took in long ago. The documents stay, and what is quarantined.

    Place, digest and state stay as well, so that a document that is sent again is not taken twice."""
    from hub import jobs

    done = jobs.purge_uploads(workspace, before)
    if as_json:
        print_json(done)
    else:
        click.echo(f"{done['uploads']} uploaded documents emptied, {done['payloads']} payloads removed")


@click.command()
@click.argument("node")
@click.argument("places", metavar="FIRST[-LAST]")
@click.option("--why", required=True, help="What happened, for those who ask later.")
@as_json
@workspace_option
def lost(node: str, places: str, why: str, as_json: bool, workspace: Path | None) -> None:
    """Give up places of NODE that will never come: they are no gap any more, and the till is not asked for them.

    Who said so, when and WHY is kept (hub uploads gaps --all). A document that comes all the same is still taken."""
    from hub.errors import ConfigurationError
    from hub.exchange.session import Hub
    from hub.repository import NotFound

    found = re.fullmatch(r"([1-9][0-9]{0,15})(?:-([1-9][0-9]{0,15}))?", places)
    if found is None or not why.strip():
        raise click.UsageError("name the places as FIRST or FIRST-LAST, such as 5-6, and say why")
    first, last = int(found[1]), int(found[2] or found[1])
    try:
        who = getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        who = "unknown"
    with Hub.open(workspace) as hub:
        try:
            loss = hub.repository.retrying(lambda tx: tx.give_up(node, first, last, why.strip(), who))
        except NotFound as problem:
            raise ConfigurationError(str(problem)) from None
    if as_json:
        print_json({**asdict(loss), "at": loss.at.isoformat()})
    else:
        click.echo(f"{node}: places {first} to {last} are given up")
