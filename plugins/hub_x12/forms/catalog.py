"""X12 832, price and sales catalog: one message is a ``PriceList`` with its ``Product``, ``Packaging`` and ``Price``.

The form has the shape of the message. ``read`` makes the documents of a form, ``write`` in ``catalog_writing`` the
forms of documents. What a catalog says of an item becomes a ``Product`` only where it says more than a number and a
price: a plain price sheet must not replace products that are known better.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import Field

from hub.model.allowance_charge import AllowanceCharge
from hub.model.characteristic import Characteristic, LeadTime, Measurement
from hub.model.contact import Contact
from hub.model.identifiers import Identifier
from hub.model.numbers import Number
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.reference import DocRef, QualifiedDate
from hub.model.terms import DeliveryTerms, PaymentTerm
from hub.model.text import Note
from hub.model.value import Many, Value
from hub_x12.converting.item_numbers import BRAND, Data, divided, fields, filled, free
from hub_x12.converting.price_terms import StatedPrice, period_of, rule_of

PACKAGE = "XPK"
"""Unit of a package whose kind the catalog does not say (Rec 21, PK)."""
PIECE = "EA"
_WORDS = "color seller_color buyer_color size seller_size trade_name general material brand"
WORDS = frozenset(_WORDS.split())
"""Descriptions (data element 750) that are attributes of a product; others are characteristics."""
OWN = "ZZ"
"""Agency of attributes that have no code of the standard: PID*X**ZZ*name*value (data element 559, mutually defined)."""
CONSUMERS = ("resale", "general_retail", "independent_retail")
"""Classes of trade whose prices are everybody's: a till must not keep them for customers of a segment."""
UNNAMED = ("price_list", "contract", "buyer_contract", "agreement")
"""References that name a catalog without a number of its own, best first."""


class CatalogPack(Value):
    """A PO4 segment. ``weight_kind`` is data element 187: N for net, else gross."""

    units: Number | None = None
    size: Quantity | None = None
    code: str = ""
    weight_kind: str = ""
    weight: Quantity | None = None
    volume: Quantity | None = None
    length: Number | None = None
    width: Number | None = None
    height: Number | None = None
    unit: str = ""
    inner_packs: int | None = None


class CatalogComponent(Value):
    """An SLN segment with its first description."""

    component_id: str = ""
    parent_id: str = ""
    relation: str = ""
    quantity: Quantity | None = None
    price: Number | None = None
    basis: str = ""
    identifiers: Many[Identifier] = ()
    description: str = ""


class CatalogItem(Value):
    """One LIN loop."""

    line_id: str = ""
    identifiers: Many[Identifier] = ()
    dates: Many[QualifiedDate] = ()
    references: Many[DocRef] = ()
    characteristics: Many[Characteristic] = ()
    measurements: Many[Measurement] = ()
    pack: CatalogPack | None = None
    lead_times: Many[LeadTime] = ()
    allowances_charges: Many[AllowanceCharge] = ()
    prices: Many[StatedPrice] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    components: Many[CatalogComponent] = ()


class CatalogForm(Value):
    """One 832."""

    type: str = ""
    price_list_id: str = ""
    edition: str = ""
    revision: str = ""
    unit: str = ""
    replaces: str = ""
    replaces_edition: str = ""
    replaces_revision: str = ""
    name: str = ""
    purpose: str = ""
    currency: str = ""
    rules: Many[StatedPrice] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    contacts: Many[Contact] = ()
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    payment_terms: Many[PaymentTerm] = ()
    delivery_terms: DeliveryTerms | None = None
    lead_times: Many[LeadTime] = ()
    allowances_charges: Many[AllowanceCharge] = ()
    notes: Many[Note] = ()
    items: Many[CatalogItem] = ()


SHARED = (
    "purpose", "type", "name", "edition", "revision", "unit", "replaces", "replaces_edition", "replaces_revision",
    "currency", "roles", "contacts", "references", "payment_terms", "delivery_terms", "lead_times",
    "allowances_charges", "notes",
)  # fmt: skip
"""What a message and a ``PriceList`` call by one name and hold alike."""


def read(form: Data) -> list[tuple[str, Data]]:
    """The documents of a catalog: its head, then for every item the product, its packaging and its prices."""
    number = catalog_number(form)
    currency = form.get("currency") or ""
    valid, dates = period_of(form.get("dates") or ())
    head = fields(form, *SHARED)
    head |= filled(price_list_id=number, valid=valid, dates=dates)
    head |= filled(rules=[rule_of(one, currency) for one in form.get("rules") or ()])
    out: list[tuple[str, Data]] = [("PriceList", head)]
    for item in form.get("items") or ():
        out += _item(item, number, currency, valid)
    return out


