"""What a changed stores.toml would move is what then moves."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hub.replication import Store, replicate, subscription
from hub.replication.moving import held_scopes, plan
from hub.replication.sealing import seal_feed
from hub.replication.shelf import Shelf
from hub.repository import Repository
from hub.repository.nodes import NodeSighting


def rows_of(store: Store) -> set[tuple[str, str]]:
    assert store.path is not None
    with closing(sqlite3.connect(store.path)) as connection:
        return set(connection.execute("SELECT DISTINCT entity, row FROM membership"))


def scoped(rng: random.Random, number: int, folder: Path) -> Store:
    def some() -> tuple[str, ...]:
        return tuple(rng.sample("NSEW", rng.randrange(3))) if rng.random() < 0.8 else ("*",)

    return Store(
        id=f"S{number}", path=folder / f"s{number}.sqlite", mode="distributed", territories=some(), assortments=some(),
        price_lists=some(), all_orders=rng.random() < 0.5,
    )  # fmt: skip


def test_the_plan_is_what_then_happens(
    repo: Repository, put: Callable[..., None], shop: Any, types: Mapping[str, Any], tmp_path: Path
) -> None:
    rng = random.Random(3)
    put(*(shop.customer(f"c{n}", rng.choice("NSEW")) for n in range(20)))
    put(*(shop.product(f"p{n}", category=rng.choice("NSEW")) for n in range(20)))
    put(*(shop.price(f"p{n}", "1.00", rng.choice("NSEW")) for n in range(30)), *(shop.order(f"o{n}") for n in range(5)))
    before = [scoped(rng, number, tmp_path) for number in range(8)]
    seal_feed(repo, before, Shelf(tmp_path / "segments"))
    replicate(repo, before, types)
    held = {one.id: rows_of(one) for one in before}
    after = [scoped(rng, number, tmp_path) for number in range(7)] + [scoped(rng, 9, tmp_path)]
    told = plan(repo, {one.id: subscription(one) for one in before}, after)
    summary = replicate(repo, after, types).as_dict()
    reports = {one["store"]: one for one in summary["stores"]}
    moves = {move.store: move for move in told.moves}
    assert (told.removed, len(moves) + told.unchanged) == (["S7"], 8)
    assert sum(move.vanishing for move in moves.values()) == told.vanishing > 0
    for one in after:
        old, new, move = held.get(one.id, set()), rows_of(one), moves.get(one.id)
        if move is None:
            assert old == new
            continue
        report = reports[one.id]
        assert (len(move.gained), len(move.lost)) == (report["gained"], report["lost"])
        assert (move.fresh, move.vanishing) == (len(new - old), len(old - new))
        assert move.rows >= move.fresh
        assert (move.bytes > 0) == (move.rows > 0)
        assert move.bytes < 100 * move.rows + 2_000
    assert plan(repo, {one.id: subscription(one) for one in after}, after).as_dict()["total"]["stores"] == 0


def test_what_nodes_hold_counts_more_than_the_file(repo: Repository, tmp_path: Path) -> None:
    stores = [scoped(random.Random(n), n, tmp_path) for n in range(2)]
    seen = NodeSighting(datetime.now(UTC), 1, 0, "e", 5, ("all", "zone:X"))
    with repo.begin() as tx:
        tx.invite_node("S0-1", "S0", "token", timedelta(1))
    repo.retrying(lambda tx: tx.register_node("S0-1", "token", "key"))
    repo.retrying(lambda tx: tx.save_sightings({"S0-1": seen}))
    held = held_scopes(repo, stores)
    assert held == {"S0": frozenset({"all", "zone:X"}), "S1": subscription(stores[1])}
