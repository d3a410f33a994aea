"""What the change feed costs whoever writes: the same documents stored with the feed's rows and without, in turn, on
both databases.

    python -m tests.bench capture

Processor time counts, of the writer and of its database process: on a machine that others use too, the time by the
clock says more of the others. It is shown beside.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from unittest.mock import patch

from hub.model import Identifier, Price, UnitPrice
from hub.model.numbers import parse_number
from hub.replication import scopes_of
from hub.repository import Repository
from hub.repository.storing import Storing
from tests.bench.postgresql import server
from tests.bench.timing import say

TARGET = 0.15
DOCUMENTS, SINGLE, ROUNDS = 3_000, 300, 9
"""Documents of a round, in large transactions and in one each; rounds of each kind, of which the median counts."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, and of processors."""

    clock: float
    cpu: float


def prices(start: int, count: int, amount: str) -> list[Price]:
    """Prices, each of a product of its own."""
    return [
        Price(
            external_id=f"P{number}",
            identifiers=(Identifier(scheme="seller_assigned", value=f"SKU{number:06d}"),),
            price_list=f"Z{number % 20}",
            price=UnitPrice(amount=parse_number(amount), currency="EUR"),
        )
        for number in range(start, start + count)
    ]


class Writer:
    """One writer, whose connection stays the same."""

    def __init__(self, repo: Repository) -> None:
        self._repo = repo
        with repo.read() as tx:
            pid = tx.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar() if tx.postgresql else None
        self._stat = Path(f"/proc/{pid}/stat") if pid else None

    def store(self, documents: list[Price], at_once: int) -> Spent:
        """Store documents, so many in one transaction."""
        clock, cpu = time.perf_counter(), self._cpu()
        for first in range(0, len(documents), at_once):
            with self._repo.begin() as tx:
                tx.put_many(documents[first : first + at_once], system="erp")
        return Spent(time.perf_counter() - clock, self._cpu() - cpu)

    def _cpu(self) -> float:
        if self._stat is None:
            return time.thread_time()
        fields = self._stat.read_text().rpartition(")")[2].split()
        return time.thread_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _compared(name: str, work: Callable[[int, int], Spent]) -> None:
    """``work(round, kind)`` with the feed (kind 0) and without (1), one after the other."""
    spent: dict[int, list[Spent]] = {0: [], 1: []}
    for number in range(ROUNDS):
        for kind in (0, 1) if number % 2 else (1, 0):
            with patch.object(Storing, "_change", lambda *_: None) if kind else _as_it_is():
                spent[kind].append(work(number, kind))
    pairs = list(zip(spent[0], spent[1], strict=True))
    cpu = median(with_.cpu / without.cpu for with_, without in pairs) - 1
    clock = median(with_.clock / without.clock for with_, without in pairs) - 1
    base = median(one.cpu for one in spent[1])
    verdict = "" if cpu <= TARGET else "  MISSED"
    say(f"  {name:<36} {cpu:+6.1%} processor time of {base:.2f} s, {clock:+6.1%} by the clock{verdict}")


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield


def measure(name: str, url: str) -> None:
    """New documents, new versions of them, and one document a transaction."""
    say(f"{name}: what the feed adds to writing (target {TARGET:.0%})")
    repo = Repository.open(url, scope_function=scopes_of)
    try:
        writer = Writer(repo)
        writer.store(prices(0, DOCUMENTS, "1.00"), 500)  # everything is loaded and warm

        def new(number: int, kind: int) -> Spent:
            return writer.store(prices((2 * number + kind + 1) * DOCUMENTS, DOCUMENTS, "1.00"), 500)

        def changed(number: int, kind: int) -> Spent:
            return writer.store(prices(0, DOCUMENTS, f"{2 + number}.{kind}0"), 500)

        def single(number: int, kind: int) -> Spent:
            return writer.store(prices(0, SINGLE, f"{100 + number}.{kind}0"), 1)

        _compared("new documents, 500 a transaction", new)
        _compared("new versions, 500 a transaction", changed)
        _compared("new versions, one a transaction", single)
    finally:
        repo.close()


def main() -> None:
    """Print what the feed adds to writing."""
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", f"sqlite:///{Path(folder, 'hub.db')}")
    # Under the system's folder for temporary files: as root the server runs as another user.
    place = Path(tempfile.mkdtemp(prefix="hub-capture-"))
    try:
        with server(place) as url:
            measure("PostgreSQL", url)
    finally:
        shutil.rmtree(place, ignore_errors=True)
