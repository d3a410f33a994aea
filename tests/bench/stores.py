"""Ten thousand stores take one day of changes from a real server over HTTP: processor seconds of the hub, beside the
seconds that asking the repository and compressing for every store would take.

    python -m tests.bench stores
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import secrets
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub import jobs
from hub.model import Identifier, Price, UnitPrice
from hub.model.numbers import parse_number
from hub.replication import scopes_of
from hub.replication.catalog import Catalog, Cursor
from hub.replication.scopes import subscription
from hub.replication.segments import cut
from hub.replication.stores import load_stores
from hub.repository import FeedCursor, Repository
from hub.workspace import initialize, open_workspace
from tests.bench.serving import served
from tests.bench.timing import say

STORES, ZONES, PRICES, CHANGES, SEALS = 10_000, 20, 20_000, 40_000, 4
CONNECTIONS, NAIVE = 40, 5


@dataclass(slots=True)
class Line:
    """One connection, kept alive, with the least that HTTP/1.1 needs: the client's processor time is not the hub's."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    key: Ed25519PrivateKey

    async def ask(self, node: str, method: str, target: str, body: bytes = b"") -> bytes:
        """The body of a 200; anything else is an error of the benchmark."""
        stamp, nonce = str(int(time.time() * 1000) + 2), secrets.token_hex(12)
        text = "\n".join((method, target, node, stamp, nonce, sha256(body).hexdigest()))
        signature = b64encode(self.key.sign(b"hub-request-1\n" + text.encode())).decode()
        self.writer.write(
            f"{method} {target} HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(body)}\r\nHub-Node: {node}\r\n"
            f"Hub-Time: {stamp}\r\nHub-Nonce: {nonce}\r\nHub-Signature: {signature}\r\n\r\n".encode()
            + body
        )
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        answer = await self.reader.readexactly(length)
        if " 200 " not in head.partition("\r\n")[0]:
            raise ValueError(f"{target}: {answer[:300]!r}")
        return answer


def _price(number: int, amount: str) -> Price:
    return Price(
        external_id=f"P{number}",
        identifiers=(Identifier(scheme="seller_assigned", value=f"SKU{number:06d}"),),
        price_list=f"Z{number % ZONES}",
        price=UnitPrice(amount=parse_number(amount), currency="EUR"),
    )


def _put(repo: Repository, rng: random.Random, numbers: list[int]) -> None:
    for start in range(0, len(numbers), 2_000):
        with repo.begin() as tx:
            for number in numbers[start : start + 2_000]:
                tx.put(_price(number, f"{rng.randrange(10, 9_999) / 100:.2f}"), system="erp")


