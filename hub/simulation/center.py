"""The hub of a simulated world: a real repository, sealer, catalog and server, without the HTTP between."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from hub.api.nodes import Node
from hub.api.service import Scoped, Service
from hub.replication.catalog import Cursor
from hub.replication.erasure import erase
from hub.replication.intake import take
from hub.replication.purge import Keep, purge_feed
from hub.replication.scopes import scopes_of, subscription
from hub.replication.sealed import Sealed
from hub.replication.sealing import Retention, SealReport, seal_feed
from hub.replication.shelf import FOLDER, Shelf
from hub.replication.signing import FOLDER as KEYS
from hub.replication.signing import HubKeys
from hub.replication.stores import Store
from hub.repository import Repository
from hub.simulation.meter import Meter
from hub.simulation.refusals import Killed, Refused
from hub.simulation.segment_reading import Segment, read

_UNPACKED = 5_000
"""Segments that are kept unpacked."""


class Database(Protocol):
    """Where a repository lives."""

    @property
    def url(self) -> str:
        """Its address."""


class BackedUp(Database, Protocol):
    """One that can be put back. ``save`` and ``restore`` are called while nobody has it open."""

    def save(self) -> None:
        """Keep a backup, in the place of the one before."""

    def restore(self) -> None:
        """Put the backup in the database's place."""


