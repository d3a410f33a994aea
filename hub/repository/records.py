"""What the repository hands out and takes in: plain frozen records, no SQLAlchemy behind them.

Times are aware ``datetime`` in UTC. Ids are UUIDv7 text (36 characters, ordered by time of creation). Control
numbers are kept as sent. Findings are :class:`hub.findings.Finding`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub.findings import Finding
    from hub.model.document import Document


class ExchangeState(StrEnum):
    """Where an exchange is: received -> processing -> one of the four ends. ``duplicate`` is an end as well."""

    RECEIVED = "received"
    PROCESSING = "processing"
    ACCEPTED = "accepted"
    PARTIAL = "partial"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"


class OutboxState(StrEnum):
    """``pending`` is tried again when ``next_at`` comes; ``failed`` waits for a person; ``delivered`` is done."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class LedgerState(StrEnum):
    """State of one line of the acknowledgment ledger.

    ``waiting`` (due in future) · ``late`` (waiting and overdue; never stored, always computed) · ``accepted`` ·
    ``accepted_with_errors`` (997 AK501/AK901 ``E``) · ``partial`` (997 AK901 ``P`` and this message not named) ·
    ``rejected`` · ``double`` (answers what was answered before) · ``unknown`` (answers what we never sent).

    After these, which are about the form, may come the partner's application (X12 824) with its say about the content:
    ``application_accepted``, ``application_accepted_with_errors``, ``application_partial`` (some items were refused),
    ``application_rejected``.
    """

    WAITING = "waiting"
    LATE = "late"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    PARTIAL = "partial"
    REJECTED = "rejected"
    DOUBLE = "double"
    UNKNOWN = "unknown"
    APPLICATION_ACCEPTED = "application_accepted"
    APPLICATION_ACCEPTED_WITH_ERRORS = "application_accepted_with_errors"
    APPLICATION_PARTIAL = "application_partial"
    APPLICATION_REJECTED = "application_rejected"


@dataclass(frozen=True, slots=True)
class PayloadRef:
    """Names stored bytes: SHA-256 as 64 hexadecimal digits, size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """One journal entry: a payload, or one interchange of a payload that holds several (then ``parent`` is the
    exchange of the whole payload, ``ordinal`` counts from 1, ``offset``/``length`` are its bytes).

    ``direction`` is ``in`` or ``out``. ``sender`` and ``receiver`` are ``str(EnvelopeParty)`` (``ZZ:ACME``).
    ``content_sha256`` is the hash of the interchange's own bytes, which the duplicate verdict compares.
    ``position`` is how many messages are committed: processing resumes after it. ``received``/``accepted`` count
    messages. ``acknowledgment`` is the answer that was sent, to be sent again for a duplicate.
    """

    id: str
    direction: str
    state: ExchangeState
    payload: PayloadRef
    created_at: datetime
    updated_at: datetime
    filename: str = ""
    partner: str = ""
    translator: str = ""
    source: str = ""
    parent: str = ""
    ordinal: int = 1
    offset: int = 0
    length: int = 0
    content_sha256: str = ""
    standard: str = ""
    sender: str = ""
    receiver: str = ""
    control: str = ""
    version: str = ""
    test: bool = False
    position: int = 0
    received: int = 0
    accepted: int = 0
    acknowledgment: PayloadRef | None = None
    acknowledgment_filename: str = ""
    error: str = ""
    summary: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """One message of an exchange, as :class:`hub.translation.MessageRead` describes it, without its documents."""

    position: int
    type: str
    version: str = ""
    control: str = ""
    group: str = ""
    accepted: bool = True
    mapping: str = ""
    offset: int = 0
    length: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """What ``put`` did. ``changed`` is False where the repository held the same content already.

    ``conflict`` is empty, or says why nothing was written: a second original with the same key and other content.
    ``existing_exchange`` is then the exchange that brought the document which was kept.
    """

    id: str
    version: int
    changed: bool
    kind: str = ""
    key: str = ""
    conflict: str = ""
    existing_exchange: str = ""


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A stored document: its newest version, or the one that was asked for. ``json`` is the exact canonical text.

    ``key`` is the business key, ``thread`` ties an order, its changes and its responses together, ``number`` is
    what a person calls the document (purchase order number, item number).
    """

    id: str
    kind: str
    key: str
    thread: str
    number: str
    partner: str
    version: int
    deleted: bool
    json: str
    exchange_id: str
    message: int
    scopes: frozenset[str]
    created_at: datetime
    updated_at: datetime

    @property
    def document(self) -> Document:
        """The document itself, validated by its model again."""
        from hub.model import Document

        return Document.from_json(self.kind, self.json)

    def data(self) -> dict[str, Any]:
        """The canonical JSON as plain data, unvalidated; decimals are text."""
        loaded: dict[str, Any] = json.loads(self.json)
        return loaded


