"""What the server knows in memory: what is sealed, the nodes, the stores; and what it has seen of each node.

A poll asks none of the databases. Four times a second the server looks whether another process has sealed, every second
whether one has registered or revoked a node or edited a file of the workspace; every few seconds it writes down where
the nodes stand.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hub.api.nodes import Gate, Node
from hub.api.refusals import Refused
from hub.authorizations import policies as authorizing
from hub.errors import HubError
from hub.replication import sealed_log
from hub.replication.catalog import Catalog, Cursor
from hub.replication.manifests import signed
from hub.replication.policies import FILE, Policies, load_policies, shipped
from hub.replication.scopes import subscription
from hub.replication.shelf import Shelf
from hub.replication.signing import HubKeys
from hub.replication.stores import Store, load_stores
from hub.replication.watching import Limits, Watch, look
from hub.repository import Repository, feed
from hub.repository.nodes import NodeSighting

log = logging.getLogger("hub.api")

_CACHED_BYTES = 128 << 20


@dataclass(frozen=True, slots=True)
class Scoped:
    """A store with its buckets, and what its tills are told of it."""

    store: Store
    wanted: frozenset[str]
    settings: Mapping[str, object]


@dataclass(slots=True)
class _Answer:
    """The last answer to a node: it is the same until something changes."""

    progress: sealed_log.Progress | None
    scope: Scoped
    cursor: Cursor
    keys: Sequence[str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Unsent:
    """What a node says of its outboxes: how many documents wait, and how long the oldest by the node's own clock."""

    count: int
    age: timedelta


