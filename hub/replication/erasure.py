"""Erasing a customer everywhere the hub reaches: the repository, and what is sealed for the stores.

The stores get it as the removal of the row, with their next pull. Sealed segments that may hold the customer are made
to count as old, so that the sealer takes new snapshots of their buckets and drops them; stores that are up to date go
on from where they are.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from hub.replication import sealed_log
from hub.repository import feed
from hub.repository.wire_tables import sealed_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hub.replication.shelf import Shelf
    from hub.repository import Repository, Transaction
    from hub.repository.erasing import Erased

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_LEASE = timedelta(minutes=10)


def erase(
    repo: Repository,
    shelf: Shelf,
    document_id: str,
    seal: Callable[[], object],
    also: Callable[[Transaction], object] = lambda _tx: None,
) -> Erased:
    """Erase a customer; ``seal`` runs the sealer, ``also`` does in the same transaction what follows from it: that his
    cards are revoked must reach the stores (``hub.cards.publishing``). What was done stays done where it is
    interrupted: run it again. Raises ``NotFound`` for no customer, ``TemporaryError`` while another process seals or
    holds the database."""

    def work(tx: Transaction) -> Erased:
        done = tx.erase_customer(document_id)
        _age(tx, {*done.buckets, *_unknown(tx)})
        also(tx)
        return done

    done = repo.retrying(work)
    seal()
    with repo.lock("seal", _LEASE):  # nobody puts a segment there now that no row names yet
        with repo.read() as tx:
            kept = sealed_log.digests(tx)
        shelf.sweep(kept, grace=0)
    repo.compact()
    return done


def _unknown(tx: Transaction) -> set[str]:
    """Buckets with segments older than the feed: whether they hold the customer is not known any more."""
    purged = feed.purged(tx.connection)
    return {one.bucket for one in sealed_log.changes(tx) if one.first < purged}


def _age(tx: Transaction, buckets: Iterable[str]) -> None:
    for bucket in buckets:
        tx.write(update(sealed_segments).where(sealed_segments.c.bucket == bucket).values(created_at=_LONG_AGO))
