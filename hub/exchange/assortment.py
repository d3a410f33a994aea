"""What we sell, at which price and how much of it is there: the repository's products, prices and stock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from hub.model import InventorySnapshot, Price, Product
from hub.model.units import same
from hub.repository.keys import keys_of

if TYPE_CHECKING:
    from hub.model.item import Item
    from hub.model.money import UnitPrice
    from hub.model.quantity import Quantity
    from hub.repository import DocumentRecord, Transaction

_COLUMNS = {"gtin": "gtin", "seller_item": "seller_item", "seller_assigned": "seller_item", "sku": "seller_item"}
_COLUMNS |= {"buyer_item": "buyer_item", "buyer_assigned": "buyer_item"}
_NONE = Decimal(0)


class Assortment:
    """Products, prices and stock in one transaction, for orders of one partner.

    What is promised is reserved at once, in the stock's own document, so that the next order does not get it too; the
    next figure from the ERP replaces ours. ``systems`` are the endpoints that stock may come from."""

    def __init__(self, tx: Transaction, partner: str, systems: Sequence[str] = ()) -> None:
        self._tx, self._partner, self._systems = tx, partner, ("", *systems)
        self._products: dict[tuple[str, str], Product | None] = {}

    def product(self, item: Item | None) -> Product | None:
        """The product that a line's identifiers name, the strongest one first, or None."""
        identifiers = item.identifiers if item is not None else ()
        for scheme in ("gtin", "seller_item", "seller_assigned", "sku", "buyer_item", "buyer_assigned"):
            for one in identifiers:
                if one.scheme == scheme and (found := self._find(_COLUMNS[scheme], one.value)) is not None:
                    return found
        return None

    def _find(self, column: str, value: str) -> Product | None:
        if (column, value) not in self._products:
            record = self._tx.find("Product", **{column: value})
            product = record.document if record is not None else None
            self._products[column, value] = product if isinstance(product, Product) else None
        return self._products[column, value]

    def price(self, product: Product, quantity: Quantity | None, currency: str, today: date) -> UnitPrice | None:
        """What the product costs this partner today: of the prices that fit, the highest priority, then the one for
        this partner, then the largest minimum quantity. None where there is none in ``currency``."""
        fitting = []
        for column, value in _names(product):
            if column == "buyer_item":
                continue
            by_gtin = column == "gtin"
            for record in self._tx.find_all("Price", **{"gtin" if by_gtin else "number": value}, limit=1000):
                price = record.document
                if isinstance(price, Price) and self._fits(price, quantity, currency, today):
                    fitting.append(price)
        if not fitting:
            return None
        return max(fitting, key=lambda one: (one.priority or 0, bool(one.party_id), one.min_quantity or _NONE)).price

    def _fits(self, price: Price, quantity: Quantity | None, currency: str, today: date) -> bool:
        if currency and price.price.currency != currency:
            return False
        if price.party_id not in ("", self._partner) or price.location_id or price.segment:
            return False
        if price.min_quantity is not None and (quantity is None or quantity.value < price.min_quantity):
            return False
        if price.valid is None:
            return True
        start, end = _day(price.valid.start), _day(price.valid.end)
        return (start is None or start <= today) and (end is None or today <= end)

    def take(self, product: Product, wanted: Quantity) -> Decimal | None:
        """Reserve up to ``wanted`` of the product and return how much there was; None where nothing is known about its
        stock in this unit."""
        records = self._stock(product, wanted.unit)
        if not records:
            return None
        left = wanted.value
        for record, snapshot in records:
            part = min(left, max(_available(snapshot), _NONE))
            if part > 0:
                self._reserve(record, snapshot, part)
                left -= part
        return wanted.value - left

    def give_back(self, product: Product, amount: Decimal) -> None:
        """Undo ``take`` for a line that is rejected after all."""
        for record, snapshot in self._stock(product, ""):
            part = min(amount, snapshot.quantities.get("reserved", _NONE))
            if part > 0:
                self._reserve(record, snapshot, -part)
                amount -= part

    def _stock(self, product: Product, unit: str) -> list[tuple[DocumentRecord, InventorySnapshot]]:
        found: dict[str, tuple[DocumentRecord, InventorySnapshot]] = {}
        for _, value in _names(product):
            for record in self._tx.find_all("InventorySnapshot", number=value):
                snapshot = record.document
                if isinstance(snapshot, InventorySnapshot) and (
                    not unit or not snapshot.unit or same(snapshot.unit, unit)
                ):
                    found[record.id] = (record, snapshot)
        return [found[key] for key in sorted(found)]

    def _reserve(self, record: DocumentRecord, snapshot: InventorySnapshot, amount: Decimal) -> None:
        quantities = dict(snapshot.quantities)
        quantities["reserved"] = quantities.get("reserved", _NONE) + amount
        if "available" in quantities:
            quantities["available"] -= amount
        changed = snapshot.model_copy(update={"quantities": quantities})
        data = changed.canonical_dict()
        for system in self._systems:
            if keys_of(record.kind, data, "", record.partner, system).key == record.key:
                self._tx.put(changed, partner=record.partner, system=system, expected_version=record.version)
                return


def _available(snapshot: InventorySnapshot) -> Decimal:
    quantities = snapshot.quantities
    if "available" in quantities:
        return quantities["available"]
    return quantities.get("on_hand", _NONE) - quantities.get("reserved", _NONE)


def _names(product: Product) -> list[tuple[str, str]]:
    names = [(_COLUMNS[one.scheme], one.value) for one in product.identifiers if one.scheme in _COLUMNS]
    if product.external_id:
        names.append(("seller_item", product.external_id))
    return list(dict.fromkeys(names))


def _day(moment: date | datetime | None) -> date | None:
    return moment.date() if isinstance(moment, datetime) else moment
