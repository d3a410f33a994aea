"""What a till gets of each document: slim rows, one per document, with their lists inside.

This is the one place that decides the content of a replica; ``SCHEMA`` grows when a field changes its meaning or goes
away (new fields do not count: a till ignores what it does not know). ``plugins/hub_pos/PROTOCOL.md`` describes the
rows for authors of tills. The documents come as canonical JSON data, so a feed of any length is projected without
validating it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hub.replication.keys import item_keys, keys, party_keys

SCHEMA = 1

_RIGHT = (
    "right_id", "holder", "outbox", "party_id", "resource", "account_id", "currency", "granted", "recalled",
    "returned", "spent", "expires_at",
)  # fmt: skip

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Projection:
    """The till's name for a kind of document, and how its row is made from the document's id and JSON data."""

    entity: str
    row: Callable[[str, Data], dict[str, Any]]


def project(kind: str, id_: str, data: Data) -> dict[str, Any]:
    """The till's row of a document. Raises ``KeyError`` for a kind that is not in ``PROJECTIONS``."""
    return _trimmed(PROJECTIONS[kind].row(id_, data))


def _trimmed(row: dict[str, Any]) -> dict[str, Any]:
    """Without empty fields: they are the default at the till, and half of the bytes otherwise."""
    return {name: value for name, value in row.items() if value not in (None, "", [], ())}


def _customer(id_: str, data: Data) -> dict[str, Any]:
    address = _first_address(data.get("addresses", ()))
    points = [*data.get("contact_points", ())]
    points += [point for contact in data.get("contacts", ()) for point in contact.get("contact_points", ())]
    person = " ".join(part for name in ("given_name", "middle_name", "family_name") if (part := data.get(name, "")))
    credit = data.get("credit", {})
    limit = credit.get("limit", {})
    found = keys(data.get("identifiers", ()), data.get("party_id", ""), data.get("external_id", ""))
    found += [("phone", _digits(point["value"])) for point in points if point["kind"] in ("phone", "mobile")]
    found += [("email", point["value"].casefold()) for point in points if point["kind"] == "email"]
    found += [("segment", segment) for segment in data.get("segments", ())]
    # The id that a store gave the customer before it had ours: its receipts name it by that.
    found += [("id", one["id"]) for one in data.get("external_ids", ()) if one["system"].startswith("store:")]
    return {
        "number": _number(data),
        "name": data.get("trading_name") or data.get("legal_name") or person or next(iter(data.get("names", ())), ""),
        "contact": next((contact["name"] for contact in data.get("contacts", ()) if contact.get("name")), ""),
        "email": _point(points, "email"),
        "phone": _point(points, "phone") or _point(points, "mobile"),
        "street": ", ".join(line for line in address.get("lines", ()) if line),
        "city": address.get("city", ""),
        "region": address.get("region", ""),
        "postal_code": address.get("postal_code", ""),
        "country": address.get("country", "") or data.get("country", ""),
        "territory": data.get("territory", ""),
        "price_list": data.get("price_list_id", ""),
        "currency": data.get("currency", ""),
        "tax_exempt": data.get("tax_exempt"),
        "credit_limit": limit.get("amount", ""),
        "credit_currency": limit.get("currency", ""),
        "on_hold": bool(credit.get("on_hold")) or data.get("status") == "blocked" or None,
        "status": data.get("status", ""),
        "keys": _pairs(found),
    }


def _product(id_: str, data: Data) -> dict[str, Any]:
    names = data.get("name", ())
    identifiers = data.get("identifiers", ())
    found = keys(identifiers, data.get("product_id", ""), data.get("external_id", ""))
    return {
        "number": _number(data),
        "name": next((name["value"] for name in names), "") or data.get("description", ""),
        "description": data.get("description", ""),
        "brand": data.get("brand", ""),
        "unit": data.get("base_unit", ""),
        "category": data.get("category", ""),
        "tax_category": " ".join(f"{country}={code}" for country, code in data.get("tax_category", {}).items()),
        "variable_measure": data.get("variable_measure"),
        "status": data.get("status", "") or data.get("lifecycle", {}).get("status", ""),
        "barcodes": [{"gtin": value} for scheme, value in found if scheme == "gtin"],
        "keys": _pairs(found),
    }


def _price(id_: str, data: Data) -> dict[str, Any]:
    price, per = data["price"], data["price"].get("per", {})
    valid = data.get("valid", {})
    items = item_keys(data.get("identifiers", ()), data.get("product_id", ""))
    return {
        "item": next(iter(items), ""),
        "items": [{"item": item} for item in items[1:]],
        "price_list": data.get("price_list", ""),
        "customer": f"id:{data['party_id']}" if data.get("party_id") else "",
        "segment": data.get("segment", ""),
        "location": data.get("location_id", ""),
        "amount": price["amount"],
        "currency": price.get("currency", ""),
        "per_value": per.get("value", ""),
        "per_unit": per.get("unit", ""),
        "basis": data.get("type", "") or price.get("basis", ""),
        "tax_included": price.get("tax_included"),
        "min_qty": data.get("min_quantity", ""),
        "valid_from": valid.get("start", ""),
        "valid_to": _after(valid.get("end", "")),
        "promotion": data.get("promotion_id", ""),
        "priority": data.get("priority"),
    }


