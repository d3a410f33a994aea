"""Random histories of the whole path: documents change, move between scopes and vanish; stores come late, change their
subscription, fall behind, fail in the middle of a run, are emptied; the repository is restored, its feed purged at any
place. After every run a store that was served holds exactly what its scope holds in the repository at that moment."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub.replication import Store, replicate, scopes_of, subscription
from hub.repository import Repository
from hub_pos import Replica

CODES = "NSEW"
NUMBERS = "12345"


def drawn(rng: random.Random, shop: Any) -> Any:
    number, code = rng.choice(NUMBERS), rng.choice(CODES)
    match rng.randrange(4):
        case 0:
            return shop.customer(number, code, status=rng.choice(["active", "blocked", "erased"]))
        case 1:
            return shop.product(number, category=code, name=f"v{rng.randrange(9)}", gtin=rng.choice(["", "96385074"]))
        case 2:
            return shop.price(number, f"{rng.randrange(1, 99)}.00", code)
        case _:
            return shop.order(f"{number}-{rng.randrange(10**6)}", pos_id=code)


def scoped(rng: random.Random, number: int, folder: Path) -> Store:
    def some() -> tuple[str, ...]:
        return tuple(rng.sample(CODES, rng.randrange(3))) if rng.random() < 0.8 else ("*",)

    return Store(
        id=CODES[number], path=folder / f"{number}.sqlite", mode="distributed", territories=some(), assortments=some(),
        price_lists=some(), all_orders=rng.random() < 0.3,
    )  # fmt: skip


def expected(repo: Repository, store: Store) -> set[tuple[str, str]]:
    tags = subscription(store)
    with repo.read() as tx:
        kinds = {"Party": "customer", "Product": "product", "Price": "price", "Order": "orders"}
        return {
            (table, record.id) for kind, table in kinds.items() for record in tx.list(kind)
            if scopes_of(record.document) & tags
        }  # fmt: skip


def content(repo: Repository, store: Store) -> dict[str, str]:
    """Names and amounts, so that an old version of a row is noticed."""
    tags = subscription(store)
    with repo.read() as tx:
        products = {
            record.id: record.data()["name"][0]["value"] for record in tx.list("Product") if record.scopes & tags
        }
        prices = {record.id: record.data()["price"]["amount"] for record in tx.list("Price") if record.scopes & tags}
        return products | prices


def held(store: Store) -> tuple[set[tuple[str, str]], dict[str, str], int]:
    assert store.path is not None
    with closing(sqlite3.connect(store.path)) as connection:
        found = {
            (table, id_) for table in ("customer", "product", "price", "orders")
            for (id_,) in connection.execute(f"SELECT id FROM {table}")
        }  # fmt: skip
        texts = connection.execute("SELECT id, name FROM product UNION ALL SELECT id, amount FROM price")
        (orphans,) = connection.execute(
            "SELECT (SELECT count(*) FROM barcode WHERE product_id NOT IN (SELECT id FROM product))"
            " + (SELECT count(*) FROM order_line WHERE order_id NOT IN (SELECT id FROM orders))"
            " + (SELECT count(*) FROM customer_key WHERE customer_id NOT IN (SELECT id FROM customer))"
        ).fetchone()
        return found, dict(texts), orphans


class Flaky:
    """A replica type that fails at random, before or after its work was done: an answer that is lost."""

    kind = "sqlite"

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.calm = False

    def open(self, settings: Mapping[str, Any]) -> Any:
        outer = self

        class Link(Replica):
            def apply(self, checkpoint: Mapping[str, Any]) -> int:
                luck = 1.0 if outer.calm else outer.rng.random()
                if luck < 0.1:
                    raise OSError("the line is dead")
                changed = super().apply(checkpoint)
                if luck < 0.2:
                    raise OSError("the answer was lost")
                return changed

        return Link(settings["path"])


@pytest.mark.parametrize("seed", range(4))
def test_replicas_are_what_their_scopes_hold(
    repo: Repository, put: Callable[..., None], shop: Any, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    flaky = Flaky(rng)
    stores = {number: scoped(rng, number, tmp_path) for number in range(2)}
    for step in range(14):
        put(*(drawn(rng, shop) for _ in range(rng.randrange(6))))
        if rng.random() < 0.3:
            with repo.begin() as tx:
                records = tx.list(rng.choice(["Party", "Product", "Price"]))
                if records:
                    gone = rng.choice(records)
                    tx.remove(gone.kind, gone.id)
        if rng.random() < 0.3:
            number = rng.randrange(4)
            stores[number] = scoped(rng, number, tmp_path)
        if rng.random() < 0.1:
            repo.new_epoch()
        if rng.random() < 0.3:
            # Beyond where some store stands, too: it is loaded anew.
            repo.purge_feed(rng.randrange(repo.feed_head().position + 1))
        if rng.random() < 0.1:
            assert stores[0].path is not None
            victim = Replica(stores[0].path)
            victim.reset("")
            victim.close()
        chosen = [store for store in stores.values() if rng.random() < 0.7]
        flaky.calm = step == 13
        if flaky.calm:
            chosen = list(stores.values())
        summary = replicate(repo, chosen, {"sqlite": flaky}, window=rng.choice([1, 2, 3, 1000]))  # type: ignore[dict-item]
        for store, report in zip(chosen, summary.stores, strict=True):
            if not report.error:
                assert held(store) == (expected(repo, store), content(repo, store), 0)
    again = replicate(repo, stores.values(), {"sqlite": flaky})  # type: ignore[dict-item]
    assert (again.rows, again.failed) == (0, [])
