"""How the stores are doing: how far the feed is, sealed, purged and held back; which nodes are there and were found
equal; what they sent; and what of it a person must look at."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import func, select

from hub.replication import sealed_log
from hub.replication.proved import Comparison, last
from hub.repository import feed
from hub.repository.horizon import Horizon, horizon, lasting
from hub.repository.upload_tables import upload_gaps, uploads
from hub.repository.uploads import QUARANTINED

if TYPE_CHECKING:
    from hub.repository import FeedCursor, Repository, Transaction
    from hub.repository.nodes import NodeRecord

NAMED = 20
"""Nodes that one alarm names."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something is an alarm: nodes not seen, documents that wait at them, nothing sealed, the feed held
    back."""

    silent: timedelta = timedelta(days=1)
    unsent: timedelta = timedelta(days=1)
    late: timedelta = timedelta(minutes=15)
    stalled: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person must look at: a code for programs, a sentence with what to do."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a node stands: its cursor, by how many changes it is behind the feed, when it was last heard, and how many
    documents waited in its outboxes then, since when (None: it has not said). Times in ISO 8601, '' for never."""

    node: str
    store: str
    state: str
    cursor: int
    lag: int
    seen_at: str
    unsent: int | None
    unsent_since: str

    @classmethod
    def of(cls, node: NodeRecord, head: FeedCursor) -> Self:
        """As its last poll said."""
        cursor = _cursor(node, head)
        lag = head.position - cursor
        seen, since = _iso(node.seen_at), _iso(node.unsent_since)
        return cls(node.node, node.store, node.state, cursor, lag, seen, node.unsent, since)

    @property
    def outbox(self) -> str:
        """What waits, for people."""
        since = f" since {self.unsent_since}" if self.unsent else ""
        return "not told" if self.unsent is None else f"{self.unsent}{since}"


