from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub.errors import ConfigurationError
from hub.replication import Store, StoreReport, replicate
from hub.repository import Repository
from hub_pos import Till

Put = Callable[..., None]
Rows = Callable[[Store], dict[str, set[str]]]
Types = Mapping[str, Any]
Pair = tuple[Store, Store]


@pytest.fixture
def filled(put: Put, shop: Any) -> None:
    put(
        shop.customer("1", "N"), shop.customer("2", "S"), shop.product("A", gtin="4006381333931"),
        shop.product("B", "tools"), shop.price("A", "2.50"), shop.price("A", "1.99", "SALE"),
        shop.order("PO-1", pos_id="NORTH"), shop.order("PO-2"),
    )  # fmt: skip


@pytest.mark.usefixtures("filled")
def test_every_store_gets_its_scope_and_no_more(repo: Repository, stores: Pair, types: Types, rows: Rows) -> None:
    summary = replicate(repo, stores, types)
    assert rows(stores[0]) == {
        "customer": {"1"}, "product": {"Product A", "Product B"}, "price": {"RTL 2.50"}, "orders": {"PO-1"},
    }  # fmt: skip
    assert rows(stores[1]) == {
        "customer": {"2"}, "product": {"Product A"}, "price": {"RTL 2.50", "SALE 1.99"}, "orders": set(),
    }  # fmt: skip
    north, south = summary.stores
    assert (north.rows, south.rows, summary.rows) == (5, 4, 9)
    assert (north.from_seq, north.to_seq, north.lag, north.loaded) == (0, summary.position, 0, True)
    assert north.bytes > 0
    assert summary.as_dict()["failed"] == 0


@pytest.mark.usefixtures("filled")
def test_the_till_can_sell(repo: Repository, stores: Pair, types: Types) -> None:
    replicate(repo, stores, types)
    assert stores[0].path is not None
    with Till(stores[0].path) as till:
        found = till.product_by_barcode("4006381333931")
        assert found is not None
        price = till.price(found)
        assert price is not None
        assert (str(price.amount), price.currency) == ("2.50", "EUR")
        assert till.find_customer("1")[0].name == "Customer 1"
        assert till.status().store == "NORTH"
        age = till.age()
        assert age is not None
        assert age.total_seconds() < 60


@pytest.mark.usefixtures("filled")
def test_a_second_run_does_nothing(repo: Repository, stores: Pair, types: Types, rows: Rows) -> None:
    first = replicate(repo, stores, types)
    before = [rows(store) for store in stores]
    again = replicate(repo, stores, types)
    assert (again.rows, again.position, again.failed) == (0, first.position, [])
    assert [(one.loaded, one.bytes, one.from_seq) for one in again.stores] == [(False, 0, first.position)] * 2
    assert [rows(store) for store in stores] == before


@pytest.mark.usefixtures("filled")
def test_changes_come_as_changes(repo: Repository, stores: Pair, types: Types, put: Put, shop: Any, rows: Rows) -> None:
    replicate(repo, stores, types)
    put(shop.price("A", "2.75"), shop.price("A", "2.80"), shop.price("A", "2.85"), shop.product("C", "toys"))
    summary = replicate(repo, stores, types)
    assert [(one.rows, one.loaded) for one in summary.stores] == [(2, False), (1, False)]
    assert rows(stores[0])["price"] == {"RTL 2.85"}
    assert rows(stores[1])["product"] == {"Product A"}


@pytest.mark.usefixtures("filled")
def test_a_row_that_leaves_the_scope_vanishes(
    repo: Repository, stores: Pair, types: Types, put: Put, shop: Any, rows: Rows
) -> None:
    replicate(repo, stores, types)
    put(shop.customer("1", "S"), shop.customer("2", "S", status="erased"), shop.product("A", "tools"))
    replicate(repo, stores, types)
    assert rows(stores[0])["customer"] == set()
    assert rows(stores[0])["product"] == {"Product A", "Product B"}
    assert rows(stores[1])["customer"] == {"1"}
    assert rows(stores[1])["product"] == set()


