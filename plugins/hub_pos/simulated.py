"""A till's replica as ``hub simulate`` and the random histories drive it: the real one, on disk, with the real
manifests, but without the line between, and able to die at any moment.

At a death the files are as ``kill -9`` leaves them: what the process had written by then, rolled back by nobody.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from hub_pos.errors import CheckpointRefused, Replayed, SegmentDamaged, SignatureRefused
from hub_pos.healing import Ask, Proved
from hub_pos.manifest import checkpoint_of, fresh, verified
from hub_pos.replica import Replica
from hub_pos.schema import ENTITIES

_STEPS = 200
"""Instructions of SQLite's machine between two moments at which the till may die or be read."""

Row = tuple[str, str, dict[str, Any]]
"""Entity, id, fields."""


class SimulatedTill:
    """The replica of one node in a folder of its own. ``instant`` is called at any moment of an apply; what it raises
    kills the till there."""

    moments = 60
    """About how many such moments an apply has."""

    def __init__(self, folder: Path, node: str, keys: Mapping[str, str]) -> None:
        self._folder, self._node, self._keys = folder, node, dict(keys)
        self.instant: Callable[[str], None] = lambda _where: None
        self._death: BaseException | None = None
        self._begin()

    def _begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.path = self._folder / f"{self._node.rpartition('-')[0]}.sqlite"
        self._replica = Replica(self.path)
        self._reader = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)

    def poll(self, *, reload: bool = False) -> dict[str, Any]:
        """The body of a poll."""
        held = self._replica.cursor()
        return {
            "node": self._node,
            "epoch": held["epoch"],
            "schema": held["schema"],
            "cursor": {"seq": held["seq"], "buckets": held["buckets"]},
            "numbered": held["numbered"],
            "reload": reload,
            "keys": sorted(self._keys),
        }

    def take(self, answer: bytes, fetch: Callable[[str], bytes]) -> str:
        """Take the answer to a poll: ``taken``, ``other state``, or why it was refused (``signature``, ``old``,
        ``damaged``, ``gap``). Raises what ``instant`` and ``fetch`` raise."""
        try:
            manifest = verified(json.loads(answer), self._keys, self._node)
            before = self._replica.cursor()
            fresh(manifest, before)
            self._keys = dict(manifest.get("keys", self._keys))
            self._apply(checkpoint_of(manifest, fetch))
        except Replayed:
            return "old"
        except (SignatureRefused, ValueError, TypeError):
            return "signature"
        except SegmentDamaged:
            return "damaged"
        except CheckpointRefused:
            return "gap"
        seen = manifest["from"]
        same = (seen["epoch"], seen["seq"], seen["buckets"]) == (before["epoch"], before["seq"], before["buckets"])
        return "taken" if same else "other state"

    def _apply(self, checkpoint: Mapping[str, Any]) -> None:
        connection = self._replica._connection
        connection.set_progress_handler(self._moment, _STEPS)
        try:
            self._replica.apply(checkpoint)
        except sqlite3.OperationalError:
            if self._death is None:
                raise
        finally:
            connection.set_progress_handler(None, 0)
        if self._death is not None:
            death, self._death = self._death, None
            self.begin_again(self._folder.with_name(self._folder.name + ".dead"))
            raise death

    def _moment(self) -> int:
        if self._death is not None:
            return 1
        try:
            self.instant("statement")
        except BaseException as death:
            self._death = death
            self._copy(self._folder.with_name(self._folder.name + ".dead"))
            return 1
        return 0

    def _copy(self, place: Path) -> Path:
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self._folder, place)
        return place

    def prove(self, ask: Ask, *, heal: bool = False) -> Proved:
        """Compare everything that it holds with what the hub answers, as ``Replica.prove``."""
        return self._replica.prove(ask, heal=heal)

    def spoil(self, chance: random.Random) -> bool:
        """Let the disk forget or change one row behind the replica's back; false where there is none."""
        tables = [entity for entity in ENTITIES.values() if self._count(entity.table)]
        if not tables:
            return False
        entity = chance.choice(tables)
        column = chance.choice(entity.columns)
        with closing(sqlite3.connect(self.path, isolation_level=None)) as disk:
            place = chance.randrange(self._count(entity.table))
            (row,) = disk.execute(
                f"SELECT rowid FROM {entity.table} ORDER BY rowid LIMIT 1 OFFSET ?", (place,)
            ).fetchone()
            if chance.random() < 0.2:
                disk.execute(f"DELETE FROM {entity.table} WHERE rowid = ?", (row,))
            else:
                disk.execute(f"UPDATE {entity.table} SET {column} = 'spoilt' WHERE rowid = ?", (row,))
        return True

    def _count(self, table: str) -> int:
        count: int = self._reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return count

    def image(self) -> object:
        """A copy of the till's disk."""
        return self._copy(self._folder.with_name(self._folder.name + ".image"))

    def begin_again(self, image: object | None) -> None:
        """Start with a copy of the disk, or (None) as a new till."""
        self.close()
        shutil.rmtree(self._folder)
        if isinstance(image, Path):
            shutil.copytree(image, self._folder)
        self._begin()

    def close(self) -> None:
        """Release the files."""
        self._reader.close()
        self._replica.close()

    def read(self) -> tuple[str, int, dict[str, list[Row]], int]:
        """What a reader sees at this moment: epoch, position, the rows of each bucket, and the number of rows that no
        bucket holds."""
        run = self._reader.execute
        run("BEGIN")
        try:
            epoch, seq = run("SELECT epoch, seq FROM cursor").fetchone() or ("", 0)
            rows = {(entity, id_): fields for entity, id_, fields in self._rows()}
            buckets: dict[str, list[Row]] = {name: [] for (name,) in run("SELECT name FROM bucket")}
            members = set()
            for entity, id_, name in run("SELECT entity, row, name FROM membership JOIN bucket USING (bucket)"):
                buckets[name].append((entity, id_, rows[entity, id_]))
                members.add((entity, id_))
        finally:
            run("COMMIT")
        return epoch, seq, buckets, len(rows.keys() - members)

    def _rows(self) -> Iterator[Row]:
        for name, entity in ENTITIES.items():
            lists: dict[str, dict[str, list[dict[str, Any]]]] = {}
            for list_, child in entity.children.items():
                for owner, item in self._table(child.table, child.owner, child.columns):
                    lists.setdefault(owner, {}).setdefault(list_, []).append(item)
            for id_, fields in self._table(entity.table, "id", entity.columns):
                yield name, id_, {**fields, **lists.pop(id_, {})}
            if lists:
                raise ValueError(f"lists without their {name}: {sorted(lists)}")

    def _table(self, table: str, key: str, columns: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        with closing(self._reader.execute(f"SELECT {key}, {', '.join(columns)} FROM {table}")) as found:
            for id_, *values in found:
                yield id_, {name: value for name, value in zip(columns, values, strict=True) if value is not None}
