"""Which item numbers of a message (data element 235) name the item, and which only describe it.

LIN carries brand, color and country of origin beside the item's numbers. A product, a price or a stock figure is known
by its numbers: a brand among them would make one product of everything that bears it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

Data = dict[str, Any]

_SCHEMES = (
    "gtin isbn ndc upn plu sku buyer_assigned buyer_item buyer_catalog purchaser_item seller_assigned seller_item "
    "seller_catalog seller_order_item manufacturer_item manufacturer_assigned part_reference company_part upc_1_5_5 "
    "upc_case case_1_1_5_5 national_stock hcpcs ndc_4_4_2 ndc_5_3_2 ndc_5_4_1 ndc_5_4_2 unqualified zz"
)
_NAMING = frozenset(_SCHEMES.split())
_TRAITS = (
    "brand lot serial seller_color buyer_color color_nrf size_nrf buyer_size seller_size_number country_of_origin "
    "purchase_order manufacturer"
)
_NEVER = frozenset(_TRAITS.split())
"""What never stands for an item's number."""
_STRONGEST = ("gtin", "isbn", "ndc", "upn")
LOT = "lot"
UPC_CASE = "upc_case"
"""Scheme of the UPC case code (data element 438: W0103, W1206, G6804, G1704; qualifier UA)."""
UPC_CASE_LENGTH = 12
"""Characters of that element; a case code of another length is written with its qualifier."""
BRAND = "brand"


def names(identifier: Mapping[str, Any]) -> bool:
    """Whether an identifier in document form names exactly one item."""
    return identifier["scheme"] in _NAMING


def divided(identifiers: Iterable[Data]) -> tuple[list[Data], dict[str, str]]:
    """The identifiers that name the item, and the others by scheme (``style``, ``x12.235:PO``; the second of one
    scheme as ``style#2``). An item without a number is named by the first that may stand for one (a style)."""
    given = list(identifiers)
    naming = [one for one in given if names(one)]
    if not naming:
        naming = [one for one in given if one["scheme"] not in _NEVER and ":" not in one["scheme"]][:1]
    describing: dict[str, str] = {}
    for one in given:
        if not any(one is other for other in naming):
            describing[free(one["scheme"], describing)] = one["value"]
    return naming, describing


def free(name: str, known: Mapping[str, Any]) -> str:
    """``name``, or ``name#2``, ``name#3`` where it is taken."""
    number, key = 1, name
    while key in known:
        number += 1
        key = f"{name}#{number}"
    return key


def described(attributes: Mapping[str, str]) -> list[Data]:
    """The inverse of ``divided``'s second part."""
    return [{"scheme": name.partition("#")[0], "value": value} for name, value in attributes.items()]


def with_case_code(code: str, others: Iterable[Data]) -> list[Data]:
    """The numbers of an item whose case code stands in an element of its own; '' for none."""
    return [*([{"scheme": UPC_CASE, "value": code}] if code else []), *others]


def case_code_of(identifiers: Sequence[Data]) -> tuple[str, list[Data]]:
    """The inverse: the case code if it is an item's first number and fits its element, and the other numbers."""
    first = identifiers[0] if identifiers else {}
    if first.get("scheme") == UPC_CASE and len(first["value"]) == UPC_CASE_LENGTH:
        return first["value"], list(identifiers[1:])
    return "", list(identifiers)


def identity(data: Mapping[str, Any]) -> str:
    """What tells the item of a document or form from others: its strongest number, '' where it has none."""
    given = list(data.get("identifiers") or ())
    found = [one for one in given if names(one)] or given
    for scheme in _STRONGEST:
        for one in found:
            if one["scheme"] == scheme:
                return f"{scheme}:{one['value']}"
    if found:
        return f"{found[0]['scheme']}:{found[0]['value']}"
    return str(data.get("product_id") or data.get("external_id") or "")


def numbered(data: Mapping[str, Any]) -> list[Data]:
    """The identifiers to write for a document; one that is known by our own id only is written under that."""
    found = list(data.get("identifiers") or ())
    own = data.get("external_id") or data.get("product_id")
    return found or ([{"scheme": "seller_assigned", "value": own}] if own else [])


def fields(data: Mapping[str, Any], *wanted: str) -> Data:
    """Those fields of ``data`` that hold something."""
    return {name: data[name] for name in wanted if _holds(data.get(name))}


def filled(**values: Any) -> Data:
    """A dictionary of the values that hold something (0 and False do)."""
    return {name: value for name, value in values.items() if _holds(value)}


def _holds(value: Any) -> bool:
    return bool(value) or isinstance(value, (int, Decimal))
