"""Nodes: the terminals and store servers that may take what their store may see, and where each stands.

A token is shown once and kept as its SHA-256 only (it is 192 random bits, so nothing slower is needed); a node's key is
its public one. Who may do what follows from the row, never from what the node says of itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, func, select, update

from hub.repository.failures import NotFound
from hub.repository.wire_tables import nodes
from hub.repository.work import Work

PASSED = 48
"""So many places are kept where a node was first seen: the newest all, older ones the fewer the longer ago."""

_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """A node. ``public_key`` is base64, '' until it has registered; the cursor is the last one it has polled with."""

    node: str
    store: str
    public_key: str
    created_at: datetime
    token_until: datetime | None
    registered_at: datetime | None
    revoked_at: datetime | None
    cursor_epoch: str
    cursor_seq: int
    cursor_buckets: tuple[str, ...]
    seen_at: datetime | None
    polls: int
    bytes_sent: int
    passed: str = "[]"
    """Positions with the Unix time at which the node was first seen there, in order, as JSON."""

    unsent: int | None = None
    """How many documents waited in its outboxes at its last poll; None where it has not said."""

    unsent_since: datetime | None = None
    """When the oldest of them was written."""

    def reached(self, epoch: str, position: int) -> datetime | None:
        """By when the node had everything up to ``position``: the first poll after it that is remembered. None where it
        does not have it yet."""
        if self.cursor_epoch != epoch:
            return None
        at = next((at for place, at in json.loads(self.passed) if place >= position), None)
        return None if at is None else datetime.fromtimestamp(at, UTC)

    @property
    def state(self) -> str:
        """``active``, ``revoked``, ``invited`` (its token waits) or ``expired`` (nobody used the token in time)."""
        if self.revoked_at is not None:
            return "revoked"
        if self.public_key:
            return "active"
        return "invited" if self.token_until is not None else "expired"


@dataclass(frozen=True, slots=True)
class NodeSighting:
    """What the server saw of a node since it last wrote it down."""

    seen_at: datetime
    polls: int
    bytes_sent: int
    cursor_epoch: str
    cursor_seq: int
    cursor_buckets: Sequence[str]
    unsent: int | None = None
    unsent_since: datetime | None = None


def hashed(token: str) -> str:
    """A token as it is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


