"""One script of a day's sales, run at an autonomous, a distributed and a centralized store: the same hub afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from hub.replication import Store, replicate, scopes_of
from hub.replication.intake import take
from hub.repository import Repository
from hub_pos import Register, ReturnLine, SaleLine, Tender, Till
from hub_pos.upload import Uploader

Put = Callable[..., None]
# What says how it was decided, and not what happened.
HOW = ("processing_mode", "offline", "prices_version")
# Two stores never give the same id.
IDS = {"autonomous": "0197a0aa", "distributed": "0197a0bb", "centralized": "0197a0cc"}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_day_s_sales_end_in_the_same_hub_state(
    database: str, request: pytest.FixtureRequest, tmp_path: Path, types: Mapping[str, Any], shop: Any
) -> None:
    url = {"sqlite": f"sqlite:///{tmp_path}/hub.sqlite", "postgresql": ""}[database]
    url = url or request.getfixturevalue("postgresql_database")
    states = []
    with Repository.open(url, scope_function=scopes_of) as repo:
        with repo.begin() as tx:
            for document in (
                shop.product("1", gtin="04006381333931"), shop.price("1", "2.50"), shop.customer("1001", "N"),
            ):  # fmt: skip
                tx.put(document, partner="p", system="erp")
        for mode in ("autonomous", "distributed", "centralized"):
            store = Store(
                id=f"S-{mode[:4]}", mode=mode, currency="EUR", path=tmp_path / f"{mode}.sqlite", territories=("N",),
                assortments=("food",), price_lists=("RTL",), locations=("K1",), time_zone="Europe/Berlin",
            )  # fmt: skip
            run_the_day(repo, store, types)
            states.append(state_of(repo, store))
    first = states[0]
    assert len(first) == 12
    assert states[1] == first
    assert states[2] == first


def run_the_day(repo: Repository, store: Store, types: Mapping[str, Any]) -> None:
    """The script. Only when it is uploaded differs: at night, now and then, at once."""
    replicate(repo, [store], types)
    minutes = [0]
    ids = count(1)

    def now() -> datetime:
        return datetime(2030, 3, 15, 8, tzinfo=UTC) + timedelta(minutes=minutes[0])

    def uuid() -> str:
        return f"{IDS[store.mode]}-0000-7000-8000-{next(ids):012x}"

    every = {"autonomous": 100, "distributed": 4, "centralized": 1}[store.mode]
    offline = store.mode != "centralized"
    assert store.path is not None
    with Register(store.path, "1", now=now) as register, Till(store.path) as till:
        uploader = Uploader(register.outbox, lambda data: json.dumps(take(repo, store, data, now())).encode())
        (known,) = till.find_customer("1001")
        product = till.product_by_barcode("4006381333931")
        assert product is not None

        def written(_: Any) -> None:
            minutes[0] += 1
            if len(list(register.outbox.entries(waiting=True))) >= every:
                uploader.upload()

        receipts = []
        for quantity in range(1, 6):
            receipts.append(
                register.sell([SaleLine(product, quantity, tax_percent="7")], [Tender("cash", 20)], id=uuid(),
                              offline=offline)
            )  # fmt: skip
            written(None)
        written(register.take_back(receipts[2].number, [ReturnLine("1", 2)], "broken", id=uuid(), offline=offline))
        new = register.register_customer(name="Ada", email="ada@x.example", id=uuid())
        written(new)
        written(register.sell([SaleLine("x", 1, "3")], [Tender("card", 3)], new, id=uuid(), offline=offline))
        written(register.change_customer(new, phone="1", id=uuid()))
        written(register.change_customer(known, status="blocked", id=uuid()))
        written(register.count_stock(product, 4, expected=5, id=uuid()))
        written(register.redeem_points("acc", 3, receipts[0].number, id=uuid()))
        report = uploader.upload()
    assert (report.waiting, report.errors, report.quarantined) == (0, [], 0)
    with repo.begin() as tx:  # for the next one
        record = tx.get("Party", known.id)
        assert record is not None
        tx.put(type(record.document).read_json({**record.data(), "status": "active"}), system="erp")


def state_of(repo: Repository, store: Store) -> list[tuple[str, str]]:
    """What the store's documents say, without what names the store and how it was decided."""
    out = []
    with repo.read() as tx:
        for record in tx.uploads(store=store.id):
            document = tx.get(record.entry.kind, record.document_id)
            assert document is not None
            data = document.data()
            kept = {name: value for name, value in data.items() if name not in HOW}
            text = json.dumps(kept, sort_keys=True).replace(store.id, "STORE").replace(IDS[store.mode], "ID")
            out.append((record.entry.kind, text))
    return out