def _stock(id_: str, data: Data) -> dict[str, Any]:
    items = item_keys(data.get("identifiers", ()), data.get("product_id", ""))
    quantities = data.get("quantities", {})
    return {
        "item": next(iter(items), ""),
        "items": [{"item": item} for item in items[1:]],
        "location": data.get("location_id", "") or next(party_keys(data.get("location", {})), ""),
        "unit": data.get("unit", ""),
        **{name: quantities.get(name, "") for name in ("on_hand", "available", "reserved", "in_transit", "on_order")},
        "as_of": data["as_of"],
    }


def _order(id_: str, data: Data) -> dict[str, Any]:
    roles = data.get("roles", {})
    buyer = roles.get("buyer") or roles.get("ultimate_customer") or roles.get("ship_to") or {}
    totals = {**data.get("totals_computed", {}), **data.get("totals_stated", {})}
    requested = data.get("requested_delivery", {})
    lines = data.get("lines", ())
    return {
        "number": data["buyer_order_id"],
        "seller_number": data.get("seller_order_id", ""),
        "type": data.get("type", ""),
        "purpose": data.get("purpose", ""),
        "status": data.get("status", {}).get("commercial", "") or "received",
        "customer": buyer.get("name", ""),
        "customer_key": next(party_keys(buyer), ""),
        "issued_at": data.get("issued_at", ""),
        "requested_from": requested.get("start", ""),
        "requested_to": requested.get("end", ""),
        "currency": data.get("currency", ""),
        "total": totals.get("payable") or totals.get("tax_inclusive") or totals.get("line_sum") or "",
        "line_count": len(lines),
        "note": next((note["text"] for note in data.get("notes", ())), ""),
        "lines": [_trimmed(_line(position, line)) for position, line in enumerate(lines, 1)],
    }


def _right(id_: str, data: Data) -> dict[str, Any]:
    return {name: data.get(name, "") for name in _RIGHT}


def _profile(id_: str, data: Data) -> dict[str, Any]:
    consents = enumerate(data.get("consents", ()), start=1)
    return {
        "customer": data["party_id"],
        "consents": [
            {
                "position": place,
                "purpose": one["purpose"],
                "channels": " ".join(one.get("channels", ())),
                "state": one["state"],
                "given_at": one["given_at"],
                "expires_at": one.get("expires_at", ""),
            }
            for place, one in consents
        ],
        "accounts": [{"account_id": one["account_id"], "points": one["points"]} for one in data.get("accounts", ())],
    }


def _card_key(id_: str, data: Data) -> dict[str, Any]:
    return {name: data.get(name, "") for name in ("key_id", "store", "certificate")}


def _card_revocations(id_: str, data: Data) -> dict[str, Any]:
    return {"list": data["list"]}  # its number and time are in it, signed


def _line(position: int, line: Data) -> dict[str, Any]:
    item = line.get("item", {})
    quantity, price = line.get("quantity", {}), line.get("price", {})
    amount = line.get("line_amount_stated") or line.get("line_amount_computed") or {}
    return {
        "position": position,
        "line_id": line["line_id"],
        "item": next(iter(item_keys(item.get("identifiers", ()), item.get("product_id", ""))), ""),
        "name": item.get("name", "") or item.get("description", ""),
        "quantity": quantity.get("value", ""),
        "unit": quantity.get("unit", ""),
        "price": price.get("amount", ""),
        "currency": price.get("currency", ""),
        "amount": amount.get("amount", ""),
        "status": line.get("status_code", ""),
    }


def _number(data: Data) -> str:
    """The number that a person would type: our own, else the external id, else the first that anybody gave."""
    own = keys(data.get("identifiers", ()))
    found = next((value for scheme, value in own if scheme == "own"), "")
    return found or data.get("external_id", "") or next((value for _, value in own), "")


def _first_address(addresses: Iterable[Data]) -> Data:
    """The default address, else the first for delivery or billing, else the first at all."""
    rank = {"delivery": 1, "billing": 2, "legal": 3}
    ordered = sorted(addresses, key=lambda one: (not one.get("default"), rank.get(one.get("usage", ""), 9)))
    return ordered[0] if ordered else {}


def _point(points: Iterable[Data], kind: str) -> str:
    return next((str(point["value"]) for point in points if point["kind"] == kind), "")


def _digits(phone: str) -> str:
    return ("+" if phone.lstrip().startswith("+") else "") + "".join(char for char in phone if char.isdecimal())


def _pairs(found: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"scheme": scheme, "value": value} for scheme, value in sorted(set(found)) if value]


def _after(end: str) -> str:
    """The first moment outside a period: the day after a last day; a time is outside already (``Period``)."""
    if len(end) != 10:
        return end
    last = date.fromisoformat(end)
    return (last + timedelta(days=1)).isoformat() if last < date.max else ""


PROJECTIONS: dict[str, Projection] = {
    "Party": Projection("customer", _customer),
    "Product": Projection("product", _product),
    "Price": Projection("price", _price),
    "InventorySnapshot": Projection("stock", _stock),
    "Order": Projection("order", _order),
    "Right": Projection("right", _right),
    "CustomerProfile": Projection("profile", _profile),
    "CardKey": Projection("card_key", _card_key),
    "CardRevocations": Projection("card_revocations", _card_revocations),
}
"""By kind of document. A kind that is not here never reaches a store."""
