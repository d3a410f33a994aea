"""What a message says once and means everywhere: agreed defaults, the currency, the unit that a price is for."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hub.mapping.remembering import Composed
from hub.model.identifiers import Identifier
from hub.model.item import Item
from hub.model.money import UnitPrice
from hub.model.quantity import Quantity

_ONE = Decimal(1)
_PRICES = Composed(UnitPrice)
_ITEMS = Composed(Item)


def complete(data: dict[str, Any], defaults: Mapping[str, Any]) -> None:
    """Fill in what a message says once and means everywhere: the agreement's defaults, the order's currency in its
    amounts, the line's unit in its price."""
    for name, value in defaults.items():
        if isinstance(value, Mapping) and isinstance(data.get(name), dict):
            for key, below in value.items():
                data[name].setdefault(key, below)
        else:
            data.setdefault(name, copy.deepcopy(value))
    currency = data.get("currency")
    for line in data.get("lines") or ():
        quantity = line.get("quantity")
        if type(quantity) is dict and "value" not in quantity:  # a unit without a number: lawful, and no quantity
            del line["quantity"]
            line.setdefault("extensions", {})["quantity"] = dict(quantity)
        item = line.get("item")
        if type(item) is dict:
            line["item"] = _known(item)
        price = line.get("price")
        if type(price) is UnitPrice:
            line["price"] = _priced(price, currency or "", _unit(line))
        elif price is not None:
            _price(line, price, currency)
        if currency:
            amount = line.get("line_amount_stated")
            if amount is not None:
                amount.setdefault("currency", currency)
            if not _HOLDERS.isdisjoint(line):
                _in_currency(line, currency)
    if currency and not _HOLDERS.isdisjoint(data):
        _in_currency(data, currency)


_AMOUNTS = (
    ("allowances_charges", ("amount", "base")),
    ("amounts", ("amount",)),
    ("payment_terms", ("amount", "deferred_amount", "discountable", "discounted")),
    ("taxes", ("amount", "taxable")),
)
"""Lists of a document or a line, and the amounts in their items."""
_HOLDERS = frozenset(field for field, _ in _AMOUNTS)


def _in_currency(holder: dict[str, Any], currency: str) -> None:
    for field, names in _AMOUNTS:
        if field in holder:
            for part in holder[field]:
                for name in names if type(part) is dict else ():  # an object was made once and holds no amount
                    if type(part.get(name)) is dict:
                        part[name].setdefault("currency", currency)


def _price(line: dict[str, Any], price: dict[str, Any], currency: str | None) -> None:
    if "amount" not in price:
        del line["price"]
        line.setdefault("extensions", {})["price"] = {name: str(value) for name, value in price.items()}
        return
    if currency and not price.get("currency"):
        price["currency"] = currency
    per = price.setdefault("per", {"value": _ONE})
    per.setdefault("value", _ONE)
    unit = _unit(line)
    if unit and not per.get("unit"):
        per["unit"] = unit


def _unit(line: dict[str, Any]) -> str:
    quantity = line.get("quantity")
    if not quantity:
        return ""
    unit: str = (quantity.get("unit") or "") if type(quantity) is dict else quantity.unit
    return unit


def _known(item: dict[str, Any]) -> Any:
    """An item of numbers and a description as the object that it was made into before. Its numbers are remembered
    objects, so their identity can stand for them."""
    numbers, description = item.get("identifiers"), item.get("description", "")
    if not numbers or len(item) != (2 if description else 1):
        return item
    key = (description, *map(id, numbers))
    known = _ITEMS.get(key)
    if known is not None:
        return known
    return _ITEMS.make(key, numbers, item) if all(type(one) is Identifier for one in numbers) else item


def _priced(price: UnitPrice, currency: str, unit: str) -> Any:
    """A remembered price in the document's currency, for the line's unit."""
    key = (id(price), currency, unit)
    known = _PRICES.get(key)
    if known is not None:
        return known
    per = price.per or Quantity(value=_ONE)
    if unit and not per.unit:
        per = Quantity.model_validate({**dict(per), "unit": unit})
    return _PRICES.make(key, (price,), {**dict(price), "currency": price.currency or currency, "per": per})
