"""Why a store shows this price and this stock: from the till back to the file that said it.

The rule that chooses the price is the replica's own: its rows of this one product, projected here and now, are put into
an empty replica of the same kind, and that is asked. Everything else is in the repository: document and version, the
exchange it came with, its place in the feed, the segments that carried it, and where the nodes stand.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hub.errors import ConfigurationError
from hub.replication import sealed_log
from hub.replication.keys import OWN
from hub.replication.rows import PROJECTIONS, SCHEMA, project
from hub.replication.scopes import subscription
from hub.repository import NotFound, feed, tables
from hub.repository.keys import joined

if TYPE_CHECKING:
    from hub.replication.stores import Store
    from hub.repository import DocumentRecord, Repository, Transaction
    from hub.repository.nodes import NodeRecord
    from hub.translation import ReplicaType

_BUCKET = "why"


def why(repo: Repository, store: Store, types: Mapping[str, ReplicaType], word: str, at: datetime) -> dict[str, Any]:
    """The price that one piece of a product has at ``store`` at ``at``, its stock, and where each comes from. ``word``
    is the product's id, number or barcode. Raises ``ConfigurationError`` where no such product is known."""
    wanted = subscription(store)
    with repo.read() as tx:
        product = _product(tx, word)
        row = project("Product", product.id, json.loads(product.json))
        keys = _keys(product.id, row)
        prices, stocks = list(_naming(tx, "Price", keys)), list(_naming(tx, "InventorySnapshot", keys))
        chain = _Chain(tx, store, wanted)
        seen = [one for one in prices if one.scopes & wanted]
        explained = _explained(store, types, at, [product, *seen])
        return {
            "store": store.id,
            "at": at.isoformat(timespec="seconds"),
            "product": {"name": row.get("name", ""), "number": row.get("number", ""), **chain.of(product)},
            "price": next((_priced(one, chain) for one in seen if one.id == explained["price"]), None),
            "reason": explained["reason"],
            "others": [*explained["others"], *_unseen(prices, wanted)],
            "stock": [_stocked(one, chain) for one in stocks if one.scopes & wanted],
            "nodes": chain.nodes(),
        }


def _unseen(prices: Sequence[DocumentRecord], wanted: frozenset[str]) -> Iterator[dict[str, Any]]:
    for one in prices:
        if not one.scopes & wanted:
            amount = project("Price", one.id, json.loads(one.json)).get("amount")
            tags = ", ".join(sorted(one.scopes)) or "no store"
            yield {"id": one.id, "amount": amount, "why": f"not sent to this store: it is for {tags}"}


def _priced(record: DocumentRecord, chain: _Chain) -> dict[str, Any]:
    row = project("Price", record.id, json.loads(record.json))
    shown = ("amount", "currency", "price_list", "valid_from", "valid_to", "promotion")
    return {**{name: row[name] for name in shown if name in row}, **chain.of(record)}


def _stocked(record: DocumentRecord, chain: _Chain) -> dict[str, Any]:
    row = project("InventorySnapshot", record.id, json.loads(record.json))
    shown = ("location", "on_hand", "available", "unit", "as_of")
    return {**{name: row[name] for name in shown if name in row}, **chain.of(record)}


def _product(tx: Transaction, word: str) -> DocumentRecord:
    """The product by id, or by a number or barcode that is exactly its own."""
    found = tx.get("Product", word)
    if found is not None and not found.deleted:
        return found
    known = tables.document_keys
    forms = {word, word.zfill(14) if word.isdecimal() and len(word) <= 14 else word}
    for form in sorted(forms):
        query = select(known.c.document_id).where(
            known.c.kind == "Product", known.c.key.endswith(joined("", form), autoescape=True)
        )
        for id_ in sorted({row.document_id for row in tx.rows(query)}):
            record = tx.get("Product", id_)
            if record is None or record.deleted:
                continue
            row = project("Product", record.id, json.loads(record.json))
            if form == row.get("number") or any(key.partition(":")[2] == form for key in _keys(record.id, row)):
                return record
    raise ConfigurationError(f"no product has the id, number or barcode '{word}'", hint="hub documents list Product")


