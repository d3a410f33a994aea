"""What a message says once and means everywhere: agreed defaults, the currency, the unit that a price is for."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hub.mapping.remembering import Memory
from hub.model.checks import remember_if_quiet
from hub.model.money import UnitPrice
from hub.model.quantity import Quantity

_ONE = Decimal(1)
_PRICED = Memory(UnitPrice)


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
        price = line.get("price")
        if type(price) is UnitPrice:
            line["price"] = _priced(price, currency or "", _unit(line))
        elif price is not None:
            _price(line, price, currency)
        if currency:
            amount = line.get("line_amount_stated")
            if amount is not None:
                amount.setdefault("currency", currency)
            _in_currency(line, currency)
    if currency:
        _in_currency(data, currency)


_AMOUNTS = (
    ("allowances_charges", ("amount", "base")),
    ("amounts", ("amount",)),
    ("payment_terms", ("amount", "deferred_amount", "discountable", "discounted")),
    ("taxes", ("amount", "taxable")),
)
"""Lists of a document or a line, and the amounts in their items."""


def _in_currency(holder: dict[str, Any], currency: str) -> None:
    for field, names in _AMOUNTS:
        if field in holder:
            for part in holder[field]:
                for name in names:
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


def _priced(price: UnitPrice, currency: str, unit: str) -> UnitPrice:
    """A remembered price in the document's currency, for the line's unit. The price is part of what is remembered, so
    its identity can stand for it."""
    key = (id(price), currency, unit)
    known = _PRICED.get(key)
    if known is not None and known[0] is price:
        done: UnitPrice = known[1]
        return done
    per = price.per or Quantity(value=_ONE)
    if unit and not per.unit:
        per = Quantity.model_validate({**dict(per), "unit": unit})
    if per is price.per and (price.currency or not currency):
        done = price
    else:
        done = UnitPrice.model_validate({**dict(price), "currency": price.currency or currency, "per": per})
    _PRICED.keep(key, (price, done))
    remember_if_quiet(done)
    return done
