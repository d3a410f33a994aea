"""What a person must look at: seen by ``hub store status``, ``GET /health`` and the job's log."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from click.testing import CliRunner

from hub import jobs
from hub.cli import cli
from hub.model import Price
from hub.replication import proved, scopes_of
from hub.replication.intake import take
from hub.replication.stores import load_stores
from hub.replication.watching import Limits, Watch, look
from hub.repository import Repository
from hub.repository.horizon import Holder, Horizon, lasting
from hub.repository.nodes import PASSED, NodeSighting, thinned
from hub_pos import Register, SaleLine, Tender
from hub_pos.client import HubClient
from hub_pos.errors import HubRefused
from hub_pos.upload import Uploader

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def hub(root: Path) -> Callable[..., tuple[int, str]]:
    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, ["-w", str(root), *words])
        return done.exit_code, done.output

    return run


@pytest.fixture
def shop_price() -> Callable[[str], Price]:
    def made(number: str) -> Price:
        sku = [{"scheme": "sku", "value": number}]
        return Price(external_id=number, identifiers=sku, price={"amount": "1.00", "currency": "EUR"})

    return made


def codes(watch: Watch) -> list[str]:
    return [one.code for one in watch.alarms]


def sighted(repo: Repository, node: str, at: datetime, position: int) -> None:
    epoch = repo.feed_head().epoch
    repo.retrying(lambda tx: tx.save_sightings({node: NodeSighting(at, 1, 10, epoch, position, ["all"])}))


@contextmanager
def writing(url: str, name: str) -> Iterator[int]:
    """Another program of the server that has written and does not end; its process id."""
    with psycopg.connect(url.replace("+psycopg", ""), application_name=name) as connection:
        connection.execute("CREATE TEMPORARY TABLE report (n int)")
        yield connection.info.backend_pid
        connection.rollback()


def test_a_transaction_that_holds_the_feed_back_is_named(
    postgresql_database: str, postgresql_url: str, shop_price: Callable[[str], Any]
) -> None:
    with Repository.open(postgresql_database, scope_function=scopes_of) as repo:
        quick = Limits(stalled=timedelta())
        assert codes(look(repo)) == []
        with writing(postgresql_url, "nightly report") as pid:
            with repo.begin() as tx:
                tx.put(shop_price("A"), system="erp")
                tx.put(shop_price("B"), system="erp")
            repo.feed_head()
            found = look(repo, quick)
            assert (found.head, found.waiting) == (0, 2)
            (alarm,) = found.alarms
            assert alarm.code == "feed.held"
            assert "2 changes wait: process" in alarm.text
            assert (
                f"process {pid} (nightly report, user postgres, database postgres), idle in transaction" in alarm.text
            )
            assert f"SELECT pg_terminate_backend({pid})" in alarm.text
            assert found.holders[0]["pid"] == pid
            assert codes(look(repo)) == []  # not yet long enough
            later = look(repo, now=datetime.now(UTC) + timedelta(minutes=3))
            assert later.held_seconds >= 180
            assert "held back for 3 min" in later.alarms[0].text
        repo.feed_head()
        found = look(repo, quick)
        assert (found.head, found.waiting, found.holders) == (2, 0, [])


def test_a_prepared_transaction_that_nobody_ends_is_named(
    postgresql_database: str, postgresql_url: str, shop_price: Callable[[str], Any]
) -> None:
    """It belongs to no process, and outlives the server's."""
    name = "'till''s two phases'"
    with (
        Repository.open(postgresql_database, scope_function=scopes_of) as repo,
        psycopg.connect(postgresql_url.replace("+psycopg", ""), autocommit=True) as other,
    ):
        other.execute("CREATE TABLE booked (n int)")
        other.execute("BEGIN; INSERT INTO booked VALUES (1)")
        other.execute(f"PREPARE TRANSACTION {name}")
        try:
            with repo.begin() as tx:
                tx.put(shop_price("A"), system="erp")
            repo.feed_head()
            (alarm,) = look(repo, Limits(stalled=timedelta())).alarms
        finally:
            other.execute(f"ROLLBACK PREPARED {name}")
            other.execute("DROP TABLE booked")
        assert (
            "1 changes wait: prepared transaction 'till''s two phases' of postgres in database postgres" in alarm.text
        )
        assert f"ROLLBACK PREPARED {name}" in alarm.text
        assert repo.feed_head().position == 1


