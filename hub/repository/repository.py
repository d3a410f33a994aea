"""The repository: one database that holds everything the hub has received, decided and sent."""

from __future__ import annotations

import io
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from sqlalchemy import Connection, Engine

from hub.errors import TemporaryError
from hub.repository import feed, feed_keeping, payloads, schema
from hub.repository.engine import IDLE_SECONDS, WRITE, compact, open_engine, place_of
from hub.repository.failures import translated
from hub.repository.locks import Lock
from hub.repository.records import Change, FeedCursor, PayloadRef
from hub.repository.transaction import Transaction

if TYPE_CHECKING:
    from hub.model.document import Document
    from hub.repository.derivation import Derivation
    from hub.repository.storing import ScopeFunction

T = TypeVar("T")


def everywhere(_document: Document) -> frozenset[str]:
    """The scope function where none is given: every document may go to every store."""
    return frozenset(("all",))


class Repository:
    """An open repository. Threads may share it; a forked process must open its own."""

    def __init__(
        self, engine: Engine, place: str, scope_function: ScopeFunction, derivation: Derivation | None = None
    ) -> None:
        self.place = place
        self._engine = engine
        self._scope_function = scope_function
        self._derivation = derivation
        self._thread = threading.local()

    @classmethod
    def open(
        cls,
        url: str,
        *,
        scope_function: ScopeFunction = everywhere,
        derivation: Derivation | None = None,
        busy_seconds: float = 30.0,
        idle_seconds: float = IDLE_SECONDS,
    ) -> Repository:
        """Open a repository, and build or migrate its schema if need be.

        ``url`` is ``sqlite:///folder/hub.sqlite`` or ``postgresql+psycopg://…``. ``scope_function`` says which
        stores' scopes hold a document, ``derivation`` keeps documents that follow from others. A writer waits
        ``busy_seconds`` for another before TemporaryError. PostgreSQL ends a transaction that does nothing for
        ``idle_seconds``. Raises ConfigurationError for a URL that cannot be used, and for a schema newer than this
        code.
        """
        engine = open_engine(url, busy_seconds, idle_seconds)
        place = place_of(engine.url)
        try:
            with translated(place):
                schema.ensure(engine, place)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, place, scope_function, derivation)

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def __enter__(self) -> Repository:
        """The repository itself; it is closed on leaving."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction that writes. Committed, and on the disk, when the block ends; rolled back on any exception.

        On SQLite it holds the only write lock from its first moment. Raises TemporaryError where the database asks
        to repeat the transaction (``retrying`` does that), RuntimeError inside another one of this thread.
        """
        if getattr(self._thread, "writing", False):
            raise RuntimeError("this thread has a transaction open on the repository; it would wait for itself")
        self._thread.writing = True
        try:
            with (
                translated(self.place),
                self._engine.connect().execution_options(**{WRITE: True}) as connection,
                connection.begin(),
            ):
                transaction = Transaction(
                    connection, writes=True, scope_function=self._scope_function, derivation=self._derivation
                )
                yield transaction
                transaction.derive()
        finally:
            self._thread.writing = False

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that only reads, and sees one moment of the database throughout. Waits for nobody."""
        with self._reading() as connection:
            yield Transaction(connection, writes=False, scope_function=self._scope_function)

    def retrying(self, work: Callable[[Transaction], T], attempts: int = 5) -> T:
        """Run ``work`` in a transaction of its own, again from the start where the database asks for that.

        ``work`` must do nothing but database work. The last TemporaryError is raised after ``attempts``.
        """
        for attempt in range(1, attempts + 1):
            try:
                with self.begin() as transaction:
                    return work(transaction)
            except TemporaryError:
                if attempt == attempts:
                    raise
                # Two that collided must not collide again.
                time.sleep(random.uniform(0.5, 1.5) * 0.02 * 2**attempt)
        raise ValueError(f"attempts must be at least 1, not {attempts}")

    def store_payload(self, stream: BinaryIO | bytes) -> PayloadRef:
        """Store bytes before anything looks at them: streamed in constant memory, compressed, the same content once.

        Committed and on the disk when it returns. Not inside ``begin()`` of the same thread (there:
        ``Transaction.store_payload``).
        """
        source = io.BytesIO(stream) if isinstance(stream, bytes) else stream
        return payloads.store(source, self.begin, self._reading)

    def open_payload(self, sha256: str) -> BinaryIO:
        """Stored bytes as a stream, positionable, checked as it is read. Raises NotFound, PayloadDamaged."""
        return payloads.open_reader(sha256, self._reading)

    def sweep(self, older_than: timedelta = timedelta(days=1)) -> int:
        """Delete what uploads left that were killed half-way. Returns how many there were."""
        with self.begin() as transaction:
            return payloads.sweep(transaction, datetime.now(UTC) - older_than)

    def compact(self) -> None:
        """Write the SQLite file anew, so that nothing of what was deleted is left in it; needs as much room again and
        keeps writers waiting. On PostgreSQL the rows that were deleted are given back, and their room used again.
        Raises TemporaryError where others hold the database."""
        if self._engine.dialect.name == "sqlite":
            compact(self._engine, self.place)
            return
        with translated(self.place), self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM")

    def feed(self, after: FeedCursor | None = None, limit: int = 1000) -> list[Change]:
        """The next changes after a cursor (None: from the beginning), in order; empty at the head.

        No change is ever skipped, whatever the number of writers; a change appears once every transaction that
        began before its own has ended. Raises FeedCursorLost where the cursor is not of this feed: load again.
        """
        if self._engine.dialect.name == "postgresql":
            self._seal()
        with self._reading() as connection:
            return feed.read(connection, after, limit)

    def feed_head(self) -> FeedCursor:
        """The place after the last change that can be read now."""
        if self._engine.dialect.name == "postgresql":
            self._seal()
        with self._reading() as connection:
            return feed.head(connection)

    def feed_start(self) -> int:
        """The place up to which changes are purged: the first from which the feed can be read on; 0 for all of it."""
        with self._reading() as connection:
            return feed.purged(connection)

    def purge_feed(self, until: int) -> int:
        """Drop the changes up to a place of the feed; how many there were. A reader from before it gets FeedCursorLost.

        What is newer is kept, and what was before it can still be told. Killed half-way, the next purge goes on. Who
        decides how far is ``hub.replication.purge``."""
        self.feed_head()  # on PostgreSQL, numbers what can be numbered
        return feed_keeping.purge(self.retrying, until)

    def new_epoch(self) -> FeedCursor:
        """Run once after restoring the database from a backup or moving it: every store loads everything again."""
        with self.begin() as transaction:
            return feed.new_epoch(transaction)

    def lock(self, name: str, ttl: timedelta | float) -> Lock:
        """A lock for a job: ``with repo.lock("deliver", 60):``. ``ttl`` (seconds) is how long it outlives a killed
        holder. Entering raises TemporaryError, naming the holder, where it is held."""
        return Lock(name, ttl if isinstance(ttl, timedelta) else timedelta(seconds=ttl), self.begin)

    def _seal(self) -> None:
        while True:
            with self._reading() as connection:
                if not feed.unsealed(connection):
                    return
            with self.begin() as transaction:
                feed.seal(transaction)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(self.place), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection
