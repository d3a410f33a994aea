"""What tills need: noted with every upload and question, what is longer ago counts less."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hub.authorizations.pools import pool_name
from hub.repository.parties import party_named
from hub.repository.rights import ZERO, PoolName
from hub.repository.types import bounded, scaled

if TYPE_CHECKING:
    from hub.authorizations.policies import Policies
    from hub.repository import Transaction

_AT_MOST = 1_000
"""Entries of one upload that are looked at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a till says that it needed: ``amount`` of a resource of a customer or account."""

    resource: str
    party: str
    account: str
    currency: str
    amount: Decimal


def read_demand(given: Any) -> list[Wanted]:
    """The ``demand`` of an upload. It is a hint: what is not understood is left out."""
    found = []
    for one in given[:_AT_MOST] if isinstance(given, list) else ():
        if not isinstance(one, Mapping) or not all(isinstance(one.get(name, ""), str) for name in _TEXTS):
            continue
        amount = scaled(one.get("wanted"))
        resource, party, account, currency = (bounded(one.get(name, "")) for name in _TEXTS[:4])
        known = (resource == "credit" and party and len(currency) <= 3) or (resource == "points" and account)
        if known and amount is not None and amount > 0:
            found.append(Wanted(resource, party, account, currency, amount))
    return found


_TEXTS = ("resource", "party_id", "account_id", "currency", "wanted")


def note_demands(
    tx: Transaction, store: str, outbox: str, wanted: Iterable[Wanted], policies: Policies, now: datetime
) -> None:
    """Note what an outbox of ``store`` needed. Customers that the hub does not know are left out."""
    sums: dict[PoolName, Decimal] = {}
    owners: dict[PoolName, str] = {}
    for one in wanted:
        party = party_named(tx, one.party, [store])
        if one.resource == "credit" and party is None:
            continue
        name = pool_name(one.resource, party, one.account, one.currency)
        sums[name] = sums.get(name, ZERO) + one.amount
        owners[name] = party.id if party else owners.get(name, "")
    pools = tx.lock_pools(owners)
    for name, amount in sums.items():
        note_demand(tx, pools[name].id, outbox, amount, policies, now)


def note_demand(tx: Transaction, pool: str, outbox: str, amount: Decimal, policies: Policies, now: datetime) -> None:
    """Note that an outbox needed ``amount`` of a pool that is locked."""
    held, at = tx.demands(pool).get(outbox, (ZERO, now))
    tx.save_demand(pool, outbox, faded(held, at, now, policies) + amount, now)
    tx.touch_pools([pool])


def faded(amount: Decimal, at: datetime, now: datetime, policies: Policies) -> Decimal:
    """What is left, at ``now``, of what was needed up to ``at``."""
    days = max(0.0, (now - at).total_seconds() / 86_400)
    return (amount * Decimal(0.5 ** (days / policies.half_life_days))).quantize(_MILLIONTH)


_MILLIONTH = Decimal("0.000001")
