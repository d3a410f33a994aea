"""What the demonstration ERP holds: customers and products from ``seed.json``, orders in a SQLite file."""

from __future__ import annotations

import json
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def seed() -> dict[str, Any]:
    """The seed: ``seller``, ``customers`` (three stores, three companies) and ``products`` (SKU0001 to SKU0008)."""
    data: dict[str, Any] = json.loads(resources.files(__package__).joinpath("seed.json").read_text("utf-8"))
    return data


class ErpData:
    """Thread-safe. ``orders`` is a SQLite file that outlives the process; None keeps them in memory."""

    def __init__(self, orders: Path | None = None) -> None:
        self._lock = threading.RLock()
        data = seed()
        self.customers: dict[str, Record] = {one["id"]: _customer(one) for one in data["customers"]}
        self.products: dict[str, Record] = {one["sku"]: _product(one) for one in data["products"]}
        self._orders = sqlite3.connect(str(orders or ":memory:"), check_same_thread=False, isolation_level=None)
        if orders is not None:
            self._orders.execute("PRAGMA synchronous=FULL")
        self._orders.execute(
            "CREATE TABLE IF NOT EXISTS orders "
            "(id INTEGER PRIMARY KEY AUTOINCREMENT, external_key TEXT, document TEXT NOT NULL)"
        )

    def close(self) -> None:
        """Close the file of orders."""
        with self._lock:
            self._orders.close()

    def change(self, record: Record, when: datetime | None = None, **members: Any) -> None:
        """Change a customer or product as a clerk would; ``when`` is its new change time (default: now)."""
        with self._lock:
            record.update(members)
            record["changed"] = (when or datetime.now(UTC)).isoformat()

    def listed(self, kind: str, since: str, page: int, size: int) -> tuple[list[Record], bool]:
        """One page of ``customers`` or ``products`` changed at or after ``since``, by change time; and whether more
        follow."""
        with self._lock:
            first = datetime.fromisoformat(since) if since else datetime.min.replace(tzinfo=UTC) + timedelta(days=1)
            rows = sorted(
                getattr(self, kind).values(),
                key=lambda row: (datetime.fromisoformat(row["changed"]), row.get("id") or row["sku"]),
            )
            found = [dict(row) for row in rows if datetime.fromisoformat(row["changed"]) >= first]
        return found[(page - 1) * size : page * size], len(found) > page * size

    def create(self, order: Record) -> str:
        """Store an order; the same external key twice makes two orders, as many a real ERP does."""
        with self._lock:
            cursor = self._orders.execute(
                "INSERT INTO orders (external_key, document) VALUES (?, ?)",
                (order.get("externalKey"), json.dumps({**order, "status": "open"})),
            )
            return f"SO-{cursor.lastrowid:06d}"

    def replace(self, name: str, order: Record) -> bool:
        """Replace an order by exactly what was sent: members that are not named are gone."""
        with self._lock:
            done = self._orders.execute(
                "UPDATE orders SET external_key = ?, document = ? WHERE id = ?",
                (order.get("externalKey"), json.dumps(order), _number(name)),
            )
            return done.rowcount == 1

    def find(self, key: str) -> list[Record]:
        """All orders of one external key."""
        return self._select("WHERE external_key = ?", key)

    def get(self, name: str) -> Record | None:
        """One order by the ERP's own number."""
        return next(iter(self._select("WHERE id = ?", _number(name))), None)

    def orders(self) -> list[Record]:
        """All orders."""
        return self._select("")

    def _select(self, where: str, *values: Any) -> list[Record]:
        with self._lock:
            rows = self._orders.execute(f"SELECT id, document FROM orders {where} ORDER BY id", values).fetchall()
        return [
            {"id": f"SO-{number:06d}", **{name: value for name, value in json.loads(text).items() if name != "id"}}
            for number, text in rows
        ]


def _number(name: str) -> int:
    digits = name.removeprefix("SO-")
    return int(digits) if digits.isdigit() else -1


def _customer(one: Record) -> Record:
    return {
        "id": one["id"],
        "type": one["type"],
        "name": one["name"],
        "storeNumber": one["store_number"],
        "parent": one["parent"],
        "gln": one["gln"],
        "vat": one["vat"],
        "address": {name: one[name] for name in ("street", "city", "region", "zip", "country")},
        "contact": [{"@kind": "TEL", "_text": one["phone"]}, {"@kind": "MAIL", "_text": one["email"]}],
        "currency": one["currency"],
        "creditLimit": one["credit_limit"],
        "blocked": "true" if one["blocked"] else "false",
        "changed": one["changed"],
    }


def _product(one: Record) -> Record:
    return {
        "sku": one["sku"],
        "gtin": one["gtin"],
        "name": one["name"],
        "unit": one["unit"],
        "origin": one["country_of_origin"],
        "prices": {"price": [{"list": "LIST-" + price["currency"], **price, "per": "1"} for price in one["prices"]]},
        "stock": one["stock"],
        "warehouse": one["warehouse"],
        "status": one["status"],
        "changed": one["changed"],
    }
