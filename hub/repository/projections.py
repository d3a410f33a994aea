"""Rows taken from documents: what SQL can ask without reading JSON. The document stays the truth.

Amounts are written twice: as text, exactly as the document has them, and scaled, to sort and to add up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Table

from hub.repository import tables
from hub.repository.keys import identifier, identifier_key, identity
from hub.repository.right_tables import loyalty_entries
from hub.repository.types import bounded, scaled

Data = Mapping[str, Any]
Row = dict[str, Any]
Rows = list[tuple[Table, Row]]
_NOTHING: Data = {}


def rows_of(kind: str, document_id: str, data: Data, partner: str) -> Rows:
    """The rows of a document, empty for a kind that has none."""
    rule = _RULES.get(kind)
    return rule(document_id, data, partner) if rule else []


def tables_of(kind: str) -> tuple[Table, ...]:
    """The tables that hold rows of ``kind``, children first."""
    return _TABLES.get(kind, ())


def _order(document_id: str, data: Data, partner: str) -> Rows:
    roles = data.get("roles", {})
    lines = data.get("lines", ())
    currency = data.get("currency", "")
    head: Row = {
        "document_id": document_id,
        "partner": bounded(partner),
        "buyer": bounded(identity(roles.get("buyer"))),
        "seller": bounded(identity(roles.get("seller"))),
        "ship_to": bounded(identity(roles.get("ship_to"))),
        "buyer_order_id": bounded(data["buyer_order_id"]),
        "release_no": bounded(data.get("release_no")),
        "seller_order_id": bounded(data.get("seller_order_id")),
        "purpose": bounded(data.get("purpose", "original")),
        "type": bounded(data.get("type")),
        "issued_at": bounded(data.get("issued_at"), 40),
        "requested_delivery": bounded(data.get("requested_delivery", {}).get("start"), 40),
        "currency": bounded(currency),
        "line_count": len(lines),
    }
    for name, field in (("total_stated", "totals_stated"), ("total_computed", "totals_computed")):
        totals = data.get(field, _NOTHING)
        _amount(head, name, totals.get("payable") or totals.get("line_sum"))
    rows: Rows = [(tables.orders, head)]
    for number, line in enumerate(lines, start=1):
        rows.append((tables.order_lines, _order_line(document_id, number, line, currency)))
    return rows


def _order_line(document_id: str, number: int, line: Data, currency: str) -> Row:
    item = line.get("item", _NOTHING)
    found = {one["scheme"]: one["value"] for one in reversed(item.get("identifiers", ()))}
    quantity, price = line.get("quantity", _NOTHING), line.get("price", _NOTHING)
    amount = line.get("line_amount_stated") or line.get("line_amount_computed") or _NOTHING
    quantity_value, price_amount, line_amount = quantity.get("value"), price.get("amount"), amount.get("amount")
    return {
        "document_id": document_id,
        "number": number,
        "line_id": bounded(line["line_id"]),
        "gtin": bounded(found.get("gtin")),
        "seller_item": bounded(found.get("seller_item") or found.get("seller_assigned")),
        "buyer_item": bounded(found.get("buyer_item") or found.get("buyer_assigned")),
        "description": bounded(item.get("name") or item.get("description")),
        "unit": bounded(quantity.get("unit")),
        "currency": bounded(price.get("currency") or currency),
        "quantity": bounded(quantity_value, 60),
        "quantity_scaled": scaled(quantity_value),
        "price": bounded(price_amount, 60),
        "price_scaled": scaled(price_amount),
        "amount": bounded(line_amount, 60),
        "amount_scaled": scaled(line_amount),
    }


def _party(document_id: str, data: Data, partner: str) -> Rows:
    person = " ".join(filter(None, (data.get("given_name"), data.get("family_name"))))
    addresses = data.get("addresses", ())
    address = next((one for one in addresses if one.get("default")), addresses[0] if addresses else {})
    row: Row = {
        "document_id": document_id,
        "type": bounded(data.get("kind")),
        "name": bounded(data.get("legal_name") or data.get("trading_name") or person or _first(data.get("names"))),
        "roles": bounded(",".join(data.get("roles", ()))),
        "status": bounded(data.get("status")),
        "gln": bounded(identifier(data, "gln")),
        "country": bounded(address.get("country") or data.get("country")),
        "region": bounded(address.get("region_code") or address.get("region")),
        "city": bounded(address.get("city")),
        "postal_code": bounded(address.get("postal_code")),
        "currency": bounded(data.get("currency")),
        "language": bounded(data.get("language")),
        "price_list": bounded(data.get("price_list_id")),
    }
    return [(tables.parties, row)]


def _product(document_id: str, data: Data, partner: str) -> Rows:
    name = _first(data.get("name"))
    row: Row = {
        "document_id": document_id,
        "gtin": bounded(identifier(data, "gtin")),
        "seller_item": bounded(_item_number(data, "seller") or data.get("external_id")),
        "buyer_item": bounded(_item_number(data, "buyer")),
        "name": bounded(name.get("value") if isinstance(name, Mapping) else name or data.get("description")),
        "brand": bounded(data.get("brand")),
        "base_unit": bounded(data.get("base_unit")),
        "status": bounded(data.get("status") or data.get("lifecycle", {}).get("status")),
    }
    return [(tables.products, row)]


def _price(document_id: str, data: Data, partner: str) -> Rows:
    price, valid = data["price"], data.get("valid", {})
    per = price.get("per", {})
    first = _first(data.get("identifiers"))
    item = identifier_key(first["scheme"], first["value"], first.get("issuer") or partner) if first else ""
    row: Row = {
        "document_id": document_id,
        "product": bounded(data.get("product_id") or item),
        "gtin": bounded(identifier(data, "gtin")),
        "price_list": bounded(data.get("price_list")),
        "partner": bounded(data.get("party_id")),
        "location": bounded(data.get("location_id")),
        "currency": bounded(price.get("currency")),
        "per_value": bounded(per.get("value", "1")),
        "per_unit": bounded(per.get("unit")),
        "valid_from": bounded(valid.get("start"), 40),
        "valid_to": bounded(valid.get("end"), 40),
    }
    _amount(row, "amount", price.get("amount"))
    _amount(row, "min_quantity", data.get("min_quantity"))
    return [(tables.prices, row)]


def _loyalty_entry(document_id: str, data: Data, partner: str) -> Rows:
    row: Row = {"document_id": document_id, "account_id": bounded(data["account_id"])}
    _amount(row, "points", data["points"])
    return [(loyalty_entries, row)]


def _item_number(data: Data, whose: str) -> str:
    return identifier(data, f"{whose}_item") or identifier(data, f"{whose}_assigned")


def _first(values: Any) -> Any:
    return values[0] if values else ""


def _amount(row: Row, name: str, text: str | None) -> None:
    row[name] = bounded(text, 60)
    row[f"{name}_scaled"] = scaled(text)


_RULES: dict[str, Callable[[str, Data, str], Rows]] = {
    "Order": _order,
    "Party": _party,
    "Product": _product,
    "Price": _price,
    "LoyaltyEntry": _loyalty_entry,
}
_TABLES: dict[str, tuple[Table, ...]] = {
    "Order": (tables.order_lines, tables.orders),
    "Party": (tables.parties,),
    "Product": (tables.products,),
    "Price": (tables.prices,),
    "LoyaltyEntry": (loyalty_entries,),
}
