"""``hub store`` and ``hub serve``: what stores pull over HTTP or a stick, and who may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.commands.printing import as_json, print_json, table, workspace_option
from hub.commands.store_proof import verify
from hub.commands.store_scope import scope
from hub.commands.store_seal import seal
from hub.commands.store_status import purge, status
from hub.commands.store_why import why

if TYPE_CHECKING:
    from hub.exchange.session import Hub
    from hub.replication.stores import Store
    from hub.replication.watching import Standing
    from hub.repository import Transaction
    from hub.repository.nodes import NodeRecord


@click.group()
def store() -> None:
    """Seal what stores pull; register, list and revoke their nodes."""


@store.command("add-node")
@click.argument("name", metavar="STORE")
@click.argument("terminal", required=False, default="")
@as_json
@workspace_option
def add_node(name: str, terminal: str, as_json: bool, workspace: Path | None) -> None:
    """Let a terminal of STORE (or its store server) register: prints the one-time token for it.

    The token is shown once. Use it on the till: hub-pos REPLICA register URL NODE TOKEN. A node that is known keeps its
    key until then.
    """
    import re
    import secrets

    with _opened(workspace) as hub:
        found = _store(hub, name)
        if terminal and not re.fullmatch(r"[A-Za-z0-9._]{1,32}", terminal):
            raise click.UsageError(f"'{terminal}' is no terminal: letters, digits, point and underline, at most 32")
        node = f"{found.id}-{terminal}" if terminal else found.id
        token = secrets.token_urlsafe(24)
        lasts = hub.workspace.settings.stores.token
        hub.repository.retrying(lambda tx: tx.invite_node(node, found.id, token, lasts))
    if as_json:
        print_json({"node": node, "store": found.id, "token": token, "seconds": int(lasts.total_seconds())})
        return
    click.echo(
        f"node:  {node}\ntoken: {token}\nIt works once, within {lasts.total_seconds() / 3600:.0f} hours. At the till:"
    )
    click.echo(f"  hub-pos {found.id}.sqlite register http://HUB:8701 {node} {token}")


@store.command()
@click.argument("node")
@workspace_option
def revoke(node: str, workspace: Path | None) -> None:
    """Refuse NODE from now on: its key and its token are void, and the cards that it wrote."""
    from hub.cards.publishing import publish
    from hub.commands.card_keys import keys_of

    with _opened(workspace) as hub:
        keys = keys_of(hub)

        def work(tx: Transaction) -> None:
            tx.revoke_node(node)
            publish(tx, keys)

        hub.repository.retrying(work)
    click.echo(f"{node}: revoked. A running server knows within two seconds; new token: hub store add-node")


@store.command()
@click.option("--store", "-s", "name", default=None, metavar="S", help="Only this store's.")
@as_json
@workspace_option
def nodes(name: str | None, as_json: bool, workspace: Path | None) -> None:
    """List the nodes: key, how far behind each is, when it was last seen, and what waited in its outbox then."""
    from hub.replication.watching import Standing

    with _opened(workspace) as hub:
        head = hub.repository.feed_head()
        with hub.repository.read() as tx:
            found = [(one, Standing.of(one, head)) for one in tx.nodes(name)]
    if as_json:
        print_json([_told(record, one) for record, one in found])
    elif not found:
        click.echo("No nodes yet: hub store add-node STORE [TERMINAL]")
    else:
        rows = [
            (one.node, one.state, one.cursor, one.lag, one.seen_at or "never", record.bytes_sent, one.outbox)
            for record, one in found
        ]
        table(rows, ("node", "key", "cursor", "behind", "last seen", "bytes", "outbox"))


@store.command()
@click.argument("node")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--full", is_flag=True, help="Everything, whatever the node has; else what is new since its last poll.")
@workspace_option
def export(node: str, folder: Path, full: bool, workspace: Path | None) -> None:
    """Write what NODE would pull into FOLDER, such as a stick. On the till: hub-pos REPLICA pull --from FOLDER."""
    from hub.api.serve import service_of
    from hub.replication.carrying import export as carry

    with _opened(workspace) as hub:
        service = service_of(hub.repository, hub.workspace.root)
        count, size = carry(hub.repository, service.shelf, service.keys, hub.workspace.stores, node, folder, full=full)
    click.echo(f"{folder}: {count} segments, {size} bytes for {node}")


store.add_command(seal)
store.add_command(status)
store.add_command(purge)
store.add_command(verify)
store.add_command(why)
store.add_command(scope)


@store.command("rotate-key")
@workspace_option
def rotate_key(workspace: Path | None) -> None:
    """Make a new signing key. Nodes learn it with their next poll, signed with the one they know. Start the server
    again after it."""
    from hub.api.serve import service_of

    with _opened(workspace) as hub:
        click.echo(f"new signing key: {service_of(hub.repository, hub.workspace.root).keys.rotate()}")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8701, show_default=True, type=click.IntRange(1, 65535))
@workspace_option
def serve(host: str, port: int, workspace: Path | None) -> None:
    """Serve the stores over HTTP: polls, segments, uploads, registrations. Needs the extra "stores".

    Listens on this machine only, unless --host says otherwise; put a proxy with TLS before it then.
    """
    from hub.api.serve import serve as serving
    from hub.jobs import alarm_limits, publish_cards

    with _opened(workspace) as hub:
        publish_cards(hub)
        click.echo(f"serving on http://{host}:{port}, end with Ctrl-C", err=True)
        serving(hub.repository, hub.workspace.root, host, port, alarm_limits(hub.workspace.settings))


@contextmanager
def _opened(workspace: Path | None) -> Iterator[Hub]:
    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub:
        yield hub


def _store(hub: Hub, name: str) -> Store:
    from hub.replication.stores import load_stores, stores_of

    return stores_of(load_stores(hub.workspace.stores), name)[0]


def _told(record: NodeRecord, one: Standing) -> dict[str, object]:
    return {
        **asdict(one),
        "registered_at": record.registered_at.isoformat(timespec="seconds") if record.registered_at else "",
        "polls": record.polls,
        "bytes_sent": record.bytes_sent,
        "buckets": list(record.cursor_buckets),
    }
