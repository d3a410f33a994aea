"""Random histories: rows change, move between buckets and vanish; the store loses and gains buckets, sees checkpoints
twice, is reloaded. After every checkpoint the replica must hold exactly what its buckets hold."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub_pos import Replica

Make = Callable[..., dict[str, Any]]
TAGS = ("a", "b", "c", "d")


class Feed:
    """Every change so far, and the state they lead to."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.seq = 0
        self.state: dict[str, tuple[int, frozenset[str]]] = {}
        self.log: list[tuple[int, str, frozenset[str], frozenset[str]]] = []

    def work(self, changes: int) -> None:
        for _ in range(changes):
            self.seq += 1
            row = f"r{self.rng.randrange(6)}"
            old = self.state.get(row, (0, frozenset[str]()))[1]
            new = frozenset(tag for tag in TAGS if self.rng.random() < 0.4)
            self.log.append((self.seq, row, old, new))
            if new:
                self.state[row] = (self.seq, new)
            else:
                self.state.pop(row, None)

    def fields(self, seq: int) -> dict[str, Any]:
        return {"name": str(seq), "barcodes": [{"gtin": f"{seq:014d}", "unit": "EA"}] * (seq % 3 > 0)}

    def delta(self, after: int, bucket: str) -> list[tuple[int, str, str, Any]]:
        last: dict[str, tuple[int, str, str, Any]] = {}
        for seq, row, old, new in self.log:
            if seq > after and bucket in old | new:
                last[row] = (seq, "product", row, self.fields(seq) if bucket in new else None)
        return sorted(last.values(), key=lambda item: item[0])

    def snapshot(self, bucket: str) -> list[tuple[int, str, str, Any]]:
        return [(seq, "product", row, self.fields(seq)) for row, (seq, tags) in self.state.items() if bucket in tags]

    def expected(self, buckets: set[str]) -> tuple[dict[str, str], set[str]]:
        rows = {row: str(seq) for row, (seq, tags) in self.state.items() if tags & buckets}
        return rows, {f"{int(seq):014d}" for seq in rows.values() if int(seq) % 3 > 0}


def held(path: Path) -> tuple[dict[str, str], set[str]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = dict(connection.execute("SELECT id, name FROM product"))
        return rows, {gtin for (gtin,) in connection.execute("SELECT gtin FROM barcode")}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), steps=st.integers(1, 12))
def test_the_replica_is_what_its_buckets_hold(checkpoint: Make, seed: int, steps: int) -> None:
    rng = random.Random(seed)
    feed = Feed(rng)
    buckets: set[str] = set(rng.sample(TAGS, 2))
    sent: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "s.sqlite")
        replica = Replica(path)
        for _ in range(steps):
            cursor = replica.cursor()
            feed.work(rng.randrange(5))
            if cursor["seq"] == 0 or rng.random() < 0.1:
                seen = (cursor["epoch"], cursor["seq"])
                rows = {bucket: feed.snapshot(bucket) for bucket in sorted(buckets)}
                made = checkpoint(0, feed.seq, rows, reset=seen, held=cursor["buckets"],
                                  epoch=rng.choice(["e1", "e2"]))  # fmt: skip
            else:
                wanted = set(rng.sample(TAGS, 2)) if rng.random() < 0.3 else buckets
                kept = list(buckets & wanted)
                rows = {bucket: feed.delta(max(0, cursor["seq"] - rng.randrange(3)), bucket) for bucket in kept}
                rows |= {bucket: feed.snapshot(bucket) for bucket in wanted - buckets}
                made = checkpoint(
                    cursor["seq"], feed.seq, rows, snapshots=list(wanted - buckets),
                    unsubscribe=sorted(buckets - wanted), epoch=cursor["epoch"],
                    held=cursor["buckets"],
                )  # fmt: skip
                buckets = wanted
            replica.apply(made)
            sent.append(made)
            assert held(path) == feed.expected(buckets)
            if rng.random() < 0.5:
                replica.close()
                replica = Replica(path)
            if not made["reset"]:
                assert replica.apply(made) == 0
            stale = [old for old in sent if old["from"]["seq"] < feed.seq]
            assert all(replica.apply(old) == 0 for old in stale)
            assert held(path) == feed.expected(buckets)
        replica.close()
