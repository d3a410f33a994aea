"""Sealed segments: random histories of the feed, sealed now and then, lead every store to what ``replicate`` gives it;
wherever it stood, whatever changed in its scope, however much was dropped behind it."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text

from hub.errors import TemporaryError
from hub.replication import Store, load_stores, replicate, sealed_log, subscription
from hub.replication.catalog import Catalog, Cursor
from hub.replication.purge import Keep, purge_feed
from hub.replication.sealing import Retention, seal_feed
from hub.replication.shelf import Shelf
from hub.repository import Repository, tables
from hub_pos import CheckpointRefused, Replica
from hub_pos.manifest import checkpoint_of
from hub_pos.sealed import opened

CODES = "NSEW"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
TABLES = (
    "customer", "product", "price", "orders", "customer_key", "barcode", "product_key", "price_item", "order_line",
)  # fmt: skip


def contents(path: Path) -> dict[str, set[tuple[Any, ...]]]:
    """Everything a till can read, and which bucket holds it."""
    found = {}
    with closing(sqlite3.connect(path)) as connection:
        for table in TABLES:
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            kept = ", ".join(name for name in names if name not in ("seq", "row_no"))
            found[table] = set(connection.execute(f"SELECT {kept} FROM {table}"))
        members = "SELECT entity, row, name FROM membership JOIN bucket USING (bucket)"
        found["membership"] = set(connection.execute(members))
        found["bucket"] = set(connection.execute("SELECT name FROM bucket"))
    return found


def pull(catalog: Catalog, shelf: Shelf, store: Store, path: Path, *, reload: bool = False) -> int:
    """One checkpoint from the shelf into the replica at ``path``."""
    with closing(Replica(path)) as replica:
        held = replica.cursor()
        cursor = Cursor(
            held["epoch"], held["seq"], held["schema"], frozenset(held["buckets"]), held["numbered"], reload
        )
        plan = catalog.checkpoint(cursor, subscription(store), store.settings())
        assert plan is not None
        return replica.apply(checkpoint_of(plan, lambda digest: shelf.path(digest).read_bytes()))


def drawn(rng: random.Random, shop: Any) -> Any:
    number, code = rng.choice("12345"), rng.choice(CODES)
    match rng.randrange(4):
        case 0:
            status = rng.choice(["active", "active", "blocked", "erased"])
            return shop.customer(number, code, status=rng.choice([status]), **rng.choice([{}, {"currency": "EUR"}]))
        case 1:
            return shop.product(number, category=code, name=f"v{rng.randrange(3)}", gtin=rng.choice(["", "96385074"]))
        case 2:
            return shop.price(number, f"{rng.randrange(1, 4)}.00", rng.choice(CODES[:2]))
        case _:
            return shop.order(f"{number}-{rng.randrange(10**6)}", pos_id=code)


def scoped(rng: random.Random, number: int, folder: Path) -> Store:
    def some() -> tuple[str, ...]:
        return tuple(rng.sample(CODES, rng.randrange(3))) if rng.random() < 0.8 else ("*",)

    return Store(
        id=CODES[number], path=folder / f"file{number}.sqlite", mode="distributed", territories=some(),
        assortments=some(), price_lists=some(), all_orders=rng.random() < 0.3,
    )  # fmt: skip


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "segments")


@pytest.mark.parametrize("seed", range(2))
def test_sealed_segments_lead_where_replication_leads(
    repo: Repository, put: Callable[..., None], shop: Any, types: Any, shelf: Shelf, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    stores = {number: scoped(rng, number, tmp_path) for number in range(3)}
    now = NOW
    for step in range(16):
        now += rng.choice(
            [timedelta(), timedelta(minutes=20), timedelta(hours=3), timedelta(days=1), timedelta(days=9)]
        )
        put(*(drawn(rng, shop) for _ in range(rng.randrange(7))))
        if rng.random() < 0.3:
            with repo.begin() as tx:
                records = tx.list(rng.choice(["Party", "Product", "Price"]))
                if records:
                    gone = rng.choice(records)
                    tx.remove(gone.kind, gone.id)
        if rng.random() < 0.25:
            number = rng.randrange(4)
            stores[number] = scoped(rng, number, tmp_path)
        if rng.random() < 0.05:
            repo.new_epoch()
        if step and rng.random() < 0.4:
            continue
        if rng.random() < 0.3:
            # Mostly as far as is allowed; sometimes further than anybody has read, as if nobody had for too long.
            if rng.random() < 0.7:
                purge_feed(repo, Keep(timedelta(), timedelta(days=30)), now)
            else:
                repo.purge_feed(rng.randrange(repo.feed_head().position + 1))
        retention = Retention(timedelta(days=14), 4.0, rng.choice([0, 1 << 20]))
        window = rng.choice([1, 3, 1000])
        report = seal_feed(repo, stores.values(), shelf, window=window, retention=retention, now=now)
        assert report.position == repo.feed_head().position
        catalog = Catalog.load(repo)
        replicate(repo, stores.values(), types)
        for number, store in stores.items():
            path = tmp_path / f"wire{number}.sqlite"
            if rng.random() < 0.1:
                # Somebody fed it by file meanwhile, to a place inside of a window, and without numbers.
                replicate(repo, [store.model_copy(update={"path": path})], types)
            if step == 15 or rng.random() < 0.7:
                pull(catalog, shelf, store, path)
                assert contents(path) == contents(store.path or path), (seed, step, number)
                assert pull(catalog, shelf, store, path) == 0


def test_a_price_change_travels_as_one_field(
    repo: Repository, put: Callable[..., None], shop: Any, shelf: Shelf, stores: tuple[Store, Store], tmp_path: Path
) -> None:
    put(*(shop.price(str(number), "1.00") for number in range(50)))
    seal_feed(repo, stores, shelf)
    pull(Catalog.load(repo), shelf, stores[0], tmp_path / "n.sqlite")
    put(*(shop.price(str(number), "2.00") for number in range(50)))
    put(shop.price("3", "1.00"))
    seal_feed(repo, stores, shelf)
    catalog = Catalog.load(repo)
    plan = catalog.checkpoint(Cursor(catalog.epoch, 50, 1, frozenset({"zone:RTL"})), frozenset({"zone:RTL"}), {})
    assert plan is not None
    (listed,) = plan["segments"]
    segment = opened(shelf.path(listed["digest"]).read_bytes())
    (change,) = segment.changes
    # Number 3 ends as it began, but a store in the midst of the window has another amount: it is in it.
    assert (change.names, len(change.numbers)) == (["amount"], 50)
    assert sorted(change.values[0]) == ["1.00"] + ["2.00"] * 49
    assert pull(catalog, shelf, stores[0], tmp_path / "n.sqlite") == 50
    assert ("price", "RTL 2.00") not in contents(tmp_path / "n.sqlite")["membership"]


def test_a_store_that_was_away_longer_than_changes_are_kept_gets_a_snapshot(
    repo: Repository, put: Callable[..., None], shop: Any, types: Any, shelf: Shelf, stores: Any, tmp_path: Path
) -> None:
    north = stores[0]
    put(shop.price("1", "1.00"), shop.product("1"))
    seal_feed(repo, [north], shelf, now=NOW)
    pull(Catalog.load(repo), shelf, north, tmp_path / "n.sqlite")
    away = contents(tmp_path / "n.sqlite")
    for day in range(1, 40, 3):
        put(shop.price("1", f"{day}.50"))
        seal_feed(repo, [north], shelf, now=NOW + timedelta(days=day))
    catalog = Catalog.load(repo)
    listed = sum(1 for bucket, _ in catalog.files.values() if bucket == "zone:RTL")
    assert listed <= 6
    assert contents(tmp_path / "n.sqlite") == away
    pull(catalog, shelf, north, tmp_path / "n.sqlite")
    replicate(repo, [north], types)
    assert contents(tmp_path / "n.sqlite") == contents(north.path)
    assert seal_feed(repo, [north], shelf, now=NOW + timedelta(days=90)).snapshots == 1


def test_old_segments_become_few_and_say_the_same(
    repo: Repository, put: Callable[..., None], shop: Any, types: Any, shelf: Shelf, stores: Any, tmp_path: Path
) -> None:
    north, paths = stores[0], [tmp_path / f"{number}.sqlite" for number in range(9)]
    put(*(shop.price(str(number), "1.00") for number in range(4)))
    seal_feed(repo, [north], shelf, now=NOW)
    for number, path in enumerate(paths):
        pull(Catalog.load(repo), shelf, north, path)
        put(shop.price(str(number), "2.00"), shop.price("1", f"{number}.00"), shop.price("2", "5.00", "RTL"))
        if number % 3 == 0:
            put(shop.price(f"x{number}", "9.00"))
        with repo.begin() as tx:
            if number == 4:
                tx.remove("Price", tx.list("Price")[0].id)
        seal_feed(repo, [north], shelf, now=NOW + timedelta(minutes=number))
    assert seal_feed(repo, [north], shelf, now=NOW + timedelta(minutes=30)).merged == 0
    report = seal_feed(repo, [north], shelf, now=NOW + timedelta(hours=2))
    assert (report.merged, report.segments) == (9, 0)
    catalog = Catalog.load(repo)
    assert sum(1 for bucket, _ in catalog.files.values() if bucket == "zone:RTL") == 2
    replicate(repo, [north], types)
    for path in paths:
        pull(catalog, shelf, north, path)
        assert contents(path) == contents(north.path)


def test_a_store_whose_row_is_missing_asks_for_everything(
    repo: Repository, put: Callable[..., None], shop: Any, shelf: Shelf, stores: Any, tmp_path: Path
) -> None:
    north, path = stores[0], tmp_path / "n.sqlite"
    put(shop.price("1", "1.00"))
    seal_feed(repo, [north], shelf)
    pull(Catalog.load(repo), shelf, north, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM price")
    put(shop.price("1", "2.00"))
    seal_feed(repo, [north], shelf)
    with pytest.raises(CheckpointRefused, match="not here: ask the hub for everything anew"):
        pull(Catalog.load(repo), shelf, north, path)
    pull(Catalog.load(repo), shelf, north, path, reload=True)
    assert len(contents(path)["price"]) == 1


def test_one_process_seals_and_nobody_is_emptied_before_it_has(
    repo: Repository, put: Callable[..., None], shop: Any, shelf: Shelf, stores: Any, tmp_path: Path
) -> None:
    north = stores[0]
    assert Catalog.load(repo).checkpoint(Cursor(), subscription(north), {}) is None
    with repo.lock("seal", 60), pytest.raises(TemporaryError, match="'seal' is being done by"):
        seal_feed(repo, [north], shelf)
    put(shop.price("1", "1.00"))
    seal_feed(repo, [north], shelf)
    held = Cursor("an older epoch", 5, 1, frozenset({"zone:RTL", "zone:GONE"}))
    assert Catalog.load(repo).checkpoint(held, frozenset({"zone:RTL", "zone:NEW"}), {}) is None
    going_on = Cursor(repo.feed_head().epoch, 1, 1, frozenset({"zone:RTL", "zone:GONE"}))
    plan = Catalog.load(repo).checkpoint(going_on, frozenset({"zone:RTL", "zone:NEW"}), {})
    assert plan is not None
    assert (plan["reset"], plan["unsubscribe"], plan["segments"]) == (False, ["zone:GONE"], [])


SEAL = """
import os, sys
from pathlib import Path
from hub.replication import sealed_log, sealing, load_stores, scopes_of
from hub.replication.shelf import Shelf
from hub.repository import Repository, tables
url, folder, where, count = sys.argv[1:]
owner, name = {"file": (Shelf, "put"), "window": (sealed_log, "add_entries"),
               "snapshot": (sealed_log, "replace_snapshots"), "end": (Shelf, "sweep")}[where]
