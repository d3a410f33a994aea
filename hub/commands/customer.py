"""``hub customer``: erasing a customer."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from hub.commands.card import named_customer
from hub.commands.card_keys import keys_of
from hub.commands.printing import as_json, print_json, workspace_option


@click.group()
def customer() -> None:
    """Erase customers."""


@customer.command()
@click.argument("name", metavar="CUSTOMER")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@workspace_option
def erase(name: str, yes: bool, as_json: bool, workspace: Path | None) -> None:
    """Erase CUSTOMER here, in what is sealed for the stores, and with their next pull in the stores.

    CUSTOMER is the id of its document, SCHEME:VALUE, or its number. Its cards are revoked. What cannot be erased is
    listed: payloads as an ERP or partner sent them. Erase it in the ERP first, or the next sync brings it back."""
    from hub import jobs
    from hub.cards.publishing import publish
    from hub.exchange.session import Hub
    from hub.replication.erasure import erase as erasing
    from hub.replication.shelf import FOLDER, Shelf

    with Hub.open(workspace) as hub:
        with hub.repository.read() as tx:
            found = tx.get("Party", name) or named_customer(tx, name)
        if not yes:
            click.confirm(f"Erase customer {found.number or found.id} for good?", abort=True, err=True)
        shelf = Shelf(hub.workspace.root / FOLDER)
        keys = keys_of(hub)
        sealing, publishing = (lambda: jobs.seal(hub.workspace.root)), (lambda tx: publish(tx, keys))
        done = erasing(hub.repository, shelf, found.id, sealing, publishing)
    if as_json:
        print_json(asdict(done))
        return
    click.echo(
        f"customer {done.id} is erased: {done.versions} versions, {done.uploads} uploads, {done.payloads} payloads of"
        f" uploads, {done.conflicts} conflicts, {done.cards} cards"
    )
    for exchange in done.exchanges:
        click.echo(f"the payload of exchange {exchange} still names the customer", err=True)
