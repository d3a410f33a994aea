"""``hub journal``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.commands.exchange import COLORS
from hub.commands.printing import as_json, print_finding, print_json, table, workspace_option

if TYPE_CHECKING:
    from hub.repository import ExchangeRecord

_limit = click.option("--limit", "-n", default=50, show_default=True, type=click.IntRange(1, 100_000), help="How many.")


@click.group()
def journal() -> None:
    """See what came in and went out, and process it again."""


@journal.command("list")
@click.option("--state", type=click.Choice(["received", "processing", *COLORS]), help="Only in this state.")
@click.option("--partner", "-p", metavar="P", help="Only of this partner.")
@click.option("--direction", type=click.Choice(["in", "out"]), help="Only incoming, or only outgoing.")
@_limit
@as_json
@workspace_option
def list_(
    state: str | None, partner: str | None, direction: str | None, limit: int, as_json: bool, workspace: Path | None
) -> None:
    """List exchanges, newest first."""
    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub, hub.repository.read() as tx:
        records = tx.exchanges(state=state, partner=partner, direction=direction, limit=limit)
    _print_records(records, as_json)


@journal.command()
@click.argument("text")
@_limit
@as_json
@workspace_option
def search(text: str, limit: int, as_json: bool, workspace: Path | None) -> None:
    """Find exchanges by control number, order number, file name, partner, or the beginning of an id."""
    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub, hub.repository.read() as tx:
        records = tx.search(text, limit)
    _print_records(records, as_json)


def _print_records(records: list[ExchangeRecord], as_json: bool) -> None:
    from hub.exchange.journal import record_dict

    if as_json:
        print_json([record_dict(record) for record in records])
        return
    if not records:
        click.echo("No exchanges.")
    table(
        (
            (
                one.id,
                f"{one.created_at:%Y-%m-%d %H:%M:%S}",
                one.direction,
                one.state.value,
                one.partner or "-",
                f"{one.standard} {one.control}".strip() or "-",
                f"{one.accepted}/{one.received}",
                one.filename,
            )
            for one in records
        ),
        ("EXCHANGE", "TIME (UTC)", "DIR", "STATE", "PARTNER", "INTERCHANGE", "OK", "FILE"),
    )


@journal.command()
@click.argument("exchange")
@as_json
@workspace_option
def show(exchange: str, as_json: bool, workspace: Path | None) -> None:
    """Show one exchange: its messages, findings, documents, and what was sent because of it.

    EXCHANGE is an id, or as much of its end or beginning as only one exchange has."""
    from hub.exchange.journal import exchange_details
    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub:
        details = exchange_details(hub, exchange)
    if as_json:
        print_json(details.as_dict())
        return
    record = details.record
    state = click.style(record.state.value, fg=COLORS.get(record.state.value))
    click.echo(f"exchange     {record.id}  {state}")
    for name, value in details.facts():
        click.echo(f"{name:<13}{value}")
    for finding in record.findings:
        print_finding(finding, err=False, indent="  ")
    for message in details.messages:
        verdict = "accepted" if message.accepted else "rejected"
        what = f"{message.type} {message.version} {message.control}".replace("  ", " ")
        colored = click.style(verdict, fg=COLORS[verdict])
        by = f" by {message.mapping}" if message.mapping else ""
        click.echo(f"message {message.position}: {what} {colored}{by}")
        for finding in message.findings:
            if finding not in record.findings:
                print_finding(finding, err=False, indent="  ")
    for line in details.lines():
        click.echo(line)


@journal.command()
@click.argument("exchange")
@as_json
@workspace_option
def replay(exchange: str, as_json: bool, workspace: Path | None) -> None:
    """Process the payload of an exchange again, after a mapping or a partner was put right.

    Of an outgoing exchange, what was given up is made due again for hub deliver or hub sync."""
    from hub.commands.exchange import print_outcome
    from hub.exchange.deliver import requeue
    from hub.exchange.journal import resolve
    from hub.exchange.receive import replay as again
    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub:
        record = resolve(hub, exchange)
        if record.direction == "out":
            click.echo(f"{requeue(hub, record.id)} due again")
            return
        outcomes = again(hub, record.id)
    if as_json:
        print_json([outcome.as_dict() for outcome in outcomes])
    else:
        for outcome in outcomes:
            print_outcome(outcome)
    if any(outcome.refused for outcome in outcomes):
        raise click.exceptions.Exit(1)


@journal.command()
@click.argument("exchange")
@workspace_option
def payload(exchange: str, workspace: Path | None) -> None:
    """Write the bytes of an exchange to standard output, exactly as received or sent."""
    import shutil
    import sys

    from hub.exchange.journal import resolve
    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub, hub.repository.open_payload(resolve(hub, exchange).payload.sha256) as stream:
        shutil.copyfileobj(stream, sys.stdout.buffer)


@journal.command()
@click.option("--state", help="waiting, late, accepted, rejected, partial, double, unknown, application_rejected …")
@click.option("--partner", "-p", metavar="P", help="Only of this partner.")
@_limit
@as_json
@workspace_option
def acknowledgments(state: str | None, partner: str | None, limit: int, as_json: bool, workspace: Path | None) -> None:
    """List what waits for the partners' acknowledgments, and what they said."""
    from hub.errors import ConfigurationError
    from hub.exchange.journal import entry_dict
    from hub.exchange.session import Hub
    from hub.located import did_you_mean
    from hub.repository import LedgerState

    states = [one.value for one in LedgerState]
    if state is not None and state not in states:
        raise ConfigurationError(f"there is no state '{state}'", hint=did_you_mean(state, states))
    with Hub.open(workspace) as hub, hub.repository.read() as tx:
        entries = tx.acknowledgments(state=state, partner=partner, limit=limit)
    if as_json:
        print_json([entry_dict(entry) for entry in entries])
        return
    if not entries:
        click.echo("No acknowledgments.")
    rows: list[tuple[Any, ...]] = [
        (
            one.state.value + (" (late)" if one.late and one.state is not LedgerState.LATE else ""),
            one.partner,
            f"{one.standard} {one.type}",
            one.interchange,
            one.message,
            f"{one.due_at:%Y-%m-%d %H:%M}" if one.due_at else "",
            one.application_code or one.code,
            one.exchange_id,
        )
        for one in entries
    ]
    table(rows, ("STATE", "PARTNER", "MESSAGE", "INTERCHANGE", "CONTROL", "DUE (UTC)", "CODE", "EXCHANGE"))