def test_changes_that_nobody_has_numbered_yet_are_no_alarm(postgresql_database: str, shop_price: Any) -> None:
    with Repository.open(postgresql_database) as repo:
        with repo.begin() as tx:
            tx.put(shop_price("A"), system="erp")
        assert look(repo, Limits(stalled=timedelta(microseconds=1))).waiting == 0


def test_a_transaction_of_our_own_that_does_nothing_is_ended(postgresql_database: str, shop_price: Any) -> None:
    """The setting reaches the server: an idle writer of the hub cannot hold the feed back for ever."""
    with Repository.open(postgresql_database, idle_seconds=1) as repo, Repository.open(postgresql_database) as other:
        ended: list[str] = []

        def forget() -> None:
            try:
                with repo.begin() as tx:
                    tx.put(shop_price("A"), system="erp")
                    tx.flush()
                    threading.Event().wait(2.5)
                    tx.find("Price", key="none")
            except Exception as problem:
                ended.append(type(problem).__name__)

        thread = threading.Thread(target=forget)
        thread.start()
        thread.join()
        assert ended == ["RepositoryBusy"]
        assert other.feed() == []


def test_prepared_transactions_and_spans_in_words() -> None:
    since = NOW - timedelta(hours=3)
    prepared = Holder(0, "", "erp", "shop", "prepared", since, "two'phase")
    assert prepared.told(NOW) == (
        "prepared transaction 'two''phase' of erp in database shop, 3 h old; end it there: COMMIT PREPARED"
        " 'two''phase' or ROLLBACK PREPARED 'two''phase'"
    )
    assert Horizon(0, None, (prepared,)).age(NOW) == timedelta(hours=3)
    assert Horizon(4, NOW - DAY, (prepared,)).age(NOW) == DAY
    assert Horizon().age(NOW) == timedelta()
    spans = [timedelta(seconds=-5), timedelta(seconds=119), timedelta(minutes=119), timedelta(hours=47), 40 * DAY]
    assert [lasting(one) for one in spans] == ["0 s", "119 s", "119 min", "47 h", "40 d"]
    assert lasting(timedelta(minutes=2)) == "2 min"


