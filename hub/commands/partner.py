"""``hub partner list|show``."""

from __future__ import annotations

from pathlib import Path

import click

from hub.commands.printing import as_json, print_json, table, workspace_option


@click.group()
def partner() -> None:
    """List and show trading partners."""


@partner.command("list")
@as_json
@workspace_option
def list_(as_json: bool, workspace: Path | None) -> None:
    """List the partners, after checking every file and every mapping that one names."""
    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub:
        hub.check_agreements()
        found = [hub.partners.by_name[name] for name in sorted(hub.partners.by_name)]
    if as_json:
        print_json([one.summary for one in found])
        return
    if not found:
        click.echo(f"No partners yet. Make the first one: {hub.partners.folder / 'NAME.yaml'}")
    rows = []
    for one in found:
        identities = ", ".join(f"{name} {' '.join(ids)}" for name, ids in one.file.identities.items())
        messages = ", ".join(f"{entry.direction} {entry.message or entry.mapping}" for entry in one.file.documents)
        rows.append((one.name, one.file.title, identities, messages))
    table(rows, ("NAME", "TITLE", "IDENTITIES", "DOCUMENTS"))


@partner.command("show")
@click.argument("name")
@as_json
@workspace_option
def show(name: str, as_json: bool, workspace: Path | None) -> None:
    """Show one partner's agreement, defaults included."""
    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub:
        one = hub.partners.named(name)
    if as_json:
        print_json(one.summary)
        return
    import yaml

    click.echo(f"# {one.located.file}")
    data = one.file.model_dump(mode="json", exclude_none=True)
    click.echo(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), nl=False)
