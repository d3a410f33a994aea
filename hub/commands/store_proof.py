"""``hub store verify``: whether a replica that the hub can reach as a file holds what it must hold."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click

from hub.commands.printing import as_json, print_json, workspace_option


@click.command()
@click.argument("name", metavar="STORE")
@click.option("--replica", type=click.Path(path_type=Path, dir_okay=False), help="Another file than its own.")
@click.option("--heal", is_flag=True, help="Put right what differs.")
@as_json
@workspace_option
def verify(name: str, replica: Path | None, heal: bool, as_json: bool, workspace: Path | None) -> None:
    """Compare the replica of STORE with what the hub knows that it must hold, row by row where it differs.

    Tills elsewhere do it themselves: hub-pos REPLICA verify. Exit status: 0 equal, or put right; 1 it differs, or
    cannot be compared at its position.
    """
    from hub.exchange.session import Hub
    from hub.replication import load_stores, subscription
    from hub.replication.proof import Prover
    from hub.replication.proved import note
    from hub.replication.proving_files import open_replica
    from hub.replication.stores import stores_of

    with Hub.open(workspace) as hub:
        store = stores_of(load_stores(hub.workspace.stores), name)[0]
        prover, wanted = Prover(hub.repository), subscription(store)
        with closing(open_replica(store, hub.plugins.replica_types, replica)) as link:
            found = link.prove(lambda question: prover.answer(question, wanted), heal=heal)
        if found.comparable and replica is None:
            note(hub.repository, f"file:{store.id}", found.position, () if found.equal else found.differ)
    if as_json:
        print_json(asdict(found))
    elif not found.comparable:
        click.echo(f"{store.id} cannot be compared at {found.position}: {found.why}")
    elif not found.differ:
        click.echo(f"{store.id} is equal at {found.position}")
    else:
        buckets = ", ".join(one or "(no bucket)" for one in found.differ)
        what = "too many to put right: hub replicate --reload" if found.reload else f"{found.rows} rows"
        click.echo(f"{store.id} differs at {found.position} in {buckets}: {what}")
        if found.healed:
            click.echo("put right, and equal now")
    if not found.equal:
        raise click.exceptions.Exit(1)
