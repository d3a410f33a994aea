"""How long after its commit a change is in the manifest that a store's poll gets: a real server, a real sealer that
looks every 0.25 seconds (``hub store seal --every 0.25``), one writer, both databases.

    python -m tests.bench lag
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub import jobs
from hub.replication import scopes_of
from hub.repository import Repository
from hub.workspace import initialize, open_workspace
from tests.bench.capture import prices
from tests.bench.postgresql import server
from tests.bench.serving import served
from tests.bench.stores import Line
from tests.bench.timing import say

EVERY, CHANGES, PRODUCTS = 0.25, 200, 2_000
TARGETS = {"SQLite": 1.0, "PostgreSQL": 2.0}
"""Seconds, of the slowest in a hundred."""

_STORE = '[[store]]\nid = "S001"\nmode = "autonomous"\n'
_NODE = "S001-1"


@contextmanager
def _sealer(root: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "hub", "-w", str(root), "store", "seal", "--every", str(EVERY)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


async def _lags(repo: Repository, port: int, key: Ed25519PrivateKey) -> list[float]:
    """Seconds from the commit of each change until a poll's manifest leads beyond it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    line, rng, found = Line(reader, writer, key), random.Random(1), list[float]()
    head = repo.feed_head()
    cursor = {"seq": head.position, "buckets": []}
    poll = {"node": _NODE, "epoch": head.epoch, "schema": 1, "cursor": cursor, "numbered": True, "keys": []}
    body, last = json.dumps(poll).encode(), head.position
    for number in range(CHANGES):
        await asyncio.sleep(rng.random() * 2 * EVERY)
        with repo.begin() as tx:
            tx.put(prices(rng.randrange(PRODUCTS), 1, f"{number + 2}.00")[0], system="erp")
        start, last = time.perf_counter(), last + 1
        while True:
            answer = json.loads(await line.ask(_NODE, "POST", "/sync/poll", body))
            if json.loads(answer["manifest"])["last"] >= last:
                break
            await asyncio.sleep(0.01)
        found.append(time.perf_counter() - start)
    writer.close()
    return found


def measure(name: str, url: str) -> None:
    """One database: print how long changes take."""
    with tempfile.TemporaryDirectory() as folder:
        root = initialize(Path(folder) / "ws")
        settings = root / "hub.toml"
        settings.write_text(settings.read_text().replace("sqlite:///hub.db", url))
        (root / "stores.toml").write_text(_STORE)
        key = Ed25519PrivateKey.generate()
        repo = Repository.open(open_workspace(root).database_url, scope_function=scopes_of)
        try:
            with repo.begin() as tx:
                tx.invite_node(_NODE, "S001", "token", timedelta(hours=1))
                tx.register_node(_NODE, "token", b64encode(key.public_key().public_bytes_raw()).decode())
                tx.put_many(prices(0, PRODUCTS, "1.00"), system="erp")
            jobs.seal(root)
            with served(root) as (port, _), _sealer(root):
                times = sorted(asyncio.run(_lags(repo, port, key)))
        finally:
            repo.close()
    middle, slow = times[len(times) // 2], times[len(times) * 99 // 100]
    verdict = "" if slow <= TARGETS[name] else "  MISSED"
    say(f"{name}: {CHANGES} changes, sealed every {EVERY} s: half in {middle:.2f} s, 99 of 100 in {slow:.2f} s")
    say(f"  at most {times[-1]:.2f} s (target {TARGETS[name]:.0f} s for 99 of 100){verdict}")


def main() -> None:
    """Print how long a change takes to a store's manifest."""
    measure("SQLite", "sqlite:///hub.db")
    # Under the system's folder for temporary files: as root the server runs as another user.
    place = Path(tempfile.mkdtemp(prefix="hub-lag-"))
    try:
        with server(place) as url:
            measure("PostgreSQL", url)
    finally:
        shutil.rmtree(place, ignore_errors=True)
