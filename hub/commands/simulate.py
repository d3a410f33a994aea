"""``hub simulate``: a company's stores on a virtual clock."""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.commands.printing import as_json, print_json, workspace_option
from hub.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hub.replication.stores import Store
    from hub.simulation.center import Database
    from hub.simulation.tills import MakeTill

_ROOM = 4 << 30
_POLICIES = ("conflicts.toml", "authorizations.toml")


@click.group()
def simulate() -> None:
    """Try a company's stores out, on a virtual clock, with all that goes wrong."""


def _count(name: str, default: int, help_: str, least: int = 0) -> Callable[[Any], Any]:
    return click.option(name, default=default, show_default=True, type=click.IntRange(least), help=help_)


def _minutes(name: str, default: int, help_: str) -> Callable[[Any], Any]:
    return click.option(name, default=default, show_default=True, type=click.IntRange(1), metavar="MIN", help=help_)


def _percent(name: str, default: float, help_: str) -> Callable[[Any], Any]:
    return click.option(
        name, default=default, show_default=True, type=click.FloatRange(0, 100), metavar="%", help=help_
    )


@simulate.command()
@click.option("--stores", "count", default=None, type=click.IntRange(1), help="Invented stores.  [default: 10000]")
@click.option("--mine", is_flag=True, help="The workspace's own stores.toml and policies instead: a capacity plan.")
@_count("--days", 1, "Virtual days.", 1)
@_count("--seed", 1, "The same seed and options give the same history.")
@_minutes("--pull", 120, "Minutes between a till's pulls.")
@_minutes("--seal", 30, "Minutes between two runs of the sealer.")
@_count("--uploads", 1, "Uploads of a store in a day; 0: stores sell nothing.")
@_count("--sales", 6, "Documents that a store writes in a day.")
@_count("--changes", 20_000, "Changes at the hub in a day.")
@_count("--products", 1_000, "Products.", 1)
@_count("--prices", 200, "Prices in each list.", 1)
@_count("--customers", 40, "Customers in each territory.", 1)
@_count("--stock", 2, "Stock figures in each place.", 1)
@_percent("--faults", 3.0, "Requests that go wrong.")
@_percent("--cut", 10.0, "Lines that are cut for hours, some for days.")
@_count("--real-every", 0, "Every so many-th till is a real one on disk; 0: none.")
@click.option("--database", default=None, metavar="URL", help="An empty database to do it in.  [default: SQLite]")
@as_json
@workspace_option
def stores(
    count: int | None, mine: bool, database: str | None, as_json: bool, workspace: Path | None, **given: Any
) -> None:
    """Simulate days of many stores: a real hub, and tills that pull, sell, lose their line, die and come back.

    It changes nothing in a workspace: everything happens in a temporary folder. Ends with status 1 if a till holds
    anything but what it must at any time, or if a sale is not at the hub exactly once; the command that repeats it is
    printed.
    """
    try:
        from hub.simulation.tills import Diverged
    except ImportError as problem:
        from hub.api.serve import missing

        raise missing(problem) from problem
    if mine == (count is not None):
        if mine:
            raise click.UsageError("--mine takes the stores of stores.toml; leave --stores out")
        count = 10_000
    with tempfile.TemporaryDirectory(prefix="hub-simulate-", dir=_memory()) as name:
        root = Path(name)
        chosen = _mine(workspace, root) if mine else _invented(count or 10_000)
        try:
            data = _run(root, chosen, database, given)
        except Diverged as problem:
            click.echo(f"{click.style('wrong', fg='red')}: {problem}\nrepeat it: {_again()}", err=True)
            raise click.exceptions.Exit(1) from problem
    if as_json:
        print_json(data)
    else:
        from hub.simulation.report import lines

        for line in lines(data):
            click.echo(line)


def _run(root: Path, chosen: Sequence[Store], database: str | None, given: dict[str, Any]) -> dict[str, Any]:
    from hub.simulation.center import Address, SqliteFile
    from hub.simulation.day import Days, Plan
    from hub.simulation.market import Assortment
    from hub.simulation.report import report
    from hub.simulation.tills import second

    where: Database = Address(database) if database else SqliteFile(root / "hub.sqlite")
    plan = Plan(
        days=given["days"],
        seed=given["seed"],
        pull=timedelta(minutes=given["pull"]),
        seal=timedelta(minutes=given["seal"]),
        uploads=given["uploads"],
        sales=given["sales"],
        changes=given["changes"],
        faults=given["faults"] / 100,
        cut=given["cut"] / 100,
        other=given["real_every"],
        size=Assortment(given["products"], given["prices"], given["customers"], given["stock"]),
    )
    days = Days(where, root, chosen, plan, _real() if plan.other else second)
    days.run()
    return report(days)


def _memory() -> Path | None:
    """A folder in memory with room: what a simulation writes need not outlive it, and a disk would make it slow."""
    place = Path("/dev/shm")
    return place if place.is_dir() and shutil.disk_usage(place).free > _ROOM else None


def _invented(count: int) -> Sequence[Store]:
    from hub.simulation.market import invented

    return invented(count)


def _mine(workspace: Path | None, root: Path) -> Sequence[Store]:
    """The workspace's stores; its policies go into the simulation's folder."""
    from hub.replication.stores import load_stores
    from hub.workspace import open_workspace

    opened = open_workspace(workspace)
    for name in _POLICIES:
        if (opened.root / name).exists():
            shutil.copyfile(opened.root / name, root / name)
    found = load_stores(opened.stores)
    if not found:
        raise ConfigurationError("there is no store in stores.toml", file=opened.stores, hint="Leave --mine out.")
    return found


def _real() -> MakeTill:
    """Makes real tills of the first kind that a plugin offers for simulations."""
    from hub.plugins import Plugins
    from hub.simulation.tills import Real

    for kind in Plugins().replica_types.values():
        made = getattr(kind, "simulated", None)
        if made is not None:
            return lambda node, keys, folder: Real(made(folder, node, keys))
    raise ConfigurationError("no plugin offers a till for simulations", hint="Leave --real-every out.")


def _again() -> str:
    return " ".join(["hub", *sys.argv[1:]])
