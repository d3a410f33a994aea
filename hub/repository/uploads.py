"""What stores uploaded: every entry as it came, what became of it, and which places of a node's sequence are missing.

A node is one till or store server; it numbers what it sends from 1 without gaps. What is stored here is never
overwritten: other content under a number that was used is an entry of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, func, insert, select, update

from hub.findings import Finding
from hub.repository.finding_text import findings_of, findings_text
from hub.repository.identifiers import new_id
from hub.repository.types import bounded
from hub.repository.upload_tables import upload_gaps, upload_nodes, uploads
from hub.repository.work import Work

RECEIVED, ACCEPTED, DUPLICATE, QUARANTINED = "received", "accepted", "duplicate", "quarantined"
_AT_ONCE = 500


def clock_stamp(moment: datetime) -> str:
    """A moment as the first part of a till's clock (PROTOCOL.md, section 7.5)."""
    at = moment.astimezone(UTC)
    return f"{at.strftime('%Y-%m-%dT%H:%M:%S')}.{at.microsecond // 1000:03d}Z"


@dataclass(frozen=True, slots=True)
class UploadEntry:
    """A document in an upload, as the store sent it: ``seq`` is its place (0: it had none), ``document`` the store's
    id for it, ``body`` its JSON as text, ``digest`` the SHA-256 of kind, id and body, ``clock`` the store's hybrid
    logical clock."""

    seq: int
    document: str
    kind: str
    body: str
    digest: str
    created_at: str = ""
    clock: str = ""


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """An entry that is held. ``state`` is received, accepted, duplicate or quarantined; ``code`` is the first error's;
    ``document_id`` the canonical document it led to; ``payload`` the SHA-256 of the upload it came in."""

    id: str
    node: str
    store: str
    entry: UploadEntry
    payload: str
    state: str
    code: str
    document_id: str
    findings: tuple[Finding, ...]
    attempts: int
    received_at: datetime
    decided_at: datetime | None

    def data(self) -> Any:
        """The body as plain data."""
        return json.loads(self.entry.body)


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of the entry ``id``: accepted or duplicate with a document, quarantined with findings."""

    id: str
    state: str
    document_id: str = ""
    findings: tuple[Finding, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Places ``first`` to ``last`` of a node's sequence have not come, and that is known ``since`` then."""

    node: str
    store: str
    first: int
    last: int
    since: datetime


