"""What uploads of stores do to pools and rights: sales on account, points redeemed, decisions that tills took by
themselves, and what they give back. Everything is a difference, so the order in which it comes does not matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hub.authorizations.policies import TAKES
from hub.authorizations.pools import pool_name
from hub.authorizations.questions import refused
from hub.errors import DocumentRejected
from hub.findings import Finding, warning
from hub.repository.parties import party_named
from hub.repository.rights import APPROVED, REVERSED, USED, ZERO, ApprovalRecord, PoolName
from hub.repository.types import bounded, scaled

if TYPE_CHECKING:
    from hub.model import RightReturn
    from hub.repository import Transaction
    from hub.repository.rights import RightRecord

Data = Mapping[str, Any]
KINDS = frozenset(("PosTransaction", "LoyaltyEntry", "Authorization"))
"""Kinds of documents that are booked."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A document that was taken in now for the first time: ``id`` of the upload, the node and store it came from."""

    id: str
    node: str
    store: str
    kind: str
    data: Data


def book(tx: Transaction, documents: Iterable[Sent], now: datetime) -> dict[str, list[Finding]]:
    """Book what was taken in, in the same transaction; what is suspicious, by the upload's id."""
    booking = _Booking(tx, now)
    found = [part for one in documents for part in _parts(tx, one)]
    booking.lock(found)
    for part in found:
        booking.book(part)
    return booking.findings


def give_back(tx: Transaction, node: str, data: Data) -> None:
    """Take what a till gives back of a right. Raises ``DocumentRejected`` for a right that it does not hold
    (``right.unknown``), and for more than it can have left (``right.over_returned``)."""
    right = tx.right(data["right_id"])
    if right is not None:
        tx.lock_pool(right.pool)
        right = tx.right(right.id)
    if right is None or right.holder != node:
        raise refused("unknown", "a right that this till does not hold", "right")
    amount = scaled(data["amount"])
    if amount is None or amount <= 0:
        raise refused("amount", "what is given back is more than nothing", "right")
    if right.returned + right.spent + amount > right.granted:
        raise refused("over_returned", "more is given back than was given and not spent", "right")
    tx.save_right(replace(right, returned=right.returned + amount))
    tx.touch_pools([right.pool])


