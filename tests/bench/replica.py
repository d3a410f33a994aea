"""A store's replica brought up to date: the whole path from the change feed, beside the same rows written bare."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from pathlib import Path

from hub.model import Identifier, Price, Product, UnitPrice
from hub.model.numbers import parse_number
from hub.plugins import Plugins
from hub.replication import Store, replicate, scopes_of
from hub.repository import Repository
from tests.bench.timing import say

PRODUCTS = 5_000


def _product(number: int) -> Product:
    sku = f"SKU{number:06d}"
    return Product(
        external_id=sku,
        identifiers=(
            Identifier(scheme="seller_assigned", value=sku),
            Identifier(scheme="gtin", value=f"{number:014d}"),
        ),
    )


def _price(number: int, amount: str) -> Price:
    sku = f"SKU{number:06d}"
    return Price(
        identifiers=(Identifier(scheme="seller_assigned", value=sku),),
        price_list="RTL",
        price=UnitPrice(amount=parse_number(amount), currency="USD"),
    )


def main() -> None:
    """Print rows per second for a first load and for a change of every price."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repo = Repository.open(f"sqlite:///{folder / 'hub.db'}", scope_function=scopes_of)
        types = Plugins().replica_types
        store = Store(id="one", path=folder / "one.sqlite", mode="autonomous")
        try:
            with repo.begin() as tx:
                for number in range(PRODUCTS):
                    tx.put(_product(number), system="erp")
                    tx.put(_price(number, "9.25"), system="erp")
            for what, amount in (("first load", ""), ("a change of every price", "9.50")):
                if amount:
                    with repo.begin() as tx:
                        for number in range(PRODUCTS):
                            tx.put(_price(number, amount), system="erp")
                start = time.perf_counter()
                summary = replicate(repo, [store], types)
                seconds = time.perf_counter() - start
                bare = _bare(folder, folder / "one.sqlite")
                say(f"{what}: {summary.rows} rows in {seconds:.2f} s; all rows of the replica bare in {bare:.2f} s")
        finally:
            repo.close()


def _bare(folder: Path, replica: Path) -> float:
    """Seconds to write every row of the replica into the same tables and indexes with ``executemany``."""
    with sqlite3.connect(replica) as source:
        query = "select name, sql from sqlite_master where sql is not null and name not like 'sqlite_%'"
        schema = source.execute(query).fetchall()
        tables = [name for (name,) in source.execute("select name from sqlite_master where type='table'")]
        rows = {name: source.execute(f'select * from "{name}"').fetchall() for name in tables}
    source.close()
    target = sqlite3.connect(folder / f"bare{time.perf_counter_ns()}.sqlite")
    target.execute("pragma journal_mode=wal")
    for name, sql in schema:
        if name in tables or sql.lower().startswith("create index") or sql.lower().startswith("create unique"):
            target.execute(sql)
    start = time.perf_counter()
    with target:
        for name, values in rows.items():
            if values and not name.startswith("sqlite_"):
                marks = ",".join("?" * len(values[0]))
                target.executemany(f'insert into "{name}" values ({marks})', values)
    target.close()
    return time.perf_counter() - start