@dataclass(frozen=True, slots=True)
class Watch:
    """What was found at one moment."""

    epoch: str
    head: int
    purged: int
    sealed: int
    as_of: str
    segments: int
    bytes: int
    nodes: int
    active: int
    behind: list[str]
    away: list[str]
    unsent: int
    worst: list[Standing]
    """Of the active nodes those to look at first: silent ones, those furthest behind, those with most in the outbox."""

    compared: dict[str, Comparison]
    gaps: int
    quarantined: int
    waiting: int
    held_seconds: int
    holders: list[dict[str, Any]]
    alarms: list[Alarm] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain data; ``kept`` changes are in the feed."""
        found = asdict(self)
        equal = {node: one.equal_at for node, one in self.compared.items() if one.equal_at}
        differ = {node: list(one.differ) for node, one in self.compared.items() if one.differ}
        return {**found, "kept": self.head - self.purged, "equal": equal, "differ": differ}

    def health(self) -> dict[str, Any]:
        """What ``GET /health`` tells of it: numbers and alarms, no lists of nodes."""
        return {
            "head": self.head, "kept": self.head - self.purged, "waiting": self.waiting,
            "held_seconds": self.held_seconds, "silent": len(self.away), "unsent": self.unsent, "gaps": self.gaps,
            "quarantined": self.quarantined, "compared": len(self.compared),
            "compared_at": max((one.at for one in self.compared.values()), default=""),
            "differ": sum(bool(one.differ) for one in self.compared.values()),
            "alarms": [asdict(one) for one in self.alarms],
        }  # fmt: skip


def look(repo: Repository, limits: Limits | None = None, now: datetime | None = None) -> Watch:
    """How the stores are doing now. Some questions to the database, whatever the number of changes."""
    limits, now = limits or Limits(), now or datetime.now(UTC)
    with repo.read() as tx:
        return _look(tx, limits, now)


def _look(tx: Transaction, limits: Limits, now: datetime) -> Watch:
    head, progress, (segments, size) = feed.head(tx.connection), sealed_log.progress(tx), sealed_log.size(tx)
    every, held = tx.nodes(), horizon(tx.connection)
    active = [one for one in every if one.state == "active"]
    away = [one for one in active if (_heard(one) or now) < now - limits.silent]
    silent = {one.node for one in away}
    there = {one.node for one in active}
    compared = {name: one for name, one in last(tx).items() if name in there or name.startswith("file:")}
    found = Watch(
        epoch=head.epoch,
        head=head.position,
        purged=feed.purged(tx.connection),
        sealed=progress.position if progress else 0,
        as_of=_iso(progress.as_of if progress else None),
        segments=segments,
        bytes=size,
        nodes=len(every),
        active=len(active),
        behind=[one.node for one in active if progress and one.cursor_seq < progress.position],
        away=[one.node for one in away],
        unsent=sum(one.unsent or 0 for one in active),
        worst=_worst(active, silent, head),
        compared=compared,
        gaps=_count(tx, upload_gaps),
        quarantined=_count(tx, uploads, uploads.c.state == QUARANTINED),
        waiting=held.waiting,
        held_seconds=round(held.age(now).total_seconds()),
        holders=[one.as_dict(now) for one in held.holders[:NAMED]],
    )
    found.alarms.extend(_held_back(held, limits, now))
    if active and progress and now - progress.as_of > limits.late:
        age = lasting(now - progress.as_of)
        found.alarms.append(Alarm("seal.late", f"nothing was sealed for {age}: does hub store seal run every minute?"))
    found.alarms.extend(_of_nodes(away, compared, limits, now))
    found.alarms.extend(_of_outboxes(active, silent, limits, now))
    found.alarms.extend(_of_uploads(found))
    return found


def _count(tx: Transaction, table: Any, *where: Any) -> int:
    return int(tx.rows(select(func.count()).select_from(table).where(*where))[0][0])


def _held_back(held: Horizon, limits: Limits, now: datetime) -> Iterator[Alarm]:
    if held.age(now) < limits.stalled:
        return
    waiting = f"{held.waiting} changes wait" if held.waiting else "every change from now on waits"
    yield Alarm(
        "feed.held",
        f"the feed is held back for {lasting(held.age(now))} by a transaction that does not end; {waiting}: "
        + ("; ".join(one.told(now) for one in held.holders[:3]) or _HIDDEN),
    )


_HIDDEN = "the server does not show whose it is: grant pg_read_all_stats to the hub's user, or look at pg_stat_activity"


def _of_nodes(
    away: Sequence[NodeRecord], compared: dict[str, Comparison], limits: Limits, now: datetime
) -> Iterator[Alarm]:
    if away:
        told = _named(f"{one.node} ({_since(one, now)})" for one in away)
        yield Alarm("node.silent", f"not seen for {lasting(limits.silent)}: {told}")
    if differ := [f"{name} in {', '.join(one.differ[:3])}" for name, one in compared.items() if one.differ]:
        yield Alarm("node.differs", f"found different from the hub: {_named(differ)}; hub-pos REPLICA verify --heal")


def _heard(node: NodeRecord) -> datetime | None:
    return node.seen_at or node.registered_at


def _since(node: NodeRecord, now: datetime) -> str:
    return f"for {lasting(now - node.seen_at)}" if node.seen_at else "since it registered"


def _of_outboxes(
    active: Iterable[NodeRecord], silent: Container[str], limits: Limits, now: datetime
) -> Iterator[Alarm]:
    heard = (one for one in active if one.node not in silent)
    late = [one for one in heard if one.unsent_since is not None and one.unsent_since < now - limits.unsent]
    if late:
        told = _named(f"{one.node} ({one.unsent}, for {lasting(now - (one.unsent_since or now))})" for one in late)
        yield Alarm("node.unsent", f"documents wait at tills that are heard: {told}; hub-pos REPLICA outbox --send")


def _worst(active: Iterable[NodeRecord], silent: Container[str], head: FeedCursor) -> list[Standing]:
    def urgent(one: NodeRecord) -> tuple[object, ...]:
        return one.node not in silent, _cursor(one, head), -(one.unsent or 0), one.node

    return [Standing.of(one, head) for one in nsmallest(NAMED, active, key=urgent)]


def _cursor(node: NodeRecord, head: FeedCursor) -> int:
    """Where it stands in this epoch."""
    return node.cursor_seq if node.cursor_epoch == head.epoch else 0


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _of_uploads(found: Watch) -> Iterator[Alarm]:
    if found.gaps:
        yield Alarm("uploads.gap", f"{found.gaps} gaps in what tills sent, each may be a lost sale: hub uploads gaps")
    if found.quarantined:
        what = f"{found.quarantined} uploaded documents were not accepted"
        yield Alarm("uploads.quarantined", f"{what}: hub uploads list --state quarantined")


def _named(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - NAMED} more" if len(every) > NAMED else ""
    return ", ".join(every[:NAMED]) + more