genuine, left = getattr(owner, name), [int(count)]
def dying(*arguments, **named):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), 9)
    return genuine(*arguments, **named)
setattr(owner, name, dying)
with Repository.open(url, scope_function=scopes_of) as repo:
    sealing.seal_feed(repo, load_stores(Path(folder, "stores.toml")), Shelf(Path(folder, "segments")), window=5)
"""


def test_a_killed_sealer_leaves_nothing_half_done(
    repo: Repository, put: Callable[..., None], shop: Any, types: Any, shelf: Shelf, database_url: str, tmp_path: Path
) -> None:
    text = '[[store]]\nid = "ONE"\nmode = "autonomous"\n'
    rng = random.Random(7)
    for where, count in (("file", 1), ("snapshot", 0), ("window", 0), ("end", 0)):
        if where == "snapshot":
            text += '[[store]]\nid = "TWO"\nmode = "distributed"\nterritories = ["N", "S"]\n'
        (tmp_path / "stores.toml").write_text(text)
        stores = load_stores(tmp_path / "stores.toml")
        put(*(drawn(rng, shop) for _ in range(12)))
        command = [sys.executable, "-c", SEAL, database_url, str(tmp_path), where, str(count)]
        died = subprocess.run(command, env=os.environ, check=False).returncode
        assert died == -signal.SIGKILL, where
        with repo.begin() as tx:
            # Its lease would hold the next one off for ten minutes.
            tx.write(delete(tables.locks))
        left = Catalog.load(repo)
        if left.checkpoint(Cursor(), subscription(stores[0]), {}) is not None:
            pull(left, shelf, stores[0], tmp_path / "ONE-wire.sqlite")
        seal_feed(repo, stores, shelf, window=3)
        replicate(repo, stores, types)
        for store in stores:
            pull(Catalog.load(repo), shelf, store, tmp_path / f"{store.id}-wire.sqlite")
            assert contents(tmp_path / f"{store.id}-wire.sqlite") == contents(store.path or tmp_path), where


def test_what_nobody_wants_is_swept(
    repo: Repository, put: Callable[..., None], shop: Any, shelf: Shelf, stores: Any
) -> None:
    put(shop.price("1", "1.00"), shop.product("2"))
    seal_feed(repo, stores, shelf)
    everything = set(shelf.folder.glob("??/*"))
    assert len(everything) == 3  # RTL, every product, food
    seal_feed(repo, stores[1:], shelf)
    assert set(shelf.folder.glob("??/*")) == everything
    kept = set(Catalog.load(repo).files)
    assert shelf.sweep(kept, grace=-1) == 1
    assert {path.name for path in shelf.folder.glob("??/*")} == kept
    with pytest.raises(ValueError, match="no digest"):
        shelf.path("../../hub.db")


def test_old_versions_are_found_by_index(repo: Repository, put: Callable[..., None], shop: Any) -> None:
    """SQLite reads the whole table for ``(id, version) IN (…)``, which a hub of a year feels in every window."""
    put(shop.price("1", "1.00"))
    put(shop.price("1", "2.00"))
    with repo.read() as tx:
        (record,) = tx.list("Price")
        found = sealed_log.versions(tx, [(record.id, 1), (record.id, 2), (record.id, 3), ("nobody", 1)])
        assert [json.loads(found[record.id, version])["price"]["amount"] for version in (1, 2)] == ["1.00", "2.00"]
        assert len(found) == 2
        if not tx.postgresql:
            query = text(f"EXPLAIN QUERY PLAN {sealed_log.versions_query(2)}")
            values = {"d0": "a", "v0": 1, "d1": "b", "v1": 2}
            plan = [row.detail for row in tx.rows(query.bindparams(**values))]
            assert any("SEARCH known USING INDEX" in line for line in plan), plan
