"""How far the feed is purged: never what somebody needs, unless it is older than anything is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard

from hub.errors import TemporaryError
from hub.replication import Store, erasure, replicate
from hub.replication.catalog import Catalog
from hub.replication.purge import Keep, plan, purge_feed
from hub.replication.sealing import Retention, seal_feed
from hub.replication.shelf import Shelf
from hub.replication.source import Source
from hub.repository import FeedCursor, Repository
from hub.repository.nodes import NodeSighting

Put = Callable[..., None]
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
KEEP = Keep(7 * DAY, 30 * DAY)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "segments")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(id="S", mode="autonomous", path=tmp_path / "s.sqlite")


def mark(repo: Repository, at: datetime) -> int:
    position = repo.feed_head().position
    repo.retrying(lambda tx: tx.mark_feed(position, at))
    return position


def until(repo: Repository, keep: Keep = KEEP, now: datetime = NOW) -> int:
    repo.feed_head()
    with repo.read() as tx:
        return plan(tx, keep, now).until


def test_what_nobody_reads_goes_by_its_age(repo: Repository, put: Put, shop: Any) -> None:
    for days in (40, 20, 8, 3):
        put(shop.product(f"P{days}"))
        mark(repo, NOW - days * DAY)
    assert until(repo) == 3
    done = purge_feed(repo, KEEP, NOW)
    assert (done["until"], done["changes"], done["kept"], done["readers"]) == (3, 3, 1, 0)
    assert [change.seq for change in repo.feed(FeedCursor(repo.feed_head().epoch, 3))] == [4]
    assert purge_feed(repo, KEEP, NOW)["changes"] == 0


def test_what_somebody_needs_stays_until_it_is_too_old(
    repo: Repository, put: Put, shop: Any, types: Any, store: Store, shelf: Shelf
) -> None:
    def step(days: int, amount: str) -> int:
        put(shop.price("A", amount))
        return mark(repo, NOW - days * DAY)

    first = step(35, "1.00")
    epoch = repo.feed_head().epoch
    with repo.begin() as tx:
        tx.invite_node("S-1", "S", "t", DAY)
        tx.register_node("S-1", "t", "key")
        tx.save_sightings({"S-1": NodeSighting(NOW - 20 * DAY, 1, 0, epoch, first, ["all"])})
        tx.acknowledge_feed({"endpoint:erp": FeedCursor(epoch, first)})
    second = step(28, "2.00")
    replicate(repo, [store], types)
    seal_feed(repo, [store], shelf, now=NOW - 27 * DAY, retention=Retention(60 * DAY))
    third = step(12, "3.00")
    seal_feed(repo, [store], shelf, now=NOW - 12 * DAY, retention=Retention(60 * DAY))
    last = step(9, "4.00")
    with repo.read() as tx:
        found = plan(tx, KEEP, NOW)
    # The node and the endpoint are further back than anything is kept for: only by a day's difference of the marks.
    assert found.needed == {
        "node:S-1": first, "endpoint:erp": first, "file:S": second, "sealer": third, "segments": second,
    }  # fmt: skip
    assert found.until == first
    assert found.holding == ["endpoint:erp", "file:S", "node:S-1", "sealer", "segments"]
    later = plan_at(repo, NOW + 3 * DAY)
    assert (later.until, later.left_behind) == (second, ["endpoint:erp", "node:S-1"])
    assert purge_feed(repo, KEEP, NOW + 3 * DAY)["until"] == second
    replicate(repo, [store], types)
    seal_feed(repo, [store], shelf, now=NOW, retention=Retention(60 * DAY))
    assert plan_at(repo, NOW).holding == ["segments"]
    seal_feed(repo, [store], shelf, now=NOW, retention=Retention(timedelta()))  # a snapshot, and what is before it goes
    seal_feed(repo, [store], shelf, now=NOW + DAY, retention=Retention(timedelta(), 0.0, 0))
    assert until(repo, KEEP, NOW + DAY) == last


def plan_at(repo: Repository, now: datetime) -> Any:
    with repo.read() as tx:
        return plan(tx, KEEP, now)


def test_a_store_that_was_away_too_long_is_loaded_anew_by_itself(
    repo: Repository, put: Put, shop: Any, types: Any, rows: Any, store: Store
) -> None:
    put(shop.product("A"), shop.product("B"))
    replicate(repo, [store], types)
    put(shop.product("C"))
    with repo.begin() as tx:
        (gone,) = [one for one in tx.list("Product") if one.data()["external_id"] == "A"]
        tx.remove("Product", gone.id)
    repo.purge_feed(repo.feed_head().position)
    done = replicate(repo, [store], types)
    assert [(one.loaded, one.error) for one in done.stores] == [(True, "")]
    assert rows(store)["product"] == {"Product B", "Product C"}
    assert [one.loaded for one in replicate(repo, [store], types).stores] == [False]


def test_a_feed_that_is_purged_while_stores_are_on_the_way(
    repo: Repository, put: Put, shop: Any, types: Any, rows: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(shop.product("A"))
    replicate(repo, [store], types)
    for number in range(6):
        put(shop.product(str(number)))
    windows = Source.windows

    def purged(self: Source, after: int, wanted: frozenset[str]) -> Any:
        for number, window in enumerate(windows(self, after, wanted)):
            if number == 1:
                repo.purge_feed(repo.feed_head().position)
            yield window

    monkeypatch.setattr(Source, "windows", purged)
    done = replicate(repo, [store], types, window=2)
    assert [(one.loaded, one.lag, one.error) for one in done.stores] == [(True, 0, "")]
    assert len(rows(store)["product"]) == 7


def test_a_sealer_that_stood_still_too_long_begins_anew(
    repo: Repository, put: Put, shop: Any, store: Store, shelf: Shelf
) -> None:
    put(shop.product("A"))
    seal_feed(repo, [store], shelf)
    put(shop.product("B"), shop.product("C"))
    old = Catalog.load(repo)
    repo.purge_feed(2)
    report = seal_feed(repo, [store], shelf)
    assert report.position == 3
    assert report.snapshots == report.buckets > 0
    new = Catalog.load(repo)
    assert new.position > old.position
    assert new.epoch == old.epoch


def test_a_purge_beside_another_is_refused_and_changes_nothing(repo: Repository, put: Put, shop: Any) -> None:
    put(shop.product("A"))
    mark(repo, NOW - 10 * DAY)
    with repo.lock("purge feed", 60), pytest.raises(TemporaryError, match="purge feed"):
        purge_feed(repo, KEEP, NOW)
    assert repo.feed_start() == 0


def test_purging_beside_writers_and_readers_loses_nothing(database_url: str, shop: Any) -> None:
    """The test of the feed's completeness, with a purge of everything that was read, again and again."""
    with Repository.open(database_url, busy_seconds=20) as repo:
        stop, written, read = threading.Event(), list[str](), list[str]()

        def write(worker: int) -> None:
            for number in range(20):

                def work(tx: Any, number: int = number) -> list[str]:
                    made = [tx.put(shop.product(f"{worker}-{number}-{part}"), system="s") for part in range(2)]
                    tx.flush()
                    return [one.id for one in made]

                written.extend(repo.retrying(work, attempts=20))

        def purge() -> None:
            now = NOW
            while not stop.is_set():
                purge_feed(repo, Keep(timedelta(), 999 * DAY), now)
                now += timedelta(minutes=2)

        cursor = FeedCursor(repo.feed_head().epoch, 0)
        repo.retrying(lambda tx: tx.acknowledge_feed({"reader": cursor}))
        threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
        purger = threading.Thread(target=purge)
        for thread in (*threads, purger):
            thread.start()
        while True:
            over = not any(thread.is_alive() for thread in threads)
            changes = repo.feed(cursor, limit=7)
            if over and not changes:
                break
            read += [change.id for change in changes]
            cursor = changes[-1].cursor if changes else cursor
            repo.retrying(lambda tx: tx.acknowledge_feed({"reader": cursor}), attempts=20)  # noqa: B023
        stop.set()
        purger.join()
        assert len(written) == 160
        assert sorted(read) == sorted(written)
        assert repo.feed_start() > 0


def test_an_erased_customer_leaves_segments_that_are_older_than_the_feed(
    repo: Repository, put: Put, shop: Any, shelf: Shelf, tmp_path: Path
) -> None:
    """The customer was in the bucket when it was sealed, and is not now; the feed does not know that any more."""
    store = Store(id="N", mode="distributed", territories=("N",), path=tmp_path / "n.sqlite")

    def named() -> bool:
        files = [path for path in shelf.folder.rglob("*") if path.is_file()]
        assert files
        return any(b"Customer 777" in zstandard.ZstdDecompressor().decompress(path.read_bytes()) for path in files)

    for customer in (shop.customer("1", "N"), shop.customer("777", "N"), shop.customer("777", "S", currency="EUR")):
        put(customer)
        seal_feed(repo, [store], shelf)
    repo.purge_feed(repo.feed_head().position)
    with repo.read() as tx:
        found = tx.find("Party", system="erp", external_id="777")
    assert found is not None
    assert named()
    erasure.erase(repo, shelf, found.id, lambda: seal_feed(repo, [store], shelf))
    assert not named()
