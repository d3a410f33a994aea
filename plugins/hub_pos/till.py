"""What a till program asks: customers, products, prices, stock, orders, and how old all that is. Works off line.

::

    with Till("S001.sqlite") as till:
        product = till.product_by_barcode("4006381333931")
        price = till.price(product, customer=till.find_customer("card 4711")[0], qty=12)
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub_pos import assembly, card_rows, pricing, profile
from hub_pos.barcode import candidates
from hub_pos.card import CardReading, read_card
from hub_pos.card_key import WritingKey, writing_key
from hub_pos.outbox import outboxes, waiting
from hub_pos.reading import Reader
from hub_pos.rows import Barcode, Consent, Customer, Order, Price, Product, Right, Status, Stock
from hub_pos.schema import ENTITIES
from hub_pos.search import exact, patterns


class Till:
    """A reader of one replica. Not for sharing between threads; open one per thread, they do not disturb each
    other nor the hub. Raises ``ReplicaMissing`` where there is no replica."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._reader = Reader(path)

    def __enter__(self) -> Till:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the replica."""
        self._reader.close()

    def find_customer(self, text: str, limit: int = 20) -> list[Customer]:
        """Customers by card, number, GLN, phone or e-mail (exact, these first), else by every word of ``text`` in
        name, contact, street, city or postal code, in any order, without regard to case and accents."""
        with self._reader.moment():
            rows = self._exact("customer", text, limit) or self._search("customer", text, limit)
            return [assembly.customer(self._reader, row) for row in rows]

    def find_product(self, text: str, limit: int = 20) -> list[Product]:
        """Products by number or other identifier (exact), else by every word of ``text`` in name, description or
        brand."""
        with self._reader.moment():
            rows = self._exact("product", text, limit) or self._search("product", text, limit)
            return [assembly.product(self._reader, row) for row in rows]

    def _exact(self, table: str, text: str, limit: int) -> list[sqlite3.Row]:
        forms = exact(text)
        marks = ", ".join("?" * len(forms))
        return self._reader.all(
            f"SELECT {table}.* FROM {table}_key AS k JOIN {table} ON {table}.id = k.{table}_id"
            f" WHERE k.value IN ({marks}) UNION SELECT * FROM {table} WHERE id IN ({marks}) ORDER BY name, id LIMIT ?",
            [*forms, *forms, limit],
        )

    def _search(self, table: str, text: str, limit: int) -> list[sqlite3.Row]:
        words = patterns(text)
        if not words:
            return []
        where = " AND ".join(["search LIKE ? ESCAPE '\\'"] * len(words))
        return self._reader.all(f"SELECT * FROM {table} WHERE {where} ORDER BY name, id LIMIT ?", (*words, limit))

    def product_by_barcode(self, code: str) -> Product | None:
        """The product of a scanned code (GTIN-8, 12, 13, 14 or UPC-E, with or without leading zeros), or else of a
        number that is exactly its own (PLU, SKU). None where no product has it. Codes with a price or weight inside
        are not taken apart."""
        with self._reader.moment():
            for gtin in candidates(code):
                row = self._reader.one("SELECT * FROM barcode WHERE gtin = ? ORDER BY product_id", (gtin,))
                if row is not None:
                    return self._product_by_id(row["product_id"], assembly.barcode(row))
            row = self._reader.one(
                "SELECT product_id FROM product_key WHERE value = ? ORDER BY scheme, product_id", (code.strip(),)
            )
            return self._product_by_id(row["product_id"], None) if row else None

    def _product_by_id(self, product: str, scanned: Barcode | None) -> Product | None:
        row = self._reader.one("SELECT * FROM product WHERE id = ?", (product,))
        return assembly.product(self._reader, row, scanned) if row else None

    def price(
        self,
        product: Product,
        customer: Customer | None = None,
        at: datetime | None = None,
        qty: Decimal | int = 1,
    ) -> Price | None:
        """The price that holds for ``qty`` of ``product`` at ``at`` (aware; None: now), by the rule of
        ``hub_pos.pricing``. None where no price holds: the till must ask, not guess."""
        moment = at or datetime.now(UTC)
        if moment.tzinfo is None:
            raise ValueError("at needs a time zone: a price list changes at an instant, not at a wall clock's reading")
        with self._reader.moment():
            settings = self._reader.settings()
            terms = _terms(settings, customer, moment, Decimal(qty))
            return pricing.choose(self._of_product("price", product), terms)

    def explain(self, product: Product, at: datetime, qty: Decimal | int = 1) -> dict[str, Any]:
        """Why ``price`` answers what it does to a customer of no name: ``{"price", "reason", "others"}``, the id of the
        price that holds ("" for none), and ``{"id", "amount", "why"}`` of each other one, which does not."""
        with self._reader.moment():
            terms = _terms(self._reader.settings(), None, at, Decimal(qty))
            rows = self._of_product("price", product)
        chosen = pricing.choose(rows, terms)
        later = "comes after it by the rule"
        others = [
            {
                "id": row["id"],
                "amount": row["amount"],
                "why": pricing.refusal(row, terms) or later,
            }
            for row in rows
            if chosen is None or row["id"] != chosen.id
        ]
        return {"price": chosen.id if chosen else "", "reason": chosen.reason if chosen else "", "others": others}

    def _of_product(self, table: str, product: Product) -> list[dict[str, Any]]:
        keys = sorted(_keys(product.id, product.keys) | {f"gtin:{barcode.gtin}" for barcode in product.barcodes})
        marks = ", ".join("?" * len(keys))
        rows = self._reader.all(
            f"SELECT * FROM {table} WHERE item IN ({marks}) UNION SELECT {table}.* FROM {table}_item AS also"
            f" JOIN {table} ON {table}.id = also.{table}_id WHERE also.item IN ({marks}) ORDER BY id",
            [*keys, *keys],
        )
        return [dict(row) for row in rows]

    def stock(self, product: Product) -> list[Stock]:
        """Stock of the product at the locations this store may see, its own first in the order of its settings."""
        with self._reader.moment():
            order = {name: place for place, name in enumerate(self._reader.settings().get("locations", ()))}
            rows = self._of_product("stock", product)
        rows.sort(key=lambda row: (order.get(row["location"], len(order)), row["location"] or ""))
        return [assembly.stock(row) for row in rows]

    def orders(self, status: str | None = None, limit: int = 100) -> list[Order]:
        """Orders in the store's scope, newest first; ``status`` narrows them (``received``, ``accepted`` …)."""
        with self._reader.moment():
            rows = self._reader.all(
                "SELECT * FROM orders WHERE ? IS NULL OR status = ? ORDER BY issued_at DESC, number, id LIMIT ?",
                (status, status, limit),
            )
            return [assembly.order(self._reader, row) for row in rows]

    def consents(self, customer: Customer) -> list[Consent]:
        """What the customer has allowed or refused: the events that decide, oldest first."""
        with self._reader.moment():
            return profile.consents(self._reader, customer.id)

    def permits(self, customer: Customer, purpose: str, channel: str, at: datetime | None = None) -> bool:
        """Whether the customer may be addressed for ``purpose`` by ``channel`` (email, sms, phone …) now."""
        return profile.permits(self.consents(customer), purpose, channel, at or datetime.now(UTC))

    def accounts(self, customer: Customer) -> dict[str, Decimal]:
        """The customer's accounts of points, with the points of each as of this checkpoint. What may be redeemed off
        line is another question: ``rights``."""
        with self._reader.moment():
            return profile.accounts(self._reader, customer.id)

    def points(self, account: str) -> Decimal | None:
        """The points of an account as of this checkpoint; None for one that is not known in this store."""
        with self._reader.moment():
            return profile.points(self._reader, account)

    def rights(self, holder: str, outbox: str) -> list[Right]:
        """What the hub has put into the hands of the node ``holder`` and there of the outbox with this id. Another
        outbox has other rights, or none."""
        with self._reader.moment():
            rows = self._reader.all(
                "SELECT * FROM rights WHERE outbox = ? AND holder = ? ORDER BY expires_at, right_id", (outbox, holder)
            )
            return [assembly.right(row) for row in rows]

    def customer(self, id_: str) -> Customer | None:
        """The customer with exactly this id, number or other key, None where it is none or not the only one."""
        found = self.find_customer(id_, 2) if id_ else []
        exactly = [one for one in found if id_ == one.id or id_ in {value for _, value in one.keys}]
        return exactly[0] if len(exactly) == 1 else None

    def read_card(self, card: str | bytes, now: datetime | None = None) -> CardReading:
        """Check a customer's card (``hub_pos.card``): its text or its bytes. ``list_of`` is how far this replica knows
        of revoked cards. Never raises for a bad card. Raises ``CardsUnavailable`` where the libraries are missing."""
        with self._reader.moment():
            keys, revoked = card_rows.trusted(self._reader, card)
            reading = read_card(card, keys, revoked, now or datetime.now(UTC))
            if revoked is None:
                return reading
            return replace(reading, list_of=card_rows.listed_at(self._reader) or revoked.issued)

    def writing_key(self) -> WritingKey:
        """The key with which this till writes cards. Raises ``CardsUnavailable`` where it has none."""
        with self._reader.moment():
            return writing_key(self._reader)

    def age(self, now: datetime | None = None) -> timedelta | None:
        """How old the data is: the time since the hub said "this is all I know". None before the first load. The
        hub's clock and this machine's are compared, so an unset clock here shows as a wrong age."""
        row = self._reader.one("SELECT as_of FROM cursor")
        if row is None or not row["as_of"]:
            return None
        return (now or datetime.now(UTC)) - datetime.fromisoformat(row["as_of"])

    def as_of(self) -> str:
        """The hub's time of what this replica holds (ISO 8601), "" before the first load."""
        row = self._reader.one("SELECT as_of FROM cursor")
        return str(row["as_of"] or "") if row else ""

    def version(self) -> str:
        """The checkpoint that this replica holds as ``epoch:seq``, "" before the first load."""
        row = self._reader.one("SELECT epoch, seq FROM cursor")
        return f"{row['epoch']}:{row['seq']}" if row and row["epoch"] else ""

    def settings(self) -> dict[str, Any]:
        """What the hub says about this store (``PROTOCOL.md``, section 2); empty before the first load."""
        return self._reader.settings()

    def status(self) -> Status:
        """Position, age, buckets, number of rows of each table, and what waits in the outbox."""
        with self._reader.moment():
            cursor = self._reader.one("SELECT * FROM cursor")
            return Status(
                store=str(self._reader.settings().get("store", "")),
                epoch=cursor["epoch"] if cursor else "",
                seq=cursor["seq"] if cursor else 0,
                as_of=cursor["as_of"] if cursor else "",
                age=self.age(),
                buckets=tuple(row["name"] for row in self._reader.all("SELECT name FROM bucket ORDER BY name")),
                rows={entity.table: self._count(entity.table) for entity in ENTITIES.values()},
                waiting=sum(waiting(path) for path in outboxes(self.path)),
            )

    def _count(self, table: str) -> int:
        row = self._reader.one(f"SELECT count(*) FROM {table}")
        return int(row[0]) if row else 0


def _keys(id_: str, keys: Sequence[tuple[str, str]]) -> frozenset[str]:
    return frozenset({f"id:{id_}", *(f"{scheme}:{value}" for scheme, value in keys)})


def _terms(settings: dict[str, Any], customer: Customer | None, at: datetime, quantity: Decimal) -> pricing.Terms:
    return pricing.Terms(
        at=at,
        quantity=quantity,
        zone=zone_of(settings.get("time_zone", "")),
        currency=settings.get("currency", ""),
        price_lists=settings.get("price_lists", ()),
        locations=frozenset(settings.get("locations", ())),
        customer=_keys(customer.id, customer.keys) if customer else frozenset(),
        customer_price_list=customer.price_list if customer else "",
    )


def zone_of(name: str) -> ZoneInfo:
    """The time zone of a store, UTC for "". Raises ``ValueError`` for one that this machine does not know."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise ValueError(
            f"the store's time zone {name!r} is not known on this machine; correct time_zone in stores.toml or install"
            " the tzdata package"
        ) from problem
