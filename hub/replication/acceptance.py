"""Whether the hub takes a document from this node: a kind that stores send, a valid document, and its own business.

Nothing here raises for bad content: it ends in ``DocumentRejected`` with findings, and the entry in quarantine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from hub.errors import DocumentRejected
from hub.findings import Finding, Position, Severity, error
from hub.replication.customer_fields import FIELDS
from hub.replication.keys import stated_key

if TYPE_CHECKING:
    from hub.model import Document
    from hub.replication.policies import Policies
    from hub.replication.stores import Store
    from hub.repository.uploads import UploadEntry

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# What a store says of a customer; anything else (credit terms, merges, other systems' ids) is not its business.
_OF_A_CUSTOMER = frozenset((
    "extensions", "party_id", "external_id", "kind", "legal_name", "trading_name", "given_name", "middle_name",
    "family_name", "salutation", "identifiers", "roles", "addresses", "contact_points", "contacts", "language",
    "currency", "country", "credit", "segments", "territory", "price_list_id", "tax_exempt", "status", "action",
    "external_ids",
))  # fmt: skip


def belongs(node: str, store: Store) -> bool:
    """Whether a node is the store itself or one of its terminals."""
    return node == store.id or (node.startswith(f"{store.id}-") and len(node) > len(store.id) + 1)


def accepted(entry: UploadEntry, node: str, store: Store, policies: Policies) -> tuple[Document, list[Finding]]:
    """The document of an entry, and what a person should look at. Raises ``DocumentRejected`` where it is not taken."""
    from hub.model import Document, review

    policy = policies.kinds.get(entry.kind)
    if policy in (None, "hub_wins"):
        why = "is the hub's, not a store's" if policy else "is not sent by stores"
        raise refused("return.kind", f"a document of kind {entry.kind[:40]!r} {why}")
    if not entry.seq:
        raise refused("return.seq", "the place (seq) is a whole number from 1")
    if not _UUID.fullmatch(entry.document):
        raise refused("return.id", "the id is a UUID in lower case")
    if not entry.body.startswith("{"):
        raise refused("return.body", "the body is a JSON object")
    document = Document.from_json(entry.kind, entry.body)
    rule = _RULES.get(entry.kind)
    if rule is not None:
        rule(json.loads(entry.body), node, store, entry)
    if entry.kind == "Party":  # a change has few fields, and what it lacks is no fault
        return document, []
    return document, [one for one in review(document) if one.severity is not Severity.NOTICE]


def refused(code: str, message: str, path: str = "") -> DocumentRejected:
    """A refusal with one finding; ``path`` is the field."""
    return DocumentRejected(message, [error(code, message, Position(path=path))])


def _sale(data: Mapping[str, Any], node: str, store: Store, entry: UploadEntry) -> None:
    key = data["key"]
    workstation = node.removeprefix(store.id).removeprefix("-")
    if key["store"] != store.id:
        raise refused("return.store", f"a sale of store {key['store'][:64]!r} came from {node!r}", "$.key.store")
    if workstation and key["workstation"] != workstation:
        message = f"a sale of workstation {key['workstation'][:64]!r} came from {node!r}"
        raise refused("return.workstation", message, "$.key.workstation")


def _order(data: Mapping[str, Any], node: str, store: Store, entry: UploadEntry) -> None:
    if data.get("pos_id") != store.id:
        raise refused("return.store", "an order of another store, or of none (pos_id)", "$.pos_id")
    if data.get("purpose", "original") != "original":
        raise refused("return.order_purpose", "a store sends original orders", "$.purpose")


def _entry_of_points(data: Mapping[str, Any], node: str, store: Store, entry: UploadEntry) -> None:
    if data.get("pos_id") not in (node, store.id):
        raise refused("return.store", "an entry of another point of sale, or of none (pos_id)", "$.pos_id")


def _decision(data: Mapping[str, Any], node: str, store: Store, entry: UploadEntry) -> None:
    if data.get("pos_id") != node:
        raise refused("return.store", "a decision of another till, or of none (pos_id)", "$.pos_id")
    if data.get("decision") not in ("approved", "declined", "referred", "reversed"):
        raise refused("return.decision", "a decision is approved, declined, referred or reversed", "$.decision")


def _right_back(data: Mapping[str, Any], node: str, store: Store, entry: UploadEntry) -> None:
    if data.get("pos_id") != node:
        raise refused("return.store", "a right of another till, or of none (pos_id)", "$.pos_id")


def _movement(data: Mapping[str, Any], node: str, store: Store, entry: UploadEntry) -> None:
    places = {store.id, *store.places(), *(stated_key(place) for place in store.places())}
    if data.get("location_id") not in places:
        raise refused("return.location", "a movement at a location that is not this store's", "$.location_id")


def _customer(data: Mapping[str, Any], node: str, store: Store, entry: UploadEntry) -> None:
    if foreign := sorted(data.keys() - _OF_A_CUSTOMER):
        raise refused("return.field", f"a store does not say {', '.join(foreign)} of a customer", f"$.{foreign[0]}")
    if set(data.get("roles", ())) - {"customer", "prospect"}:
        raise refused("return.role", "a store registers customers, no other parties", "$.roles")
    if data.get("status", "active") not in ("active", "blocked"):
        raise refused("return.status", "a store says of a customer that it is active or blocked", "$.status")
    if (data.get("credit") or {}).keys() - {"on_hold", "limit"}:
        raise refused("return.field", "a store says on_hold of a customer's credit, at most", "$.credit")
    changed = data.get("extensions", {}).get("changed")
    if changed is None:
        if data.get("external_id") != entry.document:
            raise refused("return.external_id", "a new customer's external_id is the document's id", "$.external_id")
        if not any(data.get(name) for name in ("legal_name", "trading_name", "given_name", "family_name")):
            raise refused("return.nameless", "a new customer has a name")
        return
    path = "$.extensions.changed"
    if not isinstance(changed, dict) or not changed or not data.get("party_id"):
        raise refused("return.change", "a change says which customer (party_id) and what it saw of each field", path)
    if unknown := sorted(changed.keys() - set(FIELDS)):
        raise refused("return.change", f"a customer has no field {unknown[0][:40]!r} to change", path)
    if any(value is not None and not isinstance(value, str | bool) for value in changed.values()):
        raise refused("return.change", "what was seen of a field is a text, true, false or null", path)


_RULES: dict[str, Callable[[Mapping[str, Any], str, Store, UploadEntry], None]] = {
    "PosTransaction": _sale,
    "Order": _order,
    "LoyaltyEntry": _entry_of_points,
    "InventoryMovement": _movement,
    "Party": _customer,
    "Authorization": _decision,
    "RightReturn": _right_back,
}
