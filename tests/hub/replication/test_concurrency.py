"""Replication beside writers, and killed: nothing is skipped, nothing half applied."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub.replication import Store, replicate
from hub.replication.snapshot import snapshot
from hub.repository import Repository
from hub_pos import Replica

Put = Callable[..., None]
Types = Mapping[str, Any]
Rows = Callable[[Store], dict[str, set[str]]]


def test_nothing_is_skipped_beside_writers(
    repo: Repository, types: Types, put: Put, shop: Any, rows: Rows, tmp_path: Path
) -> None:
    store = Store(id="S", path=tmp_path / "s.sqlite")

    def write(worker: int) -> None:
        for number in range(12):
            put(shop.product(f"{worker}-{number}"), shop.price(f"{worker}-{number}", f"{number + 1}.00"))

    writers = [threading.Thread(target=write, args=(worker,)) for worker in range(3)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert replicate(repo, [store], types, window=7).failed == []
    for writer in writers:
        writer.join()
    late = Store(id="L", path=tmp_path / "l.sqlite")
    assert replicate(repo, [store, late], types).failed == []
    assert len(rows(store)["product"]) == 36
    assert rows(store) == rows(late)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_snapshot_is_exactly_what_the_feed_leads_to(
    repo: Repository, types: Types, put: Put, shop: Any, rows: Rows, tmp_path: Path
) -> None:
    """An older transaction is open, so later changes are committed but not in the feed yet."""
    put(shop.product("A", name="old"), shop.product("B", "food"), shop.customer("1", "N"), shop.product("D"))
    first, second = Store(id="F", path=tmp_path / "f.sqlite"), Store(id="X", path=tmp_path / "x.sqlite")
    replicate(repo, [first], types)
    holding, release = threading.Event(), threading.Event()

    def hold() -> None:
        with repo.begin() as tx:
            tx.put(shop.product("Z"), system="erp")
            tx.flush()
            holding.set()
            release.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    assert holding.wait(30)
    put(shop.product("A", name="new"), shop.product("C"), shop.customer("1", "N", status="erased"))
    with repo.begin() as tx:
        (gone,) = [record for record in tx.list("Product") if record.data()["external_id"] == "D"]
        tx.remove("Product", gone.id)
    before = replicate(repo, [first, second], types)
    assert before.failed == []
    assert rows(second) == rows(first)
    assert rows(second)["product"] == {"old", "Product B", "Product D"}
    assert rows(second)["customer"] == {"1"}
    with snapshot(repo) as taken:
        assert len(list(taken.rows(frozenset({"products"})))) == 3
    release.set()
    holder.join()
    replicate(repo, [first, second], types)
    assert rows(second) == rows(first)
    assert rows(second)["product"] == {"new", "Product B", "Product C", "Product Z"}
    assert rows(second)["customer"] == set()


class Overtaken:
    """Replicas that are brought up to date by somebody else just after they said where they stand."""

    kind = "sqlite"

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self.meanwhile = meanwhile

    def open(self, settings: Mapping[str, Any]) -> Replica:
        outer = self

        class Link(Replica):
            def cursor(self) -> dict[str, Any]:
                held = super().cursor()
                meanwhile, outer.meanwhile = outer.meanwhile, lambda: None
                meanwhile()
                return held

        return Link(settings["path"])


@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.parametrize("widened", [False, True])
def test_two_runs_at_the_same_time_leave_no_hole(
    repo: Repository, types: Types, put: Put, shop: Any, rows: Rows, tmp_path: Path, loaded: bool, widened: bool
) -> None:
    narrow = Store(id="S", path=tmp_path / "s.sqlite", mode="distributed", assortments=("*",))
    wide = narrow.model_copy(update={"price_lists": ("RTL",)})
    put(shop.product("A"), shop.price("A", "1.00"))
    if loaded:
        replicate(repo, [narrow], types)

    def meanwhile() -> None:
        replicate(repo, [wide], types)
        put(shop.price("A", "2.00"), shop.product("B"))

    put(shop.product("C"))
    replicate(repo, [wide if widened else narrow], {"sqlite": Overtaken(meanwhile)})  # type: ignore[dict-item]
    assert replicate(repo, [wide], types).failed == []
    assert rows(wide)["price"] == {"RTL 2.00"}
    assert rows(wide)["product"] == {"Product A", "Product B", "Product C"}


RUN = """
import sys
from pathlib import Path
from hub_pos.plugin import hub_register_replicas
from hub.replication import Store, replicate, scopes_of
from hub.repository import Repository

repo = Repository.open(sys.argv[1], scope_function=scopes_of)
stores = [Store(id=f"S{number}", path=Path(sys.argv[2], f"{number}.sqlite")) for number in range(3)]
print("ready", flush=True)
replicate(repo, stores, {"sqlite": hub_register_replicas()[0]}, window=20)
print("done", flush=True)
"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_killed_run_leaves_rows_and_cursor_in_agreement(
    repo: Repository, database_url: str, types: Types, put: Put, shop: Any, rows: Rows, tmp_path: Path
) -> None:
    rng = random.Random(11)
    folder = tmp_path / "stores"
    stores = [Store(id=f"S{number}", path=folder / f"{number}.sqlite") for number in range(3)]
    put(*(shop.product(str(number), name="round 0") for number in range(80)))
    replicate(repo, stores, types)
    killed = 0
    for turn in range(1, 9):
        put(*(shop.product(str(number), name=f"round {turn}") for number in range(80)))
        run = subprocess.Popen([sys.executable, "-c", RUN, database_url, str(folder)], stdout=subprocess.PIPE)
        assert run.stdout is not None
        run.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.05))
        run.kill()
        killed += b"done" not in run.stdout.read()
        run.stdout.close()
        run.wait()
        for store in stores:
            assert store.path is not None
            link = Replica(store.path)
            seq = link.cursor()["seq"]
            link.close()
            with closing(sqlite3.connect(store.path)) as connection:
                found = dict(connection.execute("SELECT number, name FROM product"))
            # One product a change, round after round: the position alone says what every product must be called.
            wanted = {str(number): f"round {(seq - 1 - number) // 80}" for number in range(80)}
            assert found == wanted
    assert killed
    assert replicate(repo, stores, types).failed == []
    assert all(rows(store)["product"] == {"round 8"} for store in stores)
