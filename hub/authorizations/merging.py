"""Customers that were merged: what was held and approved for one counts against the other's limit."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.repository import Transaction
    from hub.repository.rights import PoolRecord


def follow_merges(tx: Transaction, pool: PoolRecord, before: Collection[str]) -> None:
    """Bring into a locked pool of credit what is of the customers ``before``, documents that were merged into its own.
    Points are known by their account, whoever's it is."""
    if pool.name.resource != "credit":
        return
    for other in tx.pools_of(owners=[one for one in before if one and one != pool.owner]):
        if other.name.resource == "credit" and other.name.currency == pool.name.currency:
            tx.lock_pool(other.id)
            tx.merge_pools(other, pool)
