"""What a store that stands at some place of the feed must hold: the documents as they stood there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from hub.replication.past import State, TooFar, past, present, restored, states_at
from hub.repository import feed

if TYPE_CHECKING:
    from hub.repository import Transaction


def standing(tx: Transaction, position: int) -> Iterator[State]:
    """Every document that a till may see, as the feed up to ``position`` left it. Raises ``TooFar``."""
    if position > feed.head(tx.connection).position:
        raise TooFar("the hub's feed ends before this position")
    yield from states_at(tx, position)


def states_of(tx: Transaction, ids: Collection[str], position: int) -> Iterator[State]:
    """Some documents as the feed up to ``position`` left them; those that were not there, or not to be seen by a till,
    are left out. Raises ``TooFar``."""
    changed = past(tx, position)
    yield from present(tx, (id_ for id_ in ids if id_ not in changed))
    yield from restored(tx, {id_: changed[id_] for id_ in ids if id_ in changed})
