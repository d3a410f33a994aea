"""The single repository: payloads, journal, documents, change feed, outbox and ledger, on SQLite or PostgreSQL.

Importing this package imports SQLAlchemy; the command line does so only for commands that need it.
"""

from __future__ import annotations

from hub.repository.failures import FeedCursorLost, NotFound, PayloadDamaged, RepositoryBusy, VersionConflict
from hub.repository.keys import thread_of
from hub.repository.locks import Lock
from hub.repository.records import (
    Change,
    DocumentRecord,
    ExchangeRecord,
    ExchangeState,
    FeedCursor,
    LedgerEntry,
    LedgerState,
    LedgerVerdict,
    MessageRecord,
    OutboxItem,
    OutboxState,
    PayloadRef,
    Stored,
)
from hub.repository.repository import Repository, everywhere
from hub.repository.transaction import Transaction

__all__ = [
    "Change",
    "DocumentRecord",
    "ExchangeRecord",
    "ExchangeState",
    "FeedCursor",
    "FeedCursorLost",
    "LedgerEntry",
    "LedgerState",
    "LedgerVerdict",
    "Lock",
    "MessageRecord",
    "NotFound",
    "OutboxItem",
    "OutboxState",
    "PayloadDamaged",
    "PayloadRef",
    "Repository",
    "RepositoryBusy",
    "Stored",
    "Transaction",
    "VersionConflict",
    "everywhere",
    "thread_of",
]
