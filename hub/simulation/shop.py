"""What happens at the hub of a small world: customers, products, prices, stock and orders come, change, move between
scopes, merge and go. Few things and few values, so that the same row is hit often."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hub.model import InventorySnapshot, Order, Party, Price, Product

if TYPE_CHECKING:
    from hub.model import Document
    from hub.repository import Transaction

CODES = "NSEW"
"""Territories, assortments and price lists of a small world."""

PLACES = ("K1", "K2", "K3")
_NAMES = ("Äpfel", "a|b", "Kiel 7", "x" * 40, '"quoted"', "日本")


@dataclass(slots=True)
class Shop:
    """One world's documents, by number; what was written last of each price is remembered for the end."""

    rng: random.Random
    size: int = 8
    ids: dict[str, list[str]] = field(default_factory=dict)
    prices: dict[str, str | None] = field(default_factory=dict)
    """By document: the amount that was written last; None where it was removed."""

    orders: int = 0

    def copy(self) -> Shop:
        """What is known of the documents now, for a backup."""
        ids = {kind: [*known] for kind, known in self.ids.items()}
        return Shop(self.rng, self.size, ids, dict(self.prices), self.orders)

    def work(self, tx: Transaction, now: datetime) -> None:
        """One change in a transaction."""
        kind, make = self.rng.choice(_KINDS)
        known = self.ids.get(kind, ())
        if known and self.rng.random() < 0.12:
            id_ = self.rng.choice(known)
            tx.remove(kind, id_)
            if kind == "Price":
                self.prices[id_] = None
            return
        document = make(self, now)
        stored = tx.put(document, system="erp", partner="erp")
        if stored.id not in known:
            self.ids.setdefault(kind, []).append(stored.id)
        if isinstance(document, Price):
            self.prices[stored.id] = str(document.price.amount)

    def _number(self) -> str:
        return str(self.rng.randrange(self.size))

    def customer(self, _now: datetime) -> Document:
        """A customer: in another territory, blocked, merged into another, or only with another name."""
        number, rng = self._number(), self.rng
        status = rng.choice(("active", "active", "active", "blocked", "merged", "archived"))
        more: dict[str, Any] = {"merged_into": rng.choice(self.ids.get("Party", [""]))} if status == "merged" else {}
        if rng.random() < 0.4:
            more["contact_points"] = [{"kind": "email", "value": f"c{rng.randrange(9)}@example.com"}]
        if rng.random() < 0.2:
            more["segments"] = rng.sample(("gold", "trade", "staff"), rng.randrange(1, 3))
        data = {
            "external_id": number, "legal_name": f"{rng.choice(_NAMES)} {number}", "roles": ["customer"],
            "territory": rng.choice((*CODES, "")), "status": status,
            "identifiers": [{"scheme": "seller_assigned", "value": number}], **more,
        }  # fmt: skip
        return Party.read_json(data)

    def product(self, _now: datetime) -> Document:
        """A product: another category, name or barcodes."""
        number, rng = self._number(), self.rng
        identifiers = [{"scheme": "sku", "value": number}]
        if rng.random() < 0.5:
            identifiers.append({"scheme": "gtin", "value": rng.choice(("96385074", "4006381333931"))})
        more = {"variable_measure": True} if rng.random() < 0.5 else {}
        data = {
            "external_id": number, "category": rng.choice((*CODES, "")), "name": [{"value": rng.choice(_NAMES)}],
            "identifiers": identifiers, "status": rng.choice(("", "", "", "archived")), **more,
        }  # fmt: skip
        return Product.read_json(data)

    def price(self, _now: datetime) -> Document:
        """A price: another amount, period or tax; a few move to another list."""
        number, rng = self._number(), self.rng
        data: dict[str, Any] = {
            "external_id": f"P{number}", "identifiers": [{"scheme": "sku", "value": number}],
            "price_list": rng.choice((*CODES[:2], "")),
            "price": {"amount": f"{rng.randrange(1, 40) / 4}", "currency": "EUR"},
        }  # fmt: skip
        if rng.random() < 0.6:
            data["price"]["tax_included"] = rng.random() < 0.5
        if rng.random() < 0.6:
            data["priority"] = rng.randrange(3)
        if rng.random() < 0.1:
            data["location_id"] = rng.choice(PLACES)
        if rng.random() < 0.3:
            data["valid"] = {"start": f"2026-0{rng.randrange(1, 9)}-01"}
        return Price.read_json(data)

    def stock(self, now: datetime) -> Document:
        """Stock of a product in a place."""
        data = {
            "identifiers": [{"scheme": "sku", "value": self._number()}], "location_id": self.rng.choice(PLACES),
            "as_of": f"{now:%Y-%m-%dT%H:%M:%SZ}", "unit": "EA", "quantities": {"on_hand": str(self.rng.randrange(9))},
        }  # fmt: skip
        return InventorySnapshot.read_json(data)

    def order(self, _now: datetime) -> Document:
        """A new order, at a store or for a place."""
        self.orders += 1
        rng = self.rng
        lines = [
            {
                "line_id": str(line),
                "quantity": {"value": str(line), "unit": "EA"},
                "item": {"identifiers": [{"scheme": "sku", "value": self._number()}]},
            }
            for line in range(1, rng.randrange(2, 4))
        ]
        buyer = {"name": "A", "identifiers": [{"scheme": "seller_assigned", "value": self._number()}]}
        data = {
            "buyer_order_id": f"O{self.orders}", "purpose": "original", "roles": {"buyer": buyer}, "lines": lines,
            "pos_id": rng.choice(("", f"S{rng.randrange(9):03d}")),
        }  # fmt: skip
        return Order.read_json(data)


_KINDS: tuple[tuple[str, Callable[[Shop, datetime], Document]], ...] = (
    ("Party", Shop.customer), ("Party", Shop.customer), ("Product", Shop.product), ("Price", Shop.price),
    ("Price", Shop.price), ("InventorySnapshot", Shop.stock), ("Order", Shop.order),
)  # fmt: skip
