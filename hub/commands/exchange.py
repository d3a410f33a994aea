"""``hub receive``, ``hub deliver``, ``hub sync`` and ``hub replicate``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.commands.printing import Progress, as_json, print_finding, print_json, workspace_option

if TYPE_CHECKING:
    from hub.exchange.outcome import Outcome

COLORS = {
    "accepted": "green", "duplicate": "cyan", "partial": "yellow", "rejected": "red", "quarantined": "magenta",
}  # fmt: skip


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--partner", "-p", default="", metavar="P", help="Whose files they are, where nothing else says so.")
@as_json
@workspace_option
def receive(paths: tuple[Path, ...], partner: str, as_json: bool, workspace: Path | None) -> None:
    """Take files or folders into the repository; acknowledge and answer them.

    PATH is the workspace's inbox if left out, - for standard input. Acknowledgments and responses go to the outbox.
    Exit status: 0 all accepted, 1 something rejected or quarantined, 2 usage or configuration.
    """
    from hub.commands.opening import settle
    from hub.exchange import receive as receiving
    from hub.exchange.session import Hub

    outcomes: list[Outcome] = []
    with Hub.open(workspace) as hub, Progress("messages") as progress:
        settle()
        files = [path for path in paths if str(path) != "-"]
        if files or not paths:
            for outcome in receiving.receive(hub, files, partner=partner, tick=progress.advance):
                outcomes.append(outcome)
                if not as_json:
                    print_outcome(outcome)
        if len(files) < len(paths):
            for outcome in receiving.receive_stream(hub, sys.stdin.buffer, "stdin", partner=partner):
                outcomes.append(outcome)
                if not as_json:
                    print_outcome(outcome)
    if as_json:
        totals = receiving.summary(outcomes)
        print_json({**totals, "outcomes": [outcome.as_dict() for outcome in outcomes]})
    elif not outcomes:
        click.echo("Nothing to receive.")
    if any(outcome.refused for outcome in outcomes):
        raise click.exceptions.Exit(1)


def print_outcome(outcome: Outcome) -> None:
    """What became of one interchange, for a person."""
    state = click.style(outcome.state.value, fg=COLORS.get(outcome.state.value))
    who = outcome.partner or "unknown partner"
    what = f"{outcome.standard} {outcome.control}".strip()
    documents = ", ".join(f"{count} {kind}" for kind, count in sorted(outcome.documents.items()))
    parts = [f"{outcome.filename}: {who}", what, state]
    if outcome.already:
        parts.append("(received by an earlier run)")
    elif outcome.received:
        parts.append(f"{outcome.accepted} of {outcome.received} messages" + (f": {documents}" if documents else ""))
    click.echo(" ".join(part for part in parts if part))
    if outcome.already:
        return
    for finding in outcome.findings:
        print_finding(finding, err=False, indent="  ")
    for name in outcome.sent:
        click.echo(f"  -> outbox: {name}")


@click.command()
@click.option("--partner", "-p", default=None, metavar="P", help="Only what goes to this partner.")
@click.option("--now", "everything", is_flag=True, help="Also what is to be tried again later.")
@as_json
@workspace_option
def deliver(partner: str | None, everything: bool, as_json: bool, workspace: Path | None) -> None:
    """Hand what waits in the outbox to the partners."""
    from hub.exchange import deliver as delivering
    from hub.exchange.session import Hub

    done = []
    with Hub.open(workspace) as hub, Progress("files") as progress:
        if partner is not None:
            hub.partners.named(partner)
        for one in delivering.deliver(hub, partner=partner, everything=everything):
            progress.advance()
            done.append(one)
            if not as_json:
                if one.error:
                    when = f"; next attempt {one.again_at:%Y-%m-%d %H:%M} UTC" if one.again_at else "; given up"
                    click.echo(click.style(f"{one.item.filename}: not delivered: {one.error}{when}", fg="red"))
                else:
                    click.echo(f"{one.path}")
    failed = [one for one in done if one.error]
    if as_json:
        files = [{"file": str(one.path), "partner": one.item.partner, "error": one.error} for one in done]
        print_json({"delivered": len(done) - len(failed), "failed": len(failed), "files": files})
    elif not done:
        click.echo("Nothing is waiting in the outbox.")
    if failed:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("endpoint")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Pull only this kind; may be repeated.")
@click.option("--no-push", is_flag=True, help="Only pull.")
@as_json
@workspace_option
def sync(endpoint: str, kinds: tuple[str, ...], no_push: bool, as_json: bool, workspace: Path | None) -> None:
    """Exchange documents with an endpoint, such as an ERP: pull what changed, push the orders it does not have.

    ENDPOINT is the name of a file in endpoints/. Exit status 1 where something was refused.
    """
    from hub.exchange.session import Hub
    from hub.exchange.sync import sync as synchronize

    with Hub.open(workspace) as hub:
        done = synchronize(hub, endpoint, kinds=kinds or None, push=not no_push)
    if as_json:
        print_json({**done.as_dict(), "findings": [finding.as_dict() for finding in done.findings]})
    else:
        for kind, count in done.pulled.items():
            click.echo(f"{kind}: {count} pulled, {done.changed.get(kind, 0)} changed")
        click.echo(f"pushed: {done.pushed} new, {done.already} there already, {done.refused} refused")
        for finding in done.findings:
            print_finding(finding, err=False, indent="  ")
    if done.refused:
        raise click.exceptions.Exit(1)


@click.command()
@click.option("--store", "-s", default=None, metavar="S", help="Only this store.")
@click.option("--group", "-g", default=None, metavar="G", help="Only the stores of this group of stores.toml.")
@as_json
@workspace_option
def replicate(store: str | None, group: str | None, as_json: bool, workspace: Path | None) -> None:
    """Bring the stores' replicas up to date. Exit status 1 where one could not be reached."""
    from hub import jobs

    summary = jobs.replicate(workspace, store=store, group=group)
    if as_json:
        print_json(summary)
    else:
        if not summary["stores"]:
            click.echo("No stores yet: add them to stores.toml.")
        for one in summary["stores"]:
            loaded = " (loaded anew)" if one["loaded"] else ""
            text = click.style(one["error"], fg="red") if one["error"] else f"{one['rows']} rows{loaded}"
            click.echo(f"{one['store']}: {text}")
    if summary["failed"]:
        raise click.exceptions.Exit(1)
