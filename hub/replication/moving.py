"""What a changed ``stores.toml`` would move: before it is deployed, without touching a store.

One pass over the documents counts them by their tags; whatever the number of stores, the rest is arithmetic on these.
Bytes are those of the sealed snapshots, or of the same made now and thrown away for buckets that are not sealed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from hub.replication import sealed_log
from hub.replication.past import State
from hub.replication.rows import PROJECTIONS, project
from hub.replication.scopes import subscription
from hub.replication.sealed import Contents, Put, seal
from hub.replication.snapshot import Snapshot
from hub.replication.whole import PART

if TYPE_CHECKING:
    from hub.replication.stores import Store
    from hub.repository import Repository, Transaction

Tags = frozenset[str]


@dataclass(slots=True)
class Move:
    """One store: buckets that it would get and lose, rows in the new ones (``fresh`` of them it has not now), their
    compressed bytes, and rows that would vanish from it."""

    store: str
    gained: list[str]
    lost: list[str]
    rows: int = 0
    fresh: int = 0
    bytes: int = 0
    vanishing: int = 0


@dataclass(slots=True)
class Plan:
    """The stores that would change. ``removed`` are no longer in the file: nothing is sent to them any more, and what
    they hold stays there."""

    position: int
    moves: list[Move] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0

    @property
    def vanishing(self) -> int:
        """Rows that would vanish, in all stores."""
        return sum(move.vanishing for move in self.moves)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, with totals."""
        names = ("rows", "fresh", "bytes", "vanishing")
        totals = {name: sum(getattr(move, name) for move in self.moves) for name in names}
        return {**asdict(self), "total": {"stores": len(self.moves), **totals}}


def held_scopes(repo: Repository, stores: Iterable[Store]) -> dict[str, Tags]:
    """What stores hold now: the buckets that their nodes named in their last poll, as the hub has written them down;
    for a store without such a node, what ``stores.toml`` says."""
    with repo.read() as tx:
        nodes = [one for one in tx.nodes() if one.state == "active" and one.cursor_buckets]
    held: dict[str, Tags] = {}
    for node in nodes:
        held[node.store] = held.get(node.store, frozenset()) | frozenset(node.cursor_buckets)
    return {one.id: held.get(one.id, subscription(one)) for one in stores}


def plan(repo: Repository, before: Mapping[str, Tags], after: Sequence[Store]) -> Plan:
    """What becomes of the stores if ``after`` is deployed; ``before`` has the buckets that each holds now."""
    wanted = {one.id: subscription(one) for one in after}
    changed = {id_: tags for id_, tags in wanted.items() if tags != before.get(id_, frozenset())}
    gained = frozenset().union(*(tags - before.get(id_, frozenset()) for id_, tags in changed.items()))
    with repo.read() as tx:
        sizes = _sealed_sizes(tx)
        measured = _Measured(gained - sizes.keys())
        taken = Snapshot(tx)
        counts: Counter[Tags] = Counter()
        for state in taken.states():
            counts[state.scopes] += 1
            measured.add(state)
    sizes |= measured.sizes()
    found = Plan(taken.cursor.position, unchanged=len(wanted) - len(changed))
    found.removed = sorted(before.keys() - wanted.keys())
    seen: dict[tuple[Tags, Tags], Move] = {}
    for id_, tags in sorted(changed.items()):
        pair = (before.get(id_, frozenset()), tags)
        if pair not in seen:  # stores of one kind move alike
            seen[pair] = _move(*pair, counts, sizes)
        alike = seen[pair]
        found.moves.append(Move(**{**asdict(alike), "store": id_}))
    return found


def _move(before: Tags, after: Tags, counts: Mapping[Tags, int], sizes: Mapping[str, int]) -> Move:
    gained, lost = after - before, before - after
    move = Move("", sorted(gained), sorted(lost), bytes=sum(sizes.get(name, 0) for name in gained))
    for tags, count in counts.items():
        move.rows += count * len(tags & gained)
        if tags & gained and not tags & before:
            move.fresh += count
        if tags & lost and not tags & after:
            move.vanishing += count
    return move


def _sealed_sizes(tx: Transaction) -> dict[str, int]:
    """Bytes of the snapshots that are sealed, with the changes that come after them."""
    buckets, sizes = sealed_log.buckets(tx), dict[str, int]()
    for entry in sealed_log.entries(tx):
        bucket = buckets.get(entry.bucket)
        if bucket is not None and (entry.snapshot or entry.last > bucket.snapshot):
            sizes[entry.bucket] = sizes.get(entry.bucket, 0) + entry.bytes
    return dict.fromkeys(buckets, 0) | sizes


class _Measured:
    """Buckets that are not sealed, sealed in parts and thrown away."""

    def __init__(self, buckets: Tags) -> None:
        self._waiting = {name: Contents() for name in buckets}
        self._sizes = dict.fromkeys(buckets, 0)
        self._count = 0

    def add(self, state: State) -> None:
        """One document."""
        buckets = state.scopes & self._waiting.keys()
        if not buckets:
            return
        self._count += 1
        row = project(state.kind, state.id, json.loads(state.json))
        put = Put(self._count, PROJECTIONS[state.kind].entity, state.id, row)
        for name in buckets:
            self._waiting[name].puts.append(put)
            if len(self._waiting[name].puts) >= PART:
                self._weigh(name)

    def _weigh(self, name: str) -> None:
        contents, self._waiting[name] = self._waiting[name], Contents()
        self._sizes[name] += len(seal(name, 0, 1, contents, snapshot=True).data)

    def sizes(self) -> dict[str, int]:
        """Bytes by bucket."""
        for name, contents in self._waiting.items():
            if contents.puts:
                self._weigh(name)
        return self._sizes
