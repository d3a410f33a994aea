"""``hub store status`` and ``hub store purge``: how the stores are doing, and dropping what nobody needs any more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.commands.printing import as_json, print_json, table, workspace_option

if TYPE_CHECKING:
    from hub.replication.watching import Watch


@click.command()
@as_json
@workspace_option
def status(as_json: bool, workspace: Path | None) -> None:
    """How far the feed is, sealed, purged and held back; the nodes to look at first: cursor, lag, last seen, outbox;
    what they sent, when each was compared and what differed, and alarms. Exit status 1 where there is an alarm."""
    from hub import jobs

    found = jobs.look_at_stores(workspace)
    if as_json:
        print_json(found.as_dict())
    else:
        _print(found)
    if found.alarms:
        raise click.exceptions.Exit(1)


def _print(found: Watch) -> None:
    click.echo(
        f"feed at {found.head}, sealed up to {found.sealed} ({found.as_of or 'never: hub store seal'}),"
        f" {found.head - found.purged} changes kept"
    )
    click.echo(f"{found.segments} segments, {found.bytes} bytes")
    if found.waiting or found.held_seconds:
        click.echo(f"{found.waiting} changes wait for a transaction to end, {found.held_seconds} s old")
    click.echo(f"{found.active} of {found.nodes} nodes active, {len(found.behind)} behind, {len(found.away)} silent")
    if found.worst:
        rows = [(one.node, one.cursor, one.lag, one.seen_at or "never", one.outbox) for one in found.worst]
        table(rows, ("node", "cursor", "behind", "last seen", "outbox"))
        if found.active > len(found.worst):
            click.echo(f"and {found.active - len(found.worst)} more: hub store nodes")
    click.echo(f"{found.gaps} gaps and {found.quarantined} quarantined documents in what they sent")
    for node, one in found.compared.items():
        how = f"differed in {', '.join(one.differ[:5])}" if one.differ else "proved equal"
        click.echo(f"  {node}: {how} at position {one.position}, {one.at}")
    for alarm in found.alarms:
        click.echo(click.style(f"{alarm.code}: {alarm.text}", fg="yellow"))


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how far, and who keeps what.")
@as_json
@workspace_option
def purge(dry_run: bool, as_json: bool, workspace: Path | None) -> None:
    """Drop the changes of the feed that every reader has, and those too old to be kept for anybody.

    [feed] in hub.toml says how old. Documents and their versions stay; a store that comes back from before what is kept
    is loaded anew by itself.
    """
    from hub import jobs

    done = jobs.purge_feed(workspace, dry_run=dry_run)
    if as_json:
        print_json(done)
        return
    if dry_run:
        count = done["until"] - done["purged"]
        click.echo(f"{count} changes up to {done['until']} would go, of {done['head'] - done['purged']}")
    else:
        click.echo(f"{done['changes']} changes went, up to {done['until']}; {done['kept']} are kept")
    for word, names in (("kept for", done["holding"]), ("too far behind, loaded anew", done["left_behind"])):
        if names:
            more = f" and {len(names) - 10} more" if len(names) > 10 else ""
            click.echo(f"{word}: {', '.join(names[:10])}{more}")
