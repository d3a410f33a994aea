"""Transactions that must not pass each other."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import func, select

if TYPE_CHECKING:
    from hub.repository import Transaction


def fence(tx: Transaction, *name: object) -> None:
    """Let one transaction at a time go on that names the same thing, until it ends.

    SQLite has a single writer anyway; on PostgreSQL it is an advisory lock of the transaction, so that two runs that
    ask "was this received before?" cannot both be told no."""
    if tx.postgresql:
        digest = hashlib.sha256("\0".join(map(str, name)).encode("utf-8", "surrogatepass")).digest()
        key = int.from_bytes(digest[:8], "big", signed=True)
        tx.connection.execute(select(func.pg_advisory_xact_lock(key)))
