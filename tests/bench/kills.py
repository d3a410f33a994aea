"""Changes without end while everything that works on them is killed (``kill -9``) again and again: nothing is lost or
comes twice, and the till ends where the hub is.

    python -m tests.bench kills --changes 1000000 --kills 1000 --database sqlite
    python -m tests.bench kills --changes 1000000 --kills 1000 --database postgresql

In every round two writers, a sealer and a till work at once, each in a process of its own, until some moment by chance.
The writers tell what was committed before they go on, so that what the hub must have is known.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

from sqlalchemy import func, select

from hub.errors import HubError
from hub.model import Identifier, Price, UnitPrice
from hub.model.numbers import parse_number
from hub.replication import Store, scopes_of, subscription
from hub.replication.catalog import Catalog, Cursor
from hub.replication.sealing import Retention, seal_feed
from hub.replication.shelf import Shelf
from hub.repository import Repository, tables
from hub_pos import Replica
from hub_pos.errors import ReplicaError
from hub_pos.manifest import checkpoint_of
from tests.bench.timing import say

PRICES, BATCH, WRITERS = 3_000, 200, 2


def main(arguments: list[str]) -> int:
    """Run until both numbers are reached. Ends with an AssertionError that says what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench kills")
    parser.add_argument("--changes", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, _database(chosen.database, Path(name)) as url:
        world = World(Path(name), url, random.Random(chosen.seed))
        began = time.perf_counter()
        for rounds in count(1):
            world.round()
            # So that both numbers are reached at about the same time.
            few = world.changes * chosen.kills < chosen.changes * world.killed
            world.pause = min(3.0, world.pause * 1.1) if few else max(0.05, world.pause * 0.9)
            done = world.changes >= chosen.changes and world.killed >= chosen.kills
            if done or rounds % 20 == 0:
                seconds = time.perf_counter() - began
                told = f"{world.changes:,} changes, {world.killed:,} kills, {world.checked:,} rounds checked"
                say(f"{told}, {seconds:.0f} s")
            if done:
                break
        world.finish()
    say(f"{chosen.database}: nothing lost, nothing twice, the till is where the hub is")
    return 0


class World:
    """A repository, a shelf, a till; and what must be in them."""

    def __init__(self, folder: Path, url: str, rng: random.Random) -> None:
        self.folder, self.url, self.rng = folder, url, rng
        self.store = Store(id="S", mode="distributed", currency="EUR", price_lists=("L",), path=folder / "S.sqlite")
        self.shelf = Shelf(folder / "segments")
        self.changes = self.killed = self.checked = 0
        self.pause = 0.2
        self._read = 0
        self._prices: dict[str, str] = {}
        self._batches: dict[str, int] = {}
        with self._repository() as repo, repo.begin() as tx:
            for number in range(PRICES):
                tx.put(_price(number, "0.00"), system="erp")

    def _repository(self) -> Repository:
        return Repository.open(self.url, scope_function=scopes_of)

    def round(self) -> None:
        """Everybody works at once, and everybody is killed, each at a moment of its own."""
        roles = [*(lambda n=n: self._write(n) for n in range(WRITERS)), self._seal, self._pull]  # type: ignore[misc]
        running = [_start(role) for role in roles]
        self.rng.shuffle(running)
        for process in running:
            time.sleep(self.rng.uniform(0.0, 2 * self.pause))
            os.kill(process, signal.SIGKILL)
            _, status = os.waitpid(process, 0)
            assert os.WIFSIGNALED(status), "a process ended by itself: see the traceback"
            self.killed += 1
        self._check()

    def finish(self) -> None:
        """Seal, pull, compare everything."""
        with self._repository() as repo:
            seal_feed(repo, [self.store], self.shelf)
            _pull_once(repo, self.shelf, self.store)
        self._check()
        with self._repository() as repo, repo.read() as tx:
            head = repo.feed_head().position
            assert self._read == head, f"the till stands at {self._read}, the feed at {head}"
            versions = tx.one(select(func.count()).select_from(tables.document_versions))
            assert versions is not None
            assert versions[0] == head, f"{versions[0]} versions, {head} changes in the feed"
        half = {name: size for name, size in self._batches.items() if size != BATCH}
        assert not half, f"batches that are in the feed in part: {half}"
        for writer in range(WRITERS):
            lost = [line for line in self._log_lines(writer) if f"{writer}-{int(line)}" not in self._batches]
            assert not lost, f"committed by writer {writer}, and not in the feed: {lost}"

    def _write(self, writer: int) -> None:
        with self._repository() as repo:
            for batch in count(self._told(writer) + 2):
                with repo.begin() as tx:
                    for number in _numbers(writer, batch):
                        tx.put(_price(number, f"{batch / 100:.2f}"), system="erp")
                with self._log(writer).open("a") as log:
                    log.write(f"{batch:08d}\n")  # one write of the system: whole or not at all

    def _log(self, writer: int) -> Path:
        return self.folder / f"writer-{writer}.log"

    def _told(self, writer: int) -> int:
        """The last batch that a writer said was committed."""
        return int(([0, *self._log_lines(writer)])[-1])

    def _log_lines(self, writer: int) -> list[str]:
        log = self._log(writer)
        return log.read_text().splitlines() if log.exists() else []

    def _seal(self) -> None:
        while True:
            with self._repository() as repo, suppress(HubError):
                seal_feed(repo, [self.store], self.shelf, window=500, retention=Retention(ratio=1.0, floor=1 << 16))

    def _pull(self) -> None:
        while True:
            with self._repository() as repo, suppress(HubError, ReplicaError):
                _pull_once(repo, self.shelf, self.store)

    def _check(self) -> None:
        """The till's rows are what the feed leads to at the till's position; each batch is in the feed whole or not at
        all, and those that were told are."""
        assert self.store.path is not None
        with closing(Replica(self.store.path)) as replica:
            position = replica.cursor()["seq"]
        with self._repository() as repo:
            self._follow(repo, position)
            if position:
                self._compare(self.store.path, position)
            with repo.read() as tx:
                found = tx.one(select(func.count()).select_from(tables.document_versions))
                self.changes = found[0] if found else 0

    def _follow(self, repo: Repository, position: int) -> None:
        while self._read < position:
            start = replace(repo.feed_head(), position=self._read)
            for change in repo.feed(start, min(5_000, position - self._read)):
                self._read += 1
                assert change.seq == self._read, f"position {change.seq} comes after {self._read - 1}"
                data = change.row
                assert data is not None
                self._prices[change.id] = data["price"]["amount"]
                writer, batch = int(data["external_id"][1:]) % WRITERS, round(float(data["price"]["amount"]) * 100)
                if batch:
                    name = f"{writer}-{batch}"
                    self._batches[name] = self._batches.get(name, 0) + 1

    def _compare(self, path: Path, position: int) -> None:
        with closing(sqlite3.connect(path)) as connection:
            held = dict(connection.execute("SELECT id, amount FROM price"))
        assert held == self._prices, f"the till's prices at {position} are not those of the feed"
        self.checked += 1


def _pull_once(repo: Repository, shelf: Shelf, store: Store) -> None:
    """One checkpoint from the shelf into the till's replica, if there is one."""
    assert store.path is not None
    with closing(Replica(store.path)) as replica:
        held = replica.cursor()
        cursor = Cursor(held["epoch"], held["seq"], held["schema"], frozenset(held["buckets"]), held["numbered"])
        catalog = Catalog.load(repo)
        plan = catalog.checkpoint(cursor, subscription(store), store.settings()) if catalog.ready else None
        if plan is not None:
            replica.apply(checkpoint_of(plan, lambda digest: shelf.path(digest).read_bytes()))


def _start(role: Callable[[], None]) -> int:
    """Run it in a process of its own; its id. It shares nothing that is open with this one."""
    process = os.fork()
    if process:
        return process
    try:
        role()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _numbers(writer: int, batch: int) -> list[int]:
    """The prices that a batch changes: always the same, and no other writer's."""
    return [
        WRITERS * one + writer for one in random.Random(f"{writer} {batch}").sample(range(PRICES // WRITERS), BATCH)
    ]


def _price(number: int, amount: str) -> Price:
    return Price(
        external_id=f"P{number}",
        identifiers=(Identifier(scheme="seller_assigned", value=f"SKU{number:06d}"),),
        price_list="L",
        price=UnitPrice(amount=parse_number(amount), currency="EUR"),
    )


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'hub.sqlite'}"
        return
    from tests.bench.postgresql import server

    # Under the system's folder for temporary files: as root the server runs as another user.
    place = Path(tempfile.mkdtemp(prefix="hub-kills-"))
    try:
        with server(place) as url:
            yield url
    finally:
        shutil.rmtree(place, ignore_errors=True)
