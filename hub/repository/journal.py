"""The journal: one record per exchange, its messages with their findings, and how to find them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select, update

from hub.findings import Finding
from hub.repository.failures import NotFound
from hub.repository.finding_text import findings_of, findings_text, mapping_of, mapping_text
from hub.repository.identifiers import new_id
from hub.repository.records import ExchangeRecord, ExchangeState, MessageRecord, PayloadRef
from hub.repository.tables import documents, exchanges, messages, orders
from hub.repository.types import bounded
from hub.repository.work import Work

_SPECIAL = ("state", "payload", "acknowledgment", "summary", "findings")
_PLAIN = tuple(name for name in ExchangeRecord.__dataclass_fields__ if name not in _SPECIAL)
_TEXTS = frozenset(
    (
        *("partner", "translator", "standard", "sender", "receiver", "control", "version"),
        *("content_sha256", "acknowledgment_filename"),
    )
)
_NUMBERS = frozenset(("offset", "length", "position", "received", "accepted"))


class Journal(Work):
    """Part of a transaction."""

    def open_exchange(
        self,
        *,
        direction: str,
        payload: PayloadRef,
        filename: str = "",
        partner: str = "",
        translator: str = "",
        source: str = "",
        parent: str = "",
        ordinal: int = 1,
        offset: int = 0,
        length: int = 0,
        state: ExchangeState = ExchangeState.RECEIVED,
    ) -> str:
        """A new exchange for a payload that is stored already; returns its id.

        ``direction`` is ``in`` or ``out``; ``source`` says where it came from (folder, endpoint). For each
        interchange of a payload with several: ``parent``, ``ordinal`` from 1, ``offset`` and ``length`` in bytes.
        """
        if direction not in ("in", "out"):
            raise ValueError(f"direction must be 'in' or 'out', not {direction!r}")
        exchange_id = new_id()
        self.add(
            exchanges,
            {
                "id": exchange_id,
                "direction": direction,
                "state": ExchangeState(state).value,
                "payload": payload.sha256,
                "payload_size": payload.size,
                "filename": bounded(filename),
                "partner": bounded(partner),
                "translator": bounded(translator),
                "source": bounded(source),
                "parent": parent,
                "ordinal": ordinal,
                "offset": offset,
                "length": length,
                "test": False,
                "created_at": self.now,
                "updated_at": self.now,
            },
        )
        return exchange_id

    def update_exchange(
        self,
        exchange_id: str,
        *,
        state: ExchangeState | str | None = None,
        test: bool | None = None,
        acknowledgment: PayloadRef | None = None,
        error: str | None = None,
        summary: Mapping[str, Any] | None = None,
        findings: Sequence[Finding] | None = None,
        **known: Any,
    ) -> None:
        """Change what is known of an exchange; what is not given stays.

        ``known``: partner, translator, standard, sender, receiver, control, version, content_sha256,
        acknowledgment_filename (text, or an ``EnvelopeParty``); offset, length, position, received, accepted
        (numbers). Raises NotFound, and TypeError for any other name.
        """
        row: dict[str, Any] = {"updated_at": self.now}
        for name, value in known.items():
            if name in _TEXTS:
                row[name] = bounded(value)
            elif name in _NUMBERS:
                row[name] = int(value)
            else:
                raise TypeError(f"update_exchange() knows no {name!r}")
        if state is not None:
            row["state"] = ExchangeState(state).value
        if test is not None:
            row["test"] = test
        if acknowledgment is not None:
            row["acknowledgment"], row["acknowledgment_size"] = acknowledgment.sha256, acknowledgment.size
        if error is not None:
            row["error"] = bounded(error, 4000)
        if summary is not None:
            row["summary"] = mapping_text(summary)
        if findings is not None:
            row["findings"] = findings_text(findings)
        if not self.write(update(exchanges).where(exchanges.c.id == exchange_id).values(row)).rowcount:
            raise _absent(exchange_id)

    def exchange(self, exchange_id: str) -> ExchangeRecord:
        """One journal entry. Raises NotFound."""
        row = self.one(select(exchanges).where(exchanges.c.id == exchange_id))
        if row is None:
            raise _absent(exchange_id)
        return _record(row)

    def exchanges(
        self,
        *,
        state: ExchangeState | str | None = None,
        partner: str | None = None,
        direction: str | None = None,
        parent: str | None = None,
        payload: str | None = None,
        since: datetime | None = None,
        before: str = "",
        limit: int = 100,
    ) -> list[ExchangeRecord]:
        """Journal entries that fit all filters, newest first. ``before`` is an id, to read on from."""
        found: list[ColumnElement[bool]] = []
        for column, value in (
            (exchanges.c.state, None if state is None else ExchangeState(state).value),
            (exchanges.c.partner, partner),
            (exchanges.c.direction, direction),
            (exchanges.c.parent, parent),
            (exchanges.c.payload, payload),
        ):
            if value is not None:
                found.append(column == value)
        if since is not None:
            found.append(exchanges.c.created_at >= since)
        if before:
            found.append(exchanges.c.id < before)
        return self._select(and_(True, *found), limit, newest=True)

    def find_interchanges(
        self, standard: str, sender: object, receiver: object, control: str, *, direction: str = "in", exclude: str = ""
    ) -> list[ExchangeRecord]:
        """Exchanges with the same envelope, oldest first: the evidence for the duplicate verdict. ``exclude`` is
        the exchange that asks. Sender and receiver are text or ``EnvelopeParty``."""
        return self._select(
            and_(
                exchanges.c.control == bounded(control),
                exchanges.c.standard == standard,
                exchanges.c.sender == bounded(sender),
                exchanges.c.receiver == bounded(receiver),
                exchanges.c.direction == direction,
                exchanges.c.id != exclude,
            ),
            1000,
        )

    def find_content(self, sha256: str, *, standard: str = "", exclude: str = "") -> list[ExchangeRecord]:
        """Incoming exchanges whose interchange, or whole payload, has this SHA-256, oldest first."""
        same = or_(exchanges.c.content_sha256 == sha256, exchanges.c.payload == sha256)
        found = [same, exchanges.c.direction == "in", exchanges.c.id != exclude]
        if standard:
            found.append(exchanges.c.standard == standard)
        return self._select(and_(*found), 1000)

    def search(self, text: str, limit: int = 100) -> list[ExchangeRecord]:
        """Exchanges that have to do with ``text``, newest first: its beginning of an id, a payload's SHA-256, an
        interchange or message control number, a document's number or seller's order number; or any part of a
        file name or partner."""
        wanted = bounded(text.strip(), 100)
        if not wanted:
            return []
        begins = wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        by_document = select(documents.c.exchange_id).where(documents.c.number.like(begins, escape="\\"))
        by_order = (
            select(documents.c.exchange_id)
            .join(orders, orders.c.document_id == documents.c.id)
            .where(orders.c.seller_order_id == wanted)
        )
        by_message = select(messages.c.exchange_id).where(messages.c.control == wanted)
        return self._select(
            or_(
                exchanges.c.id.like(begins, escape="\\"),
                exchanges.c.payload.like(begins, escape="\\"),
                exchanges.c.control == wanted,
                exchanges.c.filename.ilike("%" + begins, escape="\\"),
                exchanges.c.partner.ilike("%" + begins, escape="\\"),
                exchanges.c.id.in_(by_document),
                exchanges.c.id.in_(by_order),
                exchanges.c.id.in_(by_message),
            ),
            limit,
            newest=True,
        )

    def add_message(self, exchange_id: str, message: MessageRecord) -> None:
        """Journal one message of an exchange. ``position`` is unique in the exchange."""
        self.queue(
            messages,
            {
                "exchange_id": exchange_id,
                "position": message.position,
                "type": bounded(message.type),
                "version": bounded(message.version),
                "control": bounded(message.control),
                "grp": bounded(message.group),
                "accepted": message.accepted,
                "mapping": bounded(message.mapping),
                "offset": message.offset,
                "length": message.length,
                "findings": findings_text(message.findings),
            },
        )
        self.flush_if_large()

    def messages(
        self, exchange_id: str, *, accepted: bool | None = None, after: int = 0, limit: int = 10_000
    ) -> list[MessageRecord]:
        """The messages of an exchange in order, after position ``after``."""
        found = [messages.c.exchange_id == exchange_id, messages.c.position > after]
        if accepted is not None:
            found.append(messages.c.accepted.is_(accepted))
        query = select(messages).where(*found).order_by(messages.c.position).limit(limit)
        return [
            MessageRecord(
                position=row.position,
                type=row.type,
                version=row.version,
                control=row.control,
                group=row.grp,
                accepted=row.accepted,
                mapping=row.mapping,
                offset=row.offset,
                length=row.length,
                findings=findings_of(row.findings),
            )
            for row in self.rows(query)
        ]

    def _select(self, where: ColumnElement[bool], limit: int, *, newest: bool = False) -> list[ExchangeRecord]:
        order = exchanges.c.id.desc() if newest else exchanges.c.id
        return [_record(row) for row in self.rows(select(exchanges).where(where).order_by(order).limit(limit))]


def _record(row: Row[Any]) -> ExchangeRecord:
    data = row._mapping
    answer = PayloadRef(data["acknowledgment"], data["acknowledgment_size"]) if data["acknowledgment"] else None
    return ExchangeRecord(
        state=ExchangeState(data["state"]),
        payload=PayloadRef(data["payload"], data["payload_size"]),
        acknowledgment=answer,
        summary=mapping_of(data["summary"]),
        findings=findings_of(data["findings"]),
        **{name: data[name] for name in _PLAIN},
    )


def _absent(exchange_id: str) -> NotFound:
    return NotFound(
        f"the journal has no exchange {bounded(exchange_id, 64)!r}", hint="hub journal list shows those there are."
    )
