"""The outbox: what a till has not sent yet, in a file of its own that no reload of the replica ever touches.

One file for each terminal, beside the replica: ``S001-1.outbox.sqlite`` is terminal 1 of ``S001.sqlite``. A document is
known by its ``id`` and its place ``origin_seq``; a gap in ``origin_seq`` shows a lost document. Numbers are drawn in
the transaction that writes the document, so that none is lost or given twice however many processes write, and none
comes back after old rows are removed. The book of rights (``book.py``) lies in the same file, for the same reason.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from hub_pos.durable import settle
from hub_pos.errors import OutboxFailed, ReplicaMissing
from hub_pos.transactions import whole

REVISION = 3
"""Version of these tables. An outbox is never rebuilt: a later version adds to it."""

# AUTOINCREMENT never gives a number twice, even after all rows were sent and removed.
_OUTBOX = (
    "CREATE TABLE IF NOT EXISTS outbox (origin_seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    " kind TEXT NOT NULL, body TEXT NOT NULL, created_at TEXT NOT NULL, acknowledged_at TEXT)"
)
_FIRST = (
    _OUTBOX,
    "ALTER TABLE outbox ADD COLUMN clock TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE outbox ADD COLUMN number TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE outbox ADD COLUMN status TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE outbox ADD COLUMN document_id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE outbox ADD COLUMN findings TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE outbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE outbox ADD COLUMN next_at TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX outbox_waiting ON outbox (origin_seq) WHERE acknowledged_at IS NULL",
    "CREATE INDEX outbox_number ON outbox (number) WHERE number <> ''",
    "CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)
# Numbers are text: SQLite has no exact ones. ``book`` is kept for ever, whatever is removed of the documents.
_SECOND = (
    "CREATE TABLE book (right_id TEXT PRIMARY KEY, approved TEXT NOT NULL, reversed TEXT NOT NULL,"
    " returned TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE approval (id TEXT PRIMARY KEY, operation TEXT NOT NULL, day TEXT NOT NULL, expires_at TEXT NOT NULL,"
    " offline INTEGER NOT NULL, right_id TEXT NOT NULL, amount TEXT NOT NULL, body TEXT NOT NULL,"
    " used_by TEXT NOT NULL DEFAULT '', reversed_by TEXT NOT NULL DEFAULT '') WITHOUT ROWID",
    "CREATE INDEX approval_day ON approval (operation, day)",
    "CREATE INDEX approval_open ON approval (expires_at) WHERE used_by = '' AND reversed_by = ''",
    "CREATE TABLE demand (resource TEXT NOT NULL, party_id TEXT NOT NULL, account_id TEXT NOT NULL,"
    " currency TEXT NOT NULL, wanted TEXT NOT NULL, PRIMARY KEY (resource, party_id, account_id, currency))"
    " WITHOUT ROWID",
)
# The newest image of each customer card that was written here; kept as the book is.
_THIRD = ("CREATE TABLE card (number INTEGER PRIMARY KEY, seq INTEGER NOT NULL, text TEXT NOT NULL)",)
_STEPS = (_FIRST, _SECOND, _THIRD)
_WAITING = "SELECT count(*) FROM outbox WHERE acknowledged_at IS NULL"
_UNSENT = "SELECT count(*), min(created_at) FROM outbox WHERE acknowledged_at IS NULL"
_COLUMNS = "origin_seq, id, kind, body, created_at, acknowledged_at, clock, number, status, document_id, findings"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document in the outbox. ``body`` is its canonical JSON. ``number`` is the receipt's, "" for what has none.
    After the hub has answered: ``acknowledged_at``, ``status`` (accepted, quarantined, duplicate), the canonical
    ``document_id`` and ``findings`` (a JSON list of texts)."""

    seq: int
    id: str
    kind: str
    body: str
    created_at: str
    acknowledged_at: str | None
    clock: str
    number: str
    status: str
    document_id: str
    findings: str


