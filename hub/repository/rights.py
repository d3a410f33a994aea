"""Pools of credit and points, what tills hold of them, approvals and demand, as rows. What they mean, and who may have
what, is decided in ``hub.authorizations``.

Whoever changes something of a pool holds its lock (``lock_pools``) until the transaction ends; so sums over the rows of
a pool are of one moment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.repository.identifiers import new_id
from hub.repository.right_tables import approvals, demands, loyalty_entries, outboxes, pools, right_losses, rights
from hub.repository.types import bounded
from hub.repository.wire_tables import nodes
from hub.repository.work import Work

APPROVED, USED, REVERSED, LAPSED = "approved", "used", "reversed", "lapsed"
ZERO = Decimal(0)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, order=True)
class PoolName:
    """What a pool is of: ``credit`` of a party (its document's id) in a currency, or ``points`` of an account."""

    resource: str
    party: str = ""
    account: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class PoolRecord:
    """A pool. ``owner`` is the customer's document, '' where nobody has said whose account it is. ``changed_at``: since
    then it was not shared out."""

    id: str
    name: PoolName
    owner: str
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RightRecord:
    """What a till's outbox holds of a pool; every amount is cumulative. ``document_id`` is the document that tells the
    till, '' while there is none."""

    id: str
    pool: str
    holder: str
    store: str
    outbox: str
    expires_at: datetime
    granted: Decimal = ZERO
    recalled: Decimal = ZERO
    returned: Decimal = ZERO
    spent: Decimal = ZERO
    lost: Decimal = ZERO
    document_id: str = ""

    @property
    def outstanding(self) -> Decimal:
        """What the till may have spent already or may still spend, as far as the hub knows. Never less than nothing: a
        till that was given up and went on spending has not made room for others."""
        return max(ZERO, self.granted - self.returned - self.spent - self.lost)

    @property
    def wanted_back(self) -> Decimal:
        """What was recalled and has not come back."""
        return max(ZERO, self.recalled - self.returned)


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """An approved operation, or a sale on account that nobody had approved (``used`` from the beginning)."""

    id: str
    pool: str
    operation: str
    node: str
    right_id: str
    amount: Decimal
    state: str
    at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutboxRecord:
    """A till's outbox that was heard of. ``lost_at``: a person gave it up."""

    outbox: str
    node: str
    store: str
    first_at: datetime
    last_at: datetime
    lost_at: datetime | None = None


class Rights(Work):
    """Part of a transaction."""

    # pools

    def lock_pools(self, owners: Mapping[PoolName, str]) -> dict[PoolName, PoolRecord]:
        """The pools with these names, made where there is none, nobody else's until the transaction ends. The values
        are their customers, '' where that is not known (then who was known stays)."""
        out = {}
        for name in sorted(owners):  # one order for everybody: two that want the same pools do not deadlock
            row = {"resource": name.resource, "party": name.party, "account": name.account, "currency": name.currency}
            wanted = [pools.c[column] == value for column, value in row.items()]
            owner = owners[name]
            if (found := self._locked(*wanted)) is None:
                self.add(pools, {"id": new_id(), **row, "owner": owner}, unless=tuple(row))
                found = self._locked(*wanted)
            if found is None:
                continue
            held = _pool(found)
            if owner and held.owner != owner:
                self.write(update(pools).where(pools.c.id == held.id).values(owner=owner))
                held = replace(held, owner=owner)
            out[name] = held
        return out

    def lock_pool(self, id_: str) -> PoolRecord | None:
        """The pool with this id, nobody else's until the transaction ends."""
        found = self._locked(pools.c.id == id_)
        return None if found is None else _pool(found)

    def _locked(self, *wanted: ColumnElement[bool]) -> Row[Any] | None:
        # SQLite has one writer at a time and knows no such clause.
        query = select(pools).where(*wanted)
        return self.one(query.with_for_update() if self.postgresql else query)

    def pools(self, wanted: Collection[str]) -> dict[str, PoolRecord]:
        """Pools by their ids."""
        found = {}
        for part in _parts(sorted(set(wanted))):
            found.update({row.id: _pool(row) for row in self.rows(select(pools).where(pools.c.id.in_(part)))})
        return found

    def pools_of(self, *, owners: Collection[str] = (), accounts: Collection[str] = ()) -> list[PoolRecord]:
        """The pools of customers or accounts."""
        found: dict[str, PoolRecord] = {}
        for column, values in ((pools.c.owner, owners), (pools.c.account, accounts)):
            for part in _parts(sorted({one for one in values if one})):
                found.update({row.id: _pool(row) for row in self.rows(select(pools).where(column.in_(part)))})
        return list(found.values())

    def touch_pools(self, ids: Iterable[str]) -> None:
        """Note that pools were changed, so that they are shared out again."""
        for part in _parts(sorted(set(ids))):
            self.write(
                update(pools).where(pools.c.id.in_(part), pools.c.changed_at.is_(None)).values(changed_at=self.now)
            )

    def changed_pools(self, limit: int, until: datetime) -> list[str]:
        """Ids of pools that were changed up to a time and not shared out since, those that wait longest first."""
        query = select(pools.c.id).where(pools.c.changed_at <= until).order_by(pools.c.changed_at, pools.c.id)
        return [row.id for row in self.rows(query.limit(limit))]

    def every_pool(self) -> list[str]:
        """The ids of all pools."""
        return [row.id for row in self.rows(select(pools.c.id))]

    def settle_pool(self, id_: str) -> None:
        """Note that a pool was shared out."""
        self.write(update(pools).where(pools.c.id == id_).values(changed_at=None))

    def merge_pools(self, old: PoolRecord, into: PoolRecord) -> None:
        """Count what is approved, used and held of one pool in another one, both locked: its customer was merged."""
        for table in (approvals, rights, demands):
            taken = select(demands.c.outbox).where(demands.c.pool == into.id)
            mine = table.c.pool == old.id
            mine = mine & table.c.outbox.not_in(taken) if table is demands else mine
            self.write(update(table).where(mine).values(pool=into.id))

    def points_of(self, account: str) -> Decimal:
        """The points of an account: the sum of its entries."""
        query = select(func.sum(loyalty_entries.c.points_scaled)).where(
            loyalty_entries.c.account_id == bounded(account)
        )
        return _sum(self.rows(query)[0][0])

    def accounts_of(self, documents: Collection[str]) -> set[str]:
        """The accounts that entries, given by their documents' ids, are of."""
        found: set[str] = set()
        for part in _parts(sorted(set(documents))):
            query = select(loyalty_entries.c.account_id).where(loyalty_entries.c.document_id.in_(part)).distinct()
            found.update(row.account_id for row in self.rows(query))
        return found

    # rights

    def rights(self, *, pool: str = "", holder: str = "", pools_in: Collection[str] = ()) -> list[RightRecord]:
        """Rights, all or those of a pool, of several, or of a node."""
        query = select(rights).order_by(rights.c.pool, rights.c.holder, rights.c.id)
        if pool or pools_in:
            query = query.where(rights.c.pool.in_([pool, *pools_in]))
        if holder:
            query = query.where(rights.c.holder == holder)
        return [RightRecord(**row._mapping) for row in self.rows(query)]

    def right(self, id_: str) -> RightRecord | None:
        """A right by its id."""
        row = self.one(select(rights).where(rights.c.id == id_))
        return None if row is None else RightRecord(**row._mapping)

    def save_right(self, right: RightRecord) -> None:
        """Store a right, in place of what was known of it."""
        self._save(rights, {column.name: getattr(right, column.name) for column in rights.c}, ("id",))

    def ending_rights(self, before: datetime) -> set[str]:
        """Ids of the pools that have rights which end before a time and were told to a till."""
        query = select(rights.c.pool).where(rights.c.expires_at < before, rights.c.document_id != "").distinct()
        return {row.pool for row in self.rows(query)}

    def save_loss(self, right: RightRecord, amount: Decimal, why: str, who: str) -> None:
        """Note that somebody gave up what a till held of a right."""
        row = {"node": right.holder, "right_id": right.id, "amount": amount, "why": why, "who": bounded(who, 100)}
        self.write(insert(right_losses).values(**row, at=self.now))

    # approvals

    def approval(self, id_: str) -> ApprovalRecord | None:
        """An approval by its authorization's id."""
        row = self.one(select(approvals).where(approvals.c.id == bounded(id_, 64)))
        return None if row is None else ApprovalRecord(**row._mapping)

    def save_approval(self, approval: ApprovalRecord) -> None:
        """Store an approval, in place of what was known of it."""
        self._save(approvals, {column.name: getattr(approval, column.name) for column in approvals.c}, ("id",))

    def waiting_approvals(self, *, pool: str = "", node: str = "") -> list[ApprovalRecord]:
        """Approvals of which nobody knows yet whether they were used."""
        query = select(approvals).where(approvals.c.state == APPROVED).order_by(approvals.c.at)
        for column, value in (("pool", pool), ("node", node)):
            if value:
                query = query.where(approvals.c[column] == value)
        return [ApprovalRecord(**row._mapping) for row in self.rows(query)]

    def approved_sum(self, pool: str) -> Decimal:
        """What is approved of a pool and not used yet, as far as the hub knows."""
        wanted = (approvals.c.pool == pool) & (approvals.c.state == APPROVED)
        return _sum(self.rows(select(func.sum(approvals.c.amount)).where(wanted))[0][0])

    def used_sum(self, pool: str, since: datetime | None) -> Decimal:
        """What was used of a pool since a time (at that very moment as well), or ever."""
        query = select(func.sum(approvals.c.amount)).where(approvals.c.pool == pool, approvals.c.state == USED)
        return _sum(self.rows(query if since is None else query.where(approvals.c.at >= since))[0][0])

    def approved_since(self, node: str, operation: str, after: datetime) -> int:
        """How many operations of a kind were approved for a node after a time."""
        mine = (approvals.c.node == node) & (approvals.c.operation == operation) & (approvals.c.at > after)
        return int(self.rows(select(func.count()).select_from(approvals).where(mine))[0][0])

    # outboxes and what they need

    def save_outbox(self, outbox: str, node: str, store: str) -> bool:
        """Note that an outbox was heard of. False where it is known as another node's: then nothing is noted."""
        row = {"outbox": outbox, "node": node, "store": store, "first_at": self.now, "last_at": self.now}
        if self.add(outboxes, row, unless=("outbox",)):
            return True
        mine = (outboxes.c.outbox == outbox) & (outboxes.c.node == node)
        return self.write(update(outboxes).where(mine).values(last_at=self.now, store=store)).rowcount == 1

    def outboxes(self, wanted: Collection[str] | None = None, *, node: str = "") -> dict[str, OutboxRecord]:
        """Outboxes by id: those that are ``wanted``, or of a node, or all."""
        found: dict[str, OutboxRecord] = {}
        query = select(outboxes) if not node else select(outboxes).where(outboxes.c.node == node)
        parts = (
            [query] if wanted is None else [query.where(outboxes.c.outbox.in_(part)) for part in _parts(sorted(wanted))]
        )
        for part in parts:
            found.update({row.outbox: OutboxRecord(**row._mapping) for row in self.rows(part)})
        return found

    def newest_outboxes(self, nodes: Collection[str]) -> dict[str, str]:
        """By node, the outbox that began last: the one in use."""
        found: dict[str, tuple[datetime, str]] = {}
        for part in _parts(sorted(set(nodes))):
            for row in self.rows(select(outboxes).where(outboxes.c.node.in_(part))):
                found[row.node] = max(found.get(row.node, (row.first_at, row.outbox)), (row.first_at, row.outbox))
        return {node: outbox for node, (_, outbox) in found.items()}

    def revoked_nodes(self, wanted: Collection[str]) -> set[str]:
        """Those of the nodes that were revoked: what they are given would not come back."""
        found: set[str] = set()
        for part in _parts(sorted(set(wanted))):
            query = select(nodes.c.node).where(nodes.c.node.in_(part), nodes.c.revoked_at.is_not(None))
            found.update(row.node for row in self.rows(query))
        return found

    def lose_outboxes(self, node: str) -> None:
        """Note that the outboxes of a node were given up."""
        self.write(
            update(outboxes).where(outboxes.c.node == node, outboxes.c.lost_at.is_(None)).values(lost_at=self.now)
        )

    def demands(self, pool: str) -> dict[str, tuple[Decimal, datetime]]:
        """By outbox, what was needed of a pool, and up to when that was reckoned."""
        query = select(demands).where(demands.c.pool == pool)
        return {row.outbox: (row.wanted, row.at) for row in self.rows(query)}

    def save_demand(self, pool: str, outbox: str, wanted: Decimal, at: datetime) -> None:
        """Set what an outbox needs of a pool, reckoned up to ``at``."""
        self._save(demands, {"pool": pool, "outbox": outbox, "wanted": wanted, "at": at}, ("pool", "outbox"))

    def _save(self, table: Table, row: Mapping[str, Any], keys: tuple[str, ...]) -> None:
        self.write(_upsert(table, keys, self.postgresql), row)


@cache
def _upsert(table: Table, keys: tuple[str, ...], postgres: bool) -> Any:
    """Insert a row, or replace what is there under its keys. Made once: building it costs more than running it."""
    statement: Any = postgresql.insert(table) if postgres else sqlite.insert(table)
    changed = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changed)


def _pool(row: Row[Any]) -> PoolRecord:
    return PoolRecord(row.id, PoolName(row.resource, row.party, row.account, row.currency), row.owner, row.changed_at)


def _sum(value: Any) -> Decimal:
    return ZERO if value is None else Decimal(value)


def _parts(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
