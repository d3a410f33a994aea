"""Days of many stores in a few minutes: every event at its virtual moment, one process, the real hub.

Each node pulls and uploads at its own times; some lines are cut for hours or days, tills are killed, answers are lost,
doubled, damaged or played back; stores get other scopes, customers are merged and erased, the sealer dies. At the end
the lines are up, and every till must hold exactly what its store may see, and the hub every sale exactly once.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from hub.api.nodes import Node
from hub.replication.purge import Keep
from hub.replication.sealing import Retention
from hub.replication.stores import Store
from hub.repository import clock
from hub.simulation.center import Center, Database, every
from hub.simulation.market import Assortment, Market
from hub.simulation.points import Point
from hub.simulation.selling import Seller, check_all
from hub.simulation.tills import Diverged, MakeTill, second
from hub.simulation.truth import Truth

START = datetime(2026, 3, 2, tzinfo=UTC)
_WRITES = timedelta(minutes=20)
_WINDOW = 5_000
_FAULTS = (
    "no request", "no answer", "doubled", "damaged answer", "damaged segment", "old answer", "late", "killed", "killed",
    "behind", "reload", "wiped", "older disk",
)  # fmt: skip
_LINES = ("no request", "no answer", "doubled", "cut answer", "late")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is simulated: how often a node pulls and the hub seals, uploads and sales of a store and changes at the hub
    in a day, the share of requests that go wrong, the share of lines that are cut for hours (one in ten of them for
    days), and one of how many tills is of the kind that ``make`` makes (0: none)."""

    days: int = 1
    seed: int = 1
    pull: timedelta = timedelta(hours=2)
    seal: timedelta = timedelta(minutes=30)
    uploads: int = 1
    sales: int = 6
    changes: int = 20_000
    faults: float = 0.03
    cut: float = 0.10
    other: int = 0
    size: Assortment = field(default_factory=Assortment)


