"""The documents as they stood at a place of the feed, from what they are now and from the changes since.

Every change says what was before it, so the changes after a place are enough: of each document the first one that was
written. What stands before the place may be purged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Select, select, text

from hub.errors import TemporaryError
from hub.replication.rows import PROJECTIONS
from hub.replication.sealed_log import versions
from hub.repository import tables
from hub.repository.feed import MOVE, purged

if TYPE_CHECKING:
    from hub.repository import Transaction

FAR = 20_000
"""Documents that may have changed since a place that is looked at; beyond that the store must catch up first."""

_PAGE = 1_000
_CHUNK = 400

# From the first change on that was written after the place, or has no place yet. Those in between that stand up to the
# place are read as well: where transactions overlap, one of them may be newer than a change that stands after it.
_SINCE = text(
    """
    SELECT changes.row_id, changes.entity, changes.op, changes.version, changes.old_scopes, feed_order.position
      FROM changes LEFT JOIN feed_order ON feed_order.seq = changes.seq
     WHERE changes.seq >= (SELECT min(first) FROM (
           SELECT min(seq) AS first FROM feed_order WHERE position > :position
            UNION ALL
           SELECT min(changes.seq) FROM changes, feed_state
            WHERE (changes.xid, changes.seq) > (feed_state.last_xid, feed_state.last_seq)) AS later)
     ORDER BY changes.seq
    """
)


class TooFar(TemporaryError):
    """The place is not known in this feed, or too long ago."""


@dataclass(frozen=True, slots=True)
class State:
    """A document as it was at some place: id, kind, version, stored tags, JSON text."""

    id: str
    kind: str
    version: int
    scopes: frozenset[str]
    json: str


@dataclass(frozen=True, slots=True)
class Before:
    """What a document was before the changes since: no tags where it was not there, or for nobody to see."""

    kind: str
    version: int
    scopes: frozenset[str]


def past(tx: Transaction, position: int, far: int = FAR) -> dict[str, Before]:
    """The documents that changed since ``position``, as they were there; the others are as they are now. Raises
    ``TooFar`` where it is purged, or more than ``far`` documents changed."""
    if position < purged(tx.connection):
        raise TooFar("the hub's feed is purged beyond this position")
    first: dict[str, Row[Any]] = {}
    for row in _since(tx, position):
        if row.position is not None and row.position <= position:
            first.pop(row.row_id, None)
        elif row.row_id in first or len(first) < far:
            first.setdefault(row.row_id, row)
        else:
            raise TooFar(f"more than {far} documents changed since")
    return {id_: _before(row) for id_, row in first.items()}


def _since(tx: Transaction, position: int) -> Iterator[Row[Any]]:
    """The changes since, in the order in which each document's were written."""
    if tx.postgresql:
        yield from tx.connection.execute(_SINCE, {"position": position})
        return
    table = tables.changes
    columns = table.c.row_id, table.c.entity, table.c.op, table.c.version, table.c.old_scopes
    query: Select[Any] = select(*columns, table.c.seq.label("position")).where(table.c.seq > position)
    yield from tx.connection.execute(query.order_by(table.c.seq))


def _before(row: Row[Any]) -> Before:
    version = row.version if row.op == MOVE else row.version - 1
    return Before(row.entity, version, _scopes(row.old_scopes))


def states_at(tx: Transaction, position: int, far: int = FAR) -> Iterator[State]:
    """Every document that a till may see, as the feed up to ``position`` left it. Raises ``TooFar``."""
    changed = past(tx, position, far)
    documents, texts = tables.documents, tables.document_versions
    newest = (texts.c.document_id == documents.c.id) & (texts.c.version == documents.c.version)
    columns = documents.c.id, documents.c.version, documents.c.scopes, texts.c.json
    query = select(*columns).join(texts, newest).where(documents.c.deleted.is_(False)).order_by(documents.c.id)
    for kind in PROJECTIONS:
        after = ""
        while page := tx.rows(query.where(documents.c.kind == kind, documents.c.id > after).limit(_PAGE)):
            for row in page:
                if row.id not in changed:
                    yield State(row.id, kind, row.version, _scopes(row.scopes), row.json)
            after = page[-1].id
    yield from restored(tx, changed)


@lru_cache(maxsize=10_000)
def _scopes(stored: str) -> frozenset[str]:
    return frozenset(json.loads(stored))


def restored(tx: Transaction, changed: Mapping[str, Before]) -> Iterator[State]:
    """These documents as they were, in the order of their ids; those for nobody to see are left out."""
    seen = sorted((id_, was) for id_, was in changed.items() if was.scopes and was.kind in PROJECTIONS)
    source = iter(seen)
    while part := list(islice(source, _CHUNK)):
        texts = versions(tx, [(id_, was.version) for id_, was in part])
        for id_, was in part:
            if (id_, was.version) not in texts:
                raise TooFar(f"version {was.version} of {id_}, which counted then, is not kept any more")
            yield State(id_, was.kind, was.version, was.scopes, texts[id_, was.version])


def present(tx: Transaction, ids: Iterable[str]) -> Iterator[State]:
    """These documents as they are now; those that are not there, or for nobody to see, are left out."""
    documents, texts = tables.documents, tables.document_versions
    newest = (texts.c.document_id == documents.c.id) & (texts.c.version == documents.c.version)
    query = select(documents, texts.c.json).join(texts, newest).where(documents.c.deleted.is_(False))
    source = iter(sorted(ids))
    while part := list(islice(source, _CHUNK)):
        for row in tx.rows(query.where(documents.c.id.in_(part)).order_by(documents.c.id)):
            if row.kind in PROJECTIONS:
                yield State(row.id, row.kind, row.version, _scopes(row.scopes), row.json)


def touched(tx: Transaction, after: int, until: int, far: int = FAR) -> frozenset[str]:
    """The documents that changed after one position up to another. Raises ``TooFar`` where that is purged, or for more
    than ``far``."""
    if after < purged(tx.connection):
        raise TooFar("the hub's feed is purged beyond this position")
    changes, order = tables.changes, tables.feed_order
    place = order.c.position if tx.postgresql else changes.c.seq
    query = select(changes.c.row_id).distinct().where(place > after, place <= until)
    if tx.postgresql:
        query = query.select_from(order.join(changes, changes.c.seq == order.c.seq))
    found = frozenset(row.row_id for row in tx.rows(query.limit(far + 1)))
    if len(found) > far:
        raise TooFar(f"more than {far} documents changed since")
    return found
