"""``hub store scope``: what a changed ``stores.toml`` would move, before it is deployed."""

from __future__ import annotations

from pathlib import Path

import click

from hub.commands.printing import as_json, print_json, table, workspace_option

_SHOWN = 50


@click.command()
@click.argument("name", metavar="STORE", required=False)
@click.option("--dry-run", is_flag=True, required=True, help="Only say it. Scopes change with stores.toml alone.")
@click.option(
    "--stores", "file", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="The changed stores.toml."
)
@click.option("--strict", is_flag=True, help="Exit status 1 where rows would vanish from a store.")
@as_json
@workspace_option
def scope(
    name: str | None, dry_run: bool, file: Path | None, strict: bool, as_json: bool, workspace: Path | None
) -> None:
    """What would another stores.toml move: buckets, rows and bytes to each store, and rows that would vanish there.

    With --stores that file is compared with the workspace's own. Without it, the workspace's own is compared with what
    the nodes held at their last poll.
    """
    from hub.exchange.session import Hub
    from hub.replication import load_stores, subscription
    from hub.replication.moving import held_scopes, plan
    from hub.replication.stores import stores_of

    with Hub.open(workspace) as hub:
        now = load_stores(hub.workspace.stores)
        after = load_stores(file) if file else now
        before = {one.id: subscription(one) for one in now} if file else held_scopes(hub.repository, now)
        if name is not None:
            after = stores_of(after, name)
            before = {id_: tags for id_, tags in before.items() if id_ == name}
        found = plan(hub.repository, before, after)
    data = found.as_dict()
    if as_json:
        print_json(data)
    else:
        columns = ("store", "gained", "lost", "rows", "fresh", "bytes", "vanishing")
        rows = [
            (one.store, len(one.gained), len(one.lost), one.rows, one.fresh, one.bytes, one.vanishing)
            for one in found.moves[:_SHOWN]
        ]
        table(rows, (*columns[:3], "rows to send", "new there", *columns[5:]))
        if len(found.moves) > _SHOWN:
            click.echo(f"… and {len(found.moves) - _SHOWN} more (--json has all)")
        for store in found.removed:
            click.echo(f"{store} is not in the file any more: it keeps what it has, and gets nothing new")
        total = data["total"]
        click.echo(
            f"{total['stores']} stores change, {found.unchanged} do not: {total['rows']} rows to send,"
            f" {total['bytes']} bytes, {total['vanishing']} rows vanish"
        )
    if strict and found.vanishing:
        raise click.exceptions.Exit(1)
