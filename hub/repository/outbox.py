"""The outbox: what is to be delivered, written in the transaction that decided it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select, update

from hub.errors import ConfigurationError
from hub.repository import payloads, tables
from hub.repository.failures import NotFound
from hub.repository.identifiers import new_id
from hub.repository.records import OutboxItem, OutboxState, PayloadRef
from hub.repository.types import bounded
from hub.repository.work import Work

_outbox = tables.outbox


class Outbox(Work):
    """Part of a transaction."""

    def store_payload(self, data: bytes) -> PayloadRef:
        """Store outgoing bytes in this transaction. (Incoming ones: ``Repository.store_payload``.)"""
        self._must_write()
        return payloads.store_bytes(self, data)

    def enqueue(
        self,
        *,
        partner: str,
        channel: str,
        payload: PayloadRef | bytes,
        filename: str,
        idempotency_key: str,
        exchange_id: str = "",
    ) -> str:
        """Put something into the outbox; returns its id.

        The same ``idempotency_key`` again returns the first id and adds nothing. Raises ConfigurationError where
        that first one has other content: a key must name one thing only.
        """
        ref = payload if isinstance(payload, PayloadRef) else self.store_payload(payload)
        item_id = new_id()
        row = {
            "id": item_id,
            "partner": bounded(partner),
            "channel": bounded(channel),
            "payload": ref.sha256,
            "payload_size": ref.size,
            "filename": bounded(filename),
            "idempotency_key": bounded(idempotency_key, 300),
            "exchange_id": exchange_id,
            "state": OutboxState.PENDING.value,
            "attempts": 0,
            "next_at": self.now,
            "created_at": self.now,
        }
        if self.add(_outbox, row, unless=("idempotency_key",)):
            return item_id
        known = self.one(select(_outbox).where(_outbox.c.idempotency_key == row["idempotency_key"]))
        if known is None or known.payload != ref.sha256:
            raise ConfigurationError(
                f"the idempotency key {row['idempotency_key']!r} is in the outbox with other content",
                hint="A new payload needs a new key (its own control number); nothing was stored.",
            )
        return str(known.id)

    def outbox_due(
        self, *, limit: int = 100, partner: str | None = None, channel: str | None = None, now: datetime | None = None
    ) -> list[OutboxItem]:
        """What is to be delivered now, in the order in which it was put in."""
        found = [_outbox.c.state == OutboxState.PENDING.value, _outbox.c.next_at <= (now or self.now)]
        return self._items(found, partner, channel, limit)

    def outbox(
        self,
        *,
        state: OutboxState | str | None = None,
        partner: str | None = None,
        exchange_id: str | None = None,
        limit: int = 100,
    ) -> list[OutboxItem]:
        """Items of the outbox, oldest first."""
        found: list[ColumnElement[bool]] = []
        if state is not None:
            found.append(_outbox.c.state == OutboxState(state).value)
        if exchange_id is not None:
            found.append(_outbox.c.exchange_id == exchange_id)
        return self._items(found, partner, None, limit)

    def mark_delivered(self, item_id: str) -> None:
        """The item arrived. Saying so twice changes nothing. Raises NotFound."""
        values: dict[str, Any] = {"state": OutboxState.DELIVERED.value, "delivered_at": self.now, "error": ""}
        self._mark(item_id, {**values, "attempts": _outbox.c.attempts + 1})

    def mark_failed(self, item_id: str, error: str, retry_at: datetime | None = None) -> None:
        """The attempt failed. With ``retry_at`` it is due again then; without, a person must act (``failed``).

        A delivered item stays delivered. ``error`` must hold no secret.
        """
        values: dict[str, Any] = {"error": bounded(error, 2000), "attempts": _outbox.c.attempts + 1}
        if retry_at is None:
            values["state"] = OutboxState.FAILED.value
        else:
            values.update(state=OutboxState.PENDING.value, next_at=retry_at)
        self._mark(item_id, values)

    def _mark(self, item_id: str, values: dict[str, Any]) -> None:
        open_item = (_outbox.c.id == item_id) & (_outbox.c.state != OutboxState.DELIVERED.value)
        if self.write(update(_outbox).where(open_item).values(values)).rowcount:
            return
        if self.one(select(_outbox.c.id).where(_outbox.c.id == item_id)) is None:
            raise NotFound(f"the outbox has no item {bounded(item_id, 64)!r}")

    def _items(
        self, found: list[ColumnElement[bool]], partner: str | None, channel: str | None, limit: int
    ) -> list[OutboxItem]:
        if partner is not None:
            found = [*found, _outbox.c.partner == partner]
        if channel is not None:
            found = [*found, _outbox.c.channel == channel]
        return [_item(row) for row in self.rows(select(_outbox).where(*found).order_by(_outbox.c.number).limit(limit))]


def _item(row: Row[Any]) -> OutboxItem:
    return OutboxItem(
        id=row.id,
        partner=row.partner,
        channel=row.channel,
        payload=PayloadRef(row.payload, row.payload_size),
        filename=row.filename,
        idempotency_key=row.idempotency_key,
        exchange_id=row.exchange_id,
        state=OutboxState(row.state),
        attempts=row.attempts,
        next_at=row.next_at,
        created_at=row.created_at,
        delivered_at=row.delivered_at,
        error=row.error,
    )
