"""The hub's half of a comparison: hashes of what a store must hold at the position where it stands.

Computed from the documents through the same projection as everything that is sent, not from what was sent; so a fault
on the way, whosever, is found. What was computed is kept and moved along with the feed: only rows that changed between
two positions are hashed again. The questions and answers are in ``plugins/hub_pos/PROTOCOL.md``, section 10.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from hub.replication.past import State, TooFar, touched
from hub.replication.rows import PROJECTIONS, SCHEMA, project
from hub.replication.sealed_log import known_rows
from hub.replication.standing import standing, states_of

if TYPE_CHECKING:
    from hub.repository import Repository, Transaction

MODULUS = 1 << 128
LISTED = 64
"""Rows under a prefix that are listed one by one; more are summed up further."""

_HASH = 16
_WANTED = 1_000
_PREFIXES = 64
_PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Layout:
    """What a replica stores of each entity, and so what is hashed: columns, and lists with their columns."""

    text: str
    entities: Mapping[str, tuple[Sequence[str], Sequence[tuple[str, Sequence[str]]]]]

    @classmethod
    def read(cls, data: Any) -> Layout:
        """From a question. Raises ``ValueError``."""
        try:
            entities = {
                str(name): (_names(one["columns"]), [(str(key), _names(some)) for key, some in one["lists"].items()])
                for name, one in data.items()
            }
        except (KeyError, TypeError, AttributeError) as problem:
            raise ValueError(f"layout has columns and lists of each entity: {problem!r}") from None
        text = json.dumps(data, sort_keys=True)
        if len(text) > 20_000:
            raise ValueError("a layout of more than 20,000 characters is none")
        return cls(text, entities)


def _names(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError("columns are a list of names")
    return value


def row_hash(layout: Layout, entity: str, id_: str, number: int | None, row: Mapping[str, Any]) -> int:
    """The hash of a row: 128 bits."""
    columns, lists = layout.entities[entity]
    items = [sorted((_texts(item, names) for item in row.get(key) or ()), key=_dumped) for key, names in lists]
    text = _dumped([entity, id_, number, _texts(row, columns), items])
    return int.from_bytes(sha256(text.encode("utf-8", "replace")).digest()[:_HASH], "big")


def row_place(entity: str, id_: str) -> bytes:
    """Where a row belongs in the tree: 8 bytes."""
    return sha256(f"{entity}:{id_}".encode()).digest()[:8]


def _texts(row: Mapping[str, Any], names: Iterable[str]) -> list[str | None]:
    return [_text(row.get(name)) for name in names]


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return str(int(value) if isinstance(value, bool) else value)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class _Row:
    entity: str
    id: str
    hash: int
    buckets: frozenset[str]


@dataclass(slots=True)
class Held:
    """What stores must hold at one position: every row's hash, and the sum of each bucket."""

    epoch: str
    layout: Layout
    numbered: bool
    position: int = 0
    rows: dict[bytes, _Row] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)
    _sets: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    def move(self, tx: Transaction, position: int) -> None:
        """Go to another position, forward or back; whole the first time. Raises ``TooFar``."""
        if not self.position:
            self._take(tx, standing(tx, position))
        elif position != self.position:
            later = touched(tx, min(position, self.position), max(position, self.position))
            fresh = list(states_of(tx, later, position))
            for id_ in later:
                for projection in PROJECTIONS.values():
                    self._drop(row_place(projection.entity, id_))
            self._take(tx, fresh)
        self.position = position

    def _take(self, tx: Transaction, states: Iterable[State]) -> None:
        page: list[State] = []
        for state in states:
            if state.scopes and PROJECTIONS[state.kind].entity in self.layout.entities:
                page.append(state)
            if len(page) == _PAGE:
                self._add(tx, page)
                page = []
        self._add(tx, page)

    def _add(self, tx: Transaction, page: Sequence[State]) -> None:
        numbers = known_rows(tx, [state.id for state in page]) if self.numbered else {}
        for state in page:
            entity = PROJECTIONS[state.kind].entity
            known = numbers.get(state.id)
            row = project(state.kind, state.id, json.loads(state.json))
            value = row_hash(self.layout, entity, state.id, known.number if known else None, row)
            buckets = self._sets.setdefault(state.scopes, state.scopes)
            self.rows[row_place(entity, state.id)] = _Row(entity, state.id, value, buckets)
            for bucket in buckets:
                self.sums[bucket] = (self.sums.get(bucket, 0) + value) % MODULUS

    def _drop(self, place: bytes) -> None:
        row = self.rows.pop(place, None)
        for bucket in row.buckets if row else ():
            assert row is not None
            self.sums[bucket] = (self.sums[bucket] - row.hash) % MODULUS

    def expand(self, bucket: str, prefixes: Sequence[str]) -> dict[str, dict[str, str]]:
        """What is under the prefixes of a bucket: 256 sums, or the rows where they are few."""
        starts = {prefix: bytes.fromhex(prefix) for prefix in prefixes}
        under: dict[str, list[tuple[bytes, int]]] = {prefix: [] for prefix in prefixes}
        for place, row in self.rows.items():
            if bucket in row.buckets:
                for prefix, start in starts.items():
                    if place.startswith(start):
                        under[prefix].append((place, row.hash))
        return {prefix: _told(starts[prefix], rows) for prefix, rows in under.items()}


