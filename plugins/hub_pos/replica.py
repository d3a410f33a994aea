"""The replica of a store: one SQLite file that the hub feeds and any number of tills read.

All buckets up to one checkpoint are applied in one transaction together with the cursor, so a reader sees the state of
one moment and a kill at any instant leaves rows and cursor in agreement. WAL keeps readers free meanwhile.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub_pos import forgetting, numbered, schema, writing
from hub_pos.checkpoint import Checkpoint, Cursor, Segment
from hub_pos.errors import CheckpointRefused, ReplicaBusy, ReplicaMissing
from hub_pos.healing import MOST, Ask, Comparison, NotComparable, Proved
from hub_pos.outbox import create_outbox, outbox_path
from hub_pos.transactions import whole


class Replica:
    """The writing side. One at a time: a second writer waits up to ``busy_seconds``, then gets ``ReplicaBusy``."""

    def __init__(self, path: Path | str, *, busy_seconds: float = 30.0) -> None:
        """Open or create the replica at ``path`` and the outbox beside it. Tables of another revision are rebuilt
        empty (the hub loads them again); the outbox is never touched. Raises ``ReplicaMissing`` for a file that is
        no SQLite database."""
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        create_outbox(outbox_path(self.path))
        self._connection = sqlite3.connect(self.path, timeout=busy_seconds, isolation_level=None)
        try:
            self._prepare()
        except sqlite3.DatabaseError as problem:
            self._connection.close()
            if isinstance(problem, sqlite3.OperationalError):
                raise ReplicaBusy(f"{self.path}: {problem}; is another process writing it?") from problem
            raise ReplicaMissing(
                f"{self.path} is no usable replica ({problem}). Move the file away (keep {outbox_path(self.path).name}"
                " beside it); the next run of the hub's replication loads a new one."
            ) from problem

    def _prepare(self) -> None:
        run = self._connection.execute
        run("PRAGMA journal_mode = WAL")
        # NORMAL is enough: a power cut may lose the last checkpoints whole, cursor included, and the hub sends them
        # again. What must not be lost is in the outbox, which uses FULL.
        run("PRAGMA synchronous = NORMAL")
        # A customer who is erased leaves nothing in the file's free room.
        run("PRAGMA secure_delete = ON")
        run("PRAGMA wal_autocheckpoint = 16000")
        if run("PRAGMA user_version").fetchone()[0] != schema.REVISION:
            with self._transaction():
                if run("PRAGMA user_version").fetchone()[0] != schema.REVISION:
                    schema.create(self._connection)

    def _transaction(self) -> AbstractContextManager[None]:
        return whole(self._connection, self.path)

    def cursor(self) -> dict[str, Any]:
        """``{"epoch", "seq", "schema", "buckets", "as_of", "numbered"}`` of what the replica holds; epoch "" and seq 0
        when it is new. ``schema`` is the version of the rows it was filled with; ``numbered`` says whether every row is
        known by its number, so that sealed segments can follow."""
        run = self._connection.execute
        row = run("SELECT epoch, seq, schema, as_of FROM cursor").fetchone() or ("", 0, schema.SCHEMA, "")
        held = dict(zip(("epoch", "seq", "schema", "as_of"), row, strict=True))
        buckets = [name for (name,) in run("SELECT name FROM bucket ORDER BY name")]
        return {**held, "buckets": buckets, "numbered": self._numbered()}

    def _numbered(self) -> bool:
        run = self._connection.execute
        tables = [entity.table for entity in schema.ENTITIES.values()]
        return all(run(f"SELECT 1 FROM {table} WHERE row_no IS NULL LIMIT 1").fetchone() is None for table in tables)

    def apply(self, checkpoint: Mapping[str, Any]) -> int:
        """Apply all segments of a checkpoint (shape: ``PROTOCOL.md``) in one transaction together with the cursor.

        A checkpoint that was applied already changes no row. Returns the number of rows written or deleted. Raises
        ``CheckpointRefused`` and changes nothing where applying would lose or invent data.
        """
        wanted = Checkpoint.parse(checkpoint)
        writing.begin_sweep(self._connection)
        with self._transaction():
            held = self.cursor()
            if not wanted.fits(Cursor(held["epoch"], held["seq"], frozenset(held["buckets"])), self.path):
                return 0
            if not wanted.reset and not held["numbered"] and any(segment.load for segment in wanted.segments):
                raise CheckpointRefused(f"{self.path} was filled without row numbers: ask the hub for everything anew")
            written = forgetting.written_about(self.path, self._connection)
            try:
                changed = self._apply(wanted)
            except sqlite3.OperationalError:
                raise
            except (sqlite3.Error, AttributeError, TypeError) as problem:
                raise CheckpointRefused(f"{self.path}: a row does not fit its table: {problem}") from problem
            self._save(wanted, "" if wanted.reset else held["as_of"])
            other = bool(held["epoch"]) and wanted.epoch != held["epoch"]
            forgetting.forget(self.path, self._connection, written, new_epoch=other)
        return changed

    def _apply(self, wanted: Checkpoint) -> int:
        if wanted.reset:
            for table in schema.tables():
                self._connection.execute(f"DELETE FROM {table}")
        changed = 0
        buckets: dict[str, int] = dict(self._connection.execute("SELECT name, bucket FROM bucket"))
        joined: set[str] = set()
        for segment in wanted.segments:
            further = segment.load is not None and segment.bucket in joined
            if segment.snapshot == (segment.bucket in buckets) and not further:
                why = "is held, yet comes whole" if segment.snapshot else "was never loaded, yet comes as changes"
                raise CheckpointRefused(f"{self.path}: bucket {segment.bucket} {why}")
            if segment.snapshot and not further:
                buckets[segment.bucket] = self._join_bucket(segment.bucket)
                joined.add(segment.bucket)
            changed += self._write(buckets[segment.bucket], segment)
        for name in wanted.unsubscribe & buckets.keys():
            writing.leave_bucket(self._connection, buckets[name])
        return changed + writing.sweep(self._connection)

    def _write(self, bucket: int, segment: Segment) -> int:
        if segment.load is not None:
            return numbered.write(self._connection, bucket, segment.load())
        batches = writing.batches(segment.bucket, segment.changes)
        return sum(writing.write(self._connection, bucket, batch) for batch in batches)

    def _join_bucket(self, name: str) -> int:
        cursor = self._connection.execute("INSERT INTO bucket (name) VALUES (?)", (name,))
        return int(cursor.lastrowid or 0)

    def _save(self, wanted: Checkpoint, as_of: str) -> None:
        run = self._connection.execute
        for name, value in wanted.settings.items():
            run("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, json.dumps(value)))
        run(
            "INSERT OR REPLACE INTO cursor (one, epoch, seq, schema, as_of, applied_at) VALUES (1, ?, ?, ?, ?, ?)",
            (
                wanted.epoch,
                wanted.last,
                wanted.schema,
                wanted.as_of or as_of,
                datetime.now(UTC).isoformat(timespec="seconds"),
            ),
        )

    def prove(self, ask: Ask, *, heal: bool = False) -> Proved:
        """Compare everything the replica holds with the hub's state at the replica's position, down to the rows that
        differ. ``ask`` gives the hub's answers (``PROTOCOL.md``, section 10). With ``heal`` they are put right in one
        transaction, and everything is compared again. Raises ``CheckpointRefused`` for an answer that is none."""
        position = self.cursor()["seq"]
        try:
            comparison = Comparison(self._connection, self.cursor, ask)
            position = comparison.cursor["seq"]
            differ = comparison.differing()
            if not differ:
                return Proved(position, equal=True)
            bad = comparison.places(differ)
            found = Proved(position, differ=tuple(differ), rows=len(bad))
            if len(bad) > MOST:
                return replace(found, reload=True)
            if not heal:
                return found
            rows = comparison.right(bad)
            with self._transaction():
                comparison.heal(bad, rows)
            equal = not Comparison(self._connection, self.cursor, ask).differing()
            return replace(found, healed=equal, equal=equal, reload=not equal)
        except NotComparable as problem:
            return Proved(position, comparable=False, why=str(problem))
        except (KeyError, TypeError, ValueError, AttributeError, sqlite3.IntegrityError) as problem:
            raise CheckpointRefused(f"this is no comparison of the hub: {problem!r}") from problem

    def explain(self, product: str, at: datetime, quantity: int = 1) -> dict[str, Any]:
        """Why the product with this id costs here what it costs, as ``Till.explain`` says it."""
        from hub_pos.till import Till

        with Till(self.path) as till:
            found = next(one for one in till.find_product(product) if one.id == product)
            return till.explain(found, at, quantity)

    def reset(self, epoch: str) -> None:
        """Empty the replica and wait for a first load of ``epoch``. The outbox stays as it is."""
        with self._transaction():
            schema.create(self._connection)
            self._connection.execute(
                "INSERT INTO cursor (one, epoch, seq, schema, as_of, applied_at) VALUES (1, ?, 0, ?, '', '')",
                (epoch, schema.SCHEMA),
            )

    def close(self) -> None:
        """Release the file. Closing twice is allowed."""
        # Where tills have the file open, SQLite keeps its log, and in it what was erased.
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()