def _prepare(root: Path, public: str) -> tuple[Repository, int]:
    stores = (
        f'[[store]]\nid = "S{n:05d}"\nmode = "distributed"\nprice_lists = ["Z{n % ZONES}"]\n' for n in range(STORES)
    )
    (root / "stores.toml").write_text("\n".join(stores))
    repo = Repository.open(open_workspace(root).database_url, scope_function=scopes_of)
    with repo.begin() as tx:
        for number in range(STORES):
            node = f"S{number:05d}"
            tx.invite_node(node, node, node, timedelta(hours=1))
            tx.register_node(node, node, public)
    rng = random.Random(1)
    _put(repo, rng, list(range(PRICES)))
    first = jobs.seal(root)["position"]
    for _ in range(SEALS):
        _put(repo, rng, [rng.randrange(PRICES) for _ in range(CHANGES // SEALS)])
        jobs.seal(root)
    return repo, first


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _all(port: int, key: Ed25519PrivateKey, work: Callable[[Line, int], Any]) -> int:
    """``work`` for every store, over a few connections; the sum of what it returns."""
    waiting = iter(range(STORES))
    total = 0

    async def run() -> None:
        nonlocal total
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        line = Line(reader, writer, key)
        for number in waiting:
            # Not in one statement: others add while this one waits.
            done = await work(line, number)
            total += done
        writer.close()

    await asyncio.gather(*(run() for _ in range(CONNECTIONS)))
    return total


def _body(node: str, epoch: str, seq: int, buckets: list[str], key: str) -> bytes:
    data = {"node": node, "epoch": epoch, "schema": 1, "cursor": {"seq": seq, "buckets": buckets}}
    return json.dumps({**data, "numbered": True, "keys": [key]}).encode()


def main() -> None:
    """Print processor seconds of the server for the day, for idle polls, and of the engine alone."""
    with tempfile.TemporaryDirectory() as name:
        root = initialize(Path(name) / "ws")
        key = Ed25519PrivateKey.generate()
        repo, first = _prepare(root, b64encode(key.public_key().public_bytes_raw()).decode())
        try:
            naive = _naive(repo, root, first)
            _engine(repo, root)
            with served(root) as (port, pid):
                asyncio.run(_measure(repo, root, key, port, first, pid, naive))
        finally:
            repo.close()


def _naive(repo: Repository, root: Path, first: int) -> float:
    """Seconds for one store where the feed is read, cut and compressed for each."""
    epoch, head = repo.feed_head().epoch, repo.feed_head().position
    stores = load_stores(root / "stores.toml")[:NAIVE]
    size = 0
    start = time.thread_time()
    for store in stores:
        after, wanted = first, subscription(store)
        while after < head:
            changes = repo.feed(FeedCursor(epoch, after), 5_000)
            size += sum(len(one.sealed) for one in cut(changes, after, changes[-1].seq, wanted).values())
            after = changes[-1].seq
    if not size:
        raise ValueError("nothing was compressed")
    return (time.thread_time() - start) / NAIVE


def _engine(repo: Repository, root: Path) -> None:
    catalog = Catalog.load(repo)
    wanted = subscription(load_stores(root / "stores.toml")[0])
    cursor = Cursor(catalog.epoch, catalog.position, 1, wanted)
    start = time.thread_time()
    for _ in range(100_000):
        catalog.idle(cursor, wanted)
    say(f"engine, a store that has everything: {(time.thread_time() - start) * 10:.2f} us (target 5)")


async def _measure(
    repo: Repository, root: Path, key: Ed25519PrivateKey, port: int, first: int, pid: int, naive: float
) -> None:
    head = repo.feed_head()
    hub_key = ""
    held: dict[int, list[str]] = {}

    async def day(line: Line, number: int) -> int:
        nonlocal hub_key
        node = f"S{number:05d}"
        buckets = sorted({"all", f"store:{node}", f"zone:Z{number % ZONES}"})
        answer = json.loads(
            await line.ask(node, "POST", "/sync/poll", _body(node, head.epoch, first, buckets, hub_key))
        )
        hub_key, held[number] = answer["key"], buckets
        size = len(answer["manifest"])
        for one in json.loads(answer["manifest"])["segments"]:
            size += len(await line.ask(node, "GET", f"/segments/{one['digest']}"))
        return size

    async def idle(line: Line, number: int) -> int:
        node = f"S{number:05d}"
        body = _body(node, head.epoch, head.position, held[number], hub_key)
        return len(await line.ask(node, "POST", "/sync/poll", body))

    start, began = _cpu(pid), time.perf_counter()
    size = await _all(port, key, day)
    used = _cpu(pid) - start
    say(
        f"{STORES:,} stores, {CHANGES:,} changes in {SEALS} segments a zone: {used:.1f} CPU s of the hub (target 60),"
        f" {used / STORES * 1000:.2f} ms a store, {size / 1e6:.0f} MB, {time.perf_counter() - began:.0f} s"
    )
    say(f"read, cut and compressed for each: {naive * 1000:.0f} ms a store, {naive * STORES / used:.0f} x as much")
    for what in ("idle polls, each signed anew", "the same again"):
        start = _cpu(pid)
        await _all(port, key, idle)
        say(f"{what}: {(_cpu(pid) - start) / STORES * 1e6:.0f} us a poll with HTTP and signature")
