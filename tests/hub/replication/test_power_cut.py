"""The power fails at the hub: what it acknowledged to a store is there, and what is sent again is taken once."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.replication import Store, scopes_of
from hub.replication.intake import take
from hub.repository import Repository
from hub_pos import Register, SaleLine, Tender
from hub_pos.upload import Uploader
from tests.power_cut import Unwatchable, after_power_cut, recorded

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("seed", range(2))
def test_what_was_acknowledged_is_there(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    live = tmp_path / "live"
    live.mkdir()
    store = Store(id="S001", path=tmp_path / "S001.sqlite")
    made = f"sqlite:///{live}/hub.sqlite"
    Repository.open(made, scope_function=scopes_of).close()
    sent: list[bytes] = []
    try:
        with (
            recorded(live) as record,
            Repository.open(made, scope_function=scopes_of) as repo,
            Register(tmp_path / "S001.sqlite", "1", store="S001") as till,
        ):

            def hub(data: bytes) -> bytes:
                sent.append(data)
                answer = take(repo, store, data, NOW)
                record.mark([one["seq"] for one in answer["results"]])
                return json.dumps(answer).encode()

            uploader = Uploader(till.outbox, hub)
            for _ in range(12):
                for _ in range(rng.randrange(1, 5)):
                    till.sell([SaleLine("x", 1, "1")], [Tender("cash", "1")])
                uploader.upload(force=True)
    except Unwatchable as problem:
        pytest.skip(f"SQLite cannot be watched here: {problem}")
    told_of = 0
    for number in range(20):
        folder = tmp_path / str(number)
        folder.mkdir()
        until = rng.randrange(len(record.events) + 1)
        after_power_cut(record, until, rng, folder)
        acknowledged = {place for places in record.marks(until) for place in places}
        told_of += len(acknowledged)
        with closing(sqlite3.connect(folder / "hub.sqlite")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        with Repository.open(f"sqlite:///{folder}/hub.sqlite", scope_function=scopes_of) as repo:
            with repo.read() as tx:
                kept = {int(one.data()["key"]["sequence"]) for one in tx.list("PosTransaction")}
            assert acknowledged <= kept
            for data in sent:  # the till, which was told to, sends everything again
                take(repo, store, data, NOW)
            with repo.read() as tx:
                found = sorted(int(one.data()["key"]["sequence"]) for one in tx.list("PosTransaction"))
            assert found == list(range(1, len(found) + 1))
    assert told_of > 50