@pytest.mark.usefixtures("filled")
def test_a_removed_document_vanishes(repo: Repository, stores: Pair, types: Types, rows: Rows) -> None:
    replicate(repo, stores, types)
    with repo.begin() as tx:
        (found,) = [record for record in tx.list("Product") if record.data()["external_id"] == "A"]
        tx.remove("Product", found.id)
    summary = replicate(repo, stores, types)
    assert [one.rows for one in summary.stores] == [1, 1]
    assert rows(stores[1])["product"] == set()


@pytest.mark.usefixtures("filled")
def test_a_store_added_later_gets_everything_in_its_scope(
    repo: Repository, stores: Pair, types: Types, put: Put, shop: Any, rows: Rows, tmp_path: Path
) -> None:
    replicate(repo, stores, types)
    put(shop.product("A", name="Renamed"), shop.customer("3", "N"))
    late = Store(id="LATE", path=tmp_path / "late.sqlite")
    summary = replicate(repo, [*stores, late], types)
    assert [one.loaded for one in summary.stores] == [False, False, True]
    assert rows(late) == {
        "customer": {"1", "2", "3"}, "product": {"Renamed", "Product B"}, "price": {"RTL 2.50", "SALE 1.99"},
        "orders": {"PO-1", "PO-2"},
    }  # fmt: skip


@pytest.mark.usefixtures("filled")
def test_a_changed_subscription_brings_and_takes_rows(
    repo: Repository, stores: Pair, types: Types, put: Put, shop: Any, rows: Rows
) -> None:
    replicate(repo, stores, types)
    put(shop.price("A", "2.60"), shop.customer("4", "S"), shop.customer("5", "N"))
    wider = stores[0].model_copy(update={"territories": ("S",), "price_lists": ("RTL", "SALE")})
    (report,) = replicate(repo, [wider], types).stores
    assert (report.loaded, report.gained, report.lost) == (False, 2, 1)
    assert rows(wider)["customer"] == {"2", "4"}
    assert rows(wider)["price"] == {"RTL 2.60", "SALE 1.99"}
    assert rows(wider)["product"] == {"Product A", "Product B"}
    assert replicate(repo, [wider], types).rows == 0


@pytest.mark.usefixtures("filled")
def test_a_new_epoch_loads_everything_again(repo: Repository, stores: Pair, types: Types, rows: Rows) -> None:
    replicate(repo, stores, types)
    before = [rows(store) for store in stores]
    repo.new_epoch()
    summary = replicate(repo, stores, types)
    assert all(one.loaded and one.rows for one in summary.stores)
    assert [rows(store) for store in stores] == before
    assert replicate(repo, stores, types).rows == 0


@pytest.mark.usefixtures("filled")
def test_a_store_from_a_future_that_was_undone_is_loaded_again(
    repo: Repository, stores: Pair, types: Types, rows: Rows
) -> None:
    replicate(repo, stores, types)
    before = rows(stores[0])
    assert stores[0].path is not None
    with closing(sqlite3.connect(stores[0].path)) as connection, connection:
        connection.execute("UPDATE cursor SET seq = seq + 1000")
    summary = replicate(repo, stores, types)
    assert [one.loaded for one in summary.stores] == [True, False]
    assert rows(stores[0]) == before


@pytest.mark.usefixtures("filled")
def test_reload_on_demand(repo: Repository, stores: Pair, types: Types, rows: Rows) -> None:
    replicate(repo, stores, types)
    assert stores[0].path is not None
    with closing(sqlite3.connect(stores[0].path)) as connection, connection:
        connection.execute("DELETE FROM product")
    summary = replicate(repo, stores, types, store="NORTH", reload=True)
    assert [(one.store, one.loaded, one.rows) for one in summary.stores] == [("NORTH", True, 5)]
    assert rows(stores[0])["product"] == {"Product A", "Product B"}


@pytest.mark.usefixtures("filled")
def test_one_store_or_one_group(repo: Repository, stores: Pair, types: Types) -> None:
    assert [one.store for one in replicate(repo, stores, types, store="SOUTH").stores] == ["SOUTH"]
    assert [one.store for one in replicate(repo, stores, types, group="n").stores] == ["NORTH"]
    with pytest.raises(ConfigurationError, match="Did you mean 'SOUTH'"):
        replicate(repo, stores, types, store="SUTH")