@dataclass(frozen=True, slots=True, order=True)
class FeedCursor:
    """A place in the change feed. ``position`` only grows within an ``epoch``; a new epoch (after a restore) means
    that everything is to be loaded again. Compare cursors of one epoch only."""

    epoch: str
    position: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.position}"

    @classmethod
    def parse(cls, text: str) -> FeedCursor:
        """The cursor that ``str()`` wrote. Raises ValueError for anything else."""
        epoch, colon, position = text.rpartition(":")
        if not (colon and epoch and position.isdigit()):
            raise ValueError(f"not a feed cursor: {text[:80]!r}; expected EPOCH:NUMBER")
        return cls(epoch, int(position))


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the change feed. ``entity`` is the document's kind, ``op`` is ``PUT`` or ``DEL``.

    ``old_scopes`` are those stored before the change (empty for a new document), so a reader sends ``DEL`` to
    ``left`` and ``PUT`` to ``new_scopes``. ``json`` is the document exactly as of this change ('' for ``DEL``).
    """

    cursor: FeedCursor
    entity: str
    id: str
    op: str
    version: int
    old_scopes: frozenset[str]
    new_scopes: frozenset[str]
    json: str = ""
    exchange_id: str = ""
    origin: str = ""

    @property
    def seq(self) -> int:
        """The position in the feed: unique and growing, never an internal transaction number."""
        return self.cursor.position

    @property
    def left(self) -> frozenset[str]:
        """Scopes that no longer hold the document."""
        return self.old_scopes - self.new_scopes

    @property
    def row(self) -> dict[str, Any] | None:
        """The document as plain data, or None for ``DEL``."""
        if not self.json:
            return None
        loaded: dict[str, Any] = json.loads(self.json)
        return loaded


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """Something to deliver. The same ``idempotency_key`` goes with every attempt. ``next_at`` is when to try."""

    id: str
    partner: str
    channel: str
    payload: PayloadRef
    filename: str
    idempotency_key: str
    exchange_id: str
    state: OutboxState
    attempts: int
    next_at: datetime
    created_at: datetime
    delivered_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One outgoing message that waits for its acknowledgment, or an acknowledgment that fits none.

    ``sender``/``receiver`` are ours and the partner's as in the outgoing envelope. ``exchange_id`` is the outgoing
    exchange, ``answered_by`` the incoming one that carried the acknowledgment. ``late`` is True once it came, or is
    still missing, after ``due_at``. ``interchange_code`` is what TA1 or CONTRL said about the whole interchange.
    ``related`` is the entry that a ``double`` repeats. ``reference`` is the number of the document that was sent.
    ``state`` is the furthest that is known; ``functional`` is the state without the application's say, of which
    ``application_code``, ``application_at``, ``application_by`` and ``application_findings`` tell.
    """

    id: str
    partner: str
    standard: str
    state: LedgerState
    exchange_id: str = ""
    sender: str = ""
    receiver: str = ""
    interchange: str = ""
    group: str = ""
    message: str = ""
    type: str = ""
    code: str = ""
    interchange_code: str = ""
    due_at: datetime | None = None
    decided_at: datetime | None = None
    late: bool = False
    answered_by: str = ""
    related: str = ""
    created_at: datetime | None = None
    findings: tuple[Finding, ...] = ()
    reference: str = ""
    functional: LedgerState = LedgerState.WAITING
    application_code: str = ""
    application_at: datetime | None = None
    application_by: str = ""
    application_findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviationRecord:
    """How often a partner deviated in one way: ``count`` findings in so many ``exchanges``."""

    partner: str
    standard: str
    name: str
    count: int
    exchanges: int
    first_at: datetime
    last_at: datetime
    last_exchange: str


@dataclass(frozen=True, slots=True)
class LedgerVerdict:
    """What an acknowledgment did to the ledger: its own state, and the entries it touched (none if unknown)."""

    state: LedgerState
    entries: tuple[LedgerEntry, ...] = ()
    late: bool = False
