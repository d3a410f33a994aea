"""A repository whose documents carry their scopes, a shop to put into it, and replicas of the real kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hub.model import Document, Order, Party, Price, Product
from hub.replication import Store, scopes_of
from hub.repository import Repository
from hub_pos.plugin import hub_register_replicas


@pytest.fixture
def repo(database_url: str) -> Iterator[Repository]:
    with Repository.open(database_url, scope_function=scopes_of, busy_seconds=20) as opened:
        yield opened


@pytest.fixture
def types() -> Mapping[str, Any]:
    return {offered.kind: offered for offered in hub_register_replicas()}


@pytest.fixture
def put(repo: Repository) -> Callable[..., None]:
    def store(*documents: Document) -> None:
        with repo.begin() as tx:
            for document in documents:
                tx.put(document, partner="p", system="erp")

    return store


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Store, Store]:
    north = Store(
        id="NORTH", mode="distributed", currency="EUR", path=tmp_path / "north.sqlite", group="n", territories=("N",),
        assortments=("*",), price_lists=("RTL",), locations=("K1",),
    )  # fmt: skip
    south = Store(
        id="SOUTH", mode="distributed", currency="EUR", path=tmp_path / "south.sqlite", group="s", territories=("S",),
        assortments=("food",), price_lists=("RTL", "SALE"),
    )  # fmt: skip
    return north, south


def customer(number: str, territory: str, **more: Any) -> Party:
    return Party(
        external_id=number, legal_name=f"Customer {number}", roles=["customer"], territory=territory,
        identifiers=[{"scheme": "seller_assigned", "value": number}], **more,
    )  # fmt: skip


def product(number: str, category: str = "food", name: str = "", gtin: str = "") -> Product:
    identifiers = [{"scheme": "sku", "value": number}]
    if gtin:
        identifiers.append({"scheme": "gtin", "value": gtin})
    return Product(
        external_id=number, category=category, name=[{"value": name or f"Product {number}"}], identifiers=identifiers
    )


def price(number: str, amount: str, price_list: str = "RTL", **more: Any) -> Price:
    return Price(
        external_id=f"{price_list}-{number}", identifiers=[{"scheme": "sku", "value": number}], price_list=price_list,
        price={"amount": Decimal(amount), "currency": "EUR"}, **more,
    )  # fmt: skip


def order(number: str, **more: Any) -> Order:
    return Order(
        buyer_order_id=number, purpose="original",
        roles={"buyer": {"name": "A", "identifiers": [{"scheme": "gln", "value": "0614141000012"}]}},
        lines=[{"line_id": "1", "quantity": {"value": Decimal(2), "unit": "EA"}}], **more,
    )  # fmt: skip


class Shop:
    """Makers of small documents, for tests that cannot import from here."""

    customer = staticmethod(customer)
    product = staticmethod(product)
    price = staticmethod(price)
    order = staticmethod(order)


@pytest.fixture
def shop() -> type[Shop]:
    return Shop


@pytest.fixture
def rows() -> Callable[[Store], dict[str, set[str]]]:
    """What a store's replica holds: names by table."""

    def read(store: Store) -> dict[str, set[str]]:
        columns = {"customer": "number", "product": "name", "price": "price_list || ' ' || amount", "orders": "number"}
        assert store.path is not None
        with closing(sqlite3.connect(store.path)) as connection:
            return {
                table: {value for (value,) in connection.execute(f"SELECT {column} FROM {table}")}
                for table, column in columns.items()
            }

    return read
