"""``hub uploads``: what stores sent back, what is missing of it, and what lost against what."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.commands.printing import as_json, print_finding, print_json, table, workspace_option
from hub.commands.upload_upkeep import lost, purge

if TYPE_CHECKING:
    from hub.exchange.session import Hub
    from hub.replication.stores import Store
    from hub.repository.uploads import UploadRecord

COLORS = {"accepted": "green", "duplicate": "cyan", "quarantined": "magenta", "received": "yellow"}

_limit = click.option("--limit", "-n", default=50, show_default=True, type=click.IntRange(1, 100_000), help="How many.")
_node = click.option("--node", default="", metavar="N", help="Only of this node (STORE or STORE-TERMINAL).")
_store = click.option("--store", "-s", default="", metavar="S", help="Only of this store.")


@click.group()
def uploads() -> None:
    """See what the stores sent back, what is missing of it, and what was not accepted."""


uploads.add_command(purge)
uploads.add_command(lost)


@uploads.command("list")
@click.option("--state", type=click.Choice([*COLORS]), help="Only in this state.")
@_node
@_store
@_limit
@as_json
@workspace_option
def list_(state: str | None, node: str, store: str, limit: int, as_json: bool, workspace: Path | None) -> None:
    """List uploaded documents by node and place."""
    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub, hub.repository.read() as tx:
        records = tx.uploads(state=state or "", node=node, store=store, limit=limit)
    if as_json:
        print_json([_data(record) for record in records])
        return
    if not records:
        click.echo("No uploads.")
    table(
        (
            (
                one.node,
                one.entry.seq,
                one.entry.kind,
                one.state,
                f"{one.received_at:%Y-%m-%d %H:%M:%S}",
                one.id,
                one.code,
            )
            for one in records
        ),
        ("NODE", "SEQ", "KIND", "STATE", "RECEIVED (UTC)", "UPLOAD", "CODE"),
    )


@uploads.command()
@click.argument("upload")
@as_json
@workspace_option
def show(upload: str, as_json: bool, workspace: Path | None) -> None:
    """Show one uploaded document as the store sent it, and what became of it.

    UPLOAD is its id, or NODE:SEQ such as S001-1:17."""
    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub:
        records = _named(hub, upload)
    if as_json:
        print_json([{**_data(record), "body": record.data()} for record in records])
        return
    for record in records:
        state = click.style(record.state, fg=COLORS[record.state])
        click.echo(f"upload       {record.id}  {state}")
        for name, value in (
            ("place", f"{record.node}:{record.entry.seq}"),
            ("document", f"{record.entry.kind} {record.entry.document}"),
            ("made", f"{record.entry.created_at}  clock {record.entry.clock or '-'}"),
            ("received", f"{record.received_at:%Y-%m-%d %H:%M:%S} UTC in payload {record.payload}"),
            ("canonical", record.document_id or "-"),
        ):
            click.echo(f"{name:<13}{value}")
        for finding in record.findings:
            print_finding(finding, err=False, indent="  ")
        print_json(record.data())


@uploads.command()
@click.argument("names", nargs=-1, metavar="[UPLOAD]...")
@click.option("--all", "everything", is_flag=True, help="Everything that is quarantined.")
@as_json
@workspace_option
def retry(names: tuple[str, ...], everything: bool, as_json: bool, workspace: Path | None) -> None:
    """Judge quarantined documents again, after something was put right. Exit status 1 where one stays quarantined.

    UPLOAD is an id, or NODE:SEQ. A place that came twice with different content is taken in when it is named here."""
    from hub.cards.shown import card_shown
    from hub.exchange.session import Hub
    from hub.replication.intake import retry as again
    from hub.replication.policies import load_policies
    from hub.replication.upload_folder import store_of

    if everything == bool(names):
        raise click.UsageError("name the uploads, or say --all")
    done: list[UploadRecord] = []
    with Hub.open(workspace) as hub:
        stores, policies = _stores(hub), load_policies(hub.workspace.root)
        if everything:
            with hub.repository.read() as tx:
                records = [one for one in tx.uploads(state="quarantined", limit=100_000) if not _reused(one)]
        else:
            records = [record for name in names for record in _named(hub, name)]
        for record in records:
            store = store_of(record.node, stores)
            done += again(hub.repository, store, [record], datetime.now(UTC), policies, card_shown)
    if as_json:
        print_json([_data(record) for record in done])
    else:
        for record in done:
            state = click.style(record.state, fg=COLORS[record.state])
            click.echo(f"{record.node}:{record.entry.seq} {record.entry.kind} {state}")
            for finding in record.findings:
                print_finding(finding, err=False, indent="  ")
        if not done:
            click.echo("Nothing is quarantined.")
    if any(record.state == "quarantined" for record in done):
        raise click.exceptions.Exit(1)


@uploads.command()
@_node
@_store
@click.option("--all", "everything", is_flag=True, help="Also those that were given up (hub uploads lost).")
@_limit
@as_json
@workspace_option
def gaps(node: str, store: str, everything: bool, limit: int, as_json: bool, workspace: Path | None) -> None:
    """List places of tills' sequences that have not come: each may be a lost sale. Exit status 1 where there is one."""
    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub, hub.repository.read() as tx:
        found = tx.gaps(node=node, store=store, limit=limit)
        over = tx.losses(node=node, limit=limit) if everything else []
    rows = [
        {"node": one.node, "store": one.store, "first": one.first, "last": one.last, "since": one.since.isoformat()}
        for one in found
    ]
    given_up = [
        {"node": one.node, "first": one.first, "last": one.last, "lost_at": one.at.isoformat(), "who": one.who,
         "why": one.why}
        for one in over
    ]  # fmt: skip
    if as_json:
        print_json([*rows, *given_up])
    elif not found:
        click.echo("No gaps.")
    else:
        missing = ((one.node, one.first, one.last, f"{one.since:%Y-%m-%d %H:%M:%S}") for one in found)
        table(missing, ("NODE", "FIRST", "LAST", "MISSING SINCE (UTC)"))
    if over and not as_json:
        told = ((one.node, one.first, one.last, f"{one.at:%Y-%m-%d %H:%M:%S}", one.who, one.why) for one in over)
        table(told, ("NODE", "FIRST", "LAST", "GIVEN UP (UTC)", "BY", "WHY"))
    if found:
        raise click.exceptions.Exit(1)


