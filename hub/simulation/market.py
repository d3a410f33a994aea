"""What a simulated company sells, to whom, and what changes in a day: documents that fall into the scopes of given
stores, be they the user's own or invented."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from hub.model import InventorySnapshot, Party, Price, Product
from hub.replication.stores import EVERYTHING, Store

if TYPE_CHECKING:
    from hub.model import Document
    from hub.repository import Repository, Transaction

_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Assortment:
    """How much there is: products, prices in each list, customers in each territory, stock figures in each place."""

    products: int = 1_000
    prices: int = 200
    customers: int = 40
    stock: int = 2


def invented(number: int) -> list[Store]:
    """So many stores: 20 price lists and one for all, 10 assortments of which each has two, a territory for every 100
    stores, and a place of its own for each."""
    return [
        Store(
            id=f"S{one:05d}",
            mode=("distributed", "distributed", "centralized")[one % 3],
            currency="EUR",
            price_lists=(f"Z{one % 20}", "BASE"),
            assortments=(f"A{one % 10}", f"A{one // 10 % 10}"),
            territories=(f"T{one // 100}",),
            locations=(f"L{one}",),
        )
        for one in range(number)
    ]


@dataclass(slots=True)
class Market:
    """The documents of a company with these stores."""

    rng: random.Random
    size: Assortment
    lists: Sequence[str]
    territories: Sequence[str]
    assortments: Sequence[str]
    places: Sequence[str]
    customers: dict[str, int] = field(default_factory=dict)
    """Ids of customers in use, by the number that the ERP gave them."""

    @classmethod
    def of(cls, stores: Iterable[Store], size: Assortment, rng: random.Random) -> Market:
        """The market of stores: what their scopes name."""

        def words(name: str, other: str) -> list[str]:
            found = {word for store in known for word in store.scope(name) if word != EVERYTHING}
            return sorted(found) or [other]

        known = list(stores)
        return cls(
            rng, size, words("price_lists", "BASE"), words("territories", "T0"), words("assortments", "A0"),
            words("locations", "L0"),
        )  # fmt: skip

    def open(self, repo: Repository, now: datetime) -> int:
        """Put in everything there is at the beginning; how many documents."""
        done = 0
        documents = self._everything(now)
        while page := list(islice(documents, _PAGE)):
            with repo.begin() as tx:
                for document in page:
                    self._put(tx, document)
            done += len(page)
        return done

    def _everything(self, now: datetime) -> Iterator[Document]:
        yield from (self._product(number) for number in range(self.size.products))
        for name in self.lists:
            yield from (self._price(name, number) for number in range(self.size.prices))
        numbers = count()
        for territory in self.territories:
            yield from (self._customer(next(numbers), territory) for _ in range(self.size.customers))
        for place in self.places:
            yield from (self._stock(place, number, now) for number in range(self.size.stock))

    def _put(self, tx: Transaction, document: Document) -> None:
        stored = tx.put(document, system="erp", partner="erp")
        if isinstance(document, Party):
            if document.status == "merged":
                self.customers.pop(stored.id, None)
            else:
                self.customers[stored.id] = int(document.external_id)

    def change(self, tx: Transaction, now: datetime) -> str:
        """One change of a day; what it was."""
        chance, rng = self.rng.random(), self.rng
        if chance < 0.70:
            self._put(tx, self._price(rng.choice(self.lists), rng.randrange(self.size.prices)))
            return "price"
        if chance < 0.85:
            self._put(tx, self._stock(rng.choice(self.places), rng.randrange(self.size.stock), now))
            return "stock"
        if chance < 0.94:
            self._put(tx, self._product(rng.randrange(self.size.products)))
            return "product"
        number = rng.randrange(len(self.territories) * self.size.customers)
        if chance < 0.99:
            self._put(tx, self._customer(number, rng.choice(self.territories)))
            return "customer moved"
        self._put(tx, self._customer(number, "", status="merged", merged_into=rng.choice(list(self.customers))))
        return "customer merged"

    def _product(self, number: int) -> Product:
        data = {
            "external_id": f"P{number}", "category": self.assortments[number % len(self.assortments)],
            "name": [{"value": f"Product {number} {self.rng.randrange(100)}"}], "base_unit": "EA",
            "identifiers": [{"scheme": "sku", "value": f"P{number}"}],
            "status": "archived" if self.rng.random() < 0.01 else "",
        }  # fmt: skip
        return Product.read_json(data)

    def _price(self, name: str, number: int) -> Price:
        data = {
            "external_id": f"{name}-{number}", "price_list": name,
            "identifiers": [{"scheme": "sku", "value": f"P{number}"}],
            "price": {"amount": f"{self.rng.randrange(10, 9_999) / 100:.2f}", "currency": "EUR"},
        }  # fmt: skip
        return Price.read_json(data)

    def _customer(self, number: int, territory: str, **more: Any) -> Party:
        data = {
            "external_id": str(number), "legal_name": f"Customer {number}", "roles": ["customer"],
            "territory": territory, "identifiers": [{"scheme": "seller_assigned", "value": str(number)}],
            "contact_points": [{"kind": "email", "value": f"c{number}.{self.rng.randrange(99)}@example.com"}], **more,
        }  # fmt: skip
        return Party.read_json(data)

    def _stock(self, place: str, number: int, now: datetime) -> InventorySnapshot:
        data = {
            "identifiers": [{"scheme": "sku", "value": f"P{number}"}], "location_id": place, "unit": "EA",
            "as_of": f"{now:%Y-%m-%dT%H:%M:%SZ}", "quantities": {"on_hand": str(self.rng.randrange(99))},
        }  # fmt: skip
        return InventorySnapshot.read_json(data)
