"""The documents as they stood at any position of the feed: what a store that stands there must hold."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from hub.errors import TemporaryError
from hub.replication.rows import PROJECTIONS
from hub.replication.snapshot import Snapshot, State
from hub.repository import tables

if TYPE_CHECKING:
    from hub.repository import Transaction

FAR = 20_000
"""Documents that may have changed since a position that is looked at; beyond that the store must catch up first."""


class TooFar(TemporaryError):
    """The position is not known in this feed, or too long ago."""


def standing(tx: Transaction, position: int) -> Iterator[State]:
    """Every document that a till may see, as the feed up to ``position`` left it. Raises ``TooFar``."""
    taken = Snapshot(tx)
    if position > taken.cursor.position:
        raise TooFar("the hub's feed ends before this position")
    later = touched(tx, position, taken.cursor.position)
    for state in taken.states():
        if state.id not in later:
            yield state
    yield from states_of(tx, later, position)


def touched(tx: Transaction, after: int, until: int) -> frozenset[str]:
    """The documents that changed after one position up to another. Raises ``TooFar`` for more than ``FAR``."""
    changes, order = tables.changes, tables.feed_order
    place = order.c.position if tx.postgresql else changes.c.seq
    query = select(changes.c.row_id).distinct().where(place > after, place <= until)
    if tx.postgresql:
        query = query.select_from(order.join(changes, changes.c.seq == order.c.seq))
    found = frozenset(row.row_id for row in tx.rows(query.limit(FAR + 1)))
    if len(found) > FAR:
        raise TooFar(f"more than {FAR} documents changed since")
    return found


def states_of(tx: Transaction, ids: Collection[str], position: int) -> Iterator[State]:
    """Some documents as the feed up to ``position`` left them; those that were not there, or not to be seen by a till,
    are left out. Raises ``TooFar`` where a version of then is not kept any more."""
    changes, order, versions = tables.changes, tables.feed_order, tables.document_versions
    same = and_(versions.c.document_id == changes.c.row_id, versions.c.version == changes.c.version)
    query = select(changes.c.entity, changes.c.op, changes.c.version, changes.c.new_scopes, versions.c.json)
    if tx.postgresql:
        source = changes.join(order, order.c.seq == changes.c.seq).outerjoin(versions, same)
        query = query.select_from(source).where(order.c.position <= position)
    else:
        query = query.select_from(changes.outerjoin(versions, same)).where(changes.c.seq <= position)
    for id_ in sorted(ids):
        # The newest change up to there is told by seq, not by its position (see hub.repository.feed).
        row = tx.one(query.where(changes.c.row_id == id_).order_by(changes.c.seq.desc()).limit(1))
        if row is None or row.op != "PUT" or row.entity not in PROJECTIONS:
            continue
        if row.json is None:
            raise TooFar(f"version {row.version} of {id_}, which counted then, is not kept any more")
        yield State(id_, row.entity, row.version, frozenset(json.loads(row.new_scopes)), row.json)
