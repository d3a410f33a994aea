"""Approvals of the hub that were not used in time are free again, but never too early: a sale may have used one off
line and not have arrived.

An approval can be used by a document whose clock is not after ``expires_at``. A till's clock only goes forward from
place to place. So once the hub has a document of that till from after ``expires_at``, and everything before it, no use
can come any more. What a till approved out of a right is never freed here: the till does that itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from hub.repository.rights import LAPSED, ApprovalRecord
from hub.repository.uploads import QUARANTINED, RECEIVED, clock_stamp

if TYPE_CHECKING:
    from hub.repository import Transaction

_WAITING = 1_000


def lapse(tx: Transaction, pool: str, now: datetime) -> int:
    """Free the approvals of a locked pool that can no longer be used; how many."""
    over = [
        one
        for one in tx.waiting_approvals(pool=pool)
        if not one.right_id and one.expires_at is not None and one.expires_at < now
    ]
    heard = {node: heard_until(tx, node) for node in {one.node for one in over}}
    # Approvals end at whole seconds, so nothing is cut off.
    gone = [one for one in over if one.expires_at and heard[one.node] > clock_stamp(one.expires_at)]
    kept = 0
    for one in gone:
        if _waits(tx, one):
            kept += 1
        else:
            tx.save_approval(replace(one, state=LAPSED))
    return len(gone) - kept


def heard_until(tx: Transaction, node: str) -> str:
    """The clock of the last document of a node up to which nothing is missing; '' where there is none."""
    gap = next(iter(tx.gaps(node=node, limit=1)), None)
    last = (gap.first if gap else tx.next_place(node)) - 1
    clocks = [one.entry.clock[:24] for one in tx.uploads_at(node, last)] if last > 0 else []
    return min(clocks, default="")


def _waits(tx: Transaction, approval: ApprovalRecord) -> bool:
    """Whether something of the node that names the approval is held and not taken in."""
    for state in (RECEIVED, QUARANTINED):
        for one in tx.uploads(node=approval.node, state=state, limit=_WAITING):
            if approval.id in one.entry.body:
                return True
    return False
