"""Business keys: when two documents are the same thing. Works on the canonical JSON form, so new kinds need no code.

A key is text made of parts; a part is never guessed. Documents that were *sent* (orders, responses, shipments,
invoices) are immutable: a second one with the same key and other content is a conflict. *Master data* (parties,
products, prices, stock) is replaced by its next version, and may be known under several keys (the crosswalk).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub.model.document import Document

Data = Mapping[str, Any]

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST = 280
# Kinds whose documents are known by a number of their own, and change.
_NUMBERED = {
    "Campaign": "campaign_id",
    "Segment": "segment_id",
    "Case": "case_id",
    "TradingAgreement": "agreement_id",
    "Right": "right_id",
    "CustomerProfile": "party_id",
}
# The same for kinds whose number is one of its sender's.
_OWN_NUMBER = {**_NUMBERED, "PriceList": "price_list_id", "Forecast": "forecast_id", "CardKey": "key_id"}
_GOLDEN = {"Party": "party_id", "Product": "product_id", "Location": "location_id", "PointOfSale": "location_id"}
_OTHER = ("Price", "PriceList", "Packaging", "InventorySnapshot", "Forecast", "CardKey", "CardRevocations")
MASTER = frozenset((*_NUMBERED, *_GOLDEN, *_OTHER))
# Events in the history of a party: its thread ties them together.
_OF_A_PARTY = ("Consent", "LoyaltyEntry")
# Schemes whose values mean one thing in the whole world, strongest first; all others belong to an issuer.
_GLOBAL = ("gtin", "gln", "sscc", "duns", "duns4", "lei", "isbn", "ndc", "iban", "vat", "scac")
_RANK = {scheme: rank for rank, scheme in enumerate(_GLOBAL)}
_NUMBER = {
    "OrderResponse": "response_id",
    "Shipment": "despatch_id",
    "OrderStatusReport": "report_id",
    "OrderStatusRequest": "request_id",
    "Return": "rma_id",
    "LoyaltyEntry": "entry_id",
    "Authorization": "authorization_id",
    "RightReturn": "return_id",
    "InventoryMovement": "movement_id",
    "SalesReport": "report_id",
    "DocumentEnvelope": "doc_id",
}
# What tells one price, one stock figure from another, beside the item.
_PRICE = ("price_list", "party_id", "segment", "location_id", "type", "min_quantity", "promotion_id")


@dataclass(frozen=True, slots=True)
class Keys:
    """``key`` is the business key. For master data, ``aliases`` are all keys the thing is known by: the first
    ``decisive`` of them are numbers that somebody gave to exactly this thing (the id in another system, an assigned
    item number); the rest (GTIN, GLN, VAT) may be shared by things that are not the same, such as the branches of a
    company. ``exclusive`` are the beginnings of the decisive keys: a thing that has another key with such a
    beginning is another thing. ``sent`` documents never change under one key."""

    key: str
    aliases: tuple[str, ...] = ()
    decisive: int = 0
    exclusive: tuple[str, ...] = ()
    thread: str = ""
    number: str = ""
    sent: bool = False


def keys_of(kind: str, data: Data, digest: str, partner: str = "", system: str = "") -> Keys:
    """The keys of a document of ``kind``. ``digest`` is its content's hash: what has no number is known by that."""
    if kind == "Order":
        return _order(data, digest, partner)
    if kind in MASTER:
        return _master(kind, data, digest, partner, system)
    return _sent(kind, data, digest, partner, system)


def number_of(document: Document, partner: str = "") -> str:
    """What a person calls a document: its own number, else that of its order; '' for none."""
    return keys_of(type(document).__name__, document.canonical_dict(), "", partner).number


def thread_of(partner: str, buyer_order_id: str, release_no: str = "") -> str:
    """What ties an order, its changes and its responses together: the partner's number for it."""
    return joined("order", partner, buyer_order_id, release_no)


def thread_of_party(party_id: str) -> str:
    """What ties together the events in the history of a party."""
    return joined("party", party_id)