def test_every_alarm_is_told_everywhere(
    root: Path, repo: Repository, server: Any, prices: Callable[..., None], hub: Any, caplog: Any
) -> None:
    prices(range(2), "1.00")
    jobs.seal(root)
    for node in ("S001-1", "S002-1"):
        repo.retrying(lambda tx, node=node: tx.register_node(node, f"of {node}", "key"))
        sighted(repo, node, NOW, repo.feed_head().position)
    server.service.refresh()
    server.service.watch()
    healthy = httpx.get(f"{server.url}/health").json()
    assert (healthy["status"], healthy["alarms"], healthy["kept"]) == ("ok", [], 4)
    assert hub("store", "status")[0] == 0

    sighted(repo, "S001-1", NOW - 3 * DAY, 2)
    proved.note(repo, "S002-1", 4, ["zone:RTL"])
    (store,) = [one for one in load_stores(root / "stores.toml") if one.id == "S001"]
    documents = [{"seq": 3, "id": "x", "kind": "Invoice", "created_at": NOW.isoformat(), "clock": "", "body": {}}]
    take(repo, store, json.dumps({"node": "S001-1", "documents": documents}).encode(), NOW)
    with caplog.at_level(logging.WARNING):
        server.service.watch()
        server.service.watch()
    told = [record.message for record in caplog.records if record.name == "hub.api"]
    assert [line.partition(":")[0] for line in told] == [
        "node.silent", "node.differs", "uploads.gap", "uploads.quarantined",
    ]  # fmt: skip
    assert "S001-1 (for 3 d)" in told[0]
    assert "S002-1 in zone:RTL" in told[1]
    health = httpx.get(f"{server.url}/health")
    assert (health.status_code, health.json()["status"]) == (200, "alarm")
    assert [one["code"] for one in health.json()["alarms"]] == [line.partition(":")[0] for line in told]
    assert (health.json()["silent"], health.json()["gaps"], health.json()["quarantined"]) == (1, 1, 1)
    assert datetime.fromisoformat(health.json()["compared_at"]) >= NOW.replace(microsecond=0)
    status, text = hub("store", "status")
    assert status == 1
    assert all(line in text for line in told)
    assert "S002-1: differed in zone:RTL at position 4" in text
    status, text = hub("store", "status", "--json")
    assert json.loads(text)["away"] == ["S001-1"]
    assert json.loads(text)["compared"]["S002-1"]["differ"] == ["zone:RTL"]
    with caplog.at_level(logging.WARNING, "hub.stores"):
        done = jobs.watch_stores(root)
    assert [one["code"] for one in done["alarms"]] == [line.partition(":")[0] for line in told]
    assert [record.message for record in caplog.records if record.name == "hub.stores"] == told
    late = look(repo, now=NOW + timedelta(hours=1))
    assert "seal.late" in codes(late)
    assert "node.silent" in codes(look(repo, Limits(silent=4 * DAY), now=NOW + 2 * DAY))
    repo.retrying(lambda tx: tx.revoke_node("S002-1"))
    assert "node.differs" not in codes(look(repo))


def test_what_waits_in_a_till_s_outbox_is_seen(
    root: Path, repo: Repository, prices: Any, server: Any, registered: Callable[[], Path], hub: Any
) -> None:
    prices(range(3), "1.00")
    jobs.seal(root)
    server.service.refresh()
    replica = registered()
    with HubClient(replica) as client:
        client.pull()
        server.service.save()
        assert json.loads(hub("store", "nodes", "--store", "S001", "--json")[1])[0]["unsent"] == 0
        long_ago = [NOW - 2 * DAY]
        with Register(replica, "1", store="S001", now=lambda: long_ago[0]) as desk:
            desk.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)])
            long_ago[0] = NOW
            desk.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)])
            client.pull()
            server.service.save()
            node = json.loads(hub("store", "nodes", "--store", "S001", "--json")[1])[0]
            assert (node["node"], node["unsent"]) == ("S001-1", 2)
            assert abs(datetime.fromisoformat(node["unsent_since"]) - (NOW - 2 * DAY)) < timedelta(minutes=10)
            status, text = hub("store", "status")
            assert (status, "node.unsent: documents wait at tills that are heard: S001-1 (2, for 2 d" in text) == (
                1,
                True,
            )
            assert f"2 since {node['unsent_since']}" in text
            assert codes(look(repo, Limits(unsent=3 * DAY))) == []
            assert Uploader(desk.outbox, client.send).upload().acknowledged == 2
        client.pull()
        server.service.save()
    status, text = hub("store", "status")
    assert (status, "S001-1" in text) == (0, True)
    assert json.loads(hub("store", "status", "--json")[1])["unsent"] == 0


@pytest.mark.parametrize(
    "said", [3, {}, {"waiting": -1, "age": 0}, {"waiting": "2", "age": 0}, {"waiting": 1, "age": 1 << 40}]
)
def test_an_outbox_that_a_poll_cannot_mean(
    server: Any, registered: Callable[[], Path], monkeypatch: pytest.MonkeyPatch, said: Any
) -> None:
    monkeypatch.setattr("hub_pos.client.unsent", lambda *_: said)
    with HubClient(registered()) as client, pytest.raises(HubRefused, match='"outbox" has waiting and age'):
        client.pull()


