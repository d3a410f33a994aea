"""A till compares itself with the hub over the line: what differs is found, put right, and costs little."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub import jobs
from hub.repository import Repository
from hub_pos.client import HubClient, register
from hub_pos.errors import SignatureRefused
from hub_pos.identity import Identity, identity_path
from hub_pos.verifying import Verified, verify

Prices = Callable[..., None]


@pytest.fixture
def till(repo: Repository, root: Path, server: Any, prices: Prices, tmp_path: Path) -> Path:
    prices(range(400), "1.00")
    jobs.seal(root)
    server.service.refresh()
    repo.retrying(lambda tx: tx.invite_node("S001-1", "S001", "token", timedelta(1)))
    path = tmp_path / "till.sqlite"
    register(path, server.url, "S001-1", "token")
    return path


def compared(path: Path, *, heal: bool = False) -> Verified:
    with HubClient(path) as client:
        return verify(client, heal=heal)


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def command(*words: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False, env=os.environ)
    return done.returncode, done.stdout + done.stderr


def test_a_bad_row_is_found_and_put_right(root: Path, till: Path, prices: Prices, server: Any) -> None:
    first = compared(till)
    assert (first.found.equal, first.found.differ) == (True, ())
    assert first.sent + first.received < 4_000
    change(till, "UPDATE price SET amount = '0.01' WHERE rowid = 7")
    assert (compared(till).found.rows, compared(till).found.differ) == (1, ("zone:RTL",))
    healed = compared(till, heal=True)
    assert (healed.found.healed, healed.found.rows) == (True, 1)
    assert healed.sent + healed.received < 40_000
    # The next change of the healed row comes as a changed field of a numbered row.
    prices(range(400), "2.00")
    jobs.seal(root)
    server.service.refresh()
    assert compared(till).found.equal
    with closing(sqlite3.connect(till)) as connection:
        assert list(connection.execute("SELECT DISTINCT amount FROM price")) == [("2.00",)]


def test_too_much_damage_is_loaded_anew(till: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared(till)
    monkeypatch.setattr("hub_pos.replica.MOST", 10)
    change(till, "DELETE FROM price WHERE rowid < 100")
    done = compared(till, heal=True).found
    assert (done.reload, done.healed, done.equal) == (True, True, True)


def test_a_person_verifies(root: Path, till: Path, server: Any) -> None:
    assert command("hub_pos", str(till), "verify")[1].startswith("equal at 800 (")
    change(till, "DELETE FROM product_key WHERE value = '7'")
    status, text = command("hub_pos", str(till), "verify")
    assert (status, "1 rows differ at 800, in products: verify --heal" in text) == (2, True)
    report = json.loads(command("hub", "-w", str(root), "store", "status", "--json")[1])
    assert report["differ"] == {"S001-1": ["products"]}
    assert report["equal"].keys() == {"S001-1"}
    status, text = command("hub_pos", str(till), "verify", "--heal")
    assert (status, "put right, and equal now" in text) == (0, True)
    text = command("hub", "-w", str(root), "store", "status")[1]
    assert "S001-1: proved equal at position 800" in text


def test_files_are_verified_by_the_hub(root: Path, repo: Repository, prices: Prices) -> None:
    hub = ("hub", "-w", str(root))
    prices(range(5), "1.00")
    status, text = command(*hub, "store", "verify", "S001")
    assert (status, "is not there" in text) == (2, True)
    assert command(*hub, "replicate")[0] == 0
    assert command(*hub, "store", "verify", "S001") == (0, "S001 is equal at 10\n")
    change(root / "stores" / "S001.sqlite", "DELETE FROM price WHERE rowid = 2")
    assert command(*hub, "store", "verify", "S001") == (1, "S001 differs at 10 in zone:RTL: 1 rows\n")
    status, text = command(*hub, "store", "verify", "S001", "--heal", "--json")
    assert (status, json.loads(text)["healed"]) == (0, True)
    assert "file:S001: proved equal at position 10" in command(*hub, "store", "status")[1]


def test_a_store_learns_nothing_of_others_and_bad_questions_are_refused(till: Path, prices: Prices) -> None:
    compared(till)
    mine = Identity.load(identity_path(till))
    with HubClient(till) as client:
        asked: list[dict[str, Any]] = []

        def keep(question: dict[str, Any]) -> Any:
            asked.append(question)
            return client.compare(question)[0]

        from hub_pos.replica import Replica

        with closing(Replica(till)) as replica:
            replica.prove(keep)
        (good,) = asked
        other = {**good, "cursor": {**good["cursor"], "buckets": ["zone:SALE"]}}
        assert client.compare(other)[0]["proof"] == "not comparable"
        sums = {key: value for key, value in good.items() if key != "sums"}

        def post(**more: Any) -> httpx.Response:
            body = json.dumps({"node": mine.node, **sums, **more}).encode()
            return httpx.post(f"{mine.url}/sync/verify", content=body, headers=mine.sign("POST", "/sync/verify", body))

        bad: list[dict[str, Any]] = [
            {}, {"layout": 3}, {"layout": {"price": {}}}, {"expand": {"zone:SALE": [""]}}, {"want": ["xy"]},
            {"expand": {"zone:RTL": ["0g"]}}, {"cursor": 1}, {"keys": 1}, {"want": [1] * 2_000},
        ]  # fmt: skip
        assert [post(**one).status_code for one in bad] == [400] * len(bad)
        assert post(node="S002-1").status_code == 403
        assert post(want=["00" * 8]).status_code == 200
        # An answer that belongs to another question, as somebody on the line could play it back.
        recorded = post(sums=good["sums"]).content
        client._ask = lambda *_: recorded  # type: ignore[method-assign]
        with pytest.raises(SignatureRefused, match="another question"):
            client.compare(good)


def test_why_and_scope_as_a_person_asks(root: Path, repo: Repository, prices: Prices) -> None:
    hub = ("hub", "-w", str(root), "store")
    prices(range(5), "1.50")
    status, text = command(*hub, "why", "S001", "3")
    assert (status, "1.50 EUR: the store's price list RTL" in text) == (0, True)
    assert "from the hub itself" in text
    assert json.loads(command(*hub, "why", "S001", "3", "--json")[1])["price"]["amount"] == "1.50"
    assert command(*hub, "why", "S002", "3")[0] == 1
    assert command(*hub, "why", "S001", "99")[0] == 2
    file = root / "new.toml"
    file.write_text((root / "stores.toml").read_text().replace('"RTL"', '"SALE"'))
    status, text = command(*hub, "scope", "--dry-run", "--stores", str(file))
    assert (status, "1 stores change, 1 do not: 0 rows to send, 0 bytes, 5 rows vanish" in text) == (0, True)
    status, text = command(*hub, "scope", "S001", "--dry-run", "--stores", str(file), "--strict", "--json")
    assert (status, json.loads(text)["moves"][0]["lost"]) == (1, ["zone:RTL"])
    assert command(*hub, "scope")[0] == 2