@pytest.mark.usefixtures("filled")
def test_many_small_windows_lead_to_the_same(
    repo: Repository, stores: Pair, types: Types, put: Put, shop: Any, rows: Rows
) -> None:
    replicate(repo, stores, types, window=3)
    for number in range(10):
        put(shop.price("A", f"3.0{number}"), shop.customer(str(number), "NS"[number % 2]), shop.product(f"N{number}"))
    replicate(repo, stores, types, store="SOUTH")
    summary = replicate(repo, stores, types, window=3)
    assert [one.lag for one in summary.stores] == [0, 0]
    assert rows(stores[0])["customer"] == {"0", "2", "4", "6", "8"}
    assert rows(stores[1])["customer"] == {"1", "3", "5", "7", "9"}
    assert rows(stores[0])["price"] == {"RTL 3.09"}
    assert replicate(repo, stores, types, window=1).rows == 0


def test_an_empty_repository_makes_empty_replicas(repo: Repository, stores: Pair, types: Types, rows: Rows) -> None:
    for _ in range(2):
        summary = replicate(repo, stores, types)
        assert (summary.rows, summary.failed) == (0, [])
    assert rows(stores[0])["product"] == set()


@dataclass
class Broken:
    kind: str = "broken"
    closed: int = 0

    def open(self, settings: Mapping[str, Any]) -> Broken:
        return self

    def cursor(self) -> dict[str, Any]:
        return {"epoch": "", "seq": 0, "schema": 1, "buckets": []}

    def apply(self, checkpoint: Mapping[str, Any]) -> int:
        for segment in checkpoint["segments"]:
            list(segment["changes"])
        raise OSError(28, "No space left on device")

    def reset(self, epoch: str) -> None:
        raise AssertionError

    def close(self) -> None:
        self.closed += 1


@pytest.mark.usefixtures("filled")
def test_a_failing_store_harms_no_other(
    repo: Repository, stores: Pair, types: Types, rows: Rows, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Broken()
    damaged = Store(id="DAMAGED", path=tmp_path / "damaged.sqlite")
    (tmp_path / "damaged.sqlite").write_bytes(b"no database at all, whatever it was called before" * 99)
    chosen = [Store(id="FULL", kind="broken"), damaged, Store(id="ODD", kind="sqlit"), *stores]
    with caplog.at_level(logging.WARNING, "hub.replication"):
        summary = replicate(repo, chosen, {**types, "broken": broken})
    errors = {one.store: one.error for one in summary.stores}
    assert "No space left on device" in errors["FULL"]
    assert "Move the file away" in errors["DAMAGED"]
    assert "Did you mean 'sqlite'" in errors["ODD"]
    assert errors["NORTH"] == errors["SOUTH"] == ""
    assert [one.store for one in summary.failed] == ["FULL", "DAMAGED", "ODD"]
    assert summary.stores[0].lag == summary.position
    assert broken.closed == 1
    assert "store FULL was not replicated" in caplog.text
    assert rows(stores[0])["customer"] == {"1"}


@pytest.mark.usefixtures("filled")
def test_more_stores_than_open_files(
    repo: Repository, types: Types, put: Put, shop: Any, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.replication.links._OPEN_AT_ONCE", 3)
    many = [Store(id=f"S{number:03}", path=tmp_path / f"{number}.sqlite") for number in range(8)]
    replicate(repo, many, types)
    put(shop.price("A", "7.00"))
    reports: list[StoreReport] = replicate(repo, many, types).stores
    assert {one.rows for one in reports} == {1}
    assert rows(many[7])["price"] == {"RTL 7.00", "SALE 1.99"}


def test_segments_are_cut_once_for_all(
    repo: Repository, types: Types, put: Put, shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hub.replication.segments as segments

    many = [Store(id=f"S{number}", path=tmp_path / f"{number}.sqlite") for number in range(5)]
    put(shop.product("A"))
    replicate(repo, many, types)
    made: list[str] = []
    project = segments.project
    monkeypatch.setattr(segments, "project", lambda kind, id_, data: made.append(kind) or project(kind, id_, data))
    put(shop.product("B"), shop.price("B", "1.00"))
    assert {one.rows for one in replicate(repo, many, types).stores} == {2}
    assert made == ["Product", "Price"]