def joined(*parts: object) -> str:
    """One key from its parts: no two lists of parts give the same key, and none is longer than its column."""
    text = "|".join(
        part.replace("\\", "\\\\").replace("|", "\\|") if "|" in part or "\\" in part else part
        for part in (str(part).strip() for part in parts)
    )
    if len(text) > _LONGEST or "\0" in text:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        return text[: _LONGEST - 60].replace("\0", "\ufffd") + "#" + digest
    return text


def identity(ref: Data | None) -> str:
    """A party reference's strongest identifier as ``scheme:value``, '' if it has none."""
    found = _ranked(ref.get("identifiers", ()) if ref else ())
    return f"{found[0]['scheme']}:{found[0]['value']}" if found else ""


def identifier(holder: Data | None, scheme: str) -> str:
    """The value of the first identifier of ``scheme``, or ''."""
    for one in (holder or {}).get("identifiers", ()):
        if one["scheme"] == scheme:
            return str(one["value"])
    return ""


def identifier_key(scheme: str, value: str, issuer: str = "") -> str:
    """The key of an identifier; ``issuer`` counts only for schemes that are not unique in the world."""
    return joined(scheme, value) if _is_global(scheme) else joined(f"{scheme}@{issuer}", value)


def external_key(system: str, external_id: str) -> str:
    """The key of a record in another system."""
    return joined("ext", system, external_id)


def _order(data: Data, digest: str, partner: str) -> Keys:
    number, release = data["buyer_order_id"], data.get("release_no", "")
    buyer = identity(data.get("roles", {}).get("buyer"))
    key = joined("order", partner, buyer, number, release)
    purpose = data.get("purpose", "original")
    thread = thread_of(partner, number, release)
    if purpose == "original":
        return Keys(key, thread=thread, number=number, sent=True)
    # A change, cancellation, replacement, duplicate or confirmation is a document of its own: the order's state is
    # found by going through the thread, and nothing is overwritten.
    return Keys(joined("order", partner, buyer, number, release, purpose, digest[:32]), thread=thread, number=number)


def _sent(kind: str, data: Data, digest: str, partner: str, system: str) -> Keys:
    field = _NUMBER.get(kind, _WORD.sub("_", kind).lower() + "_id")
    number = _sale_number(data["key"]) if kind == "PosTransaction" else str(data.get(field, ""))
    order = str(data.get("buyer_order_id", ""))
    thread = thread_of(partner, order, data.get("release_no", "")) if order else ""
    if kind in _OF_A_PARTY and data.get("party_id"):
        thread = thread_of_party(data["party_id"])
    if system and data.get("external_id"):
        return Keys(external_key(system, data["external_id"]), thread=thread, number=number or order)
    key = joined(kind, partner, order, number) if number else joined(kind, partner, order, "content", digest)
    return Keys(key, thread=thread, number=number or order, sent=bool(number))


def _master(kind: str, data: Data, digest: str, partner: str, system: str) -> Keys:
    own = [(system, data["external_id"])] if system and data.get("external_id") else []
    own += [(one["system"], one["id"]) for one in data.get("external_ids", ()) if not one.get("deleted")]
    decisive = {external_key(*one): joined("ext", one[0]) + "|" for one in own}
    if golden := data.get(_GOLDEN.get(kind, "")):
        decisive[joined("id", golden)] = "id|"
    shared: list[str] = []
    natural = _NATURAL.get(kind)
    if kind in _NUMBERED:
        shared = [joined(kind, data[_NUMBERED[kind]])] if data.get(_NUMBERED[kind]) else []
    elif natural is not None:
        shared = natural(data, system or partner)
    else:
        for one in _ranked(data.get("identifiers", ())):
            issuer = one.get("issuer") or system or partner
            key = identifier_key(one["scheme"], one["value"], issuer)
            if _is_global(one["scheme"]):
                shared.append(key)
            else:
                decisive[key] = joined(f"{one['scheme']}@{issuer}") + "|"
    if gln := data.get("gln"):
        shared.append(identifier_key("gln", gln))
    aliases = tuple(dict.fromkeys([*decisive, *shared])) or (joined("content", digest),)
    own_number = data.get("external_id") or data.get(_OWN_NUMBER.get(kind, "")) or data.get("store_number") or ""
    number = identifier(data, "gtin") or str(own_number) or identity(data).partition(":")[2]
    thread = _THREADS[kind](data) if kind in _THREADS else ""
    return Keys(aliases[0], aliases, len(decisive), tuple(dict.fromkeys(decisive.values())), thread, number)


