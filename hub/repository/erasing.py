"""Erasing a customer: what is known of a person goes, what happened stays.

The document stays as an empty one that is removed, so that numbers, versions and the feed lead where they led; the
stores learn of it as of any removed document. What stores uploaded about the customer loses its content and keeps its
place, digest and state, so that the same upload is still recognized.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select, update

from hub.repository import tables
from hub.repository.card_tables import cards
from hub.repository.failures import NotFound
from hub.repository.projections import tables_of
from hub.repository.storing import Storing
from hub.repository.types import bounded
from hub.repository.upload_tables import conflicts, field_clocks, uploads

ERASED = '{"status":"erased"}'
"""What is left of every version of the document, and of every uploaded one."""

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: ``versions`` of the document, ``uploads`` and the ``payloads`` they came in, ``conflicts``,
    ``cards``. ``buckets`` held the customer at some time. ``exchanges`` are those whose payloads, as a partner or an
    ERP sent them, still name the customer."""

    id: str
    versions: int
    uploads: int
    payloads: int
    conflicts: int
    cards: int
    buckets: tuple[str, ...]
    exchanges: tuple[str, ...]


class Erasing(Storing):
    """Part of a transaction."""

    def erase_customer(self, document_id: str) -> Erased:
        """Erase the party with this id. A second time finds what came about it since. Raises NotFound."""
        table, versions = tables.documents, tables.document_versions
        row = self.one(select(table).where(table.c.id == document_id, table.c.kind == "Party"))
        if row is None:
            raise NotFound(f"the repository has no Party {bounded(document_id, 64)!r}")
        mine = versions.c.document_id == row.id
        known = {row.id, *self._ids_at_stores(row.id)}
        exchanges = sorted(
            {one.exchange_id for one in self.rows(select(versions.c.exchange_id).where(mine)) if one.exchange_id}
        )
        if not row.deleted:
            self.remove("Party", row.id)
        self._held.forget()
        count = self.write(update(versions).where(mine).values(json=ERASED)).rowcount
        crosswalk = tables.document_keys
        self.write(delete(crosswalk).where(crosswalk.c.document_id == row.id))
        for one in tables_of("Party"):
            self.write(delete(one).where(one.c.document_id == row.id))
        digest = hashlib.sha256(f"Party\n{ERASED}".encode()).hexdigest()
        empty = {"key": f"erased|{row.id}", "thread": "", "number": "", "partner": "", "hash": digest}
        self.write(update(table).where(table.c.id == row.id).values(**empty))
        entries, payloads = self._erase_uploads(row.id, known)
        lost = update(conflicts).where(conflicts.c.entity == "Party", conflicts.c.id == row.id)
        lost_count = self.write(lost.values(ours="null", theirs="null")).rowcount
        self.write(delete(field_clocks).where(field_clocks.c.document_id == row.id))
        owned = update(cards).where(cards.c.customer_id == row.id)
        revoked = func.coalesce(cards.c.revoked_at, self.now)
        carded = self.write(owned.values(customer_id="", revoked_at=revoked)).rowcount
        buckets = self._buckets_ever(row.id)
        return Erased(row.id, count, entries, payloads, lost_count, carded, buckets, tuple(exchanges))

    def _ids_at_stores(self, document_id: str) -> set[str]:
        """The ids that tills gave the customer before the hub gave it its own."""
        versions = tables.document_versions
        found = set()
        for row in self.rows(select(versions.c.json).where(versions.c.document_id == document_id)):
            for one in json.loads(row.json).get("external_ids", ()):
                if str(one.get("system", "")).startswith("store:") and one.get("id"):
                    found.add(str(one["id"]))
        return found

    def _erase_uploads(self, document_id: str, known: Iterable[str]) -> tuple[int, int]:
        """Empty what stores uploaded about the customer, and drop the payloads it came in: each other document of such
        a payload has its own body."""
        names = sorted(known)
        stated = [uploads.c.body.contains(f'"party_id":{json.dumps(one)}', autoescape=True) for one in names]
        about = or_(uploads.c.document_id == document_id, uploads.c.document.in_(names), *stated)
        query = select(uploads.c.id, uploads.c.payload).where(uploads.c.kind == "Party", about)
        found = self.rows(query)
        empty = {"body": ERASED, "findings": "", "clock": ""}
        for start in range(0, len(found), _AT_ONCE):
            part = [one.id for one in found[start : start + _AT_ONCE]]
            self.write(update(uploads).where(uploads.c.id.in_(part)).values(**empty))
        return len(found), self.drop_payloads({one.payload for one in found} - {""})

    def drop_payloads(self, names: Iterable[str]) -> int:
        """Remove payloads that no exchange holds; how many there were. Who refers to one finds that it is gone."""
        held, chunks, exchanges = tables.payloads, tables.payload_chunks, tables.exchanges
        dropped = 0
        for name in sorted(names):
            row = self.one(select(held.c.upload).where(held.c.sha256 == name))
            if row is None or self.one(select(exchanges.c.id).where(exchanges.c.payload == name)) is not None:
                continue
            self.write(delete(held).where(held.c.sha256 == name))
            self.write(delete(chunks).where(chunks.c.upload == row.upload))
            dropped += 1
        return dropped

    def _buckets_ever(self, document_id: str) -> tuple[str, ...]:
        changes = tables.changes
        query = select(changes.c.old_scopes, changes.c.new_scopes).where(
            changes.c.entity == "Party", changes.c.row_id == document_id
        )
        found: set[str] = set()
        for row in self.rows(query):
            found.update(json.loads(row.old_scopes), json.loads(row.new_scopes))
        return tuple(sorted(found))