def catalog_number(form: Data) -> str:
    """The catalog's number (BCT02), else a contract's that stands for it, else its type: prices of it must not pass
    for prices of no list at all."""
    if number := form.get("price_list_id"):
        return str(number)
    for kind in UNNAMED:
        for one in form.get("references") or ():
            if one.get("type") == kind and one.get("id"):
                return str(one["id"])
    return str(form.get("type") or "price_catalog")


def _item(item: Data, number: str, currency: str, valid: Data | None) -> list[tuple[str, Data]]:
    naming, describing = divided(item.get("identifiers") or ())
    own, _ = period_of(item.get("dates") or ())
    product = filled(identifiers=naming) | _product(item, describing)
    out: list[tuple[str, Data]] = []
    priced = [one for one in item.get("prices") or () if one.get("amount") is not None]
    rules = [rule_of(one, currency) for one in item.get("prices") or () if one.get("amount") is None]
    product |= filled(price_rules=rules)
    known = {"identifiers"} if own is None or len(item["dates"]) > len(_stated(own)) else {"identifiers", "dates"}
    if set(product) - known or not (priced or item.get("pack")):
        out.append(("Product", product))
    if pack := item.get("pack"):
        out.append(("Packaging", filled(identifiers=naming) | packaging(pack, priced)))
    for one in priced:
        price = rule_of(one, currency)
        price |= filled(identifiers=naming, price_list=number)
        price |= fields(one, "references", "allowances_charges") | filled(trade_class=price.get("segment"))
        if price.get("segment") in CONSUMERS:
            del price["segment"]
        if "valid" not in price:
            price |= filled(valid=own or valid)
        out.append(("Price", price))
    return out


def _stated(period: Data) -> list[str]:
    return [side for side in ("start", "end") if period.get(side) is not None]


def _product(item: Data, describing: dict[str, str]) -> Data:
    """What an item says of its product, beside its numbers."""
    product = fields(item, "dates", "references", "measurements", "lead_times", "allowances_charges", "roles")
    attributes = dict(describing)
    if brand := attributes.pop(BRAND, ""):
        product["brand"] = brand
    characteristics = []
    for one in item.get("characteristics") or ():
        if not _field(one, product, attributes):
            characteristics.append(one)
    components = [
        fields(part, "component_id", "parent_id", "relation", "quantity", "identifiers", "description")
        | filled(price=_component_price(part))
        for part in item.get("components") or ()
    ]
    return product | filled(
        attributes=attributes, characteristics=characteristics, components=[one for one in components if one]
    )


def _component_price(part: Data) -> Data | None:
    if part.get("price") is None:
        return None
    return filled(amount=part["price"], basis=part.get("basis"))


def _field(one: Data, product: Data, attributes: dict[str, str]) -> bool:
    """Put a description where the product has a field for it; False where it has none."""
    stated = {name for name, value in one.items() if value not in (None, "")}
    if not one.get("text"):
        return False
    if stated == {"form", "agency", "code", "text"} and (one["form"], one["agency"]) == ("X", OWN):
        attributes[free(one["code"], attributes)] = one["text"]
        return True
    if one.get("form") != "F" or stated - {"form", "name", "text"}:
        return False
    name = one.get("name") or ""
    if name == "product" and "name" not in product:
        product["name"] = [{"value": one["text"]}]
    elif not name and "description" not in product:
        product["description"] = one["text"]
    elif name == BRAND:
        if "brand" in product:
            attributes[free(name, attributes | {BRAND: ""})] = one["text"]
        else:
            product["brand"] = one["text"]
    elif name in WORDS or ":" in name:
        attributes[free(name, attributes)] = one["text"]
    else:
        return False
    return True


def packaging(pack: Data, prices: list[Data]) -> Data:
    """A ``Packaging`` in document form. Its unit is that of the item's prices where that is a package."""
    units = [(one.get("quantity") or {}).get("unit") or "" for one in prices]
    unit = next((one for one in units if one.startswith("X")), PACKAGE)
    out: dict[str, Any] = {"level": 1, "unit": unit, "contains_unit": PIECE}
    out |= fields(pack, "size", "code", "volume")
    for side in ("length", "width", "height"):
        if pack.get(side) is not None:
            out[side] = filled(value=pack[side], unit=pack.get("unit"))
    weight = "net_weight" if pack.get("weight_kind") == "N" else "gross_weight"
    quantity = pack.get("units")
    return out | filled(
        **{weight: pack.get("weight")},
        contains_qty=None if quantity is None else Decimal(quantity),
        inner_packs=pack.get("inner_packs"),
    )
