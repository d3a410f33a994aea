"""A replica compared with the hub: how long each side takes, and what one bad row costs."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from hub.model import Price
from hub.plugins import Plugins
from hub.replication import Store, replicate, scopes_of, subscription
from hub.replication.proof import Prover
from hub.repository import Repository
from hub_pos import Replica
from tests.bench.timing import say

ROWS = 60_000
TARGET = 64 << 10
"""Bytes that one altered row of 300,000 may cost (replication.md, no. 17)."""


class _Line:
    def __init__(self, prover: Prover, wanted: frozenset[str]) -> None:
        self.prover, self.wanted = prover, wanted
        self.seconds, self.bytes = 0.0, 0

    def __call__(self, question: dict[str, Any]) -> Mapping[str, Any]:
        start = time.perf_counter()
        answer = self.prover.answer(question, self.wanted)
        self.seconds += time.perf_counter() - start
        self.bytes += len(json.dumps(question)) + len(json.dumps(answer))
        return answer


def main() -> None:
    """Print seconds for all rows, and bytes for one bad row."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = Store(id="one", path=folder / "one.sqlite", mode="autonomous")
        repo = Repository.open(f"sqlite:///{folder / 'hub.db'}", scope_function=scopes_of)
        with closing(repo):
            for first in range(0, ROWS, 5_000):
                with repo.begin() as tx:
                    for number in range(first, first + 5_000):
                        sku = [{"scheme": "sku", "value": str(number)}]
                        price = {"amount": "9.25", "currency": "USD"}
                        tx.put(
                            Price(external_id=str(number), identifiers=sku, price_list="RTL", price=price), system="e"
                        )
            replicate(repo, [store], Plugins().replica_types)
            _compare(repo, store)


def _compare(repo: Repository, store: Store) -> None:
    assert store.path is not None
    line = _Line(Prover(repo), subscription(store))
    with closing(Replica(store.path)) as replica:
        start = time.perf_counter()
        assert replica.prove(line).equal
        till = time.perf_counter() - start - line.seconds
        say(f"proof: {ROWS:,} rows hashed by the hub in {line.seconds:.1f} s, by the till in {till:.1f} s")
        say(f"  equal: {line.bytes:,} bytes")
        with closing(sqlite3.connect(store.path)) as connection, connection:
            connection.execute("UPDATE price SET amount = '0.01' WHERE rowid = 777")
        line.bytes, start = 0, time.perf_counter()
        found = replica.prove(line, heal=True)
        assert (found.rows, found.healed) == (1, True)
        seconds = time.perf_counter() - start
        say(f"  one bad row found and put right in {seconds:.1f} s: {line.bytes:,} bytes (at most {TARGET:,})")
        assert line.bytes <= TARGET
