"""kill -9 of real processes: what was printed is on the disk and arrives, once."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.replication import Store, scopes_of
from hub.replication.intake import take
from hub.repository import Repository
from hub_pos import Register
from hub_pos.outbox import Outbox, outbox_path
from hub_pos.upload import Uploader

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)

SELLER = """
import sys
from hub_pos import Register, SaleLine, Tender
with Register(sys.argv[1], "1", store="S001") as register:
    while True:
        print(register.sell([SaleLine("x", 1, "1")], [Tender("cash", "1")]).number, flush=True)
"""

# A till and the hub in one process: a kill may hit a sale, a send, the hub's two transactions or the acknowledgment.
BOTH = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from hub.replication import Store, scopes_of
from hub.replication.intake import take
from hub.repository import Repository
from hub_pos import Register, SaleLine, Tender
from hub_pos.upload import Bounds, Uploader

store = Store(id="S001", path=Path(sys.argv[1]))
with Repository.open(sys.argv[2], scope_function=scopes_of) as repo, Register(sys.argv[1], "1", store="S001") as till:
    send = lambda data: json.dumps(take(repo, store, data, datetime.now(UTC))).encode()
    uploader = Uploader(till.outbox, send, Bounds(documents=2))
    print("ready", flush=True)
    while True:
        for _ in range(3):
            print(till.sell([SaleLine("x", 1, "1")], [Tender("cash", "1")]).number, flush=True)
        uploader.upload(force=True)
"""


def run_and_kill(program: str, arguments: list[str], lines: int, pause: float) -> Iterator[str]:
    """Start a program, read so many lines, wait a little, kill it; every line it managed to print."""
    process = subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(lines):
        yield process.stdout.readline().strip()
    time.sleep(pause)
    process.kill()
    yield from (line.strip() for line in process.stdout if line.endswith("\n"))
    process.wait()
    process.stdout.close()


def arrived(repo: Repository) -> list[str]:
    with repo.read() as tx:
        assert tx.gaps() == []
        keys: list[dict[str, Any]] = [one.data()["key"] for one in tx.list("PosTransaction", limit=100_000)]
    return [f"{key['store']}-{key['workstation']}-{key['sequence']}" for key in keys]


def settle(replica: Path, repo: Repository) -> None:
    store = Store(id="S001", path=replica)
    with Register(replica, "1", store="S001") as register:
        uploader = Uploader(register.outbox, lambda data: json.dumps(take(repo, store, data, NOW)).encode())
        report = uploader.upload(force=True)
    assert (report.waiting, report.errors, report.quarantined) == (0, [], 0)


def test_a_till_killed_right_after_printing_has_the_sale(tmp_path: Path, sqlite_database: str) -> None:
    replica = tmp_path / "S001.sqlite"
    rng = random.Random(3)
    printed: list[str] = []
    for _ in range(20):
        printed += run_and_kill(SELLER, [str(replica)], rng.randrange(1, 4), rng.choice((0.0, 0.0, 0.003)))
        with closing(Outbox(outbox_path(replica, "1"))) as outbox:
            kept = [entry.number for entry in outbox.entries()]
            assert [entry.seq for entry in outbox.entries()] == list(range(1, len(kept) + 1))
        assert set(printed) <= set(kept)
        assert kept == [f"S001-1-{number}" for number in range(1, len(kept) + 1)]
    assert len(printed) == len(set(printed))
    with Repository.open(sqlite_database, scope_function=scopes_of) as repo:
        settle(replica, repo)
        found = arrived(repo)
    assert set(printed) <= set(found)
    assert len(found) == len(set(found))


def test_till_and_hub_killed_anywhere_lose_and_double_nothing(tmp_path: Path, sqlite_database: str) -> None:
    replica = tmp_path / "S001.sqlite"
    Repository.open(sqlite_database, scope_function=scopes_of).close()
    rng = random.Random(5)
    printed: list[str] = []
    for _ in range(6):
        lines = list(run_and_kill(BOTH, [str(replica), sqlite_database], rng.randrange(1, 14), rng.uniform(0.0, 0.05)))
        printed += lines[1:]
    with Repository.open(sqlite_database, scope_function=scopes_of) as repo:
        before = len(arrived_anyhow(repo))
        settle(replica, repo)
        found = arrived(repo)
    assert before > 10, "the kills came before anything was uploaded"
    assert set(printed) <= set(found)
    assert len(found) == len(set(found))


def arrived_anyhow(repo: Repository) -> list[Any]:
    with repo.read() as tx:
        return tx.uploads(state="accepted", limit=100_000)