def _item_keys(data: Data, issuer: str) -> list[str]:
    found = _ranked(data.get("identifiers", ()))
    return [identifier_key(one["scheme"], one["value"], one.get("issuer") or issuer) for one in found]


def _price(data: Data, issuer: str) -> list[str]:
    item = str(data.get("product_id", "")) or next(iter(_item_keys(data, issuer)), "")
    if not item:
        return []
    per = data["price"].get("per", {})
    scope = [str(data.get(name, "")) for name in _PRICE]
    if data.get("trade_class") and not data.get("segment"):
        scope.append(str(data["trade_class"]))
    start = data.get("valid", {}).get("start", "")
    return [joined("price", item, *scope, data["price"].get("currency", ""), per.get("unit", ""), start)]


def _stock(data: Data, issuer: str) -> list[str]:
    location = data.get("location")
    place = str(data.get("location_id", "")) or identity(location) or str((location or {}).get("name", ""))
    item = str(data.get("product_id", "")) or next(iter(_item_keys(data, issuer)), "")
    return [joined("stock", place, item, data.get("lot", ""))] if item else []


def _package(data: Data, issuer: str) -> list[str]:
    item = str(data.get("product_id", "")) or next(iter(_item_keys(data, issuer)), "")
    return [joined("package", item, data.get("level", ""), data["unit"], data["contains_unit"])] if item else []


def _price_list(data: Data, issuer: str) -> list[str]:
    return [joined("price_list", issuer, data["price_list_id"])]


def _forecast(data: Data, issuer: str) -> list[str]:
    """A forecast is of one item in one place: those of one message have its number in common."""
    ship_to = data.get("roles", {}).get("ship_to")
    place = data.get("location") or ship_to
    named = str(data.get("location_id", "")) or identity(place) or str((place or {}).get("name", ""))
    item = str(data.get("product_id", "")) or next(iter(_item_keys(data, issuer)), "")
    return [joined("forecast", issuer, data["forecast_id"], item, named)]


def _card_key(data: Data, issuer: str) -> list[str]:
    """A key's id is short, so keys of two issuers may share one."""
    return [joined("card_key", data.get("store", ""), data.get("node", ""), data["key_id"])]


def _card_revocations(data: Data, issuer: str) -> list[str]:
    """There is one list."""
    return ["card_revocations"]


def _sale_number(key: Data) -> str:
    return joined(*(key.get(name, "") for name in ("store", "workstation", "till", "sequence", "business_day")))


def thread_of_card_keys(node: str) -> str:
    """What ties together the card keys of a till; of those in the workspace, with ``node`` ""."""
    return joined("card_keys", node)


_THREADS: dict[str, Callable[[Data], str]] = {
    "CustomerProfile": lambda data: thread_of_party(data["party_id"]),
    "CardKey": lambda data: thread_of_card_keys(data.get("node", "")),
}
_NATURAL: dict[str, Callable[[Data, str], list[str]]] = {
    "Price": _price,
    "InventorySnapshot": _stock,
    "Packaging": _package,
    "PriceList": _price_list,
    "Forecast": _forecast,
    "CardKey": _card_key,
    "CardRevocations": _card_revocations,
}


def _is_global(scheme: str) -> bool:
    """Whether a scheme is one of the world's: a registered one, or a country's (``vat:DE``). A code that no list knew
    (``x12.235:PO``) is its sender's."""
    return scheme in _RANK or ("." not in scheme and ":" in scheme)


def _ranked(identifiers: Iterable[Data]) -> list[Data]:
    return sorted(identifiers, key=_rank)


def _rank(one: Data) -> int:
    scheme = one["scheme"]
    return _RANK.get(scheme.partition(":")[0], len(_RANK) + (not _is_global(scheme)))