@dataclass(frozen=True, slots=True)
class Address:
    """A repository that somebody else made."""

    url: str


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """A repository in a file; its backup lies beside it."""

    path: Path

    @property
    def url(self) -> str:
        """The repository's address."""
        return f"sqlite:///{self.path}"

    def save(self) -> None:
        """Copy the file."""
        shutil.copyfile(self.path, self.path.with_suffix(".backup"))

    def restore(self) -> None:
        """Copy the backup back."""
        for ending in ("-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
        shutil.copyfile(self.path.with_suffix(".backup"), self.path)


class MortalShelf(Shelf):
    """A shelf at which the sealer dies after so many files (None: never)."""

    lives: int | None = None

    def put(self, sealed: Sealed) -> None:
        """Keep a segment, or die."""
        if self.lives is not None:
            self.lives -= 1
            if self.lives < 0:
                raise Killed
        super().put(sealed)


class Server(Service):
    """A server whose stores are given and not read from a file."""

    __slots__ = ()

    def _read_stores(self) -> None:
        pass


@dataclass(slots=True)
class Center:
    """One hub. ``stores`` by id; what a server knows of them it knows at once, of what is sealed after ``refresh``."""

    database: Database
    root: Path
    stores: dict[str, Store]
    repo: Repository = field(init=False)
    shelf: MortalShelf = field(init=False)
    keys: HubKeys = field(init=False)
    service: Server = field(init=False)
    behind: Server | None = None
    """Another server of the same hub, that has not looked for a while."""

    meter: Meter = field(default_factory=Meter)
    _told: dict[str, Mapping[str, object]] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    """By digest: segments whose bytes were checked and unpacked by a till."""

    def __post_init__(self) -> None:
        self.shelf = MortalShelf(self.root / FOLDER)
        self.keys = HubKeys(self.root / KEYS)
        self.open()

    def open(self) -> None:
        """Start the hub."""
        self.repo = Repository.open(self.database.url, scope_function=scopes_of)
        self.service, self.behind = self._server(), None
        self.service.scopes = {id_: self._scoped(store) for id_, store in self.stores.items()}
        self.service.refresh()

    def _server(self) -> Server:
        return Server(self.repo, self.root / "stores.toml", self.shelf, self.keys)

    def close(self) -> None:
        """Stop it."""
        self.repo.close()

    def scope(self, store: Store) -> None:
        """Give a store its scope, or another one."""
        self.stores[store.id] = store
        self.service.scopes = {**self.service.scopes, store.id: self._scoped(store)}

    def _scoped(self, store: Store) -> Scoped:
        if store.mode not in self._told:
            self._told[store.mode] = self.service.authorizations.settings(store.mode)
        return Scoped(store, subscription(store), {**store.settings(), **self._told[store.mode]})

    def seal(self, now: datetime, window: int, retention: Retention, lives: int | None = None) -> SealReport | None:
        """Seal, and let the server see it. None where the sealer died."""
        self.shelf.lives = lives
        with self.meter.work("seal"):
            try:
                return seal_feed(
                    self.repo, self.stores.values(), self.shelf, window=window, retention=retention, now=now
                )
            except Killed:
                return None
            finally:
                self.shelf.lives = None
                self.service.refresh()

    def lag_behind(self) -> None:
        """From now on there is a second server, which knows what this one knows now and no more."""
        self.behind = self._server()
        self.behind.catalog, self.behind.scopes = self.service.catalog, self.service.scopes

    def erase(self, id_: str, now: datetime, retention: Retention) -> None:
        """Erase a customer."""
        erase(self.repo, self.shelf, id_, lambda: self.seal(now, 5_000, retention))
        self.segments.clear()

    def purge(self, keep: Keep, now: datetime) -> int:
        """Purge the feed; how many changes went."""
        with self.meter.work("purge"):
            return int(purge_feed(self.repo, keep, now)["changes"])

    def sweep(self) -> None:
        """Delete the files that are not listed any more, without the day of grace."""
        self.shelf.sweep(self.service.catalog.files, grace=-1)
        self.segments.clear()

    def save(self, database: BackedUp) -> None:
        """Take a backup of the hub's database."""
        self.close()
        database.save()
        self.open()

    def restore(self, database: BackedUp) -> None:
        """Put the backup back, as its operator is told to: with a new epoch."""
        self.close()
        database.restore()
        self.open()
        self.new_epoch()

    def new_epoch(self) -> None:
        """Begin a new epoch, and let the server see it."""
        self.repo.new_epoch()
        self.service.refresh_sealed()

    def poll(self, node: Node, question: Mapping[str, Any], *, behind: bool = False) -> bytes | None:
        """The answer to the body of a poll."""
        cursor = Cursor(
            question["epoch"],
            question["cursor"]["seq"],
            question["schema"],
            frozenset(question["cursor"]["buckets"]),
            question["numbered"],
            question["reload"],
        )
        server = self.behind if behind and self.behind is not None else self.service
        with self.meter.work("poll"):
            body = server.poll(node, cursor, question["keys"])
        self.meter.bytes["manifests"] += len(body or b"")
        return body

    def bytes_of(self, node: Node, digest: str) -> bytes:
        """A segment's bytes as the server sends them. Raises ``Refused`` (gone)."""
        if not self.service.may_take(node, digest):
            raise Refused("gone", "there is no such segment for this store")
        data = self.service.blob(digest)
        if data is None:
            try:
                data = self.shelf.path(digest).read_bytes()
            except FileNotFoundError:
                raise Refused("gone", "the segment is not kept any more") from None
            self.service.remember(digest, data)
        self.meter.calls["segment"] += 1
        self.meter.bytes["segments"] += len(data)
        return data

    def segment(self, node: Node, digest: str) -> Segment:
        """A segment as a till reads it. The bytes are checked and unpacked once for all tills."""
        data = self.bytes_of(node, digest)
        found = self.segments.get(digest)
        if found is None:
            if len(self.segments) >= _UNPACKED:
                self.segments.clear()
            found = self.segments[digest] = read(data, digest)
        return found

    def take(self, store: str, upload: bytes, now: datetime) -> dict[str, Any]:
        """Take in an upload."""
        self.meter.bytes["uploads"] += len(upload)
        with self.meter.work("upload"):
            return take(self.repo, self.stores[store], upload, now, self.service.policies)

    def available(self, store: str, *, behind: bool = False) -> frozenset[str]:
        """The buckets that a store may see, as a server knows it."""
        server = self.behind if behind and self.behind is not None else self.service
        return server.scopes[store].wanted


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Bytes with one of them another, or cut off."""
    if rng.random() < 0.3:
        return data[: rng.randrange(len(data))]
    at = rng.randrange(len(data))
    return data[:at] + bytes((data[at] ^ rng.randrange(1, 256),)) + data[at + 1 :]


def every(stores: Iterable[Store]) -> dict[str, Store]:
    """Stores by id."""
    return {store.id: store for store in stores}