def outbox_path(replica: Path, terminal: str = "") -> Path:
    """The outbox of a terminal of a replica: ``S001.sqlite`` and ``1`` have ``S001-1.outbox.sqlite``; without a
    terminal it is the store's own."""
    name = f"{replica.stem}-{terminal}" if terminal else replica.stem
    return replica.with_name(name + ".outbox" + (replica.suffix or ".sqlite"))


def outboxes(replica: Path) -> list[Path]:
    """Every outbox beside a replica, the store's own and those of its terminals."""
    ending = ".outbox" + (replica.suffix or ".sqlite")
    if not replica.parent.is_dir():
        return []
    names = (file.name for file in replica.parent.iterdir())
    own = replica.stem + ending
    return sorted(
        replica.with_name(name)
        for name in names
        if name == own or (name.startswith(replica.stem + "-") and name.endswith(ending))
    )


def create_outbox(path: Path, busy_seconds: float = 30.0) -> None:
    """Make the outbox if it is missing, or bring it to this version; what is in it stays. Raises ``ReplicaMissing``
    for a damaged file, which a person must save before anything else: it may hold sales."""
    Outbox(path, busy_seconds=busy_seconds).close()


def waiting(path: Path) -> int:
    """How many documents of the outbox the hub has not acknowledged; 0 where there is no outbox."""
    if not path.exists():
        return 0
    with closing(_reading(path)) as connection:
        return int(connection.execute(_WAITING).fetchone()[0])


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def unsent(replica: Path, now: datetime) -> dict[str, int]:
    """What a poll tells the hub of the outboxes beside a replica: how many documents are ``waiting``, and the ``age``
    of the oldest in seconds. One that cannot be read is left out: its own commands say why."""
    count, oldest = 0, []
    for path in outboxes(replica):
        with suppress(sqlite3.Error), closing(_reading(path)) as connection:
            waits, first = connection.execute(_UNSENT).fetchone()
            count += waits
            oldest += [datetime.fromisoformat(first)] if first else []
    age = int((now - min(oldest)).total_seconds()) if oldest else 0
    return {"waiting": count, "age": max(age, 0)}