@dataclass(slots=True)
class Service:
    """One server's view of a hub. Not for several threads at once, but for ``refresh``, ``refresh_sealed``, ``watch``
    and ``save``."""

    repo: Repository
    stores_file: Path
    shelf: Shelf
    keys: HubKeys
    gate: Gate = field(default_factory=Gate)
    catalog: Catalog = field(default_factory=lambda: Catalog(None, (), ()))
    scopes: Mapping[str, Scoped] = field(default_factory=dict)
    policies: Policies = field(default_factory=shipped)
    authorizations: authorizing.Policies = field(default_factory=authorizing.shipped)
    limits: Limits = field(default_factory=Limits)
    watched: Watch | None = None
    _seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    _nodes_mark: tuple[object, ...] = ()
    _answers: dict[str, _Answer] = field(default_factory=dict)
    _blobs: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _blob_bytes: int = 0
    _sightings: dict[str, NodeSighting] = field(default_factory=dict)

    def refresh(self) -> None:
        """Take in what other processes have changed. Raises nothing for a file that is wrong just now: what it
        said before stays, and the log says why."""
        with self.repo.read() as tx:
            mark = tx.nodes_mark()
            if mark != self._nodes_mark:
                active = [one for one in tx.nodes() if one.state == "active"]
                self.gate.nodes = {one.node: Node(one.node, one.store, one.public_key) for one in active}
                self._nodes_mark = mark
        self.refresh_sealed()
        self._reread(self.stores_file.with_name(authorizing.FILE), self._read_authorizations)
        self._reread(self.stores_file, self._read_stores)
        self._reread(self.stores_file.with_name(FILE), self._read_policies)

    def refresh_sealed(self) -> None:
        """Take in what was sealed; costs two rows where nothing was. Between a new epoch and its first seal there is
        nothing: what a backup lists may not be on the shelf any more."""
        with self.repo.read() as tx:
            progress, epoch = sealed_log.progress(tx), feed.epoch(tx.connection)
        if progress is not None and progress.epoch != epoch:
            progress = None
        # All of it: a hub that was put back to a backup may come to the same number of an edition by another way.
        if progress != self.catalog.progress:
            self.catalog = Catalog.load(self.repo) if progress else Catalog(None, (), ())

    def _read_stores(self) -> None:
        self._scoped(load_stores(self.stores_file))

    def _scoped(self, stores: Iterable[Store]) -> None:
        told = self.authorizations
        self.scopes = {
            one.id: Scoped(one, subscription(one), one.settings() | told.settings(one.mode)) for one in stores
        }

    def _read_authorizations(self) -> None:
        self.authorizations = authorizing.load_policies(self.stores_file.parent)
        self._scoped([one.store for one in self.scopes.values()])

    def _read_policies(self) -> None:
        self.policies = load_policies(self.stores_file.parent)

    def _reread(self, file: Path, take: Callable[[], None]) -> None:
        """Take in a file of the workspace if it was changed, made or removed."""
        try:
            held = file.stat() if file.exists() else None
            seen = (held.st_mtime_ns, held.st_size) if held else (0, 0)
            if seen != self._seen.get(file.name):
                take()
                self._seen[file.name] = seen
        except (OSError, HubError) as problem:
            log.error("%s stays as it was: %s", file.name, problem)

    def scope_of(self, node: Node) -> Scoped:
        """What a node's store may see. Raises ``Refused`` where the store is in ``stores.toml`` no more."""
        scope = self.scopes.get(node.store)
        if scope is None:
            raise Refused(503, "store", f"store {node.store} is not known")
        return scope

    def poll(self, node: Node, cursor: Cursor, keys: Sequence[str], unsent: Unsent | None = None) -> bytes | None:
        """The answer to a poll as JSON; None where the sealer has to come first."""
        scope = self.scopes.get(node.store)
        if scope is None:
            return None
        held = self._answers.get(node.id)
        catalog = self.catalog
        if not (
            held is not None
            and held.progress is catalog.progress
            and held.cursor == cursor
            and held.scope is scope
            and held.keys == keys
        ):
            checkpoint = catalog.checkpoint(cursor, scope.wanted, scope.settings)
            if checkpoint is None:
                return None
            body = signed(self.keys, node.id, node.store, checkpoint, keys)
            held = self._answers[node.id] = _Answer(catalog.progress, scope, cursor, keys, body)
        self._saw(node, cursor, len(held.body), unsent)
        return held.body

    def _saw(self, node: Node, cursor: Cursor, sent: int, unsent: Unsent | None) -> None:
        before, now = self._sightings.get(node.id), datetime.now(UTC)
        polls, total = (before.polls + 1, before.bytes_sent + sent) if before else (1, sent)
        count, since = (unsent.count, now - unsent.age if unsent.count else None) if unsent else (None, None)
        self._sightings[node.id] = NodeSighting(
            now, polls, total, cursor.epoch, cursor.seq, tuple(cursor.buckets), count, since
        )

    def may_take(self, node: Node, digest: str) -> bool:
        """Whether a segment is of a bucket that the node's store subscribes to."""
        scope, listed = self.scopes.get(node.store), self.catalog.files.get(digest)
        return scope is not None and listed is not None and listed[0] in scope.wanted

    def blob(self, digest: str) -> bytes | None:
        """A segment that is in memory already."""
        found = self._blobs.get(digest)
        if found is not None:
            self._blobs.move_to_end(digest)
        return found

    def remember(self, digest: str, data: bytes) -> None:
        """Keep a segment in memory, the ones used last for at most 128 MB."""
        if digest in self._blobs:
            return
        self._blobs[digest] = data
        self._blob_bytes += len(data)
        while self._blob_bytes > _CACHED_BYTES:
            self._blob_bytes -= len(self._blobs.popitem(last=False)[1])

    def sent(self, node: Node, count: int) -> None:
        """Bytes of segments that went to a node."""
        before = self._sightings.get(node.id)
        if before is not None:
            self._sightings[node.id] = replace(before, bytes_sent=before.bytes_sent + count)

    def save(self) -> None:
        """Write down where the nodes stand. What cannot be written now is kept for the next time."""
        seen, self._sightings = self._sightings, {}
        if not seen:
            return
        try:
            self.repo.retrying(lambda tx: tx.save_sightings(seen))
        except HubError as problem:
            log.warning("where the nodes stand was not written down: %s", problem)
            for node, one in seen.items():
                later = self._sightings.get(node)
                self._sightings[node] = (
                    replace(later, polls=later.polls + one.polls, bytes_sent=later.bytes_sent + one.bytes_sent)
                    if later
                    else one
                )

    def watch(self) -> None:
        """Look how the stores are doing, for ``health``. A new alarm goes into the log once."""
        before = {one.code for one in self.watched.alarms} if self.watched else set()
        self.watched = look(self.repo, self.limits)
        for alarm in self.watched.alarms:
            if alarm.code not in before:
                log.warning("%s: %s", alarm.code, alarm.text)

    def health(self) -> dict[str, Any]:
        """What ``GET /health`` tells; of the database what ``watch`` found last."""
        watched = self.watched.health() if self.watched else {}
        status = "alarm" if watched.get("alarms") else "ok"
        return {
            **watched,
            "status": status if self.catalog.ready else "nothing is sealed yet",
            "epoch": self.catalog.epoch,
            "position": self.catalog.position,
            "as_of": self.catalog.as_of,
            "nodes": len(self.gate.nodes),
            "time": int(time.time() * 1000),
        }