def test_of_many_nodes_the_worst_are_shown(repo: Repository, hub: Any) -> None:
    def register(tx: Any) -> None:
        for number in range(25):
            tx.invite_node(f"S001-{number:02d}", "S001", "t", DAY)
            tx.register_node(f"S001-{number:02d}", "t", "key")

    repo.retrying(register)
    sighted(repo, "S001-07", NOW - 3 * DAY, 0)
    repo.retrying(lambda tx: tx.save_sightings({"S001-11": NodeSighting(NOW, 1, 0, "", 0, ["all"], 9, NOW)}))
    found = look(repo)
    assert [one.node for one in found.worst][:3] == ["S001-07", "S001-11", "S001-00"]
    assert len(found.worst) == 20
    assert "and 5 more: hub store nodes" in hub("store", "status")[1]


def test_purging_from_the_command_line(root: Path, repo: Repository, prices: Any, hub: Any) -> None:
    prices(range(3), "1.00")
    (root / "hub.toml").write_text((root / "hub.toml").read_text() + '\n[feed]\nkeep = "1d"\nlongest = "2d"\n')
    repo.retrying(lambda tx: tx.mark_feed(4, NOW - 3 * DAY / 2))
    epoch = repo.feed_head().epoch
    from hub.repository import FeedCursor

    repo.retrying(lambda tx: tx.acknowledge_feed({"endpoint:erp": FeedCursor(epoch, 3)}))
    status, text = hub("store", "purge", "--dry-run")
    assert (status, "3 changes up to 3 would go, of 6" in text, "kept for: endpoint:erp" in text) == (0, True, True)
    assert json.loads(hub("store", "purge", "--json")[1])["changes"] == 3
    assert "0 changes went, up to 3; 3 are kept" in hub("store", "purge")[1]
    assert "3 changes kept" in hub("store", "status")[1]
    (root / "hub.toml").write_text((root / "hub.toml").read_text().replace('longest = "2d"', 'longest = "1h"'))
    status, text = hub("store", "purge")
    assert (status, "'longest' must not be shorter than 'keep'" in text) == (2, True)


def test_when_a_node_passed_a_place(repo: Repository, prices: Any) -> None:
    prices(range(20), "1.00")
    for minute, position in ((0, 5), (1, 5), (2, 9), (30, 20), (31, 12)):
        sighted(repo, "S001-1", NOW + timedelta(minutes=minute), position)
    with repo.read() as tx:
        (node,) = tx.nodes("S001")
    epoch = repo.feed_head().epoch
    minutes = {
        place: round((at - NOW) / timedelta(minutes=1)) if (at := node.reached(epoch, place)) else None
        for place in (1, 5, 6, 9, 10, 12, 13)
    }
    # It was set back to 12 by a backup of its own: it has passed 9 before, but 20 is not there any more.
    assert minutes == {1: 0, 5: 0, 6: 2, 9: 2, 10: 31, 12: 31, 13: None}
    assert node.reached("another epoch", 1) is None


def test_what_is_kept_of_a_node_is_bounded_and_nothing_is_told_too_early() -> None:
    marks: list[Any] = []
    every = [(position, position * 60) for position in range(1, 20_000)]
    for mark in every:
        marks = thinned([*marks, mark])
    assert len(marks) == PASSED
    assert marks[-1] == every[-1]
    assert set(marks) <= set(every)
    ages = [every[-1][1] - at for _, at in marks]
    assert sum(age < 3_600 for age in ages) >= 8
    # The longer ago, the rougher: the gap between two marks is never more than a share of their age.
    for (_, before), (_, after) in pairwise(marks[1:]):
        assert after - before <= 0.6 * (every[-1][1] - before) + 600
