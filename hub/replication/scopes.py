"""Who may see what, as data: a document has tags, a store subscribes to tags, a tag is a bucket of the feed.

``scopes_of`` is given to the repository, which stores the tags of every version with its change. What leaves a tag is
therefore known from the stored tags and never by running a rule again on data that has changed meanwhile. A customer's
profile (``profiles.py``) has the tags of its customer.

====================  ==================================================  =============================================
tag                   documents                                           stores that subscribe
====================  ==================================================  =============================================
``all``               prices for everybody or for one party, card keys,   every store
                      the list of revoked cards
``customers``         every customer                                      ``territories = ["*"]``
``territory:T``       customers of territory T                            ``territories`` holds T
``customer:KEY``      the customer with this key and its orders           ``customers`` holds KEY (``gln:0614…``)
``products``          every product                                       ``assortments = ["*"]``
``assortment:A``      products of category or assortment A                ``assortments`` holds A
``prices``            every price                                         ``price_lists = ["*"]``
``zone:L``            prices of price list L                              ``price_lists`` holds L
``stock``             every stock                                         ``locations = ["*"]``
``location:KEY``      stock, own prices and orders of the place           ``locations`` holds KEY
``orders``            every order                                         ``all_orders = true``
``store:ID``          orders taken at store ID, customers it registered,  the store itself
                      rights that its tills hold
====================  ==================================================  =============================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from hub.replication.keys import party_keys, stated_key

if TYPE_CHECKING:
    from hub.model.document import Document
    from hub.replication.stores import Store

_GONE = frozenset({"archived", "merged", "erased", "deleted"})
_BOUGHT = frozenset({"purchase", "cost", "unit_cost", "first_cost"})
_NOT_FOR_SALE = _BOUGHT | {"competitor", "info", "manufacturer_suggested"}
_PLACES = ("store", "ship_to", "delivery", "mark_for", "ship_from", "warehouse")
_CUSTOMERS = ("buyer", "ultimate_customer")


def scopes_of(document: Document) -> frozenset[str]:
    """The tags of ``document``; none for what no store keeps (responses, invoices, suppliers, erased customers)."""
    rule = _RULES.get(document.kind)
    return frozenset(rule(document)) if rule is not None else frozenset()


def subscription(store: Store) -> frozenset[str]:
    """The tags that a store subscribes to. Decided here, from ``stores.toml``, never by the store."""
    tags = {"all", f"store:{store.id}"}
    if "*" in store.scope("locations"):
        tags.add("stock")
    if store.sees_all_orders:
        tags.add("orders")
    for field, everything, prefix in _FIELDS:
        tags.update(everything if word == "*" else f"{prefix}:{word}" for word in store.scope(field))
    tags.update(f"location:{stated_key(word)}" for word in store.places())
    tags.update(f"customer:{stated_key(word)}" for word in store.customers or ())
    return frozenset(tags)


_FIELDS = (
    ("territories", "customers", "territory"),
    ("assortments", "products", "assortment"),
    ("price_lists", "prices", "zone"),
)


def _party(party: Any) -> Iterator[str]:
    # A party of no stated role came from a customer list: suppliers and carriers are always called so.
    if party.status in _GONE or (party.roles and not {"customer", "prospect"} & set(party.roles)):
        return
    yield "customers"
    if party.territory:
        yield f"territory:{party.territory}"
    for key in party_keys(_named(party)):
        yield f"customer:{key}"
    # A store goes on seeing the customers that it registered, wherever they belong.
    yield from (one.system for one in party.external_ids if one.system.startswith("store:") and not one.deleted)


def _product(product: Any) -> Iterator[str]:
    if product.status in _GONE:
        return
    yield "products"
    assortments = product.attributes.get("assortment", "").split(",")
    for name in {product.category, *(part.strip() for part in assortments)}:
        if name:
            yield f"assortment:{name}"


def _price(price: Any) -> Iterator[str]:
    if price.status in _GONE or {price.type, price.price.basis} & _NOT_FOR_SALE:
        return
    yield "prices"
    if price.location_id:
        yield f"location:{price.location_id}"
    elif price.price_list:
        yield f"zone:{price.price_list}"
    else:
        yield "all"


def _stock(snapshot: Any) -> Iterator[str]:
    yield "stock"
    if snapshot.location_id:
        yield f"location:{snapshot.location_id}"
    if snapshot.location is not None:
        yield from _location(snapshot.location)


def _order(order: Any) -> Iterator[str]:
    yield "orders"
    if order.pos_id:
        yield f"store:{order.pos_id}"
    for role, party in order.roles.items():
        if role in _PLACES:
            yield from _location(party)
        elif role in _CUSTOMERS:
            for key in party_keys(_named(party)):
                yield f"customer:{key}"
    for line in order.lines:
        for schedule in line.schedules:
            if schedule.location is not None:
                yield from _location(schedule.location)


def _right(right: Any) -> Iterator[str]:
    yield f"store:{right.store}"


def _card(_document: Any) -> Iterator[str]:
    yield "all"


def _location(party: Any) -> Iterator[str]:
    for key in party_keys(_named(party)):
        yield f"location:{key}"
        # A place of our own is known by its bare id as well, as prices and stock name it.
        if key.startswith("id:"):
            yield f"location:{key[3:]}"


def _named(party: Any) -> dict[str, Any]:
    return {
        "party_id": party.party_id,
        "external_id": getattr(party, "external_id", ""),
        "identifiers": [{"scheme": one.scheme, "value": one.value, "issuer": one.issuer} for one in party.identifiers],
    }


_RULES: dict[str, Callable[[Any], Iterator[str]]] = {
    "Party": _party,
    "Product": _product,
    "Price": _price,
    "InventorySnapshot": _stock,
    "Order": _order,
    "Right": _right,
    "CardKey": _card,
    "CardRevocations": _card,
}
