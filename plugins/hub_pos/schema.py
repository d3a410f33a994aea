"""The tables of a replica: what a till can know, and how rows of the change feed land in them.

Every entity is one table whose rows carry ``id``, ``seq`` (the position at which they were complete) and ``row_no``.
Lists inside a row (the barcodes of a product, the lines of an order) are child tables that are replaced with their row.
``PROTOCOL.md`` describes the same for authors of other tills; change both together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

SCHEMA = 1
"""Version of the rows this software understands. A higher one from the hub is refused, unknown fields are ignored."""

REVISION = 4
"""Version of these tables. A file of another revision is rebuilt when it is opened and loaded again by the hub."""


@dataclass(frozen=True, slots=True)
class Child:
    """A list inside a row: its table, the column that names the owner, and the columns filled from each item."""

    table: str
    owner: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of row: its table, the columns filled from the row's fields, the fields searched by ``find``, and the
    lists kept in child tables."""

    table: str
    columns: tuple[str, ...]
    search: tuple[str, ...] = ()
    children: Mapping[str, Child] = field(default_factory=dict)


ENTITIES: dict[str, Entity] = {
    "customer": Entity(
        "customer",
        (
            "number",
            "name",
            "contact",
            "email",
            "phone",
            "street",
            "city",
            "region",
            "postal_code",
            "country",
            "territory",
            "price_list",
            "currency",
            "tax_exempt",
            "credit_limit",
            "credit_currency",
            "on_hold",
            "status",
        ),
        search=("number", "name", "contact", "email", "phone", "street", "city", "postal_code"),
        children={"keys": Child("customer_key", "customer_id", ("scheme", "value"))},
    ),
    "product": Entity(
        "product",
        ("number", "name", "description", "brand", "unit", "category", "tax_category", "variable_measure", "status"),
        search=("number", "name", "description", "brand"),
        children={
            "barcodes": Child("barcode", "product_id", ("gtin", "unit", "quantity")),
            "keys": Child("product_key", "product_id", ("scheme", "value")),
        },
    ),
    "price": Entity(
        "price",
        (
            "item",
            "price_list",
            "customer",
            "segment",
            "location",
            "amount",
            "currency",
            "per_value",
            "per_unit",
            "basis",
            "tax_included",
            "min_qty",
            "valid_from",
            "valid_to",
            "promotion",
            "priority",
        ),
        children={"items": Child("price_item", "price_id", ("item",))},
    ),
    "stock": Entity(
        "stock",
        ("item", "location", "unit", "on_hand", "available", "reserved", "in_transit", "on_order", "as_of"),
        children={"items": Child("stock_item", "stock_id", ("item",))},
    ),
    "order": Entity(
        "orders",
        (
            "number",
            "seller_number",
            "type",
            "purpose",
            "status",
            "customer",
            "customer_key",
            "issued_at",
            "requested_from",
            "requested_to",
            "currency",
            "total",
            "line_count",
            "note",
        ),
        children={
            "lines": Child(
                "order_line",
                "order_id",
                ("position", "line_id", "item", "name", "quantity", "unit", "price", "currency", "amount", "status"),
            )
        },
    ),
    "right": Entity(
        "rights",
        (
            "right_id",
            "holder",
            "outbox",
            "party_id",
            "resource",
            "account_id",
            "currency",
            "granted",
            "recalled",
            "returned",
            "spent",
            "expires_at",
        ),
    ),
    "profile": Entity(
        "profile",
        ("customer",),
        children={
            "consents": Child(
                "consent", "profile_id", ("position", "purpose", "channels", "state", "given_at", "expires_at")
            ),
            "accounts": Child("loyalty_account", "profile_id", ("account_id", "points")),
        },
    ),
    "card_key": Entity("card_key", ("key_id", "store", "certificate")),
    "card_revocations": Entity("card_revocations", ("list",)),
}

_TYPES = {
    "tax_exempt": "INTEGER", "on_hold": "INTEGER", "variable_measure": "INTEGER", "tax_included": "INTEGER",
    "priority": "INTEGER", "line_count": "INTEGER", "position": "INTEGER",
}  # fmt: skip

_CHILD_KEYS = {
    "customer_key": "customer_id, scheme, value",
    "barcode": "product_id, gtin",
    "product_key": "product_id, scheme, value",
    "price_item": "price_id, item",
    "stock_item": "stock_id, item",
    "order_line": "order_id, position",
    "consent": "profile_id, position",
    "loyalty_account": "profile_id, account_id",
}

_INDEXES = (
    "CREATE INDEX customer_key_value ON customer_key (value)",
    "CREATE INDEX barcode_gtin ON barcode (gtin)",
    "CREATE INDEX product_key_value ON product_key (value)",
    "CREATE INDEX price_of ON price (item)",
    "CREATE INDEX price_item_item ON price_item (item)",
    "CREATE INDEX stock_of ON stock (item)",
    "CREATE INDEX stock_item_item ON stock_item (item)",
    "CREATE INDEX orders_number ON orders (number)",
    "CREATE INDEX orders_status ON orders (status, issued_at)",
    "CREATE INDEX rights_of ON rights (outbox)",
    "CREATE INDEX profile_of ON profile (customer)",
    "CREATE INDEX loyalty_account_id ON loyalty_account (account_id)",
    "CREATE INDEX card_key_of ON card_key (key_id)",
    "CREATE INDEX card_key_store ON card_key (store)",
)

_STATE = (
    "CREATE TABLE cursor (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL, seq INTEGER NOT NULL,"
    " schema INTEGER NOT NULL, as_of TEXT NOT NULL, applied_at TEXT NOT NULL)",
    "CREATE TABLE bucket (bucket INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE membership (entity TEXT NOT NULL, row TEXT NOT NULL, bucket INTEGER NOT NULL,"
    " PRIMARY KEY (entity, row, bucket)) WITHOUT ROWID",
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)


def statements() -> list[str]:
    """The statements that make an empty replica."""
    out = list(_STATE)
    for entity in ENTITIES.values():
        columns = [f"{name} {_TYPES.get(name, 'TEXT')}" for name in entity.columns]
        if entity.search:
            columns.append("search TEXT NOT NULL")
        # row_no: the row's name in sealed segments; NULL where it came as a plain change.
        head = "id TEXT PRIMARY KEY, seq INTEGER NOT NULL, row_no INTEGER"
        out.append(f"CREATE TABLE {entity.table} ({head}, {', '.join(columns)})")
        out.append(f"CREATE UNIQUE INDEX {entity.table}_row_no ON {entity.table} (row_no)")
        for child in entity.children.values():
            kept = ", ".join(f"{name} {_TYPES.get(name, 'TEXT')}" for name in child.columns)
            key = _CHILD_KEYS[child.table]
            out.append(
                f"CREATE TABLE {child.table} ({child.owner} TEXT NOT NULL, {kept}, PRIMARY KEY ({key})) WITHOUT ROWID"
            )
    return [*out, *_INDEXES]


def tables() -> list[str]:
    """Every table of a replica, rows and state."""
    rows = [entity.table for entity in ENTITIES.values()]
    children = [child.table for entity in ENTITIES.values() for child in entity.children.values()]
    return [*rows, *children, "membership", "bucket", "setting", "cursor"]


def create(connection: sqlite3.Connection) -> None:
    """Make or rebuild the tables, in the caller's transaction."""
    for table in tables():
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in statements():
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {REVISION}")