@uploads.command()
@_node
@click.option(
    "--merge", is_flag=True, help="Only customers that may be the same: both are kept until a person decides."
)
@_limit
@as_json
@workspace_option
def conflicts(node: str, merge: bool, limit: int, as_json: bool, workspace: Path | None) -> None:
    """List what lost where a store and somebody else changed the same, newest first."""
    from dataclasses import asdict

    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub, hub.repository.read() as tx:
        found = tx.conflicts(node=node, policy="keep_both" if merge else "", limit=limit)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    if not found:
        click.echo("No conflicts.")
    rows = (
        (f"{one.at:%Y-%m-%d %H:%M:%S}", one.entity, one.id, one.field, one.policy, one.winner, f"{one.node}:{one.seq}",
         f"{_shown(one.ours)} / {_shown(one.theirs)}")
        for one in found
    )  # fmt: skip
    table(rows, ("TIME (UTC)", "ENTITY", "ID", "FIELD", "POLICY", "WINNER", "PLACE", "HUB / STORE"))


@uploads.command()
@click.argument("folder", type=click.Path(path_type=Path))
@as_json
@workspace_option
def take(folder: Path, as_json: bool, workspace: Path | None) -> None:
    """Take in uploads that were carried here in a folder, and write the answers beside them.

    Exit status 1 where a file was not taken, or a document was quarantined."""
    from hub.authorizations.policies import load_policies as load_authorizations
    from hub.cards.shown import card_shown
    from hub.exchange.session import Hub
    from hub.replication.policies import load_policies
    from hub.replication.upload_folder import take_folder

    with Hub.open(workspace) as hub:
        policies = load_policies(hub.workspace.root)
        told = load_authorizations(hub.workspace.root)
        done = list(take_folder(hub.repository, _stores(hub), folder, datetime.now(UTC), policies, card_shown, told))
    if as_json:
        print_json([{"file": one.file, "error": one.error, "answer": one.answer} for one in done])
    else:
        for one in done:
            counts = ", ".join(f"{one.count(state)} {state}" for state in COLORS if one.count(state))
            click.echo(f"{one.file}: {click.style(one.error, fg='red') if one.error else counts or 'empty'}")
        if not done:
            click.echo("Nothing to take.")
    if any(one.error or one.count("quarantined") for one in done):
        raise click.exceptions.Exit(1)


def _stores(hub: Hub) -> tuple[Store, ...]:
    from hub.replication.stores import load_stores

    return load_stores(hub.workspace.stores)


def _named(hub: Hub, name: str) -> list[UploadRecord]:
    """The entry with an id, or all that came under NODE:SEQ."""
    from hub.errors import ConfigurationError

    node, _, seq = name.rpartition(":")
    with hub.repository.read() as tx:
        found = tx.uploads_at(node, int(seq)) if node and seq.isdecimal() else tx.uploads_named(name)
    if not found:
        raise ConfigurationError(f"there is no upload '{name}'", hint="hub uploads list shows them.")
    return found


def _reused(record: UploadRecord) -> bool:
    return record.code == "return.seq_reused"


def _shown(value: Any) -> str:
    return "-" if value is None else str(value)


def _data(record: UploadRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "node": record.node,
        "store": record.store,
        "seq": record.entry.seq,
        "kind": record.entry.kind,
        "document": record.entry.document,
        "state": record.state,
        "code": record.code,
        "document_id": record.document_id,
        "created_at": record.entry.created_at,
        "clock": record.entry.clock,
        "received_at": record.received_at.isoformat(),
        "attempts": record.attempts,
        "payload": record.payload,
        "findings": [finding.as_dict() for finding in record.findings],
    }
