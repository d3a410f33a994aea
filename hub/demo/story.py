"""What the demo does and prints: arrive, answer, hand to the ERP, reach the stores."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.demo.telling import answer_lines, document_lines
from hub.demo.workspace import erp, prepare, program, till

if TYPE_CHECKING:
    from hub.exchange.session import Hub

COFFEE = "4012345000108"


def run(keep: Path | None = None) -> int:
    """Tell the whole story on standard output; 0 if every step did what it should. ``keep`` names a new folder for the
    workspace, which otherwise is a temporary one that stays until the system clears it."""
    from hub.exchange.session import Hub

    started = time.perf_counter()
    root = prepare(keep.absolute() if keep else Path(tempfile.mkdtemp(prefix="hub-demo-")))
    try:
        with erp(root) as address, Hub.open(root) as hub:
            _title("The ERP", f"a SOAP server at {address}")
            _pull(root)
            _title("Incoming files", "three partners, three formats")
            _receive(hub)
            _title("Answers", "in each partner's own format")
            _deliver(hub)
            _title("Orders to the ERP", "looked up by our key before they are created, so none is there twice")
            _push(root)
            _title("Stores", "each gets what is in its scope, through one change feed")
            _stores(root)
    except BaseException:
        if keep is None:
            shutil.rmtree(root, ignore_errors=True)
        raise
    _title("Done", f"in {time.perf_counter() - started:.1f} s; look around:")
    _paths(root)
    return 0


def _title(what: str, more: str) -> None:
    click.echo(f"\n{click.style(what, bold=True)}  {click.style(more, dim=True)}")


def _pull(root: Path) -> None:
    from hub import jobs

    summary = jobs.sync("erp", root, push=False)
    counts = ", ".join(f"{count} {kind}" for kind, count in summary["pulled"].items())
    click.echo(f"  pulled {counts}")


def _receive(hub: Hub) -> None:
    from hub.commands.exchange import print_outcome
    from hub.exchange import receive as receiving

    for outcome in receiving.receive(hub):
        click.echo()
        print_outcome(outcome)
        if outcome.already:
            continue
        with hub.repository.read() as tx:
            for record in tx.list("Order", exchange_id=outcome.exchange_id):
                for line in document_lines(record.data()):
                    click.echo(f"  {line}")


def _deliver(hub: Hub) -> None:
    from hub.exchange import deliver as delivering

    for delivery in delivering.deliver(hub):
        place = delivery.path.relative_to(hub.workspace.root)
        click.echo(f"  {place}")
        for line in answer_lines(hub, delivery.item):
            click.echo(f"    {line}")


def _push(root: Path) -> None:
    from hub import jobs

    first, again = jobs.sync("erp", root), jobs.sync("erp", root)
    click.echo(f"  pushed {first['pushed']} orders; a second run pushed {again['pushed']}")


def _stores(root: Path) -> None:
    from hub import jobs

    summary = jobs.replicate(root)
    for store in summary["stores"]:
        click.echo(f"  {store['store']:<10} {store['rows']:>4} rows")
        for line in till(root, store["store"], "price", COFFEE).splitlines()[:2]:
            click.echo(f"             {click.style('till: ' + line, dim=True)}")
    again = jobs.replicate(root)
    click.echo(f"  a second run changed {sum(store['rows'] for store in again['stores'])} rows")


def _paths(root: Path) -> None:
    click.echo(f"  workspace        {root}")
    click.echo(f"  the journal      hub -w {root} journal list")
    click.echo(f"  a partner's file {root / 'partners' / 'northgate.yaml'}")
    click.echo(f"  what was sent    {root / 'outbox'}")
    click.echo(f"  a till           python -m {program('till')} {root / 'stores' / '0101.sqlite'} status")
