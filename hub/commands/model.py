"""``hub model kinds|schema``."""

from __future__ import annotations

import click

from hub.commands.printing import print_json


@click.group()
def model() -> None:
    """Print the canonical model."""


@model.command()
def kinds() -> None:
    """List the kinds of documents."""
    from hub.model import KINDS

    for name in sorted(KINDS):
        first = (KINDS[name].__doc__ or "").strip().splitlines()
        click.echo(f"{name:<24}{first[0] if first else ''}".rstrip())


@model.command()
@click.argument("kind")
def schema(kind: str) -> None:
    """Print the JSON Schema of a KIND of document, such as Order."""
    from hub.model.json_schema import schema as schema_of

    print_json(schema_of(kind))
