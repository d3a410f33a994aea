"""How rows of different origin find each other at a till: ``scheme:value`` keys.

A product comes from the ERP, its price from a supplier's file, its stock from a warehouse: each names it in its own
way. A product's row therefore carries all of its keys, and a price or stock row the keys by which it names a product.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

OWN = frozenset({"seller_assigned", "seller_item", "sku", "internal"})
"""Schemes of our own numbers; without an issuer they are one."""

_WORLDWIDE = frozenset({"gtin", "gln", "sscc", "duns", "duns4", "lei", "isbn", "ndc", "iban", "bic", "scac"})
_FIRST = ("gtin", "id", "own")


def key(identifier: Mapping[str, Any]) -> tuple[str, str]:
    """(scheme, value) of an identifier in JSON form. Our own numbers have one scheme, ``own``; a number with an
    issuer is known together with it, because two suppliers number alike, unless the scheme is worldwide."""
    scheme, value, issuer = identifier["scheme"], identifier["value"], identifier.get("issuer", "")
    if scheme in _WORLDWIDE:
        return scheme, value
    if issuer:
        return f"{scheme}@{issuer}", value
    return ("own" if scheme in OWN else scheme), value


def stated_key(word: str) -> str:
    """A key as a person writes it in ``stores.toml`` (``seller_assigned:1001``, or a bare id) in its one form."""
    scheme, colon, value = word.partition(":")
    return ":".join(key({"scheme": scheme, "value": value})) if colon else word


def keys(identifiers: Iterable[Mapping[str, Any]], *ids: str) -> list[tuple[str, str]]:
    """Every key of a thing once, in a stable order: golden and external ids have the scheme ``id``."""
    found = {("id", one) for one in ids if one} | {key(one) for one in identifiers}
    return sorted(found)


def item_keys(identifiers: Iterable[Mapping[str, Any]], *ids: str) -> list[str]:
    """The keys by which a price, a stock or a line names its product, the most telling first."""
    ranked = sorted(keys(identifiers, *ids), key=lambda one: (_rank(one[0]), one))
    return [f"{scheme}:{value}" for scheme, value in ranked]


def party_keys(reference: Mapping[str, Any]) -> Iterator[str]:
    """The keys of a party as a document names it (JSON form of ``PartyRef`` or ``Party``)."""
    ids = (reference.get("party_id", ""), reference.get("external_id", ""))
    for scheme, value in keys(reference.get("identifiers", ()), *ids):
        yield f"{scheme}:{value}"


def _rank(scheme: str) -> int:
    return _FIRST.index(scheme) if scheme in _FIRST else len(_FIRST)
