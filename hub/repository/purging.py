"""What is not needed for ever: the content of uploads that became documents, and places that will never come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from hub.repository.erasing import ERASED, Erasing
from hub.repository.failures import NotFound
from hub.repository.types import bounded
from hub.repository.upload_tables import upload_gaps, upload_losses, uploads
from hub.repository.uploads import ACCEPTED, DUPLICATE, QUARANTINED, RECEIVED, Uploads

PURGED = "null"
"""The body of an uploaded document that was purged; the document itself is in the repository."""

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Loss:
    """Places ``first`` to ``last`` of a node that somebody (``who``) gave up for good."""

    node: str
    first: int
    last: int
    why: str
    who: str
    at: datetime


class Purging(Erasing, Uploads):
    """Part of a transaction."""

    def purge_uploads(self, before: datetime) -> tuple[int, int]:
        """Empty some of the uploads that were taken in and came before a time, and drop the payloads that none needs
        any more; how many of each. Call it until it does nothing. Place, digest, state and document id stay, so that
        what is sent again is still recognized."""
        done = uploads.c.state.in_((ACCEPTED, DUPLICATE))
        full = uploads.c.body.not_in((PURGED, ERASED))
        query = select(uploads.c.id, uploads.c.payload).where(done, uploads.c.received_at < before, full)
        found = self.rows(query.limit(_AT_ONCE))
        if not found:
            return 0, 0
        self.write(update(uploads).where(uploads.c.id.in_([one.id for one in found])).values(body=PURGED))
        names = {one.payload for one in found} - {""}
        open_ = uploads.c.state.in_((RECEIVED, QUARANTINED)) | full
        needed = self.rows(select(uploads.c.payload).where(uploads.c.payload.in_(names), open_).distinct())
        return len(found), self.drop_payloads(names - {one.payload for one in needed})

    def give_up(self, node: str, first: int, last: int, why: str, who: str) -> Loss:
        """Note that places of a node are lost for good: they are no gap any more, and the node is not asked for them.
        Raises NotFound where one of them is not missing; then nothing is changed."""
        gaps = upload_gaps.c
        rows = self.rows(select(upload_gaps).where(gaps.node == node, gaps.first <= last, gaps.last >= first))
        missing = sum(min(row.last, last) - max(row.first, first) + 1 for row in rows)
        if first > last or missing != last - first + 1:
            raise NotFound(
                f"not all of the places {first} to {last} of {bounded(node, 130)!r} are missing",
                hint="hub uploads gaps shows what is.",
            )
        for row in rows:
            self.write(upload_gaps.delete().where(gaps.node == node, gaps.first == row.first))
            for begin, end in ((row.first, first - 1), (last + 1, row.last)):
                if begin <= end:
                    part = {"node": node, "first": begin, "last": end, "since": row.since}
                    self.write(insert(upload_gaps), part)
        loss = Loss(node, first, last, bounded(why, 1_000), bounded(who, 100), self.now)
        values = {name: getattr(loss, name) for name in ("node", "first", "last", "why", "who", "at")}
        self.write(insert(upload_losses), values)
        return loss

    def losses(self, *, node: str = "", limit: int = 1000) -> list[Loss]:
        """Places that were given up, newest first."""
        query = select(upload_losses).order_by(upload_losses.c.number.desc()).limit(limit)
        if node:
            query = query.where(upload_losses.c.node == node)
        return [Loss(row.node, row.first, row.last, row.why, row.who, row.at) for row in self.rows(query)]
