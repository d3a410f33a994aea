"""Sharing a pool out to the tills that need it, and calling back what lies idle.

``shares`` is arithmetic alone; ``share_out`` does it to a locked pool and tells the tills. What is given comes out of
what is free, never more; what is called back is free only when a till says that it has given it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from hub.authorizations.demand import faded
from hub.authorizations.pools import plain
from hub.model import Right
from hub.model.currencies import exponent
from hub.repository.identifiers import new_id
from hub.repository.rights import ZERO, OutboxRecord, RightRecord

if TYPE_CHECKING:
    from hub.authorizations.policies import Policies
    from hub.authorizations.pools import Pool
    from hub.repository import Transaction

LEAST = Decimal("0.1")
"""A till whose weight is a smaller part of the whole than this gets no right."""

SLACK = Decimal("0.2")
"""Rights are left as they are while they are within so much of what they should be: each change is sent to a till."""


@dataclass(frozen=True, slots=True)
class Share:
    """What becomes of one right: ``granted`` so much more, or called back until ``keep`` is left of it."""

    granted: Decimal = ZERO
    keep: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """What was done to a pool."""

    granted: Decimal = ZERO
    recalled: Decimal = ZERO
    told: int = 0


def shares(
    there: Decimal, free: Decimal, held: Mapping[str, Decimal], needs: Mapping[str, Decimal], unit: Decimal
) -> dict[str, Share]:
    """Share out ``there`` (what tills may hold in all) by what each ``needs``; ``held`` is what each has, ``free`` what
    the hub may give. Amounts are multiples of ``unit``. Grants come to at most ``free``.

    A till weighs the square of what it needs: where a customer comes often, off line sales are likely; where it came
    once, a share would lie idle."""
    weights = {one: need * need for one, need in needs.items() if need > 0}
    whole = sum(weights.values(), ZERO)
    big = {one: weight for one, weight in weights.items() if weight >= whole * LEAST}
    whole = sum(big.values(), ZERO)
    there = max(there, ZERO)
    out: dict[str, Share] = {}
    for one in sorted({*held, *big}, key=lambda name: (-big.get(name, ZERO), name)):
        has = held.get(one, ZERO)
        target = _floor(there * big[one] / whole, unit) if one in big else ZERO
        if has > target * (1 + SLACK):
            out[one] = Share(keep=target)
        elif has < target * (1 - SLACK) or (has < target and has == 0):
            granted = min(target - has, _floor(max(free, ZERO), unit))
            free -= granted
            out[one] = Share(granted=granted)
    return out


def share_out(tx: Transaction, pool: Pool, policies: Policies, now: datetime, needed: Decimal = ZERO) -> Shared:
    """Share a locked pool out, and write what tills are told. ``needed`` is wanted just now by somebody who asks the
    hub: so much is kept from the tills, and called back where they have it."""
    by_outbox, old = _one_each(pool.rights)
    needs = {} if pool.closed else _needs(tx, pool.id, policies, now)
    there = pool.capacity - pool.approved
    # What was called back is not the till's any more, and not free yet either.
    held = {outbox: max(ZERO, right.outstanding - right.wanted_back) for outbox, right in by_outbox.items()}
    found = shares(min(there * policies.share, there - needed), pool.free - needed, held, needs, _unit(pool))
    known = tx.outboxes({outbox for outbox in found if outbox not in by_outbox})
    writing = _Writing(tx, pool, policies, now)
    for outbox in sorted({*found, *by_outbox}):
        right = by_outbox.get(outbox) or writing.new(known[outbox])
        writing.share(right, found.get(outbox, Share()), needed=outbox in needs)
    for right in old:
        writing.share(right, Share(keep=ZERO), needed=False)
    tx.settle_pool(pool.id)
    return writing.done


def _one_each(rights: Sequence[RightRecord]) -> tuple[dict[str, RightRecord], list[RightRecord]]:
    """One right an outbox, and those beside it: of a customer that was merged a till may hold two."""
    first: dict[str, RightRecord] = {}
    beside = []
    for right in sorted(rights, key=lambda one: one.id):
        if first.setdefault(right.outbox, right) is not right:
            beside.append(right)
    return first, beside


def _needs(tx: Transaction, pool: str, policies: Policies, now: datetime) -> dict[str, Decimal]:
    """What each outbox needs, of those that are in use: its node's newest, not given up, the node not revoked."""
    wanted = tx.demands(pool)
    known = tx.outboxes(wanted)
    there = {one.node for one in known.values()}
    newest, revoked = tx.newest_outboxes(there), tx.revoked_nodes(there)
    return {
        outbox: faded(*wanted[outbox], now, policies)
        for outbox, one in known.items()
        if one.lost_at is None and newest[one.node] == outbox and one.node not in revoked
    }


def _unit(pool: Pool) -> Decimal:
    places = None if pool.name.resource == "points" else exponent(pool.name.currency)
    return Decimal(1).scaleb(-places) if places else Decimal(1)


def _floor(amount: Decimal, unit: Decimal) -> Decimal:
    return (amount / unit).to_integral_value(ROUND_FLOOR) * unit


class _Writing:
    """Writes what becomes of the rights of one pool: the rows, and the documents that tell the tills."""

    def __init__(self, tx: Transaction, pool: Pool, policies: Policies, now: datetime) -> None:
        self.tx, self.pool = tx, pool
        self.ends = now.replace(microsecond=0) + timedelta(days=policies.right_days)
        # Prolonged at half its time, so that a till that is away for a while does not lose what it needs.
        self.early = now + timedelta(days=policies.right_days) / 2
        self.done = Shared()

    def new(self, outbox: OutboxRecord) -> RightRecord:
        """A right with nothing in it."""
        return RightRecord(new_id(), self.pool.id, outbox.node, outbox.store, outbox.outbox, self.ends)

    def share(self, right: RightRecord, share: Share, *, needed: bool) -> None:
        """Give, call back, prolong, or take off a right that is finished."""
        after = right
        if share.keep is not None:
            back = max(ZERO, right.outstanding - share.keep)
            after = replace(right, recalled=right.returned + back)
        elif share.granted:
            stays = min(share.granted, right.wanted_back)  # what was called back and has not come need not come
            recalled = right.returned + right.wanted_back - stays
            after = replace(right, recalled=recalled, granted=right.granted + share.granted - stays)
        if needed and share.keep is None and (after is not right or right.expires_at < self.early):
            after = replace(after, expires_at=self.ends)
        if after.outstanding and (after != right or not right.document_id):
            after = replace(after, document_id=self.tx.put(self._document(after)).id)
        elif right.document_id and not after.outstanding:
            self.tx.remove("Right", right.document_id)
            after = replace(after, document_id="")
        if after == right:
            return
        self.tx.save_right(after)
        self.done = Shared(
            self.done.granted + after.granted - right.granted,
            self.done.recalled + max(ZERO, after.wanted_back - right.wanted_back),
            self.done.told + 1,
        )

    def _document(self, right: RightRecord) -> Right:
        """The right as its till is told of it."""
        name = self.pool.name
        return Right(
            right_id=right.id,
            holder=right.holder,
            store=right.store,
            outbox=right.outbox,
            party_id=self.pool.owner,
            resource=name.resource,
            account_id=name.account,
            currency=name.currency,
            granted=plain(right.granted),
            recalled=plain(right.recalled),
            returned=plain(right.returned),
            spent=plain(right.spent),
            expires_at=right.expires_at,
        )
