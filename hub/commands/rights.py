"""``hub rights``: what tills may give of customers' credit and points without asking."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.commands.printing import as_json, print_json, table, workspace_option

if TYPE_CHECKING:
    from hub.repository.rights import PoolRecord, RightRecord


@click.group()
def rights() -> None:
    """See and share out what tills may give of credit and points while they are off line."""


@rights.command("list")
@click.option("--customer", default="", metavar="C", help="Only of this customer: id, SCHEME:VALUE, or number.")
@click.option("--node", default="", metavar="N", help="Only of this till (STORE-TERMINAL).")
@as_json
@workspace_option
def list_(customer: str, node: str, as_json: bool, workspace: Path | None) -> None:
    """List what tills hold: granted in all, called back, returned, spent, and left, as far as the hub knows.

    Exit status 1 where a pool is short: its tills hold more than there is, since a limit fell."""
    from hub.authorizations.policies import load_policies
    from hub.authorizations.pools import pool_at
    from hub.commands.card import named_customer
    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub, hub.repository.read() as tx:
        if customer:
            party = tx.get("Party", customer) or named_customer(tx, customer)
            pools = {one.id: one for one in tx.pools_of(owners=[party.id])}
            found = tx.rights(pools_in=pools) if pools else []
        else:
            found = tx.rights(holder=node)
            pools = tx.pools({one.pool for one in found})
        policies = load_policies(hub.workspace.root)
        found = [one for one in found if one.document_id and node in ("", one.holder)]
        short = {id_ for id_ in {one.pool for one in found} if pool_at(tx, pools[id_], policies).free < 0}
        heard = {one.outbox: one.last_at for one in tx.outboxes({one.outbox for one in found}).values()}
    if as_json:
        print_json([{**_data(one, pools[one.pool]), "short": one.pool in short} for one in found])
    else:
        if not found:
            click.echo("No till holds a right.")
        table(
            (
                (
                    one.holder, _named(pools[one.pool]), *(f"{value:f}" for value in _sums(one).values()),
                    f"{one.expires_at:%Y-%m-%d}", f"{heard[one.outbox]:%Y-%m-%d %H:%M}" if one.outbox in heard else "-",
                    "short" if one.pool in short else "",
                )
                for one in found
            ),
            ("NODE", "OF", "GRANTED", "RECALLED", "RETURNED", "SPENT", "LEFT", "UNTIL", "HEARD (UTC)", ""),
        )  # fmt: skip
    if short:
        raise click.exceptions.Exit(1)


@rights.command()
@as_json
@workspace_option
def rebalance(as_json: bool, workspace: Path | None) -> None:
    """Share out what changed: give to tills by what they needed lately, call back what lies idle.

    The DAG rebalance_rights does it every five minutes."""
    from hub import jobs

    done = jobs.rebalance_rights(workspace)
    if as_json:
        print_json(done)
    else:
        click.echo(
            f"{done['pools']} pools, {done['told']} rights changed, {done['lapsed']} approvals lapsed,"
            f" {done['short']} pools short"
        )


@rights.command()
@click.argument("node")
@click.option("--why", required=True, help="What happened, for those who ask later.")
@as_json
@workspace_option
def lost(node: str, why: str, as_json: bool, workspace: Path | None) -> None:
    """Give up what the till NODE holds: it was lost, and will never give it back.

    If it has spent it off line and comes back after all, that counts, and a customer may be over the limit."""
    from hub.authorizations.losing import give_up
    from hub.errors import ConfigurationError
    from hub.exchange.session import Hub
    from hub.repository import NotFound

    if not why.strip():
        raise click.UsageError("say why")
    try:
        who = getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        who = "unknown"
    with Hub.open(workspace) as hub:
        try:
            done = hub.repository.retrying(lambda tx: give_up(tx, node, why.strip(), who))
        except NotFound as problem:
            raise ConfigurationError(str(problem)) from None
    if as_json:
        print_json([{"right": one.right_id, "of": _named(one.pool), "amount": f"{one.amount:f}"} for one in done])
        return
    click.echo(f"{node}: {len(done)} rights are given up")
    for one in done:
        click.echo(f"  {_named(one.pool)}: {one.amount:f}")


def _sums(right: RightRecord) -> dict[str, Any]:
    from hub.authorizations.pools import plain

    names = ("granted", "recalled", "returned", "spent")
    return {**{name: plain(getattr(right, name)) for name in names}, "left": plain(right.outstanding)}


def _named(pool: PoolRecord) -> str:
    name = pool.name
    return f"points of {name.account}" if name.resource == "points" else f"credit {name.currency} of {name.party}"


def _data(right: RightRecord, pool: PoolRecord) -> dict[str, Any]:
    return {
        "right": right.id,
        "node": right.holder,
        "outbox": right.outbox,
        "resource": pool.name.resource,
        "customer": pool.owner,
        "account": pool.name.account,
        "currency": pool.name.currency,
        **{name: f"{value:f}" for name, value in _sums(right).items()},
        "expires_at": right.expires_at.isoformat(timespec="seconds"),
    }