def _told(start: bytes, rows: Sequence[tuple[bytes, int]]) -> dict[str, str]:
    if (start and len(rows) <= LISTED) or len(start) == 4:
        return {"rows": _coded(place + value.to_bytes(_HASH, "big") for place, value in sorted(rows))}
    sums = [0] * 256
    for place, value in rows:
        sums[place[len(start)]] += value
    return {"sums": _coded((value % MODULUS).to_bytes(_HASH, "big") for value in sums)}


def _coded(parts: Iterable[bytes]) -> str:
    return base64.b64encode(b"".join(parts)).decode()


class Prover:
    """Answers the questions of replicas. Threads may share it: one answer is computed at a time."""

    def __init__(self, repo: Repository) -> None:
        self._repo = repo
        self._lock = threading.Lock()
        self._held: Held | None = None

    def answer(self, question: Mapping[str, Any], wanted: Collection[str]) -> dict[str, Any]:
        """The answer to a question of a store that may see the buckets ``wanted``. Raises ``ValueError`` for a question
        of another shape."""
        layout = Layout.read(question.get("layout"))
        try:
            cursor = question["cursor"]
            seq, mine = int(cursor["seq"]), frozenset(map(str, cursor["buckets"]))
            epoch, schema = str(question["epoch"]), int(question["schema"])
        except (KeyError, TypeError) as problem:
            raise ValueError(f"a question has epoch, schema and cursor with seq and buckets: {problem!r}") from None
        if schema != SCHEMA or not mine <= frozenset(wanted) or seq <= 0:
            return _refused("the hub has changed what this store holds: pull first")
        with self._lock, self._repo.read() as tx:
            try:
                held = self._at(tx, epoch, seq, layout, question.get("numbered") is True)
                return {"proof": "compared", **_answer(tx, held, question, mine)}
            except TooFar as problem:
                self._held = None
                return _refused(f"{problem}: pull first")

    def _at(self, tx: Transaction, epoch: str, seq: int, layout: Layout, numbered: bool) -> Held:
        from hub.repository import feed

        head, purged = feed.head(tx.connection), feed.purged(tx.connection)
        if epoch != head.epoch or seq > head.position:
            raise TooFar("this is no position of the hub's feed")
        held = self._held
        if held is not None and held.position < purged:
            held = None  # what changed since then cannot be told any more
        if held is None or (held.epoch, held.layout.text, held.numbered) != (epoch, layout.text, numbered):
            held = Held(epoch, layout, numbered)
        self._held = None
        held.move(tx, seq)
        self._held = held
        return held


def _refused(why: str) -> dict[str, Any]:
    return {"proof": "not comparable", "why": why}


def _answer(tx: Transaction, held: Held, question: Mapping[str, Any], mine: frozenset[str]) -> dict[str, Any]:
    if isinstance(sums := question.get("sums"), Mapping):
        return {"differ": sorted(name for name in mine if sums.get(name) != f"{held.sums.get(name, 0):032x}")}
    if isinstance(asked := question.get("expand"), Mapping):
        if not asked.keys() <= mine:
            raise ValueError("only buckets of the cursor can be looked into")
        found = {name: held.expand(name, _prefixes(prefixes)) for name, prefixes in asked.items()}
        return {"found": found}
    if isinstance(places := question.get("want"), list) and len(places) <= _WANTED:
        return {"rows": _rows(tx, held, [bytes.fromhex(str(place)) for place in places], mine)}
    raise ValueError(f"a question has sums, expand or want (at most {_WANTED} places)")


def _prefixes(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > _PREFIXES:
        raise ValueError(f"at most {_PREFIXES} prefixes of a bucket at once")
    prefixes = [str(one) for one in value]
    if any(len(one) > 8 for one in prefixes):
        raise ValueError("a prefix has at most 8 hexadecimal digits")
    return prefixes


def _rows(tx: Transaction, held: Held, places: Sequence[bytes], mine: frozenset[str]) -> list[dict[str, Any]]:
    """The rows at these places that one of the buckets ``mine`` holds, whole."""
    found = [row for place in places if (row := held.rows.get(place)) is not None and row.buckets & mine]
    ids = [row.id for row in found]
    numbers = known_rows(tx, ids) if held.numbered else {}
    return [
        {
            "entity": PROJECTIONS[state.kind].entity,
            "id": state.id,
            "number": numbers[state.id].number if state.id in numbers else None,
            "row": project(state.kind, state.id, json.loads(state.json)),
            "buckets": sorted(state.scopes & mine),
        }
        for state in states_of(tx, ids, held.position)
    ]
