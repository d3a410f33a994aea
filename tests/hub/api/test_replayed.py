"""Old answers of the hub, sent again by somebody between hub and till, or on an old stick."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.replication import load_stores
from hub.replication.sealing import seal_feed
from hub.replication.shelf import FOLDER, Shelf
from hub.repository import Repository
from hub_pos.client import HubClient, pull_from, register
from hub_pos.errors import Replayed
from hub_pos.identity import Identity, identity_path
from hub_pos.manifest import fresh
from hub_pos.replica import Replica

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def seal(repo: Repository, root: Path, server: Any) -> Callable[[datetime], None]:
    """Seals as if it were a certain time."""

    def run(now: datetime) -> None:
        seal_feed(repo, load_stores(root / "stores.toml"), Shelf(root / FOLDER), now=now)
        server.service.refresh()

    return run


@pytest.fixture
def till(server: Any, seal: Any, prices: Any, tmp_path: Path) -> Path:
    prices(range(3), "1.00")
    seal(NOON)
    path = tmp_path / "S001.sqlite"
    register(path, server.url, "S001-1", "of S001-1")
    server.service.refresh()
    return path


def listened(client: HubClient, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The answers to polls, as somebody on the line keeps them."""
    heard: list[bytes] = []
    ask = client._ask

    def keep(method: str, target: str, body: bytes) -> bytes:
        answer = ask(method, target, body)
        if target == "/sync/poll":
            heard.append(answer)
        return answer

    monkeypatch.setattr(client, "_ask", keep)
    return heard


def as_of(till: Path) -> Any:
    replica = Replica(till)
    try:
        return replica.cursor()["as_of"]
    finally:
        replica.close()


def test_an_old_answer_neither_freezes_a_till_nor_sets_it_back(
    till: Path, seal: Any, prices: Any, server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with HubClient(till) as client:
        heard = listened(client, monkeypatch)
        client.pull()  # everything
        client.pull()  # nothing new
        seal(NOON + timedelta(hours=1))
        client.pull()
        assert as_of(till) == "2026-03-01T13:00:00+00:00"
        keys = dict(client.identity.hub_keys)
        server.service.keys.rotate()
        for old in heard[:2]:
            with monkeypatch.context() as patched:
                patched.setattr(client, "_ask", lambda *_, old=old: old)
                with pytest.raises(Replayed, match="sent again"):
                    client.pull()
        assert client.identity.hub_keys == keys
        assert as_of(till) == "2026-03-01T13:00:00+00:00"
        prices(range(1), "2.00")
        seal(NOON + timedelta(hours=2))
        assert client.pull().rows == 1
        assert as_of(till) == "2026-03-01T14:00:00+00:00"
    stick = tmp_path / "stick"
    stick.mkdir()
    node = Identity.load(identity_path(till)).node
    (stick / f"{node}.manifest.json").write_bytes(heard[0])
    with pytest.raises(Replayed):
        pull_from(till, stick)


def test_a_clock_that_was_put_back_a_little_does_no_harm(till: Path, seal: Any, prices: Any) -> None:
    with HubClient(till) as client:
        client.pull()
        prices(range(1), "2.00")
        seal(NOON - timedelta(minutes=9))
        assert client.pull().rows == 1
        prices(range(1), "3.00")
        seal(NOON - timedelta(minutes=30))
        with pytest.raises(Replayed, match="clock was put back"):
            client.pull()


def test_a_hub_that_was_restored_leads_back_with_a_newer_time() -> None:
    cursor = {"epoch": "e", "seq": 100, "as_of": NOON.isoformat()}

    def manifest(last: int, minutes: int, epoch: str = "e") -> dict[str, Any]:
        at = (NOON + timedelta(minutes=minutes)).isoformat()
        return json.loads(json.dumps({"epoch": epoch, "last": last, "as_of": at}))  # type: ignore[no-any-return]

    for good in (manifest(50, 1), manifest(100, 0), manifest(120, -5), manifest(1, -600, "another")):
        fresh(good, cursor)
    fresh(manifest(1, -600), {**cursor, "as_of": ""})
    for old in (manifest(99, 0), manifest(99, -1), manifest(200, -11)):
        with pytest.raises(Replayed):
            fresh(old, cursor)
