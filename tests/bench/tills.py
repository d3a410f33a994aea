"""What a till feels: how long a reader waits while a large checkpoint is applied, how long the first load of a million
rows takes, and what coming back after 30 days off line costs beside a first load."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hub.model import Identifier, Price, UnitPrice
from hub.model.numbers import parse_number
from hub.replication import scopes_of
from hub.replication.sealed import Contents, Put, Sealed, seal
from hub.replication.sealing import seal_feed
from hub.replication.shelf import FOLDER, Shelf
from hub.replication.stores import load_stores
from hub.repository import Repository
from hub.repository.identifiers import new_id
from hub.workspace import initialize, open_workspace
from hub_pos import Replica
from hub_pos.client import HubClient, register
from hub_pos.identity import Identity, identity_path
from hub_pos.manifest import checkpoint_of
from tests.bench.serving import served
from tests.bench.timing import say

READ_ROWS, LOAD_ROWS, PART = 100_000, 1_000_000, 10_000
LINK = 20e6 / 8
"""Bytes a second of the line that the target of the first load speaks of."""

AWAY_ROWS, AWAY_CHANGES, DAYS = 20_000, 1_000, 30

# In a process of its own, as a till is: another interpreter, which waits for nothing but the file.
READER = """
import json, random, select, sys, time
from hub_pos import Till

times, rng = [], random.Random(1)
with Till(sys.argv[1]) as till:
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        start = time.perf_counter()
        till.product_by_barcode(f"{rng.randrange(100_000):013d}0")
        times.append(time.perf_counter() - start)
