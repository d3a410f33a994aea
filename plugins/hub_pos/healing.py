"""Proving a replica equal to what the hub holds, finding the rows that are not, and putting them right.

The conversation is the same over the line and beside the hub: ``ask`` takes a question and gives the answer
(``PROTOCOL.md``, section 10). From the buckets that differ it goes down to leaves and rows, so one bad row of many
costs a few kilobytes; only its right form travels.
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from hub_pos import proof, writing
from hub_pos.errors import CheckpointRefused
from hub_pos.proof import NOBODY, Seen
from hub_pos.schema import ENTITIES

Ask = Callable[[dict[str, Any]], Mapping[str, Any]]

MOST = 5_000
"""Rows that are put right one by one; where more differ, loading everything anew costs less."""

_WANTED = 500
_HASH, _PLACE = 16, 8


@dataclass(frozen=True, slots=True)
class Proved:
    """What was found. ``comparable`` false: the hub cannot compare at this position (``why``). ``differ`` are the
    buckets that differed and ``rows`` the bad rows found; ``healed`` that they were put right and that everything was
    equal afterwards. ``reload``: too many differ, everything must be loaded anew."""

    position: int
    comparable: bool = True
    why: str = ""
    equal: bool = False
    differ: tuple[str, ...] = ()
    rows: int = 0
    healed: bool = False
    reload: bool = False


class NotComparable(Exception):
    """The hub does not compare at this position; its reason."""


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """One moment of the replica; text that is no UTF-8 any more is read all the same."""
    before = connection.text_factory
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")
        connection.text_factory = before


class Comparison:
    """One conversation about one state of a replica."""

    def __init__(self, connection: sqlite3.Connection, cursor: Callable[[], dict[str, Any]], ask: Ask) -> None:
        self._connection = connection
        self._cursor = cursor
        self._ask_hub = ask
        with reading(connection):
            self.cursor = cursor()
            self.numbered = _numbered(connection)
            self._sums = dict(proof.parts(proof.scan(connection, self.cursor["seq"])))

    def _ask(self, **more: Any) -> Mapping[str, Any]:
        question = {
            "epoch": self.cursor["epoch"],
            "schema": self.cursor["schema"],
            "cursor": {"seq": self.cursor["seq"], "buckets": self.cursor["buckets"]},
            "numbered": self.numbered,
            "layout": proof.layout(),
            **more,
        }
        answer = self._ask_hub(question)
        if answer.get("proof") != "compared":
            raise NotComparable(str(answer.get("why", "the answer is no comparison")))
        return answer

    def differing(self) -> list[str]:
        """The buckets that differ, NOBODY among them where a row is held by none."""
        names = self.cursor["buckets"]
        sums = {name: f"{sum(self._sums.get(name, ())) % proof.MODULUS:032x}" for name in names}
        found = [str(name) for name in self._ask(sums=sums)["differ"]]
        return found + ([NOBODY] if NOBODY in self._sums else [])

    def places(self, buckets: Sequence[str]) -> dict[bytes, tuple[str, str] | None]:
        """The places of the bad rows, with the name of the row that is here; at most a few more than ``MOST``."""
        asked = [name for name in buckets if name != NOBODY]
        leaves = {name: self._unlike(self._ask(expand={name: [""]}), name, "", self._sums.get(name)) for name in asked}
        here = self._here(leaves)
        bad: dict[bytes, tuple[str, str] | None] = {one.place: (one.entity, one.id) for one in here.pop(NOBODY, [])}
        for name in asked:
            self._descend(name, leaves[name], here.get(name, []), bad)
            if len(bad) > MOST:
                break
        return bad

    def _here(self, leaves: Mapping[str, Sequence[str]]) -> dict[str, list[Seen]]:
        wanted = {name: {bytes.fromhex(leaf)[0] for leaf in some} for name, some in leaves.items()}
        found: dict[str, list[Seen]] = {}
        with reading(self._connection):
            self._unmoved()
            for row in proof.scan(self._connection, self.cursor["seq"]):
                for bucket in set(row.buckets):
                    if bucket == NOBODY or row.place[0] in wanted.get(bucket, ()):
                        found.setdefault(bucket, []).append(row)
        return found

    def _unlike(self, answer: Mapping[str, Any], bucket: str, prefix: str, mine: Sequence[int] | None) -> list[str]:
        """The prefixes one longer under which the sums differ."""
        theirs = base64.b64decode(answer["found"][bucket][prefix]["sums"])
        own = mine or [0] * 256
        return [
            f"{prefix}{one:02x}"
            for one in range(256)
            if own[one].to_bytes(_HASH, "big") != theirs[one * _HASH : (one + 1) * _HASH]
        ]

    def _descend(
        self, bucket: str, prefixes: Sequence[str], here: Sequence[Seen], bad: dict[bytes, tuple[str, str] | None]
    ) -> None:
        waiting = list(prefixes)
        while waiting and len(bad) <= MOST:
            batch, waiting = waiting[:16], waiting[16:]
            answer = self._ask(expand={bucket: batch})
            for prefix in batch:
                start = bytes.fromhex(prefix)
                mine = [row for row in here if row.place.startswith(start)]
                if "sums" in answer["found"][bucket][prefix]:
                    sums = proof.sums_of(((row.place, row.hash) for row in mine), len(start))
                    waiting.extend(self._unlike(answer, bucket, prefix, sums))
                else:
                    _compare(base64.b64decode(answer["found"][bucket][prefix]["rows"]), mine, bad)

    def right(self, places: Iterable[bytes]) -> list[Mapping[str, Any]]:
        """The right rows at these places; one that no bucket holds is not among them."""
        iterator, rows = iter(places), []
        while some := list(islice(iterator, _WANTED)):
            rows += list(self._ask(want=[place.hex() for place in some])["rows"])
        return rows

    def _unmoved(self) -> None:
        now = self._cursor()
        if any(now[name] != self.cursor[name] for name in ("epoch", "seq", "buckets")):
            raise NotComparable("the replica went on meanwhile: verify again")

    def heal(self, bad: Mapping[bytes, tuple[str, str] | None], rows: Sequence[Mapping[str, Any]]) -> None:
        """Put the bad rows right, in the caller's transaction. The cursor stays: it is the state of this position."""
        self._unmoved()
        run = self._connection.execute
        buckets: dict[str, int] = dict(run("SELECT name, bucket FROM bucket"))
        names = [name for name in bad.values() if name] + [(str(row["entity"]), str(row["id"])) for row in rows]
        for name, id_ in names:
            run("DELETE FROM membership WHERE entity = ? AND row = ?", (name, id_))
            entity = ENTITIES.get(name)
            if entity is not None:
                run(f"DELETE FROM {entity.table} WHERE id = ?", (id_,))
                for child in entity.children.values():
                    run(f"DELETE FROM {child.table} WHERE {child.owner} = ?", (id_,))
        for row in rows:
            name, id_ = str(row["entity"]), str(row["id"])
            if proof.place_of(name, id_) not in bad or not isinstance(row["row"], Mapping):
                raise CheckpointRefused(f"the hub sent {name} {id_}, which was not asked for")
            columns = writing.columns_of(ENTITIES[name], [row["row"]])
            seq = self.cursor["seq"]
            writing.upsert(self._connection, ENTITIES[name], [id_], [seq], columns, [row["number"]])
            writing.join(self._connection, [(name, id_, buckets[one]) for one in row["buckets"] if one in buckets])


def _compare(theirs: bytes, mine: Sequence[Seen], bad: dict[bytes, tuple[str, str] | None]) -> None:
    step = _PLACE + _HASH
    there = {theirs[at : at + _PLACE]: theirs[at + _PLACE : at + step] for at in range(0, len(theirs), step)}
    for row in mine:
        if there.pop(row.place, b"") != (row.hash % proof.MODULUS).to_bytes(_HASH, "big"):
            bad[row.place] = (row.entity, row.id)
    for place in there:
        bad.setdefault(place, None)


def _numbered(connection: sqlite3.Connection) -> bool:
    """Whether the rows have numbers; decided by most of them, because one may be damaged."""
    tables = [entity.table for entity in ENTITIES.values()]
    counts = [connection.execute(f"SELECT count(row_no), count(*) FROM {table}").fetchone() for table in tables]
    return bool(2 * sum(count for count, _ in counts) >= sum(every for _, every in counts))
