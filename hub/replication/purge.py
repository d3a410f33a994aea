"""How far the change feed can be purged: by cursor, and by age.

By cursor: a change goes once it is older than ``keep`` and nobody needs it any more. By age: what is older than
``longest`` goes in any case, so that a store or an endpoint that is gone for good does not keep the feed for ever. Who
comes back after that is loaded anew by itself, or reads the documents instead (``hub sync``); the sealer begins anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hub.replication import sealed_log
from hub.repository import feed, feed_keeping

if TYPE_CHECKING:
    from hub.repository import Repository, Transaction

_LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Keep:
    """How long changes are kept: ``keep`` even where nobody needs them (for ``hub store why``), ``longest`` at most."""

    keep: timedelta = timedelta(days=7)
    longest: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Purge:
    """How far the feed can go. ``needed`` has, by name, the place up to which each reader has read; ``holding`` names
    those who keep more than ``keep`` does; ``left_behind`` those whose place goes, by age."""

    head: int
    purged: int
    until: int
    needed: dict[str, int] = field(default_factory=dict)
    holding: list[str] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain data; of many readers only the names of those that matter."""
        return {
            "head": self.head, "purged": self.purged, "until": self.until, "readers": len(self.needed),
            "holding": self.holding[:100], "left_behind": self.left_behind[:100],
        }  # fmt: skip


def plan(tx: Transaction, keep: Keep, now: datetime) -> Purge:
    """How far the feed can be purged now. Changes nothing."""
    head, purged = feed.head(tx.connection), feed.purged(tx.connection)
    wanted = needed(tx, head.epoch)
    aged, oldest = tx.feed_reached(now - keep.keep), tx.feed_reached(now - keep.longest)
    # Who stands before what is purged already has lost his place, and keeps nothing any more.
    until = max(purged, oldest, min((aged, *(place for place in wanted.values() if place >= purged))))
    return Purge(
        head=head.position,
        purged=purged,
        until=until,
        needed=wanted,
        holding=sorted(name for name, place in wanted.items() if until <= place < aged),
        left_behind=sorted(name for name, place in wanted.items() if place < until),
    )


def needed(tx: Transaction, epoch: str) -> dict[str, int]:
    """Who needs the changes after which place: the sealer; the segments that are kept, of which an erased customer's
    buckets must be known; nodes, which are compared where they stand; and everybody who has said how far he read."""
    found = {one.name: one.position for one in tx.consumers()}
    progress = sealed_log.progress(tx)
    if progress is not None and progress.epoch == epoch:
        found["sealer"] = progress.position
        changes = [one.first for one in sealed_log.changes(tx)]
        if changes:
            found["segments"] = min(changes)
    for node in tx.nodes():
        if node.state == "active" and node.cursor_epoch == epoch:
            found[f"node:{node.node}"] = node.cursor_seq
    return found


def purge_feed(repo: Repository, keep: Keep | None = None, now: datetime | None = None) -> dict[str, Any]:
    """Purge the feed as far as can be: ``Purge.as_dict()`` and ``changes``, how many went. Raises ``TemporaryError``
    while another process is at it."""
    keep, now = keep or Keep(), now or datetime.now(UTC)
    with repo.lock("purge feed", _LEASE):
        head = repo.feed_head()
        repo.retrying(lambda tx: tx.mark_feed(head.position, now))
        with repo.read() as tx:
            found = plan(tx, keep, now)
        count = repo.purge_feed(found.until)
        with repo.read() as tx:
            kept, purged = feed_keeping.counted(tx)
    return {**found.as_dict(), "until": purged, "changes": count, "kept": kept}
