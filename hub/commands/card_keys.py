"""``hub card keys`` and ``hub card revocations``: what readers need to check cards."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.commands.printing import as_json, print_json, table, workspace_option
from hub.errors import ConfigurationError

if TYPE_CHECKING:
    from hub.cards.keys import CardKeys
    from hub.exchange.session import Hub
    from hub.repository import DocumentRecord


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@as_json
@workspace_option
def revocations(file: Path, as_json: bool, workspace: Path | None) -> None:
    """Write the signed list of revoked cards for readers that are no tills: those get it with every pull."""
    from hub.cards.publishing import next_list, publish
    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub:
        held = keys_of(hub)
        with hub.repository.read() as tx:
            made = next_list(tx)
        signed = made.signed(held.signer("", made.issued, made.issued).private())
        hub.repository.retrying(lambda tx: publish(tx, held))  # where this was the first key
        _write(file, signed)
    if as_json:
        print_json({"seq": made.seq, "revoked": len(made), "bytes": len(signed), "file": str(file)})
    else:
        click.echo(f"{file}: list {made.seq}, {len(made)} cards, {len(signed)} bytes")


@click.command()
@click.option(
    "--write", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write them for other readers than tills."
)
@click.option("--rotate", is_flag=True, help="Make a new key, of the hub's or with --store of a store's.")
@click.option("--store", "-s", default="", metavar="S", help="Only of this store.")
@click.option("--cap", type=click.IntRange(0, 2**32 - 1), help="Most rights on a card that the new key signs.")
@click.option("--retire", default="", metavar="KEY", help="Remove a key that others may know: its cards are void.")
@as_json
@workspace_option
def keys(
    file: Path | None,
    rotate: bool,
    store: str,
    cap: int | None,
    retire: str,
    as_json: bool,
    workspace: Path | None,
) -> None:
    """List the keys that sign cards, and change them."""
    from hub.cards.certifying import retire as retire_key
    from hub.cards.publishing import certificates, publish, published
    from hub.exchange.session import Hub

    if cap is not None and not (rotate and store):
        raise click.UsageError("--cap is for --rotate --store S")
    with Hub.open(workspace) as hub:
        held = keys_of(hub)
        if retire:
            hub.repository.retrying(lambda tx: retire_key(tx, held, retire))
            click.echo(f"key {retire} is removed; tills lose it with their next pull", err=True)
        if rotate:
            known_store(hub, store)
            held.rotate(store, datetime.now(UTC), cap)
        hub.repository.retrying(lambda tx: publish(tx, held))
        with hub.repository.read() as tx:
            records = [*published(tx)]
        found = [one for one in map(_key_data, records) if not store or one["store"] == store]
        if file is not None:
            parts = [[base64.b64encode(one).decode() for one in part] for part in certificates(records)]
            data = json.dumps(dict(zip(("roots", "certificates"), parts, strict=True)), indent=1)
            _write(file, data.encode() + b"\n")
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo("No card keys yet: the first card that is issued makes them.")
    table(([*one.values()] for one in found), ("KEY", "STORE", "NODE", "BEGINS", "ENDS", "CAP"))


def keys_of(hub: Hub) -> CardKeys:
    """The card keys of the hub's workspace."""
    from hub.cards.keys import FOLDER, CardKeys

    return CardKeys(hub.workspace.root / FOLDER)


def known_store(hub: Hub, store: str) -> None:
    """Raises ``ConfigurationError`` for a name that no store has; "" is the hub itself."""
    from hub.replication.stores import load_stores, stores_of

    if store:
        stores_of(load_stores(hub.workspace.stores), store)


def _write(file: Path, data: bytes) -> None:
    # A till that reads it meanwhile sees the old file or the new one.
    part = file.with_name(file.name + ".part")
    try:
        part.write_bytes(data)
        part.replace(file)
    except OSError as problem:
        reason = (problem.strerror or str(problem)).lower()
        raise ConfigurationError(f"the file cannot be written: {reason}", file=file) from None


def _key_data(record: DocumentRecord) -> dict[str, Any]:
    from hub.cards import cose
    from hub.cards.records import Certificate

    data = record.data()
    one = Certificate.of(cose.fields_of(cose.read(base64.b64decode(data["certificate"])).payload))
    named = {"key": data["key_id"], "store": one.store, "node": data.get("node", "")}
    return {**named, "begins": f"{one.begins:%F}", "ends": f"{one.ends:%F}", "cap": one.cap}