class Nodes(Work):
    """The part of a transaction that knows nodes."""

    def invite_node(self, node: str, store: str, token: str, lasts: timedelta) -> None:
        """Let ``node`` of ``store`` register once with ``token`` within ``lasts``. A node that is known keeps its key
        until it registers again; a revoked one is welcome again only then."""
        values = {"token_hash": hashed(token), "token_until": self.now + lasts, "store": store}
        row = {"node": node, "created_at": self.now, **values}
        if not self.add(nodes, row, unless=("node",)):
            self.write(update(nodes).where(nodes.c.node == node).values(**values))

    def register_node(self, node: str, token: str, public_key: str) -> bool:
        """Take a node's key for its token, which is used up by it. False where the token is wrong, used or too old. The
        same key for the same token again is no error: the first answer was lost."""
        given = (nodes.c.node == node) & (nodes.c.token_hash == hashed(token))
        values = {"public_key": public_key, "token_until": None, "revoked_at": None, "registered_at": self.now}
        if self.write(update(nodes).where(given, nodes.c.token_until >= self.now).values(**values)).rowcount:
            return True
        return self.one(select(nodes.c.node).where(given, nodes.c.public_key == public_key)) is not None

    def revoke_node(self, node: str) -> None:
        """Refuse a node from now on, its token too. Raises NotFound."""
        values = {"revoked_at": self.now, "token_hash": "", "token_until": None}
        if not self.write(update(nodes).where(nodes.c.node == node).values(**values)).rowcount:
            raise NotFound(f"there is no node {node!r}")

    def nodes(self, store: str | None = None) -> list[NodeRecord]:
        """All nodes, or those of one store."""
        query = select(nodes).order_by(nodes.c.node)
        rows = self.rows(query if store is None else query.where(nodes.c.store == store))
        return [
            NodeRecord(
                node=row.node,
                store=row.store,
                public_key=row.public_key,
                created_at=row.created_at,
                token_until=row.token_until if row.token_until and row.token_until >= self.now else None,
                registered_at=row.registered_at,
                revoked_at=row.revoked_at,
                cursor_epoch=row.cursor_epoch,
                cursor_seq=row.cursor_seq,
                cursor_buckets=tuple(json.loads(row.cursor_buckets)),
                seen_at=row.seen_at,
                polls=row.polls,
                bytes_sent=row.bytes_sent,
                passed=row.passed,
                unsent=row.unsent,
                unsent_since=row.unsent_since,
            )
            for row in rows
        ]

    def nodes_mark(self) -> tuple[object, ...]:
        """Changes whenever a node is registered or revoked: cheap to ask often."""
        query = select(
            func.count(nodes.c.registered_at), func.max(nodes.c.registered_at), func.count(nodes.c.revoked_at),
            func.max(nodes.c.revoked_at), func.count(),
        ).select_from(nodes)  # fmt: skip
        return tuple(self.rows(query)[0])

    def save_sightings(self, seen: Mapping[str, NodeSighting]) -> None:
        """Write down where nodes stand."""
        held = self._passed_by(list(seen))
        rows = [
            {
                "n": node,
                "at": one.seen_at,
                "p": one.polls,
                "b": one.bytes_sent,
                "e": one.cursor_epoch,
                "s": one.cursor_seq,
                "k": json.dumps(sorted(one.cursor_buckets)),
                "w": _with(held[node], one),
                "u": one.unsent,
                "us": one.unsent_since,
            }
            for node, one in seen.items()
            if node in held
        ]
        if rows:
            statement = update(nodes).where(nodes.c.node == bindparam("n"))
            values = {
                "seen_at": bindparam("at", type_=nodes.c.seen_at.type),
                "polls": nodes.c.polls + bindparam("p"),
                "bytes_sent": nodes.c.bytes_sent + bindparam("b"),
                "cursor_epoch": bindparam("e"),
                "cursor_seq": bindparam("s"),
                "cursor_buckets": bindparam("k"),
                "passed": bindparam("w"),
                "unsent": bindparam("u"),
                "unsent_since": bindparam("us", type_=nodes.c.unsent_since.type),
            }
            self.write(statement.values(values), rows)

    def _passed_by(self, names: Sequence[str]) -> dict[str, tuple[str, str]]:
        """The epoch in which nodes stand, and where they have passed in it, as it is stored."""
        found = {}
        for start in range(0, len(names), _AT_ONCE):
            part = nodes.c.node.in_(names[start : start + _AT_ONCE])
            for row in self.rows(select(nodes.c.node, nodes.c.cursor_epoch, nodes.c.passed).where(part)):
                found[row.node] = (row.cursor_epoch, row.passed)
        return found


def _with(held: tuple[str, str], seen: NodeSighting) -> str:
    """What a node has passed, with where it was seen now."""
    epoch, stored = held
    marks = json.loads(stored) if epoch == seen.cursor_epoch else []
    if marks and marks[-1][0] == seen.cursor_seq:
        return stored
    # One that was loaded anew from a backup of its own stands further back: what it had passed it does not have.
    marks = [mark for mark in marks if mark[0] < seen.cursor_seq]
    marks.append([seen.cursor_seq, int(seen.seen_at.timestamp())])
    return json.dumps(thinned(marks), separators=(",", ":"))


def thinned(marks: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """At most ``PASSED`` marks (position, Unix time). The one goes first whose neighbours are closest together for its
    age, so that what is long ago is known roughly and what was just now exactly."""
    kept = list(marks)
    while len(kept) > PASSED:
        now = kept[-1][1]
        inner = range(1, len(kept) - 1)
        kept.pop(min(inner, key=lambda at: (kept[at + 1][1] - kept[at - 1][1]) / (now - kept[at][1] + 60)))
    return kept