class Uploads(Work):
    """Part of a transaction."""

    def lock_node(self, node: str, store: str) -> int:
        """Keep other uploads of the node waiting until this transaction ends. Returns the place that it will use next,
        as far as is known."""
        values = {"node": node, "store": store, "next": 1, "last_at": self.now}
        self.add(upload_nodes, values, unless=("node",))
        row = self.one(select(upload_nodes).where(upload_nodes.c.node == node).with_for_update())
        assert row is not None
        return int(row.next)

    def keep_uploads(
        self, node: str, store: str, entries: Sequence[UploadEntry], payload: str
    ) -> tuple[list[str], int]:
        """Store entries, each content under its place once. Returns their ids in order, whether new (``received``) or
        decided before, and how many of them are new. The node must be locked."""
        known: dict[tuple[int, str], str] = {}
        for part in _parts(sorted({one.seq for one in entries})):
            columns = select(uploads.c.seq, uploads.c.digest, uploads.c.id)
            found = self.rows(columns.where(uploads.c.node == node, uploads.c.seq.in_(part)))
            known.update({(row.seq, row.digest): row.id for row in found})
        places = {seq for seq, _ in known}
        new = []
        # By place, so that a batch in the wrong order shows no gap that it fills itself.
        for entry in sorted(entries, key=lambda one: one.seq):
            if (entry.seq, entry.digest) not in known:
                known[entry.seq, entry.digest] = id_ = new_id()
                new.append({**_row(entry), "id": id_, "node": node, "store": bounded(store, 64), "payload": payload,
                            "state": RECEIVED, "received_at": self.now})  # fmt: skip
        if new:
            self.write(insert(uploads), new)
        self._taken(node, sorted({one["seq"] for one in new} - places - {0}))
        return [known[one.seq, one.digest] for one in entries], len(new)

    def reused(self, node: str, records: Sequence[UploadRecord]) -> set[str]:
        """The ids of those entries before which another content came under the same place."""
        first: dict[int, str] = {}
        for part in _parts(sorted({one.entry.seq for one in records})):
            query = select(uploads.c.seq, func.min(uploads.c.id).label("id")).group_by(uploads.c.seq)
            found = self.rows(query.where(uploads.c.node == node, uploads.c.seq.in_(part)))
            first.update({row.seq: row.id for row in found})
        return {one.id for one in records if one.entry.seq and first.get(one.entry.seq, one.id) != one.id}

    def decide_uploads(self, decisions: Sequence[Decision]) -> None:
        """Say what became of entries."""
        if not decisions:
            return
        change = update(uploads).where(uploads.c.id == bindparam("entry"))
        change = change.values(
            state=bindparam("to"), document_id=bindparam("into"), findings=bindparam("said"), code=bindparam("why"),
            attempts=uploads.c.attempts + 1, decided_at=self.now,
        )  # fmt: skip
        self.write(
            change,
            [
                {"entry": one.id, "to": one.state, "into": one.document_id, "said": findings_text(one.findings),
                 "why": bounded(one.code, 40)}
                for one in decisions
            ],
        )  # fmt: skip

    def uploads_by_id(self, ids: Sequence[str]) -> dict[str, UploadRecord]:
        """Entries by their ids."""
        out: dict[str, UploadRecord] = {}
        for part in _parts(sorted(set(ids))):
            out.update({row.id: _record(row) for row in self.rows(select(uploads).where(uploads.c.id.in_(part)))})
        return out

    def upload(self, id_: str) -> UploadRecord:
        """An entry by its id. Raises KeyError where there is none."""
        row = self.one(select(uploads).where(uploads.c.id == id_))
        if row is None:
            raise KeyError(id_)
        return _record(row)

    def uploads_named(self, id_: str) -> list[UploadRecord]:
        """The entry with this id, in a list that is empty where there is none."""
        return [_record(row) for row in self.rows(select(uploads).where(uploads.c.id == id_))]

    def uploads(
        self, *, node: str = "", store: str = "", state: str = "", code: str = "", limit: int = 1000
    ) -> list[UploadRecord]:
        """Entries by node and place, narrowed by what is given."""
        query = select(uploads).order_by(uploads.c.node, uploads.c.seq, uploads.c.id).limit(limit)
        for column, value in (("node", node), ("store", store), ("state", state), ("code", code)):
            if value:
                query = query.where(uploads.c[column] == value)
        return [_record(row) for row in self.rows(query)]

    def uploads_at(self, node: str, seq: int) -> list[UploadRecord]:
        """What came under one place of a node, first come first."""
        return [_record(row) for row in self.rows(_of(node, seq).order_by(uploads.c.id))]

    def _taken(self, node: str, places: Sequence[int]) -> None:
        """Note that places (in order, none twice) have come, and which are now known to be missing."""
        following = before = self.next_place(node)
        for seq in places:
            if seq < following:
                self._fill(node, seq)
                continue
            if seq > following:
                gap = {"node": node, "first": following, "last": seq - 1, "since": self.now}
                self.write(insert(upload_gaps), gap)
            following = seq + 1
        if following != before:
            change = update(upload_nodes).where(upload_nodes.c.node == node)
            self.write(change.values(next=following, last_at=self.now))

    def _fill(self, node: str, seq: int) -> None:
        around = and_(upload_gaps.c.node == node, upload_gaps.c.first <= seq, upload_gaps.c.last >= seq)
        row = self.one(select(upload_gaps).where(around))
        if row is None:
            return
        self.write(delete(upload_gaps).where(around))
        for first, last in ((row.first, seq - 1), (seq + 1, row.last)):
            if first <= last:
                self.write(insert(upload_gaps), {"node": node, "first": first, "last": last, "since": row.since})

    def next_place(self, node: str) -> int:
        """The place after the last that came from a node; 1 where none did."""
        row = self.one(select(upload_nodes.c.next).where(upload_nodes.c.node == node))
        return 1 if row is None else int(row.next)

    def gaps(self, *, node: str = "", store: str = "", limit: int = 1000) -> list[Gap]:
        """Missing places, by node and place."""
        nodes = upload_nodes.c
        query = select(upload_gaps, nodes.store).join(upload_nodes, nodes.node == upload_gaps.c.node)
        if node:
            query = query.where(upload_gaps.c.node == node)
        if store:
            query = query.where(nodes.store == store)
        rows = self.rows(query.order_by(upload_gaps.c.node, upload_gaps.c.first).limit(limit))
        return [Gap(row.node, row.store, row.first, row.last, row.since) for row in rows]


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """In parts that fit a statement."""
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _row(entry: UploadEntry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "digest": entry.digest,
        "document": bounded(entry.document, 64),
        "kind": bounded(entry.kind, 40),
        "created_at": bounded(entry.created_at, 40),
        "clock": bounded(entry.clock, 200),
        "body": entry.body,
    }


def _of(node: str, seq: int) -> Any:
    return select(uploads).where(uploads.c.node == node, uploads.c.seq == seq)


def _record(row: Row[Any]) -> UploadRecord:
    return UploadRecord(
        id=row.id,
        node=row.node,
        store=row.store,
        entry=UploadEntry(row.seq, row.document, row.kind, row.body, row.digest, row.created_at, row.clock),
        payload=row.payload,
        state=row.state,
        code=row.code,
        document_id=row.document_id,
        findings=findings_of(row.findings),
        attempts=row.attempts,
        received_at=row.received_at,
        decided_at=row.decided_at,
    )
