"""State hashes: whatever one row of a replica is changed to, it is found and put right; and nothing is found that is
right, wherever the replica stands and whatever was written since."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub.replication import Store, replicate, subscription
from hub.replication.catalog import Catalog, Cursor
from hub.replication.proof import Layout, Prover, row_hash
from hub.replication.sealing import seal_feed
from hub.replication.shelf import Shelf
from hub.repository import Repository
from hub_pos import Replica, proof
from hub_pos.healing import Proved
from hub_pos.manifest import checkpoint_of
from hub_pos.schema import ENTITIES

CODES = "NSEW"


class Line:
    """The conversation without a line, and how much was said."""

    def __init__(self, repo: Repository, store: Store) -> None:
        self.prover, self.wanted, self.bytes = Prover(repo), subscription(store), 0

    def __call__(self, question: dict[str, Any]) -> Mapping[str, Any]:
        answer = self.prover.answer(question, self.wanted)
        self.bytes += len(str(question)) + len(str(answer))
        return answer


def prove(path: Path, line: Line, *, heal: bool = False) -> Proved:
    with closing(Replica(path)) as replica:
        return replica.prove(line, heal=heal)


def contents(path: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(path)) as connection:
        tables = [table for entity in ENTITIES.values() for table in (entity.table, *_lists(entity))]
        # seq may be newer after healing: the row is complete as of the cursor.
        columns = {
            table: ", ".join(row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "seq")
            for table in [*tables, "membership", "bucket", "cursor"]
        }
        return {
            table: sorted(connection.execute(f"SELECT {names} FROM {table}"), key=repr)
            for table, names in columns.items()
        }


def _lists(entity: Any) -> list[str]:
    return [child.table for child in entity.children.values()]


def fill(put: Callable[..., None], shop: Any, rng: random.Random) -> None:
    put(*(shop.customer(f"c{n}", rng.choice(CODES), status=rng.choice(["active", "blocked"])) for n in range(20)))
    put(*(shop.product(f"p{n}", category=rng.choice(CODES), name=f"Äpfel {n}\n", gtin="96385074") for n in range(20)))
    put(*(shop.price(f"p{n}", f"{n}.50", rng.choice(CODES), priority=n % 3) for n in range(40)))
    put(*(shop.order(f"o{n}", pos_id=CODES) for n in range(5)))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(
        id="T", path=tmp_path / "t.sqlite", mode="distributed", territories=("N", "*"), assortments=("N", "S", "*"),
        price_lists=("N", "S"), all_orders=True,
    )  # fmt: skip


def pulled(repo: Repository, store: Store, shelf: Shelf) -> None:
    """What a till over the wire holds after a pull."""
    seal_feed(repo, [store], shelf)
    assert store.path is not None
    with closing(Replica(store.path)) as replica:
        held = replica.cursor()
        cursor = Cursor(held["epoch"], held["seq"], held["schema"], frozenset(held["buckets"]), held["numbered"])
        plan = Catalog.load(repo).checkpoint(cursor, subscription(store), store.settings())
        assert plan is not None
        replica.apply(checkpoint_of(plan, lambda digest: shelf.path(digest).read_bytes()))


def damage(connection: sqlite3.Connection, rng: random.Random) -> str:
    """Change, delete or insert any one row of any table that holds rows."""
    tables = [table for entity in ENTITIES.values() for table in (entity.table, *_lists(entity))]
    rows: list[Any] = []
    while not rows:
        table = rng.choice([*tables, "membership"])
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        rows = connection.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
    row = dict(zip(names, rng.choice(rows), strict=True))
    where = " AND ".join(f"{name} IS ?" for name in names)
    before = list(row.values())
    kind = rng.choice(["change", "delete", "insert"])
    if kind == "delete":
        connection.execute(f"DELETE FROM {table} WHERE {where}", before)
        return f"{table} delete"
    name = rng.choice([one for one in names if one != "seq"] if kind == "change" else names[:1])
    if name == "bucket":
        new: Any = rng.choice([900, 901])
    elif name == "row_no":
        new = 10**6
    elif name in ("entity", "row", "id") or isinstance(row[name], str):
        new = rng.choice(["", "x", f"{row[name]} "])
    else:
        new = rng.choice([7_000, 9]) if isinstance(row[name], int) else "x"
    row[name] = new
    if "row_no" in row and kind == "insert":
        row["row_no"] = rng.choice([None, 10**6])
    if kind == "change":
        sets = ", ".join(f"{one} = ?" for one in names)
        connection.execute(f"UPDATE {table} SET {sets} WHERE {where}", [*row.values(), *before])
    else:
        marks = ", ".join("?" * len(names))
        connection.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", list(row.values()))
    return f"{table} {kind} {name} {before} -> {new!r}"


@pytest.mark.parametrize("wire", [False, True])
def test_any_damage_to_one_row_is_found_and_put_right(
    repo: Repository,
    put: Callable[..., None],
    shop: Any,
    types: Any,
    store: Store,
    tmp_path: Path,
    wire: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Down to the last level of the tree, which only very many rows would need.
    monkeypatch.setattr("hub.replication.proof.LISTED", 0 if wire else 64)
    rng = random.Random(4)
    fill(put, shop, rng)
    assert store.path is not None
    if wire:
        pulled(repo, store, Shelf(tmp_path / "segments"))
    else:
        replicate(repo, [store], types)
    right = contents(store.path)
    line = Line(repo, store)
    assert prove(store.path, line) == Proved(line.prover._held.position if line.prover._held else 0, equal=True)
    for _ in range(20):
        with closing(sqlite3.connect(store.path)) as connection, connection:
            what = damage(connection, rng)
        found = prove(store.path, line)
        assert found.comparable, what
        assert (found.equal, found.reload) == (False, False), what
        assert found.rows in (1, 2), what  # a changed name is one row too many and one missing
        healed = prove(store.path, line, heal=True)
        assert (healed.healed, healed.equal) == (True, True), what
        assert contents(store.path) == right, what


def test_a_row_ahead_of_its_cursor_would_miss_changes(
    repo: Repository, put: Callable[..., None], shop: Any, types: Any, store: Store
) -> None:
    put(*(shop.price(f"p{n}", "1.00", "N") for n in range(3)))
    replicate(repo, [store], types)
    assert store.path is not None
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE price SET seq = seq + 1000 WHERE id = (SELECT min(id) FROM price)")
    assert prove(store.path, Line(repo, store), heal=True).healed
    put(*(shop.price(f"p{n}", "2.00", "N") for n in range(3)))
    replicate(repo, [store], types)
    with closing(sqlite3.connect(store.path)) as connection:
        assert list(connection.execute("SELECT DISTINCT amount FROM price")) == [("2.00",)]


def test_replicas_are_compared_where_they_stand(
    repo: Repository, put: Callable[..., None], shop: Any, types: Any, store: Store, tmp_path: Path
) -> None:
    """The hub goes on while stores stand at earlier positions; its hashes move along, forward and back."""
    rng = random.Random(11)
    stores = [store.model_copy(update={"id": f"T{n}", "path": tmp_path / f"t{n}.sqlite"}) for n in range(3)]
    fill(put, shop, rng)
    replicate(repo, stores, types)
    line = Line(repo, store)
    line.wanted = frozenset().union(*(subscription(one) for one in stores))
    for step in range(12):
        for _ in range(6):
            number = rng.randrange(20)
            put(
                rng.choice(
                    [
                        shop.customer(f"c{number}", rng.choice(CODES), status=rng.choice(["active", "erased"])),
                        shop.product(f"p{number}", category=rng.choice(CODES), name=f"v{step}"),
                        shop.price(f"p{number}", f"{step}.00", rng.choice(CODES)),
                    ]
                )
            )
        replicate(repo, [rng.choice(stores)], types)
        for one in rng.sample(stores, 3):
            assert one.path is not None
            found = prove(one.path, line)
            assert found.equal, (step, found)


def test_a_bucket_that_was_sealed_for_nobody_in_between_is_right(
    repo: Repository, put: Callable[..., None], shop: Any, tmp_path: Path
) -> None:
    """A row leaves the sealed buckets, changes outside, and its bucket is sealed later: what the till gets then is
    compared with what was sealed of it before."""

    def follows(*lists: str) -> Store:
        return Store(id="T", path=tmp_path / "t.sqlite", mode="distributed", price_lists=lists)

    shelf = Shelf(tmp_path / "segments")
    put(shop.price("1", "1.00", "A"))
    pulled(repo, follows("A"), shelf)
    named = {"external_id": "A-1", "price_list": "B"}
    put(shop.price("1", "1.00", "A").model_copy(update=named))
    pulled(repo, follows("A"), shelf)
    put(shop.price("1", "3.00", "A").model_copy(update=named))
    pulled(repo, follows("A"), shelf)
    pulled(repo, follows("A", "B"), shelf)
    put(shop.price("1", "1.00", "A").model_copy(update=named))
    both = follows("A", "B")
    pulled(repo, both, shelf)
    assert both.path is not None
    assert prove(both.path, Line(repo, both)).equal
    with closing(sqlite3.connect(both.path)) as connection:
        assert list(connection.execute("SELECT amount FROM price")) == [("1.00",)]


def test_what_cannot_be_compared_is_said(
    repo: Repository, put: Callable[..., None], shop: Any, types: Any, store: Store
) -> None:
    put(shop.price("1", "1.00", "N"))
    assert store.path is not None
    assert not prove(store.path, Line(repo, store)).comparable
    replicate(repo, [store], types)
    narrow = Line(repo, store)
    narrow.wanted -= {"zone:N"}
    assert "pull first" in prove(store.path, narrow).why
    repo.new_epoch()
    assert not prove(store.path, Line(repo, store)).comparable


def test_too_much_damage_is_loaded_anew(
    repo: Repository, put: Callable[..., None], shop: Any, types: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub_pos.healing.MOST", 5)
    monkeypatch.setattr("hub_pos.replica.MOST", 5)
    put(*(shop.price(f"p{n}", "1.00", "N") for n in range(9)))
    replicate(repo, [store], types)
    assert store.path is not None
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE price SET amount = 7")
    found = prove(store.path, Line(repo, store), heal=True)
    assert (found.reload, found.healed) == (True, False)


def test_both_sides_hash_alike_and_leave_out_what_the_till_does_not_know() -> None:
    layout = Layout.read(proof.layout())
    row = {"item": 'own:"ä\u2028\x1f', "priority": 3, "tax_included": False, "later": "x", "items": [{"item": "b"}]}
    columns = ENTITIES["price"].columns
    stored = {**row, "tax_included": 0}
    mine = proof.hash_of("price", "1", 7, [stored.get(name) for name in columns], [[("b",)]])
    assert row_hash(layout, "price", "1", 7, row) == mine
    assert row_hash(layout, "price", "1", None, row) != mine
    # Section 10 of PROTOCOL.md shows this row.
    short = Layout.read({"price": {"columns": ["item", "amount"], "lists": {"items": ["item"]}}})
    value = row_hash(short, "price", "0197", 17, {"item": "own:K", "amount": "2.50", "items": [{"item": "id:7"}]})
    assert f"{value:032x}" == "e846304633b79b8af3b92633f5491b61"
