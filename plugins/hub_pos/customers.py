"""Customers as a till writes them: a new one, and what changed of one it knows, as ``Party`` documents.

A change carries only the fields that changed, and beside each the value that the till saw before
(``extensions.changed``): so the hub knows whether somebody else changed it meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub_pos.errors import SaleRefused
from hub_pos.rows import Customer
from hub_pos.search import exact, fold, folded

Value = str | bool | None

FIELDS = (
    "name", "email", "phone", "street", "city", "region", "postal_code", "country", "territory", "price_list",
    "currency", "tax_exempt", "on_hold", "status", "card_no",
)  # fmt: skip
"""Fields of a customer that a till may ask to change. Which of them the hub follows is its policy."""


def new_party(store: str, id_: str, kind: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """A new customer. ``kind`` is person or organization; ``fields`` has given_name and family_name besides those of
    ``FIELDS``. Raises ``SaleRefused`` where there is no name."""
    unknown = fields.keys() - {*FIELDS, "given_name", "family_name", "language"}
    if unknown or kind not in ("person", "organization"):
        raise SaleRefused(f"no customer is of kind {kind!r} or has {', '.join(sorted(unknown)) or 'that'}")
    held = {name: value for name, value in fields.items() if value}
    if not held.keys() & {"name", "family_name", "given_name"}:
        raise SaleRefused("a customer has a name")
    out = {"external_id": id_, "kind": kind}
    return {**out, **_content(held), "action": "add", "external_ids": [{"system": f"store:{store}", "id": id_}]}


def changed_party(customer: Customer, fields: Mapping[str, Value]) -> dict[str, Any]:
    """What changes of ``customer``: only fields that differ from what it has. Raises ``SaleRefused`` for a field that
    no till changes, and where nothing changes."""
    if unknown := fields.keys() - set(FIELDS):
        raise SaleRefused(f"a till does not change {', '.join(sorted(unknown))} of a customer")
    before = {name: _held(customer, name) for name in fields}
    changes = {name: value for name, value in fields.items() if (value or "") != (before[name] or "")}
    if not changes:
        raise SaleRefused(f"nothing of customer {customer.number or customer.id} would change")
    seen = {name: before[name] or None for name in sorted(changes)}
    content = _content({name: value for name, value in changes.items() if value or value is False})
    return {"extensions": {"changed": seen}, "party_id": customer.id, **content, "action": "change"}


def _held(customer: Customer, name: str) -> Value:
    if name == "card_no":
        return next((value for scheme, value in customer.keys if scheme == "card_no"), "")
    value: Value = getattr(customer, name)
    return value


def _content(held: Mapping[str, Any]) -> dict[str, Any]:
    """The fields in the shape and order of the canonical ``Party``."""
    points = [{"kind": kind, "value": held[kind]} for kind in ("phone", "email") if kind in held]
    address: dict[str, Any] = {"lines": [held["street"]]} if "street" in held else {}
    address |= {name: held[name] for name in ("city", "region", "postal_code", "country") if name in held}
    out: dict[str, Any] = {
        "legal_name": held.get("name"),
        "given_name": held.get("given_name"),
        "family_name": held.get("family_name"),
        "identifiers": [{"scheme": "card_no", "value": held["card_no"]}] if "card_no" in held else None,
        "roles": ["customer"],
        "addresses": [{**address, "default": True}] if address else None,
        "contact_points": points,
        "language": held.get("language"),
        "currency": held.get("currency"),
        "credit": {"on_hold": held["on_hold"]} if "on_hold" in held else None,
        "territory": held.get("territory"),
        "price_list_id": held.get("price_list"),
        "tax_exempt": held.get("tax_exempt"),
        "status": held.get("status"),
    }
    return {name: value for name, value in out.items() if value or value is False}


def fits(customer: Customer, text: str) -> bool:
    """Whether ``text`` finds a customer: a card, id, phone or e-mail exactly, else every word in name or address."""
    keys = {value for _, value in customer.keys} | {customer.email.casefold(), customer.phone}
    if keys & set(exact(text)) - {""}:
        return True
    held = folded((customer.name, customer.street, customer.city, customer.postal_code))
    words = fold(text).split()
    return bool(words) and all(word in held for word in words)


def as_customer(party: Mapping[str, Any]) -> Customer:
    """A new customer as the till can show it before the hub has sent it back with its canonical id."""
    points = {one["kind"]: one["value"] for one in party.get("contact_points", ())}
    address: Mapping[str, Any] = next(iter(party.get("addresses", ())), {})
    person = " ".join(filter(None, (party.get("given_name"), party.get("family_name"))))
    cards = [(one["scheme"], one["value"]) for one in party.get("identifiers", ())]
    return Customer(
        id=party["external_id"], number=cards[0][1] if cards else "", name=party.get("legal_name") or person,
        email=points.get("email", ""), phone=points.get("phone", ""), street=", ".join(address.get("lines", ())),
        city=address.get("city", ""), region=address.get("region", ""), postal_code=address.get("postal_code", ""),
        country=address.get("country", ""), territory=party.get("territory", ""),
        price_list=party.get("price_list_id", ""), currency=party.get("currency", ""),
        tax_exempt=bool(party.get("tax_exempt")), on_hold=bool(party.get("credit", {}).get("on_hold")),
        status=party.get("status", ""), keys=(("id", party["external_id"]), *cards),
    )  # fmt: skip