times.sort()
print(json.dumps([times[len(times) // 2], times[len(times) * 99 // 100], times[-1], len(times)]))
"""


def main() -> None:
    """Print what a till waits for, each with its target."""
    with tempfile.TemporaryDirectory() as name:
        _readers(Path(name))
    with tempfile.TemporaryDirectory() as name:
        _first_load(Path(name))
    with tempfile.TemporaryDirectory() as name:
        _away(Path(name))


def _checkpoint(parts: list[Sealed], bucket: str, held: dict[str, Any], first: int, last: int) -> dict[str, Any]:
    """A manifest of these parts of one bucket; ``held`` is where the replica stands."""
    whole = not held["epoch"]
    about = {"bucket": bucket, "first": first, "last": last, "snapshot": whole}
    listed = [{**about, "digest": one.digest, "bytes": len(one.data)} for one in parts]
    manifest = {"epoch": "e", "schema": 1, "last": last, "reset": whole, "from": held, "segments": listed}
    data = {one.digest: one.data for one in parts}
    return checkpoint_of(manifest, data.__getitem__)


def _products(count: int, turn: int) -> Iterator[list[Put]]:
    for start in range(0, count, PART):
        yield [
            Put(n + 1, "product", f"{n:032x}", {"number": f"{n}", "name": f"Article {n} of turn {turn}",
                                                 "barcodes": [{"gtin": f"{n:013d}0"}]})
            for n in range(start, start + PART)
        ]  # fmt: skip


def _readers(folder: Path) -> None:
    path = folder / "S001.sqlite"
    origin: dict[str, Any] = {"epoch": "", "seq": 0, "buckets": []}
    with closing(Replica(path)) as replica:
        for turn in (1, 2):
            parts = [
                seal("assortment:*", turn - 1, turn, Contents(puts=puts), snapshot=turn == 1)
                for puts in _products(READ_ROWS, turn)
            ]
            sent = _checkpoint(parts, "assortment:*", origin, turn - 1, turn)
            if turn == 1:
                replica.apply(sent)
                idle = _read(path, lambda: time.sleep(3))
                origin = {"epoch": "e", "seq": 1, "buckets": ["assortment:*"]}
        busy = _read(path, lambda: replica.apply(sent))
    for what, (half, most, worst, count) in (("idle", idle), ("while 100,000 rows are applied", busy)):
        say(
            f"a barcode looked up, {what}: median {half * 1e6:.0f} us, p99 {most * 1e3:.2f} ms, longest"
            f" {worst * 1e3:.1f} ms, {count:,} times"
        )
    say(f"  p99 while applying: {busy[1] * 1e3:.2f} ms (target 10), {busy[1] / idle[1]:.1f} x idle")


def _read(path: Path, meanwhile: Callable[[], object]) -> tuple[float, float, float, int]:
    """Times of a reader until ``meanwhile`` is done: median, 99th of a hundred, longest; and how many."""
    command = [sys.executable, "-c", READER, str(path)]
    reader = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert reader.stdin is not None
    assert reader.stdout is not None
    with reader:
        reader.stdout.readline()
        meanwhile()
        reader.stdin.close()
        half, most, worst, count = json.loads(reader.stdout.read())
    return half, most, worst, count


def _first_load(folder: Path) -> None:
    """A million prices: what travels, and what the till does with it."""
    rng = random.Random(1)
    parts = []
    for start in range(0, LOAD_ROWS, PART):
        puts = [
            Put(n + 1, "price", new_id(), {"item": f"gtin:{rng.randrange(10**13):014d}", "price_list": "RTL",
                                           "amount": f"{rng.randrange(10, 99_999) / 100:.2f}", "currency": "EUR"})
            for n in range(start, start + PART)
        ]  # fmt: skip
        parts.append(seal("zone:RTL", 0, 1, Contents(puts=puts), snapshot=True))
    bytes_ = sum(len(one.data) for one in parts)
    with closing(Replica(folder / "S001.sqlite")) as replica:
        start_ = time.perf_counter()
        replica.apply(_checkpoint(parts, "zone:RTL", {"epoch": "", "seq": 0, "buckets": []}, 0, 1))
        apply = time.perf_counter() - start_
    line = bytes_ / LINK
    say(
        f"first load of {LOAD_ROWS:,} prices: {bytes_ / 1e6:.1f} MB, {line:.0f} s on a line of 20 Mbit/s, {apply:.0f} s"
        f" to apply: {line + apply:.0f} s (target 60), {(line + apply) / line:.1f} x the line alone (target 1.3)"
    )


def _away(folder: Path) -> None:
    """A till that was off line for 30 days of changes, and a new one, from a real server."""
    root = initialize(folder / "ws")
    (root / "stores.toml").write_text('[[store]]\nid = "S001"\nmode = "distributed"\nprice_lists = ["RTL"]\n')
    rng = random.Random(1)
    today = datetime.now(UTC)
    with closing(Repository.open(open_workspace(root).database_url, scope_function=scopes_of)) as repo:
        tokens = {}
        for node in ("S001-1", "S001-2"):
            tokens[node] = f"token of {node}"
            repo.retrying(lambda tx, node=node: tx.invite_node(node, "S001", tokens[node], timedelta(days=1)))
        stores, shelf = load_stores(root / "stores.toml"), Shelf(root / FOLDER)
        _put(repo, rng, range(AWAY_ROWS))
        seal_feed(repo, stores, shelf, now=today - timedelta(days=DAYS))
        with served(root) as (port, _):
            url = f"http://127.0.0.1:{port}"
            away = _till(folder / "away.sqlite", url, "S001-1", tokens["S001-1"])
            _pull(away)
        for day in range(1, DAYS + 1):
            _put(repo, rng, rng.sample(range(AWAY_ROWS), AWAY_CHANGES))
            seal_feed(repo, stores, shelf, now=today - timedelta(days=DAYS - day))
        with served(root) as (port, _):
            url = f"http://127.0.0.1:{port}"
            seconds, bytes_ = _pull(away, url)
            new, whole = _pull(_till(folder / "new.sqlite", url, "S001-2", tokens["S001-2"]))
    say(
        f"back after {DAYS} days and {DAYS * AWAY_CHANGES:,} changes of {AWAY_ROWS:,} rows: {seconds:.2f} s,"
        f" {bytes_:,} B; a first load {new:.2f} s, {whole:,} B: {seconds / new:.2f} x, {bytes_ / whole:.2f} x"
        " (target 1.2)"
    )


def _put(repo: Repository, rng: random.Random, numbers: Iterable[int]) -> None:
    with repo.begin() as tx:
        for number in numbers:
            price = Price(
                external_id=f"P{number}",
                identifiers=(Identifier(scheme="seller_assigned", value=f"SKU{number:06d}"),),
                price_list="RTL",
                price=UnitPrice(amount=parse_number(f"{rng.randrange(10, 9_999) / 100:.2f}"), currency="EUR"),
            )
            tx.put(price, system="erp")


def _till(path: Path, url: str, node: str, token: str) -> Path:
    register(path, url, node, token)
    return path


def _pull(path: Path, url: str = "") -> tuple[float, int]:
    """Seconds and bytes of a pull; ``url`` where the server has another port now."""
    if url:
        place = identity_path(path)
        replace(Identity.load(place), url=url).save(place)
    with HubClient(path) as client:
        start = time.perf_counter()
        pulled = client.pull()
        return time.perf_counter() - start, pulled.bytes
