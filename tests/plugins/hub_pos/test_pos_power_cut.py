"""The power fails at any moment: every sale whose receipt was printed is there, and no checkpoint is there in part."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from hub_pos import Register, Replica, SaleLine, Tender
from hub_pos.upload import Uploader
from tests.power_cut import Record, Unwatchable, after_power_cut, recorded

Make = Callable[..., dict[str, Any]]
CUTS = 150


@pytest.fixture(params=range(3))
def rng(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


def cuts(record: Record, rng: random.Random, folder: Path) -> Iterator[tuple[int, Path]]:
    """Folders as power cuts may leave them, each with the number of the event before which it happened."""
    for number in range(CUTS):
        until = rng.randrange(len(record.events) + 1)
        found = folder / str(number)
        found.mkdir()
        after_power_cut(record, until, rng, found)
        yield until, found


@contextmanager
def watched(folder: Path) -> Iterator[Record]:
    folder.mkdir()
    try:
        with recorded(folder) as record:
            yield record
    except Unwatchable as problem:
        pytest.skip(f"SQLite cannot be watched here: {problem}")


def sound(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return connection


def test_a_printed_receipt_survives(tmp_path: Path, rng: random.Random) -> None:
    live = tmp_path / "live"
    acknowledged: set[int] = set()

    def hub(data: bytes) -> bytes:
        upload = json.loads(data)
        acknowledged.update(one["seq"] for one in upload["documents"])
        results = [
            {"seq": one["seq"], "id": one["id"], "status": "accepted", "document_id": one["id"], "findings": []}
            for one in upload["documents"]
        ]
        return json.dumps({"node": upload["node"], "results": results, "next": max(acknowledged) + 1}).encode()

    with watched(live) as record, Register(live / "S001.sqlite", store="S001") as register:
        uploader = Uploader(register.outbox, hub)
        for number in range(40):
            lines = [SaleLine("4006381333931", 1, price="2.50") for _ in range(rng.randrange(1, 12))]
            sold = register.sell(lines, [Tender("cash", "100.00")])
            record.mark(sold.number)
            if number % 7 == 6:
                uploader.upload()
    printed = 0
    for until, folder in cuts(record, rng, tmp_path):
        told = record.marks(until)
        outbox = folder / "S001-1.outbox.sqlite"
        assert outbox.exists() or not told
        if outbox.exists():
            with closing(sound(outbox)) as connection:
                exists = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'outbox'").fetchone()
                found = connection.execute("SELECT origin_seq, number FROM outbox").fetchall() if exists else []
            assert set(told) <= {number for _, number in found}
            assert len(found) <= len(told) + 1  # the one that was being written
            assert sorted(place for place, _ in found) == list(range(1, len(found) + 1))
            # What comes next takes the next number, and not one that was printed.
            with Register(folder / "S001.sqlite", store="S001") as register:
                again = register.sell([SaleLine("4006381333931", 1, price="1")], [Tender("cash", "1")])
            assert again.number not in told
        printed += len(told)
    assert printed > CUTS


def test_a_checkpoint_is_there_whole_or_not_at_all(tmp_path: Path, checkpoint: Make, rng: random.Random) -> None:
    live = tmp_path / "live"
    rows, last = 60, 25

    def changes(seq: int) -> list[Any]:
        return [
            (seq, "product", f"p{number}", {"name": str(seq), "barcodes": [{"gtin": f"{number:014d}"}]})
            for number in range(rows)
        ]

    with watched(live) as record:
        replica = Replica(live / "S001.sqlite")
        replica.apply(checkpoint(0, 1, {"a": changes(1)}, reset=("", 0)))
        for seq in range(2, last + 1):
            replica.apply(checkpoint(seq - 1, seq, {"a": changes(seq)}, held=["a"]))
            if seq % 8 == 0:
                replica._connection.execute("PRAGMA wal_checkpoint")
        replica.close()
    reached = set()
    for _, folder in cuts(record, rng, tmp_path):
        with closing(Replica(folder / "S001.sqlite")) as again:  # opens what is there, or begins anew
            seq = again.cursor()["seq"]
            names = again._connection.execute("SELECT DISTINCT name FROM product").fetchall()
            counted = again._connection.execute("SELECT count(*) FROM barcode").fetchone()
            assert again._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert names == ([(str(seq),)] if seq else [])
        assert counted == (rows if seq else 0,)
        reached.add(seq)
    assert len(reached) > 5
