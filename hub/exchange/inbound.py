"""One received payload's way through: identify, read, judge, store, acknowledge, answer.

The payload is in the repository before this begins. Every interchange ends in one transaction that holds its
documents, journal lines, acknowledgment, responses, control numbers and state. An interchange of more than ``chunk``
messages takes several: each moves the exchange's position, so that a run that was killed is continued where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from hub.errors import DocumentRejected, TemporaryError
from hub.exchange.completing import Completion
from hub.exchange.context import ExchangeReadContext
from hub.exchange.fence import fence
from hub.exchange.judgment import judged
from hub.exchange.outcome import Outcome, outcome_of
from hub.exchange.reading import HEAD
from hub.exchange.scan import Interchange, content_digest, interchanges
from hub.exchange.verdict import verdict_on
from hub.findings import Position, error
from hub.repository.records import ExchangeRecord, ExchangeState
from hub.translation import InterchangeClosed, InterchangeOpened, MessageRead

if TYPE_CHECKING:
    from hub.exchange.session import Hub
    from hub.repository import PayloadRef, Transaction
    from hub.translation import Event, Translator

_OPEN = (ExchangeState.RECEIVED, ExchangeState.PROCESSING)


class Inbound:
    """One payload being processed. ``source`` names the arrival: the same one again is continued, not repeated.
    ``folder`` is the partner whose folder it came through. ``replayed`` is the exchange that is processed again."""

    def __init__(
        self,
        hub: Hub,
        payload: PayloadRef,
        filename: str,
        source: str,
        *,
        folder: str = "",
        replayed: ExchangeRecord | None = None,
        tick: Callable[[int], None] = lambda count: None,
    ) -> None:
        self._hub, self._payload, self._filename, self._source = hub, payload, filename, source
        self._folder, self._replayed, self._tick = folder, replayed, tick
        self._chunk = hub.workspace.settings.receive.chunk
        self._root = ""

    def run(self, *, once: bool = False) -> list[Outcome]:
        """Process the payload to its end and return what became of each of its interchanges. With ``once``, an arrival
        that an earlier run finished is only reported. Raises ``TemporaryError`` where another run is at it, and
        ``ConfigurationError``; either leaves everything as it was after the last transaction."""
        finished = self._hub.repository.retrying(lambda tx: self._open(tx, once))
        if finished:
            return [outcome_of(record) for record in finished]
        try:
            translator = self._translator()
        except DocumentRejected as rejected:
            return [self._unidentified(rejected)]
        outcomes = []
        for interchange in self._scan(translator):
            record = self._record(interchange)
            if record.state not in _OPEN:
                outcomes.append(outcome_of(record))
                continue
            if self._split(interchange):
                refused = frozenset((interchange.ordinal,))
                again = self._scan(translator, refused)
                interchange = next(one for one in again if one.ordinal == interchange.ordinal)
            else:
                refused = frozenset()
            outcome = self._process(translator, interchange, record, refused)
            outcome.findings += self._hub.plugins.exchange_finished(outcome.as_dict())
            outcomes.append(outcome)
        return outcomes

    def failed(self, problem: Exception) -> Outcome:
        """Put the payload into quarantine because processing it met a mistake in the hub or a plugin. Interchanges of
        it that were finished stay so."""
        text = f"the hub failed on this payload: {type(problem).__name__}; see the log, then: hub journal replay"
        finding = error("hub.failed", text, Position(file=self._filename))
        with self._hub.repository.begin() as tx:
            records = [tx.exchange(self._root), *tx.exchanges(parent=self._root, limit=100_000)]
            record = next((one for one in records if one.state in _OPEN), records[0])
            if record.state in _OPEN:
                tx.update_exchange(
                    record.id, state=ExchangeState.QUARANTINED, findings=[*record.findings, finding], error=text
                )
        return Outcome(record.id, self._filename, ExchangeState.QUARANTINED, self._folder, findings=[finding])

    # -- the exchange's records -----------------------------------------------------------------------------------

    def _open(self, tx: Transaction, once: bool) -> list[ExchangeRecord]:
        """Find the exchange that an earlier run of this arrival left open, or open one. With ``once``, returns the
        records of an arrival that was finished."""
        fence(tx, "arrival", self._payload.sha256)
        mine = [
            record
            for record in tx.exchanges(direction="in", payload=self._payload.sha256, limit=100_000)
            if record.source == self._source
        ]
        open_ = [record for record in mine if record.state in _OPEN]
        if open_:
            self._root = open_[0].parent or open_[0].id
        elif mine and once:
            return sorted(mine, key=lambda record: (record.parent or record.id, record.ordinal))
        else:
            self._root = tx.open_exchange(
                direction="in",
                payload=self._payload,
                filename=self._filename,
                partner=self._folder,
                source=self._source,
            )
        return []

    def _record(self, interchange: Interchange) -> ExchangeRecord:
        """The record of an interchange: the payload's own for the first, for the others the one that was opened when
        the one before ended."""
        with self._hub.repository.read() as tx:
            if interchange.ordinal == 1:
                return tx.exchange(self._root)
            children = tx.exchanges(parent=self._root, limit=1_000_000)
            return next(record for record in children if record.ordinal == interchange.ordinal)

    def _unidentified(self, rejected: DocumentRejected) -> Outcome:
        findings = [
            finding.at(file=self._filename)
            for finding in rejected.findings or (error("payload.unidentified", str(rejected)),)
        ]
        with self._hub.repository.begin() as tx:
            tx.update_exchange(self._root, state=ExchangeState.QUARANTINED, findings=findings, error=str(rejected))
        return Outcome(self._root, self._filename, ExchangeState.QUARANTINED, self._folder, findings=findings)

    # -- reading --------------------------------------------------------------------------------------------------

    def _translator(self) -> Translator:
        with self._hub.repository.open_payload(self._payload.sha256) as stream:
            return self._hub.plugins.identify(stream.read(HEAD), self._filename)

    def _context(self) -> ExchangeReadContext:
        folder = self._hub.partners.named(self._folder) if self._folder else None
        return ExchangeReadContext(self._hub, self._filename, folder, assumed=True)

    def _events(self, translator: Translator, refused: frozenset[int] = frozenset()) -> Iterator[Event]:
        with self._hub.repository.open_payload(self._payload.sha256) as stream:
            yield from judged(self._hub, translator, stream, self._context(), refused=refused)

    def _scan(self, translator: Translator, refused: frozenset[int] = frozenset()) -> Iterator[Interchange]:
        return interchanges(self._events(translator, refused), self._payload.size, self._chunk)

    def _split(self, interchange: Interchange) -> bool:
        """Whether the agreement is all or nothing, and some of the interchange's messages were rejected."""
        partner, closed = self._context().partner(interchange.envelope), interchange.closed
        return partner is not None and partner.file.all_or_nothing and 0 < closed.accepted < closed.received

    # -- processing -----------------------------------------------------------------------------------------------

    def _process(
        self, translator: Translator, interchange: Interchange, record: ExchangeRecord, refused: frozenset[int]
    ) -> Outcome:
        repository, payload = self._hub.repository, self._payload
        content = content_digest(repository, payload, interchange.start, interchange.end)

        def complete(tx: Transaction, record: ExchangeRecord) -> Completion:
            return Completion(
                self._hub,
                tx,
                record,
                interchange,
                translator,
                self._context().partner(interchange.envelope),
                payload=payload,
                content=content,
                replayed=self._replayed,
            )

        def first(tx: Transaction) -> Outcome | None:
            """The verdict; and all the rest, if the interchange is small."""
            envelope = interchange.envelope
            fence(tx, "interchange", envelope.standard, envelope.sender, envelope.receiver)
            current = tx.exchange(record.id)
            if current.state not in _OPEN:
                return outcome_of(current)
            completion = complete(tx, current)
            if current.state is ExchangeState.RECEIVED:
                verdict = verdict_on(
                    self._hub,
                    tx,
                    envelope,
                    content,
                    partner=self._context().partner(envelope),
                    folder=self._folder,
                    ignored=self._ignored(tx, record.id),
                )
                if verdict.state is not None:
                    return completion.refuse(verdict)
                completion.begin()
            if interchange.messages is None:
                return None
            completion.keep([one for one in interchange.messages if one.position > current.position])
            return completion.finish(interchange.closed)

        outcome = repository.retrying(first)
        if outcome is None:
            outcome = self._in_chunks(translator, interchange, record.id, refused, complete)
        self._tick(interchange.closed.received)
        return outcome

    def _in_chunks(
        self,
        translator: Translator,
        interchange: Interchange,
        exchange_id: str,
        refused: frozenset[int],
        complete: Callable[[Transaction, ExchangeRecord], Completion],
    ) -> Outcome:
        """Read a large interchange a second time and keep its messages, a transaction for each chunk of them."""
        with self._hub.repository.read() as tx:
            done = tx.exchange(exchange_id).position
        chunk: list[MessageRead] = []

        def store(tx: Transaction, closed: InterchangeClosed | None = None) -> Outcome | None:
            current = tx.exchange(exchange_id)
            if current.state is not ExchangeState.PROCESSING or current.position != done:
                raise TemporaryError(
                    f"{self._filename}: another run processes this file (exchange {exchange_id}); it will finish it"
                )
            completion = complete(tx, current)
            completion.keep(chunk)
            if closed is not None:
                return completion.finish(closed)
            completion.go_on()
            return None

        for event in self._of(interchange, translator, refused):
            if isinstance(event, InterchangeClosed):
                outcome = self._hub.repository.retrying(partial(store, closed=event))
                assert outcome is not None
                return outcome
            if event.position > done:
                chunk.append(event)
            if len(chunk) >= self._chunk:
                self._hub.repository.retrying(store)
                self._tick(0)
                done, chunk = chunk[-1].position, []
        raise TemporaryError(f"{self._filename}: the payload changed while it was read; nothing more was stored")

    def _of(
        self, interchange: Interchange, translator: Translator, refused: frozenset[int]
    ) -> Iterator[MessageRead | InterchangeClosed]:
        """The messages and the end of one interchange of the payload."""
        ordinal = 1
        for event in self._events(translator, refused):
            if isinstance(event, InterchangeOpened):
                continue
            if ordinal == interchange.ordinal:
                yield event
            ordinal += isinstance(event, InterchangeClosed)

    def _ignored(self, tx: Transaction, exchange_id: str) -> frozenset[str]:
        """Exchanges that are no evidence of a duplicate: this one, and for a replay whatever came from this payload."""
        if self._replayed is None:
            return frozenset((exchange_id,))
        same = tx.exchanges(direction="in", payload=self._payload.sha256, limit=100_000)
        return frozenset((exchange_id, *(record.id for record in same)))
