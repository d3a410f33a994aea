"""``hub store seal``: cut what changed into sealed segments, once, or again and again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from hub.commands.printing import as_json, print_json, workspace_option

ANYWAY = 60.0
"""Seconds after which is sealed even where nothing changed: tills tell from it how old their data is, and the list of
stores and nodes may have changed."""


@click.command()
@click.option("--every", type=click.FloatRange(0.1, 3600), metavar="SECONDS", help="Go on, and look so often.")
@as_json
@workspace_option
def seal(every: float | None, as_json: bool, workspace: Path | None) -> None:
    """Cut what changed into sealed segments, for the stores that have nodes.

    With --every it stays and looks for changes so often, until it is told to end; what changed then reaches the stores
    with their next poll. Stores fetch one file for each bucket and seal, so there is no need to look much more often
    than they poll.
    """
    from hub import jobs

    if every is not None:
        _every(every, as_json, workspace)
        return
    done = jobs.seal(workspace)
    if not as_json and not done["buckets"]:
        click.echo("No store has a node yet: hub store add-node STORE [TERMINAL]")
    else:
        _print(done, as_json)


def _print(done: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(done)
    else:
        click.echo(
            f"sealed up to {done['position']} for {done['buckets']} buckets: {done['segments']} new segments"
            f" ({done['bytes']} bytes), {done['snapshots']} snapshots"
        )


def _every(seconds: float, as_json: bool, workspace: Path | None) -> None:
    """Seal until the process is told to end. Killed at any moment, the next one goes on. What the database refuses for
    now, or another process does just then, is tried again the next time."""
    from hub import jobs
    from hub.errors import TemporaryError
    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub:
        last, files = -ANYWAY, None
        while True:
            begun = time.monotonic()
            try:
                now = jobs.card_files(hub)
                if now != files:
                    jobs.publish_cards(hub)
                    files = now
                if begun - last >= ANYWAY or jobs.unsealed(hub):
                    done = jobs.sealed(hub)
                    last = begun
                    if done["segments"] or done["snapshots"]:
                        _print(done, as_json)
            except TemporaryError as problem:
                click.echo(f"{problem}", err=True)
            time.sleep(max(0.0, begun + seconds - time.monotonic()))
