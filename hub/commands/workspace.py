"""``hub init`` and ``hub demo``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", default="", help="What this hub is called; the folder's name if left out.")
def init(folder: Path, name: str) -> None:
    """Make a workspace in DIR."""
    from hub.workspace import initialize

    root = initialize(folder, name)
    click.echo(f"A workspace is in {root}")
    click.echo("Next: say how your company is called in hub.toml ([identities]), add a partner file in partners/,")
    click.echo("put its files into inbox/NAME/ and run: hub receive")


@click.command()
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Make the workspace here and keep it.")
@click.pass_context
def demo(ctx: click.Context, keep: Path | None) -> None:
    """Run the main job on sample data in a throw-away workspace."""
    import importlib

    ctx.exit(importlib.import_module("hub.demo").run(keep))
