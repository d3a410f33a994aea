"""``hub generate``."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from hub.commands.printing import workspace_option


@click.command()
@click.argument("message", metavar="SET")
@click.option("--partner", "-p", required=True, metavar="P", help="As this partner sends or gets them.")
@click.option("--count", "-n", default=1, show_default=True, type=click.IntRange(1), help="How many interchanges.")
@click.option("--sets", default=1, show_default=True, type=click.IntRange(1), help="How many sets each holds.")
@click.option("--version", default="", metavar="V", help="Another version than the one agreed.")
@click.option("--direction", type=click.Choice(["in", "out"]), default=None, help="in: the partner sends them.")
@click.option("--standard", default="", metavar="S", help="Where SET is no name of the standard agreed: x12 …")
@click.option("--seed", default="", metavar="TEXT", help="The same seed gives the same bytes.")
@click.option("--out", type=click.Path(path_type=Path, allow_dash=True), help="Write to this file.")
@workspace_option
def generate(
    message: str,
    partner: str,
    count: int,
    sets: int,
    version: str,
    direction: str | None,
    standard: str,
    seed: str,
    out: Path | None,
    workspace: Path | None,
) -> None:
    """Write random valid interchanges, as a partner sends or gets them.

    SET is the message, such as 850. Version, separators and identities are those agreed with the partner; what is
    drawn leans toward what the agreed mapping reads, and reads with it without an error. Without --seed, the seed is
    printed on standard error.
    """
    from hub.commands.opening import written_to
    from hub.exchange.generate import Wanted, agreed_as, generated
    from hub.exchange.session import Hub
    from hub.workspace import open_workspace

    with Hub(open_workspace(workspace)) as hub:
        known = hub.partners.named(partner)
        if not seed:
            seed = str(secrets.randbelow(10**9))
            click.echo(f"seed {seed}", err=True)
        wanted = Wanted(message, count, seed, direction or "", standard, version, sets)
        if agreed_as(known, wanted)[1] is None and known.file.documents:
            click.echo(f"note: {message} is not agreed with partner '{partner}'; the hub would refuse it", err=True)
        made = generated(hub, known, wanted)
        first = next(made)  # a mistake in what was asked for must not leave an empty file
        with written_to(out or Path("-")) as target:
            target.write(first.payload)
            for written in made:
                target.write(written.payload)
