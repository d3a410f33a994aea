"""``hub sync``: pull what changed at an endpoint, push what it does not have yet.

Each batch is stored together with the watermark after it, so that a run that is killed goes on where it was. What is
to be pushed is found in the change feed and put into the outbox under a key of its own; a push that was cut off is
repeated with the same key, under which the connector finds what it created before.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from hub.errors import DocumentRejected, TemporaryError
from hub.exchange.endpoint import Endpoint, connected, read_endpoint
from hub.exchange.outcome import shown
from hub.findings import Finding, error, rejects
from hub.model import Document, InventorySnapshot
from hub.repository import FeedCursorLost, NotFound
from hub.repository.keys import keys_of
from hub.repository.records import DocumentRecord, ExchangeState, FeedCursor, OutboxItem

if TYPE_CHECKING:
    from hub.exchange.session import Hub
    from hub.repository import Change, Lock, Transaction
    from hub.translation import Connector, Pulled

LEASE = 600
"""Seconds after which another run may take over from one that was killed."""

_WINDOW = 1000
_FEED = "push:feed"


@dataclass(slots=True)
class Synced:
    """What a run did. ``pulled`` and ``changed`` count documents by kind; ``pushed`` those that arrived."""

    endpoint: str
    pulled: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    pushed: int = 0
    already: int = 0
    refused: int = 0
    findings: list[Finding] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """JSON form, without the findings' details."""
        return {
            "endpoint": self.endpoint, "pulled": self.pulled, "changed": self.changed, "pushed": self.pushed,
            "already": self.already, "refused": self.refused, "findings": len(self.findings),
        }  # fmt: skip


def sync(hub: Hub, name: str, *, kinds: Sequence[str] | None = None, push: bool = True) -> Synced:
    """Exchange documents with the endpoint ``name``: pull ``kinds`` (all that its file names), then push.

    Raises ``ConfigurationError`` for what a person must set right, ``TemporaryError`` where the endpoint is away or
    another run is at it; what was stored before stays, and the next run goes on from there."""
    endpoint = read_endpoint(hub, name)
    for kind in kinds or ():
        if kind not in endpoint.pull:
            from hub.located import did_you_mean

            raise endpoint.located.error(
                ("pull",), f"{kind} is not pulled from '{name}'", did_you_mean(kind, endpoint.pull)
            )
    done = Synced(name)
    with hub.repository.lock(f"sync:{name}", LEASE) as lock, connected(hub, endpoint) as connector:
        for kind in kinds or endpoint.pull:
            _pull(hub, endpoint, connector, kind, done, lock)
        if push and endpoint.push:
            _collect(hub, endpoint, lock)
            _push(hub, endpoint, connector, done, lock)
    return done


def _pull(hub: Hub, endpoint: Endpoint, connector: Connector, kind: str, done: Synced, lock: Lock) -> None:
    with hub.repository.read() as tx:
        since = tx.watermark(endpoint.name, kind)
    for batch in connector.pull(kind, since):
        changed = hub.repository.retrying(partial(_store, endpoint=endpoint, kind=kind, batch=batch))
        done.pulled[kind] = done.pulled.get(kind, 0) + len(batch.documents)
        done.changed[kind] = done.changed.get(kind, 0) + changed
        done.refused += sum(rejects([finding]) for finding in batch.findings)
        done.findings = shown([*done.findings, *batch.findings])
        lock.renew()


def _store(tx: Transaction, endpoint: Endpoint, kind: str, batch: Pulled) -> int:
    """Store a batch and the watermark after it. The journal gets an exchange where something changed or was wrong."""
    tx.flush()
    savepoint = tx.connection.begin_nested()
    listed = {
        "endpoint": endpoint.name,
        "kind": kind,
        "watermark": batch.watermark,
        "documents": [document.canonical_dict() for document in batch.documents],
    }
    payload = tx.store_payload(json.dumps(listed, ensure_ascii=False).encode())
    exchange_id = tx.open_exchange(
        direction="in",
        payload=payload,
        filename=f"{endpoint.name}-{kind}.json",
        translator=endpoint.type,
        source=f"endpoint:{endpoint.name}",
        length=payload.size,
        state=ExchangeState.PROCESSING,
    )
    fresh = [document for document in batch.documents if _newer(tx, document, endpoint.system)]
    stored = tx.put_many(fresh, exchange_id=exchange_id, system=endpoint.system, origin=f"endpoint:{endpoint.name}")
    changed = sum(one.changed for one in stored)
    if changed or batch.findings:
        state = ExchangeState.PARTIAL if rejects(list(batch.findings)) else ExchangeState.ACCEPTED
        tx.update_exchange(
            exchange_id,
            state=state,
            findings=shown(batch.findings),
            received=len(batch.documents),
            accepted=len(batch.documents),
            summary={"documents": {kind: changed}, "watermark": batch.watermark},
        )
        tx.flush()
        savepoint.commit()
    else:
        savepoint.rollback()
    tx.set_watermark(endpoint.name, kind, batch.watermark)
    return changed


def _newer(tx: Transaction, document: Document, system: str) -> bool:
    """False for a stock figure that is no newer than ours: it would undo what we have reserved since."""
    if not isinstance(document, InventorySnapshot):
        return True
    key = keys_of(document.kind, document.canonical_dict(), "", "", system).key
    held = tx.find(document.kind, key=key)
    if held is None:
        return True
    known = held.document
    return not isinstance(known, InventorySnapshot) or str(document.as_of) > str(known.as_of)


