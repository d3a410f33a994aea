"""How much of a customer's credit or points there is, who holds what of it, and what is free.

Credit: the limit less the balance that the ERP states, less what was sold on account since, less what is approved and
waits for its sale, less what tills hold. Points: the sum of the account's entries, less what is approved and waits for
its entry, less what tills hold. ``free`` is what the hub may give away; it gives nothing that would make it negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hub.repository.rights import ZERO, PoolName, PoolRecord, RightRecord
from hub.repository.types import scaled

if TYPE_CHECKING:
    from hub.authorizations.policies import Policies
    from hub.repository import DocumentRecord, Transaction

_GONE = frozenset({"blocked", "archived", "merged", "erased"})


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool at one moment, locked. ``capacity`` is what there is for tills and hub together, ``approved`` what of it
    waits for its sale or entry. ``closed`` says why nothing may be given: a reason word, '' where it is open."""

    id: str
    name: PoolName
    owner: str
    capacity: Decimal
    approved: Decimal
    rights: tuple[RightRecord, ...]
    closed: str = ""

    @property
    def outstanding(self) -> Decimal:
        """What tills hold."""
        return sum((one.outstanding for one in self.rights), ZERO)

    @property
    def free(self) -> Decimal:
        """What the hub may give away. Negative where the limit fell below what is out."""
        return self.capacity - self.approved - self.outstanding


def closed(party: DocumentRecord | None) -> str:
    """Why a customer gets nothing, as a reason word; '' for one that may buy."""
    if party is None or party.deleted:
        return "unknown_customer"
    data = party.data()
    if data.get("status") in _GONE:
        return "blocked" if data["status"] == "blocked" else "unknown_customer"
    return "on_hold" if data.get("credit", {}).get("on_hold") else ""


def pool_at(tx: Transaction, held: PoolRecord, policies: Policies, party: DocumentRecord | None = None) -> Pool:
    """A locked pool as it is now. ``party`` is its customer, if the caller has read it after it locked the pool."""
    if party is None and held.owner:
        party = tx.get("Party", held.owner)
    name, rights, approved = held.name, tuple(tx.rights(pool=held.id)), tx.approved_sum(held.id)
    if name.resource == "points":
        why = closed(party) if held.owner else ""
        return Pool(held.id, name, held.owner, tx.points_of(name.account), approved, rights, why)
    why, capacity = closed(party), ZERO
    if party is not None and not why:
        credit = party.data().get("credit", {})
        why = _unlike(credit, name.currency)
        stated = _moment(credit.get("balance_as_of"))
        used = tx.used_sum(held.id, stated - policies.settled if stated else None)
        capacity = ZERO if why else _amount(credit.get("limit")) - _amount(credit.get("balance")) - used
    return Pool(held.id, name, held.owner, capacity, approved, rights, why)


def pool_name(resource: str, party: DocumentRecord | None, account: str, currency: str) -> PoolName:
    """The name of a customer's pool. An account's points are one pool, whoever's it is."""
    if resource == "points":
        return PoolName("points", account=account)
    return PoolName("credit", party=party.id if party else "", currency=currency)


def plain(amount: Decimal) -> Decimal:
    """Without the zeros that a database adds."""
    whole = amount.normalize()
    return whole.quantize(Decimal(1)) if whole == whole.to_integral_value() else whole


def _unlike(credit: Mapping[str, Any], currency: str) -> str:
    limit = credit.get("limit")
    if not limit:
        return "no_limit"
    stated = {limit.get("currency", ""), credit.get("balance", {}).get("currency", "")} - {""}
    return "currency" if stated - {currency} else ""


def _amount(money: Mapping[str, Any] | None) -> Decimal:
    # An amount too large to be added up exactly is nobody's credit.
    return (scaled(money["amount"]) if money else None) or ZERO


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
