"""What a transaction keeps of incoming messages: documents with their origin, journal lines, acknowledgments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.findings import Finding, error, notice, rejects
from hub.model.provenance import Provenance
from hub.repository.records import ExchangeState, LedgerState, MessageRecord

if TYPE_CHECKING:
    from hub.model import Document, Order
    from hub.partners import Partner
    from hub.repository import PayloadRef, Transaction
    from hub.translation import Acknowledged, Envelope, MessageRead

CONFLICT = "document.conflict"
_REFUSED = (LedgerState.REJECTED, LedgerState.APPLICATION_REJECTED)


@dataclass(slots=True)
class Kept:
    """What was done with some messages. ``orders`` are those that may be answered, with type and version of their
    message. ``known`` counts documents that the repository held already, unchanged."""

    accepted: int = 0
    documents: dict[str, int] = field(default_factory=dict)
    known: int = 0
    conflicts: int = 0
    orders: list[tuple[Order, str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    acknowledged: int = 0

    @property
    def nothing_new(self) -> bool:
        """Whether there were documents and the repository held all of them."""
        return self.known > 0 and not self.documents and not self.conflicts


class Keeper:
    """Keeps the messages of one exchange. ``again`` answers orders that are known already as well."""

    def __init__(
        self, tx: Transaction, exchange_id: str, payload: PayloadRef, file: str, partner: Partner | None, *, again: bool
    ) -> None:
        self._tx, self._exchange_id, self._payload, self._file = tx, exchange_id, payload, file
        self._partner = partner.name if partner is not None else ""
        self._again = again
        self.kept = Kept()

    def keep(self, messages: Sequence[MessageRead], *, allowed: bool) -> None:
        """Store the documents of accepted messages (of none, unless ``allowed``) and journal every message."""
        for message in messages:
            findings = [finding.at(file=self._file) for finding in message.findings]
            accepted = message.accepted and allowed
            if accepted:
                for document in message.documents:
                    findings += self._document(document, message)
                accepted = not rejects(findings)
                for said in message.acknowledged:
                    findings += self.acknowledged(said, message.envelope)
            self.kept.accepted += accepted
            self.kept.findings += findings
            self._tx.add_message(self._exchange_id, self._record(message, accepted, findings))

    def acknowledged(self, said: Acknowledged, envelope: Envelope) -> list[Finding]:
        """Match what a partner says about something that we sent; findings where it fits nothing, or says no."""
        verdict = self._tx.acknowledge(
            said, partner=self._partner, standard=envelope.standard, exchange_id=self._exchange_id
        )
        self.kept.acknowledged += 1
        what = f"{said.level} {said.message or said.group or said.interchange or said.reference}"
        if verdict.state in _REFUSED:
            for exchange_id in sorted({entry.exchange_id for entry in verdict.entries if entry.exchange_id}):
                self._tx.update_exchange(exchange_id, state=ExchangeState.REJECTED, error="rejected by the partner")
            by = "the partner's application" if said.application else "the partner"
            return [notice("acknowledgment.rejected", f"{by} rejects our {what} ({said.code})")]
        if verdict.state in (LedgerState.UNKNOWN, LedgerState.DOUBLE):
            told = "fits nothing that we sent" if verdict.state is LedgerState.UNKNOWN else "was given before"
            return [notice(f"acknowledgment.{verdict.state.value}", f"the acknowledgment of {what} {told}")]
        return []

    def _document(self, document: Document, message: MessageRead) -> list[Finding]:
        origin = Provenance(
            exchange_id=self._exchange_id,
            sha256=self._payload.sha256,
            file=self._file,
            interchange=message.envelope.control,
            group=message.group,
            message=message.control,
            position=message.position,
            mapping=message.mapping,
            received_at=self._tx.now,
        )
        whole = document.model_copy(update={"provenance": origin})
        stored = self._tx.put(whole, exchange_id=self._exchange_id, message=message.position, partner=self._partner)
        kept = self.kept
        if stored.conflict:
            kept.conflicts += 1
            return [error(CONFLICT, f"{stored.conflict} (exchange {stored.existing_exchange})")]
        if stored.changed:
            kept.documents[document.kind] = kept.documents.get(document.kind, 0) + 1
        else:
            kept.known += 1
        if document.kind == "Order" and (stored.changed or self._again):
            kept.orders.append((document, message.type, message.version))  # type: ignore[arg-type]
        return []

    @staticmethod
    def _record(message: MessageRead, accepted: bool, findings: Sequence[Finding]) -> MessageRecord:
        return MessageRecord(
            position=message.position,
            type=message.type,
            version=message.version,
            control=message.control,
            group=message.group,
            accepted=accepted,
            mapping=message.mapping,
            offset=message.offset,
            length=message.length,
            findings=tuple(findings),
        )