def _collect(hub: Hub, endpoint: Endpoint, lock: Lock) -> None:
    """Put into the outbox what the change feed brought since the last run, and remember how far it was read."""
    with hub.repository.read() as tx:
        text = tx.watermark(endpoint.name, _FEED)
    cursor = FeedCursor.parse(text) if text else None
    while True:
        try:
            changes = hub.repository.feed(cursor, _WINDOW)
        except FeedCursorLost:
            cursor = _collect_all(hub, endpoint, lock)
            continue
        if not changes:
            return

        hub.repository.retrying(partial(_enqueue, endpoint=endpoint, changes=changes))
        cursor = changes[-1].cursor
        lock.renew()


def _enqueue(tx: Transaction, endpoint: Endpoint, changes: Sequence[Change]) -> None:
    for change in changes:
        if change.entity not in endpoint.push or change.op != "PUT":
            continue
        if change.origin != _channel(endpoint) and not _is_change_of_another(change.row):
            _queue(tx, change.entity, change.id, change.version, change.json, _channel(endpoint), endpoint.type)
    _read(tx, endpoint, changes[-1].cursor)


def _read(tx: Transaction, endpoint: Endpoint, cursor: FeedCursor) -> None:
    """Remember how far the feed was read; it is kept from there on."""
    tx.set_watermark(endpoint.name, _FEED, str(cursor))
    tx.acknowledge_feed({_channel(endpoint): cursor})


def _collect_all(hub: Hub, endpoint: Endpoint, lock: Lock) -> FeedCursor:
    """Put every document into the outbox that the endpoint may get: the feed does not go on from where it was read to,
    because the repository was restored, or because it is purged that far. What was pushed is known by its key. Returns
    from where the feed is to be read on."""
    cursor = hub.repository.feed_head()
    for kind in endpoint.push:
        after = ""
        while page := _documents(hub, kind, after):
            hub.repository.retrying(partial(_enqueue_documents, endpoint=endpoint, page=page))
            after = page[-1].id
            lock.renew()
    hub.repository.retrying(partial(_read, endpoint=endpoint, cursor=cursor))
    return cursor


def _documents(hub: Hub, kind: str, after: str) -> list[DocumentRecord]:
    with hub.repository.read() as tx:
        return tx.list(kind, after=after, limit=_WINDOW)


def _enqueue_documents(tx: Transaction, endpoint: Endpoint, page: Sequence[DocumentRecord]) -> None:
    for one in page:
        if not _is_from(tx, endpoint, one) and not _is_change_of_another(one.data()):
            _queue(tx, one.kind, one.id, one.version, one.json, _channel(endpoint), endpoint.type)


def _is_from(tx: Transaction, endpoint: Endpoint, record: DocumentRecord) -> bool:
    try:
        return bool(record.exchange_id) and tx.exchange(record.exchange_id).source == _channel(endpoint)
    except NotFound:
        return False


def _is_change_of_another(row: dict[str, Any] | None) -> bool:
    """Whether an order changes, cancels or repeats another one: that is no new order for the endpoint."""
    return row is None or row.get("purpose", "original") != "original"


def _queue(tx: Transaction, kind: str, id_: str, version: int, text: str, channel: str, translator: str) -> None:
    body = {"kind": kind, "id": id_, "document": json.loads(text)}
    filename = f"{kind}-{id_}.json"
    tx.flush()
    savepoint = tx.connection.begin_nested()
    payload = tx.store_payload(json.dumps(body, ensure_ascii=False).encode())
    exchange_id = tx.open_exchange(
        direction="out",
        payload=payload,
        filename=filename,
        translator=translator,
        source=channel,
        length=payload.size,
        state=ExchangeState.PROCESSING,
    )
    tx.enqueue(
        partner="",
        channel=channel,
        payload=payload,
        filename=filename,
        idempotency_key=f"{channel}:{id_}:{version}",
        exchange_id=exchange_id,
    )
    if tx.outbox(exchange_id=exchange_id):
        savepoint.commit()
    else:
        savepoint.rollback()  # this version was in the outbox already


def _push(hub: Hub, endpoint: Endpoint, connector: Connector, done: Synced, lock: Lock) -> None:
    tried: set[str] = set()
    while True:
        with hub.repository.read() as tx:
            due = tx.outbox_due(limit=100 + len(tried), channel=_channel(endpoint))
        due = [item for item in due if item.id not in tried]
        if not due:
            return
        for item in due:
            tried.add(item.id)
            _push_one(hub, connector, item, done)
            lock.renew()


def _push_one(hub: Hub, connector: Connector, item: OutboxItem, done: Synced) -> None:
    with hub.repository.open_payload(item.payload.sha256) as stream:
        body = json.load(stream)
    try:
        document = Document.from_json(body["kind"], body["document"])
        receipt = connector.push(document, body["id"])
    except TemporaryError as problem:
        with hub.repository.begin() as tx:
            # Due at once: whoever repeats the job decides when.
            tx.mark_failed(item.id, str(problem), datetime.now(UTC))
        raise
    except DocumentRejected as problem:
        findings = list(problem.findings) or [error("endpoint.refused", str(problem))]
        with hub.repository.begin() as tx:
            tx.mark_failed(item.id, str(problem))
            tx.update_exchange(
                item.exchange_id, state=ExchangeState.QUARANTINED, findings=shown(findings), error=str(problem)
            )
        done.refused += 1
        done.findings = shown([*done.findings, *findings])
        return
    with hub.repository.begin() as tx:
        tx.mark_delivered(item.id)
        tx.update_exchange(
            item.exchange_id,
            state=ExchangeState.ACCEPTED,
            findings=shown(receipt.findings),
            summary={"external_id": receipt.external_id, "created": receipt.created},
        )
    done.pushed += receipt.created
    done.already += not receipt.created
    done.findings = shown([*done.findings, *receipt.findings])


def _channel(endpoint: Endpoint) -> str:
    return f"endpoint:{endpoint.name}"
