"""The end of an incoming interchange, inside its transaction: verdict, acknowledgment, responses, state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hub.errors import DocumentRejected
from hub.exchange.answers import FAILED, answer_orders
from hub.exchange.deviations import DeviationCount
from hub.exchange.judgment import stores
from hub.exchange.keeping import Keeper
from hub.exchange.outcome import Outcome, shown
from hub.exchange.sending import Sending, undone
from hub.findings import Finding, error, notice
from hub.repository.records import ExchangeRecord, ExchangeState
from hub.translation import InterchangeClosed, MessageRead, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hub.exchange.scan import Interchange
    from hub.exchange.session import Hub
    from hub.exchange.verdict import Verdict
    from hub.partners import Partner
    from hub.repository import PayloadRef, Transaction
    from hub.translation import Translator, WriteContext, Written

_ENDS = {Status.ACCEPTED: ExchangeState.ACCEPTED, Status.REJECTED: ExchangeState.REJECTED}


class Completion:
    """One transaction's work on one interchange. ``replayed`` is the exchange that is being processed again: known
    documents are then no duplicates, and what was acknowledged is not acknowledged twice."""

    def __init__(
        self,
        hub: Hub,
        tx: Transaction,
        record: ExchangeRecord,
        interchange: Interchange,
        translator: Translator,
        partner: Partner | None,
        *,
        payload: PayloadRef,
        content: str,
        replayed: ExchangeRecord | None,
    ) -> None:
        self._hub, self._tx, self._record, self._interchange = hub, tx, record, interchange
        self._translator, self._partner, self._replayed = translator, partner, replayed
        again = partner is not None and partner.file.duplicates.same_content == "process"
        self._keeper = Keeper(tx, record.id, payload, record.filename, partner, again=again and replayed is None)
        self._sending = Sending(hub, tx, record.id)
        self._content = content
        self._findings: list[Finding] = [*interchange.findings]
        self._position, self._accepted = record.position, record.accepted

    def begin(self) -> None:
        """Say whose the exchange is and that it is being processed."""
        envelope = self._interchange.envelope
        self._tx.update_exchange(
            self._record.id,
            state=ExchangeState.PROCESSING,
            partner=self._partner.name if self._partner is not None else self._record.partner,
            translator=self._translator.name,
            standard=envelope.standard,
            sender=envelope.sender,
            receiver=envelope.receiver,
            control=envelope.control,
            version=envelope.version,
            test=envelope.test,
            content_sha256=self._content,
            offset=self._interchange.start,
            length=self._interchange.end - self._interchange.start,
        )

    def keep(self, messages: Sequence[MessageRead]) -> None:
        """Store some of the interchange's messages; the exchange's position moves with them."""
        self._keeper.keep(messages, allowed=stores(self._interchange.closed))
        self._position = messages[-1].position if messages else self._record.position
        self._accepted = self._record.accepted + self._keeper.kept.accepted

    def go_on(self) -> None:
        """The end of a transaction after which more messages of the interchange follow."""
        self._count(self._keeper.kept.findings)
        self._answer()
        self._tx.update_exchange(
            self._record.id,
            position=self._position,
            accepted=self._accepted,
            summary=self._summary(),
            findings=shown([*self._record.findings, *self._keeper.kept.findings]),
        )

    def _count(self, findings: Sequence[Finding]) -> None:
        """Enter the partner's deviations; a replay shows nothing that was not counted."""
        if self._partner is None or self._replayed is not None:
            return
        deviations = DeviationCount(self._translator)
        deviations.add(findings)
        standard = self._interchange.envelope.standard
        self._tx.count_deviations(self._partner.name, standard, deviations.counts, self._record.id)

    def _answer(self) -> None:
        kept = self._keeper.kept
        if kept.orders and self._partner is not None:
            kept.findings += answer_orders(
                self._hub,
                self._tx,
                self._sending,
                kept.orders,
                self._partner,
                self._interchange.envelope,
                self._record.filename,
            )

    def _summary(self) -> dict[str, Any]:
        """Counts over all transactions of the interchange so far."""
        kept, before = self._keeper.kept, self._record.summary
        documents = dict(before.get("documents", {}))
        for kind, count in kept.documents.items():
            documents[kind] = documents.get(kind, 0) + count
        return {
            "documents": documents,
            "known": before.get("known", 0) + kept.known,
            "conflicts": before.get("conflicts", 0) + kept.conflicts,
            "acknowledged": before.get("acknowledged", 0) + kept.acknowledged,
            "sent": [*before.get("sent", []), *(posted.filename for posted in self._sending.posted)],
        }

    def finish(self, closed: InterchangeClosed) -> Outcome:
        """The last transaction of an interchange that was processed: acknowledge it, answer what is still to be
        answered, and say how it ended."""
        for said in self._interchange.acknowledged:
            self._findings += self._keeper.acknowledged(said, closed.envelope)
        self._findings += closed.findings
        self._count([*self._keeper.kept.findings, *self._findings])
        state = self._state(closed)
        if self._replayed is None or self._replayed.acknowledgment is None:
            written = self._acknowledge(closed, lambda context: self._translator.acknowledge(closed, context))
            if not written and state is ExchangeState.ACCEPTED:
                state = ExchangeState.PARTIAL
        self._answer()
        found = [*self._record.findings, *self._keeper.kept.findings]
        if state is ExchangeState.ACCEPTED and any(finding.code == FAILED for finding in found):
            state = ExchangeState.PARTIAL  # an order without its answer is somebody's business
        return self._end(state, closed, found)

    def refuse(self, verdict: Verdict) -> Outcome:
        """The only transaction of an interchange that is not processed."""
        assert verdict.state is not None
        closed = self._interchange.closed
        self.begin()
        if verdict.finding is not None:
            self._findings.append(verdict.finding)
        self._findings += closed.findings
        # Refusing what only acknowledges would be acknowledging it.
        if (reason := verdict.refusal) and closed.wants_acknowledgment:
            self._acknowledge(closed, lambda context: self._translator.refuse(closed.envelope, reason, context))
        original = verdict.original
        if original is not None and original.acknowledgment is not None:
            self._sending.again(original.id, original.acknowledgment, original.acknowledgment_filename, self._partner)
            self._tx.update_exchange(
                self._record.id,
                acknowledgment=original.acknowledgment,
                acknowledgment_filename=original.acknowledgment_filename,
            )
        return self._end(verdict.state, closed, [])

    def _acknowledge(self, closed: InterchangeClosed, write: Callable[[WriteContext], Written | None]) -> bool:
        """Send what ``write`` makes, if anything. False, and a finding, where it cannot be written."""
        try:
            with undone(self._tx):
                written = write(self._sending.answering(closed.envelope, self._partner))
                if written is not None:
                    posted = self._sending.post(written, self._translator, self._partner)
                    self._tx.update_exchange(
                        self._record.id, acknowledgment=posted.payload, acknowledgment_filename=posted.filename
                    )
        except DocumentRejected as rejected:
            self._findings.append(error("acknowledgment.failed", f"no acknowledgment could be written: {rejected}"))
            return False
        return True

    def _state(self, closed: InterchangeClosed) -> ExchangeState:
        summary = self._summary()
        if closed.status is Status.REJECTED or (closed.received and not self._accepted):
            return ExchangeState.REJECTED
        if closed.status is Status.PARTIAL or self._accepted < closed.received:
            return ExchangeState.PARTIAL
        new = any(summary["documents"].values()) or summary["conflicts"]
        if new or not summary["known"] or self._replayed is not None or self._partner is None:
            return ExchangeState.ACCEPTED
        policy = self._partner.file.duplicates.same_content
        if policy == "process":
            return ExchangeState.ACCEPTED
        told = "all documents of it were received before, unchanged; none of them was processed again"
        if policy == "quarantine":
            self._findings.append(error("interchange.same_content", told))
            return ExchangeState.QUARANTINED
        self._findings.append(notice("interchange.same_content", told))
        return ExchangeState.DUPLICATE

    def _end(self, state: ExchangeState, closed: InterchangeClosed, found: Sequence[Finding]) -> Outcome:
        """Write the exchange's last state. ``found`` are the findings of its messages."""
        record, summary = self._record, self._summary()
        placed = [one.at(file=record.filename, interchange=closed.envelope.control) for one in self._findings]
        findings = shown([*found, *placed]) if state is not ExchangeState.DUPLICATE else shown(placed)
        self._tx.update_exchange(
            record.id,
            state=state,
            position=self._position,
            received=closed.received,
            accepted=self._accepted,
            findings=findings,
            summary=summary,
        )
        if not self._interchange.last:
            self._tx.open_exchange(
                direction="in",
                payload=record.payload,
                filename=record.filename,
                source=record.source,
                parent=record.parent or record.id,
                ordinal=record.ordinal + 1,
                offset=self._interchange.end,
            )
        partner = self._partner.name if self._partner is not None else ""
        return Outcome(
            record.id,
            record.filename,
            state,
            partner,
            closed.envelope.standard,
            closed.envelope.control,
            closed.received,
            self._accepted,
            dict(summary["documents"]),
            findings,
            list(summary["sent"]),
        )
