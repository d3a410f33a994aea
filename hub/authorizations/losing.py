"""Giving up what a lost till holds: a person's decision, because the till may have spent it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hub.repository.failures import NotFound
from hub.repository.rights import LAPSED

if TYPE_CHECKING:
    from hub.repository import Transaction
    from hub.repository.rights import PoolRecord


@dataclass(frozen=True, slots=True)
class Lost:
    """What was given up of one right: ``amount`` of ``pool``."""

    right_id: str
    pool: PoolRecord
    amount: Decimal


def give_up(tx: Transaction, node: str, why: str, who: str) -> Sequence[Lost]:
    """Write off everything that the outboxes of ``node`` hold, and free what was approved for it and not used. If the
    till comes back after all and has spent it, that counts, and the customer may be over the limit. Raises NotFound
    where nothing is known of the node."""
    if not tx.outboxes(node=node) and not tx.rights(holder=node) and not tx.waiting_approvals(node=node):
        raise NotFound(f"nothing is held by node {node!r}")
    ids = {one.pool for one in tx.rights(holder=node)} | {one.pool for one in tx.waiting_approvals(node=node)}
    pools = {one.id: one for one in tx.lock_pools({one.name: "" for one in tx.pools(ids - {""}).values()}).values()}
    lost = []
    for right in tx.rights(holder=node):
        amount = right.outstanding
        if right.document_id:
            tx.remove("Right", right.document_id)
        if amount or right.document_id:
            tx.save_right(replace(right, lost=right.lost + amount, document_id=""))
        if amount:
            tx.save_loss(right, amount, why, who)
            lost.append(Lost(right.id, pools[right.pool], amount))
    for approval in tx.waiting_approvals(node=node):
        tx.save_approval(replace(approval, state=LAPSED))
    tx.lose_outboxes(node)
    tx.touch_pools(ids)
    return lost
