"""Random histories: small worlds of a hub and many stores, in which everything goes wrong often.

A history is one store's: its pulls, faults, kills, moved scopes, reloads, uploads, in a world whose documents change,
move, merge and go, whose sealer dies, whose old segments are merged, dropped and swept, and whose hub is put back to a
backup. The same seed gives the same history.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from hub.api.nodes import Node
from hub.replication.proof import Prover
from hub.replication.purge import Keep
from hub.replication.rows import PROJECTIONS, project
from hub.replication.sealing import Retention
from hub.replication.stores import Store
from hub.repository import clock
from hub.simulation.center import BackedUp, Center, every
from hub.simulation.points import Point
from hub.simulation.selling import Seller, check_all
from hub.simulation.shop import CODES, PLACES, Shop
from hub.simulation.tills import Diverged, MakeTill, Real, Second, second
from hub.simulation.truth import Truth, mark

START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a world is: stores, rounds, changes a round, one of how many stores sells, and one of how many has the
    till that ``make`` makes instead of the second one (0: none)."""

    stores: int = 400
    rounds: int = 7
    changes: int = 12
    selling: int = 60
    other: int = 0


@dataclass(slots=True)
class World:
    """One small world."""

    database: BackedUp
    root: Path
    seed: int
    shape: Shape = Shape()
    make: MakeTill = second
    told: Counter[str] = field(default_factory=Counter)
    now: datetime = START
    backup: tuple[Truth, Shop] | None = None
    rng: random.Random = field(init=False)
    center: Center = field(init=False)
    shop: Shop = field(init=False)
    truth: Truth = field(init=False)
    points: list[Point] = field(default_factory=list)
    sellers: list[Seller] = field(default_factory=list)

    def run(self) -> Counter[str]:
        """The whole history of the world. Raises ``Diverged``; returns what happened, counted."""
        with clock.virtual(lambda: self.now, random.Random(f"ids {self.seed}").randbytes):
            return self._run()

    def _run(self) -> Counter[str]:
        self.rng = random.Random(self.seed)
        stores = [_store(number, self.rng) for number in range(self.shape.stores)]
        self.center = Center(self.database, self.root, every(stores))
        try:
            self.shop, self.truth = Shop(self.rng), Truth()
            self._open_points(stores)
            self._write(2 * self.shape.changes)
            if self.rng.random() < 0.5:
                self._save()
            for _ in range(self.shape.rounds):
                self._round()
            self._end()
        finally:
            self.center.close()
            for point in self.points:
                point.till.close()
        self.told["histories"] += len(self.points)
        return self.told

    def digest(self) -> str:
        """What the world has come to, in few letters: the same for the same seed."""
        ends = [(point.node.id, point.till.held()) for point in self.points if isinstance(point.till, Second)]
        told = [(node, held.seq, sorted(held.buckets.items())) for node, held in ends]
        return sha256(repr((told, sorted(self.told.items()))).encode()).hexdigest()[:16]

    def _open_points(self, stores: list[Store]) -> None:
        keys = self.center.keys.public()
        for number, store in enumerate(stores):
            node = Node(f"{store.id}-1", store.id, "")
            other = bool(self.shape.other) and number % self.shape.other == 0
            till = (self.make if other else second)(node.id, keys, self.root / "tills" / store.id)
            self.told["real"] += other
            point = Point(node, till, self.center, self.truth, self.rng, self.told)
            self.points.append(point)
            if number % self.shape.selling == 1:
                self.sellers.append(Seller(point, self.rng))

    def _round(self) -> None:
        rng = self.rng
        self.now += rng.choice(
            (timedelta(minutes=1), timedelta(minutes=40), timedelta(hours=5), timedelta(days=1), timedelta(days=9))
        )
        self._write(rng.randrange(2 * self.shape.changes))
        if rng.random() < 0.25:
            for number in rng.sample(range(self.shape.stores), max(1, self.shape.stores // 20)):
                self.center.scope(_store(number, rng))
                self.told["moved scope"] += 1
        self._disaster()
        if rng.random() < 0.8:
            self._seal()
        order = rng.sample(self.points, int(len(self.points) * rng.choice((0.2, 0.45, 0.75))))
        for point in order:
            point.pull()
        for seller in self.sellers:
            if rng.random() < 0.6:
                seller.work(self.now)

    def _disaster(self) -> None:
        """What happens to a hub now and then."""
        chance = self.rng.random()
        if chance < 0.04:
            self.center.new_epoch()
            self.truth.follow(self.center.repo)
            self.told["new epoch"] += 1
        elif chance < 0.12:
            self._save()
        elif chance < 0.20 and self.backup is not None:
            self._restore(*self.backup)
        elif chance < 0.24 and self.shop.ids.get("Party"):
            self._seal()
            self.center.erase(self.rng.choice(self.shop.ids["Party"]), self.now, Retention())
            self.truth.follow(self.center.repo)
            self.told["erased"] += 1
        elif chance < 0.36:
            self.center.lag_behind()
        elif chance < 0.50:
            self.center.sweep()
        elif chance < 0.65:
            days = self.rng.choice((0, 1, 9))
            keep = Keep(timedelta(days=days), timedelta(days=self.rng.choice((days, 30))))
            self.told["purged"] += self.center.purge(keep, self.now)

    def _save(self) -> None:
        self.center.save(self.database)
        self.backup = self.truth.copy(), self.shop.copy()

    def _restore(self, truth: Truth, shop: Shop) -> None:
        self.center.restore(self.database)
        self.truth.put_back(truth)
        self.truth.follow(self.center.repo)
        self.shop = shop.copy()
        self.told["restored"] += 1

    def _write(self, count: int) -> None:
        done = 0
        while done < count:
            part = self.rng.randrange(1, 6)
            with self.center.repo.begin() as tx:
                for _ in range(part):
                    self.shop.work(tx, self.now)
            done += part
        self.told["changes"] += done
        self.truth.follow(self.center.repo)

    def _seal(self) -> None:
        rng = self.rng
        retention = Retention(rng.choice((timedelta(days=3), timedelta(days=14))), 4.0, rng.choice((0, 0, 1 << 20)))
        lives = rng.randrange(8) if rng.random() < 0.15 else None
        self.truth.follow(self.center.repo)
        report = self.center.seal(self.now, rng.choice((1, 3, 7, 1_000, 1_000)), retention, lives)
        if report is None:
            self.told["sealer died"] += 1
        else:
            self.told.update(merged=report.merged, dropped=report.dropped, segments=report.segments)

    def _end(self) -> None:
        """The line is up, and nobody dies any more: all that must be somewhere is there."""
        for seller in self.sellers:
            seller.finish(self.now)
        self.now += timedelta(hours=1)
        self.truth.follow(self.center.repo)
        self.center.seal(self.now, 1_000, Retention())
        for point in self.points:
            point.pull("none")
            held = point.till.held()
            wanted = set(self.center.available(point.node.store))
            if (held.epoch, held.seq, set(held.buckets)) != (self.truth.epoch, self.truth.position, wanted):
                raise Diverged(f"{point.node.id} ends at {held.seq} with {sorted(held.buckets)}")
        self._prove()
        self._documents()
        check_all(self.center.repo, self.sellers)

    def _prove(self) -> None:
        """The state hashes of the real tills are the hub's, and find a spoilt row."""
        prover = Prover(self.center.repo)
        for point in self.points:
            if isinstance(point.till, Real):
                wanted = self.center.available(point.node.store)
                point.till.prove(partial(prover.answer, wanted=wanted), self.rng)
                self.told["proved"] += 1

    def _documents(self) -> None:
        """The feed leads where the documents are, and the documents are what was written."""
        rows: dict[str, tuple[int, frozenset[str]]] = {}
        with self.center.repo.read() as tx:
            for kind, projection in PROJECTIONS.items():
                for record in tx.list(kind, limit=100_000):
                    row = project(kind, record.id, record.data())
                    if record.scopes:
                        rows[record.id] = mark(projection.entity, record.id, row), record.scopes
                    if kind == "Price" and self.shop.prices.get(record.id) != row["amount"]:
                        raise Diverged(f"price {record.id} is {row['amount']}")
            kept = {id_ for id_, amount in self.shop.prices.items() if amount is not None}
            if lost := kept - {record.id for record in tx.list("Price", limit=100_000)}:
                raise Diverged(f"prices are lost: {sorted(lost)}")
        if rows != self.truth.rows:
            raise Diverged("the feed leads elsewhere than to the documents")


def _store(number: int, rng: random.Random) -> Store:
    """A store with a scope by chance."""

    def some(words: str | tuple[str, ...]) -> tuple[str, ...]:
        return tuple(rng.sample(words, rng.randrange(3))) if rng.random() < 0.85 else ("*",)

    single = (f"seller_assigned:{rng.randrange(8)}",) if rng.random() < 0.3 else ()
    return Store(
        id=f"S{number:03d}", mode=rng.choice(("distributed", "distributed", "centralized")), territories=some(CODES),
        customers=single, assortments=some(CODES), price_lists=some(CODES[:2]), locations=some(PLACES),
        all_orders=rng.random() < 0.1,
    )  # fmt: skip