def take_back(tx: Transaction, node: str, returns: Iterable[RightReturn]) -> None:
    """Store and take what a till gives back with a question; its upload brings the same again. What cannot be is left
    to the upload, which quarantines it."""
    for one in returns:
        with suppress(DocumentRejected), tx.connection.begin_nested():
            if tx.put(one, origin=node).changed:
                give_back(tx, node, one.canonical_dict())
            tx.flush()


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing to book: a use, an approval or a reversal of the authorization ``id``."""

    sent: Sent
    what: str
    id: str
    amount: Decimal
    name: PoolName | None = None
    owner: str = ""


def _parts(tx: Transaction, sent: Sent) -> list[_Part]:
    rule = {"PosTransaction": _of_sale, "LoyaltyEntry": _of_entry, "Authorization": _of_authorization}[sent.kind]
    return rule(tx, sent)


def _of_sale(tx: Transaction, sent: Sent) -> list[_Part]:
    data = sent.data
    if data.get("cancelled") or data.get("training"):
        return []
    found = [(at, one) for at, one in enumerate(data.get("tenders", ())) if one["type"] == "account"]
    if not found:
        return []
    party = party_named(tx, data.get("customer_id", ""), [sent.store])
    out = []
    for at, one in found:
        money = one["amount"]
        id_ = one.get("authorization_id", "") or f"{sent.id}#{at}"
        name = pool_name("credit", party, "", money.get("currency") or data.get("currency", "")) if party else None
        out.append(_Part(sent, "use", id_, scaled(money["amount"]) or ZERO, name, party.id if party else ""))
    return out


def _of_entry(tx: Transaction, sent: Sent) -> list[_Part]:
    data = sent.data
    id_ = data.get("extensions", {}).get("authorization")
    name = PoolName("points", account=data["account_id"])
    if isinstance(id_, str) and id_:
        party = party_named(tx, data.get("party_id", ""), [sent.store])
        return [_Part(sent, "use", id_, -(scaled(data["points"]) or ZERO), name, party.id if party else "")]
    return []


def _of_authorization(tx: Transaction, sent: Sent) -> list[_Part]:
    data = sent.data
    points = data.get("points")
    amount = scaled(points if points is not None else data.get("amount", {}).get("amount")) or ZERO
    if data.get("decision") == "reversed":
        return [_Part(sent, "reversal", data.get("reverses", ""), amount)] if data.get("reverses") else []
    takes = TAKES.get(data["operation"])
    if data.get("decision") != "approved" or takes is None:
        return []
    party = party_named(tx, data.get("party_id", ""), [sent.store])
    name = None
    if takes == "points":
        name = PoolName("points", account=data.get("account_id", ""))
    elif party is not None:
        name = pool_name("credit", party, "", data.get("amount", {}).get("currency", ""))
    return [_Part(sent, "approval", data["authorization_id"], amount, name, party.id if party else "")]


class _Booking:
    """The parts of one batch, booked in a transaction."""

    def __init__(self, tx: Transaction, now: datetime) -> None:
        self.tx, self.now = tx, now
        self.findings: dict[str, list[Finding]] = {}
        self.pools: dict[PoolName, str] = {}

    def lock(self, parts: Iterable[_Part]) -> None:
        """Lock every pool that the parts may change, all at once and in one order."""
        owners: dict[PoolName, str] = {}
        ids: set[str] = set()
        for part in parts:
            if part.name is not None:
                owners[part.name] = part.owner or owners.get(part.name, "")
            held = self.tx.approval(part.id)
            right = self.tx.right(part.sent.data.get("right_id", ""))
            ids.update(one.pool for one in (held, right) if one is not None and one.pool)
        for one in self.tx.pools(ids).values():
            owners.setdefault(one.name, "")
        self.pools = {name: one.id for name, one in self.tx.lock_pools(owners).items()}
        self.tx.touch_pools(self.pools.values())

    def book(self, part: _Part) -> None:
        """Book one part; its pools are locked."""
        held = self.tx.approval(part.id)
        {"use": self._use, "approval": self._approve, "reversal": self._reverse}[part.what](part, held)

    def _use(self, part: _Part, held: ApprovalRecord | None) -> None:
        if held is None:
            # Nobody knows yet who approved it, or nobody did: it counts all the same.
            if part.name is not None:
                self._save(part, self.pools[part.name], "", part.amount, USED)
            return
        if held.state == USED:
            self._suspect(part, "used_twice", "was used before")
            self.tx.save_approval(replace(held, amount=held.amount + part.amount))
            return
        if held.state != APPROVED:
            self._suspect(part, held.state, f"was {held.state} before it was used")
        elif part.amount > held.amount:
            self._suspect(part, "exceeded", "was used for more than was approved")
        self.tx.save_approval(replace(held, state=USED, amount=part.amount, at=self.now))

    def _approve(self, part: _Part, held: ApprovalRecord | None) -> None:
        right = self._spent(part, part.amount)
        pool = right.pool if right is not None else self.pools.get(part.name, "") if part.name else ""
        right_id = right.id if right is not None else ""
        if held is None:
            self._save(part, pool, right_id, part.amount, APPROVED)
        else:  # what became of it came first
            self.tx.save_approval(replace(held, pool=pool or held.pool, right_id=right_id))

    def _reverse(self, part: _Part, held: ApprovalRecord | None) -> None:
        if held is not None and held.state == REVERSED:
            self._suspect(part, "reversed", "was reversed before")
            return
        right = self._spent(part, -part.amount)
        if held is None:
            self._save(part, right.pool if right else "", right.id if right else "", part.amount, REVERSED)
        elif held.state == APPROVED:
            self.tx.save_approval(replace(held, state=REVERSED))
        elif held.state == USED:
            self._suspect(part, "used", "was used, and cannot be reversed")

    def _spent(self, part: _Part, amount: Decimal) -> RightRecord | None:
        """Count ``amount`` as spent of the right that a document names; None where it names none that its till has."""
        named = part.sent.data.get("right_id", "")
        right = self.tx.right(named) if named else None
        if right is None or right.holder != part.sent.node:
            if named:
                self._suspect(part, "right", "names a right that this till does not hold")
            return None
        right = replace(right, spent=right.spent + amount)
        self.tx.save_right(right)
        if amount > 0 and right.spent + right.returned > right.granted:
            self._suspect(part, "overdrawn", "spends more of a right than was given")
        return right

    def _save(self, part: _Part, pool: str, right_id: str, amount: Decimal, state: str) -> None:
        sent = part.sent
        used_by = {"PosTransaction": "credit_sale", "LoyaltyEntry": "points_redeem"}
        operation = used_by.get(sent.kind) or bounded(sent.data["operation"], 40)
        expires = sent.data.get("expires_at")
        self.tx.save_approval(
            ApprovalRecord(
                bounded(part.id, 64), pool, operation, sent.node, right_id, amount, state, self.now,
                datetime.fromisoformat(expires) if expires and state == APPROVED else None,
            )
        )  # fmt: skip

    def _suspect(self, part: _Part, word: str, message: str) -> None:
        found = warning(f"authorization.{word}", f"authorization {part.id} {message}")
        self.findings.setdefault(part.sent.id, []).append(found)