@dataclass(slots=True)
class Days:
    """One run. ``told`` counts what happened; ``center.meter`` what it cost the hub."""

    database: Database
    root: Path
    stores: Sequence[Store]
    plan: Plan = Plan()
    make: MakeTill = second
    told: Counter[str] = field(default_factory=Counter)
    now: datetime = START
    disk: int = 0
    digest: str = ""
    alarms: dict[str, int] = field(default_factory=dict)
    """What a person would have to look at when the last day ends."""

    rng: random.Random = field(init=False)
    center: Center = field(init=False)
    market: Market = field(init=False)
    truth: Truth = field(init=False)
    points: list[Point] = field(default_factory=list)
    sellers: list[Seller] = field(default_factory=list)
    _events: list[tuple[datetime, int, str, int]] = field(default_factory=list)
    _cut: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)
    _count: int = 0

    def run(self) -> None:
        """Everything. Raises ``Diverged``."""
        with clock.virtual(lambda: self.now, random.Random(f"ids {self.plan.seed}").randbytes):
            self.rng = random.Random(self.plan.seed)
            self.center = Center(self.database, self.root, every(self.stores))
            try:
                self._open()
                end = START + timedelta(days=self.plan.days)
                while self._events and self._events[0][0] < end:
                    self.now, _, what, who = heapq.heappop(self._events)
                    getattr(self, f"_on_{what}")(who)
                self.now = end
                self._settle()
            finally:
                self.center.close()
                for point in self.points:
                    point.till.close()

    def _open(self) -> None:
        """The hub as it is before the first day, its nodes, and everybody's first event."""
        self.truth = Truth()
        self.market = Market.of(self.stores, self.plan.size, self.rng)
        self.told["documents"] = self.market.open(self.center.repo, self.now)
        keys = self.center.keys.public()
        with self.center.repo.begin() as tx:
            for store in self.stores:
                name = f"{store.id}-1"
                tx.invite_node(name, store.id, name, timedelta(hours=1))
                tx.register_node(name, name, "simulated")
        for number, store in enumerate(self.stores):
            other = bool(self.plan.other) and number % self.plan.other == 0
            node = Node(f"{store.id}-1", store.id, "")
            till = (self.make if other else second)(node.id, keys, self.root / "tills" / store.id)
            rng = random.Random(f"{self.plan.seed} {store.id}")
            point = Point(node, till, self.center, self.truth, rng, self.told, thorough=0.1)
            self.told["real"] += other
            self.points.append(point)
            self.sellers.append(Seller(point, rng))
            self._cut_line(number, rng)
            self._at(self.now + rng.random() * self.plan.pull, "pull", number)
            if self.plan.uploads:
                self._at(self.now + rng.random() * self._between(), "upload", number)
        self._follow()
        self._on_seal(0)
        self._at(self.now + _WRITES, "write", 0)
        self._at(self.now + timedelta(hours=5), "upkeep", 0)

    def _cut_line(self, number: int, rng: random.Random) -> None:
        if rng.random() < self.plan.cut:
            begin = START + rng.random() * timedelta(days=self.plan.days)
            lasts = timedelta(days=3) if rng.random() < 0.1 else timedelta(hours=8)
            self._cut[number] = begin, begin + rng.random() * lasts

    def _between(self) -> timedelta:
        return timedelta(days=1) / self.plan.uploads

    def _at(self, when: datetime, what: str, who: int) -> None:
        self._count += 1
        heapq.heappush(self._events, (when, self._count, what, who))

    def _away(self, number: int) -> bool:
        begin, end = self._cut.get(number, (START, START))
        return begin <= self.now < end

    def _follow(self) -> None:
        self.truth.follow(self.center.repo)
        self.center.meter.written(self.truth.position, self.now)

    def _on_pull(self, number: int) -> None:
        point = self.points[number]
        self._at(self.now + point.rng.uniform(0.8, 1.2) * self.plan.pull, "pull", number)
        if self._away(number):
            self.told["line is cut"] += 1
            return
        before = point.till.place()
        point.pull(point.rng.choice(_FAULTS) if point.rng.random() < self.plan.faults else "none")
        after = point.till.place()
        if after[0] == before[0] and before[1]:
            self.center.meter.reached(before[1], after[1], self.now)

    def _on_upload(self, number: int) -> None:
        seller = self.sellers[number]
        self._at(self.now + seller.rng.uniform(0.8, 1.2) * self._between(), "upload", number)
        for _ in range(self.plan.sales // self.plan.uploads):
            seller.write(self.now, sales=0.95)
        fault = seller.rng.choice(_LINES) if seller.rng.random() < self.plan.faults else "none"
        seller.upload("no request" if self._away(number) else fault, self.now)

    def _on_write(self, _who: int) -> None:
        """What the ERP has changed in the last minutes."""
        self._at(self.now + _WRITES, "write", 0)
        with self.center.meter.work("write"), self.center.repo.begin() as tx:
            for _ in range(round(self.plan.changes * (_WRITES / timedelta(days=1)))):
                self.told[self.market.change(tx, self.now)] += 1
        self._follow()

    def _on_seal(self, _who: int) -> None:
        self._at(self.now + self.plan.seal, "seal", 0)
        self._seal()

    def _seal(self) -> None:
        self._follow()
        lives = self.rng.randrange(40) if self.rng.random() < self.plan.faults else None
        report = self.center.seal(self.now, _WINDOW, Retention(), lives)
        self.told["sealer died"] += report is None
        if report is not None:
            self.told.update(merged=report.merged, dropped=report.dropped, segments=report.segments)
            self.told["sealed bytes"] += report.bytes
        if self.rng.random() < self.plan.faults:
            self.center.lag_behind()
        with self.center.meter.work("sightings"):
            self.center.service.save()

    def _on_upkeep(self, _who: int) -> None:
        """A few times a day: a store gets another's scope, a customer is erased."""
        self._at(self.now + timedelta(hours=5), "upkeep", 0)
        self.disk = max(self.disk, self._used())
        for _ in range(max(1, len(self.stores) // 1_000)):
            store, other = self.rng.choice(self.stores), self.rng.choice(self.stores)
            moved = {
                "territories": other.territories,
                "price_lists": other.price_lists,
                "assortments": other.assortments,
            }
            self.center.scope(self.center.stores[store.id].model_copy(update=moved))
            self.told["scope moved"] += 1
        self.told["changes purged"] += self.center.purge(Keep(), self.now)
        if self.market.customers:
            id_ = self.rng.choice(list(self.market.customers))
            del self.market.customers[id_]
            self._seal()
            with self.center.meter.work("erase"):
                self.center.erase(id_, self.now, Retention())
            self.told["customer erased"] += 1
            self._follow()

    def _used(self) -> int:
        """Bytes of the database file and of the segments on the disk."""
        return sum(file.stat().st_size for file in self.root.rglob("*") if file.is_file() and "tills" not in file.parts)

    def _settle(self) -> None:
        """The lines are up. Everything must be where it belongs."""
        with self.center.repo.read() as tx:
            missing = sum(gap.last - gap.first + 1 for gap in tx.gaps(limit=1_000_000))
            refused = len(tx.uploads(state="quarantined", limit=1_000_000))
        self.disk = max(self.disk, self._used())
        self.alarms = {
            "places of documents missing": missing,
            "documents in quarantine": refused,
            "documents waiting at stores": sum(len(one.outbox.waiting()) for one in self.sellers),
            "stores whose line is cut": sum(map(self._away, range(len(self.points)))),
        }
        for seller in self.sellers:
            seller.finish(self.now, ask=False)
        self.now += timedelta(hours=1)
        self._follow()
        self.center.seal(self.now, _WINDOW, Retention())
        state = sha256()
        for point in self.points:
            point.thorough = 1.0
            point.pull("none")
            held = point.till.held()
            wanted = set(self.center.available(point.node.store))
            if (held.epoch, held.seq, set(held.buckets)) != (self.truth.epoch, self.truth.position, wanted):
                raise Diverged(f"{point.node.id} ends at {held.seq} with {sorted(held.buckets)}")
            state.update(repr((point.node.id, held.seq, sorted(held.buckets.items()))).encode())
        check_all(self.center.repo, self.sellers)
        for seller in self.sellers:
            state.update(repr(seller.printed).encode())
        state.update(repr(sorted(self.told.items())).encode())
        self.digest = state.hexdigest()[:16]