def _keys(id_: str, row: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(f"{one['scheme']}:{one['value']}" for one in row.get("keys", ())) | {f"id:{id_}"}


def _naming(tx: Transaction, kind: str, keys: frozenset[str]) -> Iterator[DocumentRecord]:
    """The documents that belong to the product with these keys. The text is searched first, which is quick; then the
    row decides."""
    documents, versions = tables.documents, tables.document_versions
    found: dict[str, None] = {}
    newest = (versions.c.document_id == documents.c.id) & (versions.c.version == documents.c.version)
    same = (documents.c.kind == kind) & documents.c.deleted.is_(False)
    for text in sorted(_texts(keys)):
        query = select(documents.c.id).join(versions, newest).where(same)
        for row in tx.rows(query.where(versions.c.json.contains(text, autoescape=True))):
            found[row.id] = None
    for id_ in sorted(found):
        record = tx.get(kind, id_)
        if record is not None:
            told = project(kind, id_, json.loads(record.json))
            if keys & {told.get("item", ""), *(one["item"] for one in told.get("items", ()))}:
                yield record


def _texts(keys: frozenset[str]) -> Iterator[str]:
    """How canonical JSON names the keys."""
    for key in keys:
        scheme, _, value = key.partition(":")
        quoted = json.dumps(value, ensure_ascii=False)
        if scheme == "id":
            yield f'"product_id":{quoted}'
        for one in OWN if scheme == "own" else (scheme.partition("@")[0],):
            yield f'"scheme":"{one}","value":{quoted}'


def _explained(
    store: Store, types: Mapping[str, ReplicaType], at: datetime, records: Sequence[DocumentRecord]
) -> dict[str, Any]:
    """What a replica of the store's kind says that holds only these rows."""
    known = types.get(store.kind)
    if known is None:
        raise ConfigurationError(f"no plugin offers replicas of kind '{store.kind}'")
    changes = [
        {
            "seq": 1, "entity": PROJECTIONS[one.kind].entity, "id": one.id, "op": "put",
            "row": project(one.kind, one.id, json.loads(one.json)),
        }
        for one in records
    ]  # fmt: skip
    checkpoint = {
        "epoch": _BUCKET, "schema": SCHEMA, "last": 1, "reset": True, "unsubscribe": [], "settings": store.settings(),
        "from": {"epoch": "", "seq": 0, "buckets": []},
        "segments": [{"bucket": _BUCKET, "first": 0, "last": 1, "snapshot": True, "changes": changes}],
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="hub-why-") as folder:
        settings = {**store.model_dump(mode="json"), "path": str(Path(folder, "one.sqlite"))}
        with closing(known.open(settings)) as link:
            link.apply(checkpoint)
            explain = getattr(link, "explain", None)
            if explain is None:
                raise ConfigurationError(f"a replica of kind '{store.kind}' does not explain its prices")
            found: dict[str, Any] = explain(records[0].id, at)
            return found


class _Chain:
    """From a document to its origin, and to the store's nodes."""

    def __init__(self, tx: Transaction, store: Store, wanted: frozenset[str]) -> None:
        self._tx, self._store, self._wanted = tx, store, wanted
        self._progress, self._entries = sealed_log.progress(tx), sealed_log.entries(tx)
        self._epoch, self._purged = feed.head(tx.connection).epoch, feed.purged(tx.connection)
        self._nodes = tx.nodes(store.id)

    def of(self, record: DocumentRecord) -> dict[str, Any]:
        """Document, version, origin, change, buckets, segments, and by when each node had it. A change that is purged
        is told as the position up to which the feed is."""
        buckets = sorted(record.scopes & self._wanted)
        position, origin, purged = self._change(record)
        return {
            "document": record.id,
            "version": record.version,
            "stored_at": record.updated_at.isoformat(timespec="seconds"),
            "source": self._source(record, origin),
            "position": position,
            "purged": purged,
            "buckets": buckets,
            "segments": [one for name in buckets if (one := self._segment(name, position, purged))] if position else [],
            "reached": {one.node: self._reached(one, position) for one in self._nodes},
        }

    def _reached(self, node: NodeRecord, position: int) -> str:
        """By when the node had the change, '' where it has it not."""
        at = node.reached(self._epoch, position) if position else None
        return at.isoformat(timespec="seconds") if at else ""

    def _source(self, record: DocumentRecord, origin: str) -> dict[str, Any]:
        found: dict[str, Any] = {"partner": record.partner, "node": origin}
        try:
            exchange = self._tx.exchange(record.exchange_id) if record.exchange_id else None
        except NotFound:
            exchange = None  # tidied away; the document keeps its number
        if exchange is not None:
            found |= {
                "exchange": exchange.id, "file": exchange.filename, "partner": exchange.partner or record.partner,
                "message": record.message, "received_at": exchange.created_at.isoformat(timespec="seconds"),
            }  # fmt: skip
        return {name: value for name, value in found.items() if value}

    def _change(self, record: DocumentRecord) -> tuple[int, str, bool]:
        """The place in the feed with which the store got this version (0: not numbered yet), the node that it came
        from, and whether the change is purged: then the place is the one up to which the feed is."""
        changes, order = tables.changes, tables.feed_order
        place = order.c.position if self._tx.postgresql else changes.c.seq.label("position")
        query = select(place, changes.c.origin, changes.c.op, changes.c.old_scopes, changes.c.new_scopes)
        if self._tx.postgresql:
            query = query.select_from(changes.outerjoin(order, changes.c.seq == order.c.seq))
        query = query.where(changes.c.row_id == record.id, changes.c.version == record.version)
        found = (self._purged, "", True)
        for row in self._tx.rows(query.order_by(changes.c.seq)):
            came = self._wanted & set(json.loads(row.new_scopes)) and not self._wanted & set(json.loads(row.old_scopes))
            if row.op != feed.MOVE or came:  # a document may come into the store's scope after it was written
                found = (row.position or 0, row.origin or found[1], False)
        return found

    def _segment(self, bucket: str, position: int, purged: bool) -> dict[str, Any] | None:
        """The changes that carried it, else the snapshot that has it."""
        mine = [one for one in self._entries if one.bucket == bucket]
        for one in mine:
            if not purged and not one.snapshot and one.first < position <= one.last:
                return {"bucket": bucket, "digest": one.digest, "first": one.first, "last": one.last}
        whole = [one for one in mine if one.snapshot and position <= one.last]
        if whole:
            digests = [one.digest for one in whole]
            return {"bucket": bucket, "snapshot": digests, "last": whole[0].last}
        return None

    def nodes(self) -> list[dict[str, Any]]:
        """Where the store's nodes stand, as of their last poll."""
        return [
            {
                "node": one.node,
                "state": one.state,
                "position": one.cursor_seq if one.cursor_epoch == self._epoch else 0,
                "seen_at": one.seen_at.isoformat(timespec="seconds") if one.seen_at else "",
            }
            for one in self._nodes
        ]
