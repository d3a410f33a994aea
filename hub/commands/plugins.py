"""``hub plugins`` and ``hub plugin new|check``."""

from __future__ import annotations

from pathlib import Path

import click

from hub.commands.printing import as_json, print_json, table


@click.command()
@as_json
def plugins(as_json: bool) -> None:
    """List the plugins of this installation."""
    from hub.plugins import Plugins

    found = Plugins().status()
    if as_json:
        print_json([one.as_dict() for one in found])
        return
    table(
        ((one.name, one.distribution or one.module, one.version, one.state, _offers(one)) for one in found),
        ("NAME", "FROM", "VERSION", "STATE", "OFFERS"),
    )
    for one in found:
        if one.reason:
            click.echo(f"\n{one.name}: {one.reason}" + (f"\n  {one.hint}" if one.hint else ""))


def _offers(status: object) -> str:
    parts = []
    for what in ("translators", "connectors", "replicas", "converters"):
        if names := getattr(status, what):
            parts.append(f"{what}: {', '.join(names)}")
    return "; ".join(parts)


@click.group()
def plugin() -> None:
    """Make and check a plugin."""


@plugin.command("new")
@click.argument("name")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Folder to make it in.")
def new(name: str, into: Path) -> None:
    """Make a plugin called NAME that can be installed and passes its conformance tests."""
    from hub.scaffold import new_plugin

    for file in new_plugin(name, into):
        click.echo(str(file))


@plugin.command("check")
@click.argument("name")
@click.argument("samples", nargs=-1, type=click.Path(path_type=Path))
@as_json
def check(name: str, samples: tuple[Path, ...], as_json: bool) -> None:
    """Run the conformance checks that fit an installed plugin (or a module). SAMPLES are files that its translators
    accept. Exit status 1 where one fails."""
    from hub.scaffold import check_plugin

    results = check_plugin(name, samples)
    failed = [one for one in results if one.problem]
    if as_json:
        print_json([{"check": one.name, "problem": one.problem} for one in results])
    else:
        for one in results:
            state = click.style("failed", fg="red") if one.problem else click.style("ok", fg="green")
            click.echo(f"{one.name}: {state}" + (f": {one.problem}" if one.problem else ""))
    if failed:
        raise click.exceptions.Exit(1)