class Outbox:
    """An open outbox. Several processes may have it open; a thread needs one of its own. A commit is on the disk when
    ``transaction`` ends (``synchronous=FULL``)."""

    def __init__(self, path: Path | str, *, busy_seconds: float = 30.0) -> None:
        self.path = Path(path)
        try:
            new = not self.path.exists()
            self._connection = sqlite3.connect(self.path, timeout=busy_seconds, isolation_level=None)
            try:
                self._prepare(busy_seconds)
            except BaseException:
                self._connection.close()
                raise
        except sqlite3.DatabaseError as problem:
            raise ReplicaMissing(
                f"{self.path} is damaged or locked ({problem}). It may hold sales that were not sent: save a copy"
                " before you do anything else with it."
            ) from problem
        if new:
            settle(self.path.parent)

    def _prepare(self, busy_seconds: float) -> None:
        run = self._connection.execute
        deadline = time.monotonic() + busy_seconds
        while run("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                run("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                # Changing the mode does not wait for another process that does the same.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        run("PRAGMA synchronous = FULL")
        # What is removed about a customer leaves nothing in the file's free room.
        run("PRAGMA secure_delete = ON")
        if run("PRAGMA user_version").fetchone()[0] >= REVISION:
            return
        run("BEGIN IMMEDIATE")
        held = run("PRAGMA user_version").fetchone()[0]
        for step in _STEPS[held:]:
            for statement in step:
                run(statement)
        if held < 2:
            self.renew()
        if held < REVISION:
            run(f"PRAGMA user_version = {REVISION}")
        run("COMMIT")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, and on the disk when it ends; or nothing. Other writers wait meanwhile."""
        try:
            with whole(self._connection, self.path):
                yield
        except sqlite3.DatabaseError as problem:
            raise OutboxFailed(f"{self.path}: {problem}. Nothing was written: print nothing.") from problem

    def state(self, name: str, default: str = "") -> str:
        """A value kept beside the documents: a counter, the clock, the store's settings."""
        row = self._connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else default

    def keep(self, name: str, value: str) -> None:
        """Keep such a value; in a transaction with what belongs to it."""
        self._connection.execute("INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)", (name, value))

    @property
    def id(self) -> str:
        """The name of this file (a UUID), made with it: rights are given to it, not to one that takes its place."""
        return self.state("id")

    def renew(self) -> None:
        """Take another name, and so give up every right: this file has forgotten something. Only inside
        ``transaction``."""
        self.keep("id", str(uuid4()))

    def count(self, name: str) -> int:
        """The next value of a counter, from 1. Only inside ``transaction``: what is rolled back was not given."""
        value = int(self.state(f"counter.{name}", "0")) + 1
        self.keep(f"counter.{name}", str(value))
        return value

    def add(self, id_: str, kind: str, body: str, created_at: str, clock: str, number: str = "") -> int:
        """Write a document; its place is returned. Only inside ``transaction``."""
        cursor = self._connection.execute(
            "INSERT INTO outbox (id, kind, body, created_at, clock, number) VALUES (?, ?, ?, ?, ?, ?)",
            (id_, kind, body, created_at, clock, number),
        )
        return int(cursor.lastrowid or 0)

    def find(self, *, id_: str = "", number: str = "") -> Entry | None:
        """The document with this id, or the receipt with this number."""
        column, value = ("id", id_) if id_ else ("number", number)
        return next(self._entries(f"{column} = ? AND {column} <> ''", value), None)

    def entries(self, *, kind: str = "", after: int = 0, waiting: bool = False, holding: str = "") -> Iterator[Entry]:
        """Documents in their order, all or those of one kind; ``waiting`` only those that were not acknowledged,
        ``holding`` only those with this text in their JSON."""
        where, values = "origin_seq > ?", list[object]([after])
        if kind:
            where, values = f"{where} AND kind = ?", [*values, kind]
        if holding:
            where, values = f"{where} AND instr(body, ?) > 0", [*values, holding]
        if waiting:
            where = f"{where} AND acknowledged_at IS NULL"
        return self._entries(f"{where} ORDER BY origin_seq", *values)

    def acknowledged(self, before: str) -> bool:
        """Whether there are documents that were acknowledged before a moment."""
        query = "SELECT 1 FROM outbox WHERE acknowledged_at < ? LIMIT 1"
        return self._connection.execute(query, (before,)).fetchone() is not None

    def waiting(self) -> int:
        """How many documents were not acknowledged."""
        return int(self._connection.execute(_WAITING).fetchone()[0])

    def due(self, now: str, count: int) -> Iterator[Entry]:
        """At most ``count`` documents to be sent at ``now``, oldest first."""
        return self._entries("acknowledged_at IS NULL AND next_at <= ? ORDER BY origin_seq LIMIT ?", now, count)

    def _entries(self, where: str, *values: object) -> Iterator[Entry]:
        for row in self._connection.execute(f"SELECT {_COLUMNS} FROM outbox WHERE {where}", values):
            yield Entry(*row)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        return self._connection.execute(statement, values).fetchall()

    def run(self, statement: str, *values: object) -> int:
        """Change rows; how many. Only inside ``transaction``."""
        return self._connection.execute(statement, values).rowcount

    def last(self) -> int:
        """The highest place that was ever given, 0 for none, also after rows were removed."""
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
        return int(row[0]) if row else 0

    def advance(self, last: int) -> None:
        """Give no place up to ``last`` any more, and no receipt number, of which there are at most as many: this file
        is younger than what the hub has from its node. What it spent of rights meanwhile is not in its book, so it
        takes another name. Only inside ``transaction``."""
        self.renew()
        self.keep("counter.receipt", str(max(last, int(self.state("counter.receipt", "0")))))
        if not self.run("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'outbox'", last):
            self.run("INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', ?)", last)

    def settle_log(self) -> None:
        """Move what is in SQLite's log into the file, as far as readers allow, and empty it."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Release the file. Closing twice is allowed."""
        self._connection.close()
