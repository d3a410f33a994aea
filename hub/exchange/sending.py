"""Outgoing payloads: written, journalled, put into outbox and acknowledgment ledger, in one transaction."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hub.exchange.context import ExchangeWriteContext, options_for
from hub.repository.keys import number_of
from hub.repository.records import ExchangeState, MessageRecord

if TYPE_CHECKING:
    from hub.exchange.agreed import OutgoingMessage
    from hub.exchange.session import Hub
    from hub.model.document import Document
    from hub.partners import Partner
    from hub.repository import Transaction
    from hub.repository.records import PayloadRef
    from hub.translation import Envelope, EnvelopeParty, Translator, Written

CHANNEL = "folder"
_KEY = 300


def key_of(*parts: object) -> str:
    """A counter's name from parts that may hold anything a partner sent; long or odd ones are hashed."""
    text = ":".join(map(str, parts))
    if len(text) <= _KEY and text.isprintable():
        return text
    return f"{parts[0]}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


@contextmanager
def undone(tx: Transaction) -> Iterator[None]:
    """Take back everything since here where the block raises, control numbers drawn included, and raise on: a payload
    that could not be written must not leave a gap in the numbers."""
    tx.flush()
    savepoint = tx.connection.begin_nested()
    try:
        yield
        tx.flush()
    except BaseException:
        savepoint.rollback()
        raise
    savepoint.commit()


def numbers(tx: Transaction, standard: str, sender: EnvelopeParty, receiver: EnvelopeParty) -> Callable[[str], int]:
    """Control numbers of interchanges from ``sender`` to ``receiver``, drawn in this transaction."""
    return lambda level: tx.next_control(key_of(standard, f"{sender}>{receiver}", level))


@dataclass(frozen=True, slots=True)
class Posted:
    """An outgoing payload that is in the outbox."""

    exchange_id: str
    payload: PayloadRef
    filename: str
    control: str
    type: str


class Sending:
    """What one transaction sends. ``cause`` is the exchange that it answers, '' for none."""

    def __init__(self, hub: Hub, tx: Transaction, cause: str = "") -> None:
        self._hub, self._tx, self._cause = hub, tx, cause
        self.posted: list[Posted] = []

    def answering(self, envelope: Envelope, partner: Partner | None) -> ExchangeWriteContext:
        """The context for an answer to an interchange: sender and receiver change places."""
        return ExchangeWriteContext(
            self._hub,
            envelope.receiver,
            envelope.sender,
            numbers(self._tx, envelope.standard, envelope.receiver, envelope.sender),
            partner=partner,
            test=envelope.test,
            now=self._tx.now,
            options=options_for(partner, envelope.standard, requested=envelope.acknowledge),
        )

    def documents(
        self, documents: Sequence[Document], to: OutgoingMessage, partner: Partner, answers: Envelope | None = None
    ) -> Posted:
        """Send documents of one kind to a partner, one interchange. Raises ``DocumentRejected`` where they cannot be
        written; then nothing of it is left in the transaction."""
        translator = self._hub.plugins.translators[to.standard]
        if answers is not None and answers.standard == to.standard and answers.sender.id:
            sender, receiver, test = answers.receiver, answers.sender, answers.test
        else:
            sender, receiver = self._hub.own_identity(to.standard, partner), partner.identity(to.standard)
            test = self._hub.workspace.settings.environment == "test"
        context = ExchangeWriteContext(
            self._hub,
            sender,
            receiver,
            numbers(self._tx, to.standard, sender, receiver),
            partner=partner,
            test=test,
            now=self._tx.now,
            options=options_for(partner, to.standard, to.agreement),
        )
        with undone(self._tx):
            written = translator.write(documents, to.message, to.version, context)
            return self.post(_referring(written, documents, partner.name), translator, partner, due=to.due)

    def post(
        self, written: Written, translator: Translator, partner: Partner | None, *, due: timedelta | None = None
    ) -> Posted:
        """Journal an outgoing payload and put it into the outbox. With ``due`` its messages wait for acknowledgment."""
        tx, envelope = self._tx, written.envelope
        name = partner.name if partner is not None else ""
        kind = written.messages[0].type if written.messages else ""
        filename = safe_name(written.filename or f"{kind or translator.name}-{envelope.control}.edi")
        ref = tx.store_payload(written.payload)
        exchange_id = tx.open_exchange(
            direction="out",
            payload=ref,
            filename=filename,
            partner=name,
            translator=translator.name,
            source=f"exchange:{self._cause}" if self._cause else "",
            length=ref.size,
            state=ExchangeState.PROCESSING,
        )
        tx.update_exchange(
            exchange_id,
            standard=envelope.standard,
            sender=envelope.sender,
            receiver=envelope.receiver,
            control=envelope.control,
            version=envelope.version,
            test=envelope.test,
            content_sha256=ref.sha256,
            received=len(written.messages),
            accepted=len(written.messages),
            findings=written.findings,
        )
        for position, message in enumerate(written.messages, 1):
            record = MessageRecord(position, message.type, message.version, message.control, message.group, mapping="")
            tx.add_message(exchange_id, record)
            if due is not None and envelope.control and message.control:
                tx.expect_acknowledgment(
                    partner=name,
                    exchange_id=exchange_id,
                    standard=envelope.standard,
                    sender=envelope.sender,
                    receiver=envelope.receiver,
                    interchange=envelope.control,
                    group=message.group,
                    message=message.control,
                    type=message.type,
                    due_at=tx.now + due,
                    reference=message.reference,
                )
        tx.enqueue(
            partner=name,
            channel=CHANNEL,
            payload=ref,
            filename=filename,
            idempotency_key=exchange_id,
            exchange_id=exchange_id,
        )
        posted = Posted(exchange_id, ref, filename, envelope.control, kind)
        self.posted.append(posted)
        return posted

    def again(self, original: str, payload: PayloadRef, filename: str, partner: Partner | None) -> bool:
        """Put a payload into the outbox once more, under its own file name, unless it is still waiting there.
        ``original`` is the exchange whose answer it is. Returns whether it was put in."""
        name = partner.name if partner is not None else ""
        waiting = self._tx.outbox(state="pending", partner=name, limit=10_000)
        if any(item.payload == payload and item.filename == filename for item in waiting):
            return False
        self._tx.enqueue(
            partner=name,
            channel=CHANNEL,
            payload=payload,
            filename=filename,
            idempotency_key=f"{original}:again:{self._cause}",
            exchange_id="",
        )
        self.posted.append(Posted("", payload, filename, "", ""))
        return True


def _referring(written: Written, documents: Sequence[Document], partner: str) -> Written:
    """The messages with the numbers of their documents, where each holds one: a partner may quote those only."""
    if len(written.messages) != len(documents):
        return written
    numbered = tuple(
        replace(message, reference=message.reference or number_of(document, partner))
        for message, document in zip(written.messages, documents, strict=True)
    )
    return replace(written, messages=numbered)


def safe_name(name: str) -> str:
    """A file name that is no path and no option, whatever a translator or a partner's data made of it."""
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "_", name.replace("\\", "/").rpartition("/")[2]).strip("._-")
    return cleaned[-120:].lstrip("._-") or "payload"
