"""Sharing out what changed: one pass over the pools that were used, needed or whose customer changed since the last
one. Its cost is the number of those pools, whatever the number of customers and stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from hub.authorizations.lapsing import lapse
from hub.authorizations.merging import follow_merges
from hub.authorizations.pools import pool_at
from hub.authorizations.sharing import share_out
from hub.repository import FeedCursor, FeedCursorLost
from hub.repository.parties import party_named

if TYPE_CHECKING:
    from hub.authorizations.policies import Policies
    from hub.repository import Change, Repository, Transaction

LOCK = "rebalance rights"
_LEASE = timedelta(minutes=10)
_WINDOW = 5_000
_AT_ONCE = 50
_MARK = ("rights", "feed")


@dataclass(slots=True)
class Rebalanced:
    """What a run did: ``pools`` looked at, rights of which tills were ``told`` anew, approvals that ``lapsed``; and
    pools that are ``short``, because tills hold more than there is since a limit fell."""

    pools: int = 0
    told: int = 0
    lapsed: int = 0
    short: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As data for a command's output."""
        return asdict(self)


def rebalance(repo: Repository, policies: Policies, now: datetime) -> Rebalanced:
    """Share out every pool that changed. Raises ``TemporaryError`` while another process is at it; killed at any
    moment, the next run goes on."""
    done = Rebalanced()
    with repo.lock(LOCK, _LEASE) as lock:
        _follow_feed(repo)
        soon = now + timedelta(days=policies.right_days) / 2
        repo.retrying(lambda tx: tx.touch_pools(tx.ending_rights(soon)))
        with repo.read() as tx:
            began = tx.now  # what changes from now on is the next run's
        while True:
            with repo.read() as tx:
                ids = tx.changed_pools(_AT_ONCE, began)
            if not ids:
                return done
            for id_ in ids:
                repo.retrying(partial(_share, id_=id_, policies=policies, now=now, done=done))
            lock.renew()


def _share(tx: Transaction, id_: str, policies: Policies, now: datetime, done: Rebalanced) -> None:
    held = tx.lock_pool(id_)
    if held is None:
        return
    party = party_named(tx, held.owner, ())
    if party is not None and party.id != held.owner:
        name, before = replace(held.name, party=party.id) if held.name.party else held.name, held.owner
        tx.settle_pool(held.id)
        held = tx.lock_pools({name: party.id})[name]
        follow_merges(tx, held, {before})
    lapsed = lapse(tx, held.id, now)
    pool = pool_at(tx, held, policies, party)
    shared = share_out(tx, pool, policies, now)
    done.pools += 1
    done.told += shared.told
    done.lapsed += lapsed
    done.short += pool.free < 0


def _follow_feed(repo: Repository) -> None:
    """Mark the pools of customers and accounts that changed since the last run, whoever changed them."""
    cursor = _read_to(repo)
    while cursor is not None:
        try:
            changes = repo.feed(cursor, _WINDOW)
        except FeedCursorLost:
            cursor = None
            break
        if not changes:
            return
        cursor = FeedCursor(cursor.epoch, changes[-1].seq)
        repo.retrying(partial(_mark, changes=changes, cursor=cursor))
    # Never read, or not to be read on: whatever happened meanwhile, every pool is looked at.
    head = repo.feed_head()
    repo.retrying(partial(_mark, changes=None, cursor=head))


def _read_to(repo: Repository) -> FeedCursor | None:
    with repo.read() as tx:
        epoch, _, position = (tx.watermark(*_MARK) or "").partition(" ")
    return FeedCursor(epoch, int(position)) if position else None


def _mark(tx: Transaction, changes: Sequence[Change] | None, cursor: FeedCursor) -> None:
    if changes is None:
        touched = tx.every_pool()
    else:
        customers = {one.id for one in changes if one.entity == "Party"}
        accounts = tx.accounts_of({one.id for one in changes if one.entity == "LoyaltyEntry"})
        touched = [one.id for one in tx.pools_of(owners=customers, accounts=accounts)]
    tx.touch_pools(touched)
    tx.set_watermark(*_MARK, f"{cursor.epoch} {cursor.position}")
    tx.acknowledge_feed({"rights": cursor})
