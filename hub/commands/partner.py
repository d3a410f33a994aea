"""``hub partner list|show|deviations``."""

from __future__ import annotations

from pathlib import Path

import click

from hub.commands.printing import as_json, print_json, table, workspace_option


@click.group()
def partner() -> None:
    """List and show trading partners, and how they deviate from their standards."""


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


@partner.command("deviations")
@click.argument("name", metavar="[PARTNER]", required=False)
@click.option("--known", is_flag=True, help="List the deviations that can be agreed, with what happens without a word.")
@as_json
@workspace_option
def deviations(name: str | None, known: bool, as_json: bool, workspace: Path | None) -> None:
    """List how partners deviate from their standards: how often, since when, and what is done about it.

    The partner's file sets what is done: deviations: {x12: {wrapped: accept, lower_case: refuse}}; accept gives a
    notice, warn a warning, refuse an error."""
    from hub.commands.opening import stateless
    from hub.exchange.deviations import deviations_of, listed
    from hub.exchange.session import Hub

    if known:
        with stateless(workspace, name) as hub:
            translators = sorted(hub.plugins.translators.items())
            rows = [(standard, one) for standard, found in translators for one in deviations_of(found).values()]
        if as_json:
            print_json([{"standard": standard, **one.as_dict()} for standard, one in rows])
            return
        table(
            ((standard, one.name, one.default, one.description) for standard, one in rows),
            ("STANDARD", "DEVIATION", "DEFAULT", "WHAT"),
        )
        return
    with Hub.open(workspace) as hub:
        lines = list(listed(hub, name))
    if as_json:
        print_json([line.as_dict() for line in lines])
        return
    if not lines:
        click.echo("No deviations.")
    table(
        (
            (
                line.partner, f"{line.standard} {line.name}", line.policy, line.count, line.exchanges,
                f"{line.first_at:%Y-%m-%d %H:%M}" if line.first_at else "",
                f"{line.last_at:%Y-%m-%d %H:%M}" if line.last_at else "", line.last_exchange,
            )
            for line in lines
        ),
        ("PARTNER", "DEVIATION", "POLICY", "COUNT", "EXCHANGES", "FIRST (UTC)", "LAST (UTC)", "LAST EXCHANGE"),
    )  # fmt: skip
