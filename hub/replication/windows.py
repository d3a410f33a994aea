"""A window of the feed as contents of sealed segments: whole rows, changed fields, and what left a bucket.

A store may stand anywhere inside a window when it takes the segment. Therefore a field counts as changed if it had
another value at any moment of the window, even where it ends as it began; and only the fields are sent where the
bucket held the row all through the window. Applied from any place inside, a window leads to the state at its end.

What the segments have said of a row so far (``Known``) is stored with its number. Changes are compared with that and
not with the version before: on PostgreSQL the feed may show two versions of one document in the other order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hub.replication.rows import PROJECTIONS, project
from hub.replication.sealed import Contents, Del, Put, Set
from hub.repository import Change

Pair = tuple[str, int]
"""A document's id and version."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the segments say of a row: its number, and the version and tags that were sealed last (0 and none: it has
    a number only)."""

    number: int
    version: int = 0
    scopes: frozenset[str] = frozenset()


@dataclass(slots=True)
class RowHistory:
    """One row in a window: its changes in the order of the feed."""

    id: str
    kind: str
    changes: list[Change] = field(default_factory=list)

    def touched(self) -> frozenset[str]:
        """Every bucket of which the changes speak."""
        return frozenset().union(*(change.old_scopes | change.new_scopes for change in self.changes))

    def last(self) -> Change:
        """The change with the newest version; of several, the last."""
        return max(enumerate(self.changes), key=lambda one: (one[1].version, one[0]))[1]

    def steady(self, known: Known) -> frozenset[str]:
        """The buckets that held the row all through the window."""
        held = known.scopes
        for change in self.changes:
            held &= change.old_scopes & change.new_scopes if change.op == "PUT" else frozenset()
        return held


def histories(changes: Iterable[Change], wanted: frozenset[str]) -> list[RowHistory]:
    """The rows that the changes touch in one of the buckets ``wanted``."""
    rows: dict[str, RowHistory] = {}
    for change in changes:
        if change.entity in PROJECTIONS:
            rows.setdefault(change.id, RowHistory(change.id, change.entity)).changes.append(change)
    return [row for row in rows.values() if row.touched() & wanted]


def distribute(
    rows: Sequence[RowHistory], known: Mapping[str, Known], earlier: Mapping[Pair, str], wanted: frozenset[str]
) -> tuple[dict[str, Contents], dict[str, Known]]:
    """The contents of the window by bucket, and what is known of its rows after it. ``earlier`` has the JSON of the
    versions that are known; a row whose earlier version is missing there is sent whole."""
    buckets: dict[str, Contents] = {}
    after: dict[str, Known] = {}
    for row in rows:
        held, last = known[row.id], row.last()
        if held.version > last.version:
            # Shown late: what it says was overtaken by what is sealed already. It may still have left buckets.
            final = held
        else:
            final = Known(held.number, last.version, last.new_scopes if last.op == "PUT" else frozenset())
        after[row.id] = final
        touched = (row.touched() | held.scopes) & wanted
        _place(row, held, final, earlier, touched, buckets)
    return buckets, after


def _place(
    row: RowHistory,
    held: Known,
    final: Known,
    earlier: Mapping[Pair, str],
    touched: frozenset[str],
    buckets: dict[str, Contents],
) -> None:
    entity = PROJECTIONS[row.kind].entity
    kept = final.scopes & touched
    texts = _versions(row, held, earlier)
    if kept and texts:
        whole = _row(row, texts[-1])
        changed = _changed(row, texts) if (row.id, held.version) in earlier else None
        steady = row.steady(held) & kept if changed is not None else frozenset()
        for bucket in kept - steady:
            buckets.setdefault(bucket, Contents()).puts.append(Put(final.number, entity, row.id, whole))
        for bucket in steady if changed else ():
            buckets.setdefault(bucket, Contents()).sets.append(Set(final.number, entity, changed or (), whole))
    for bucket in touched - kept:
        buckets.setdefault(bucket, Contents()).dels.append(Del(final.number, entity))


def _versions(row: RowHistory, held: Known, earlier: Mapping[Pair, str]) -> list[str]:
    """The row's JSON texts, oldest first, beginning with the one that is sealed."""
    base = earlier.get((row.id, held.version))
    newer = sorted((change for change in row.changes if change.json and change.version > held.version), key=_version)
    return ([base] if base is not None else []) + [change.json for change in newer] or [
        change.json for change in row.changes if change.json and change.version == held.version
    ][-1:]


def _version(change: Change) -> int:
    return change.version


def _row(row: RowHistory, text: str) -> dict[str, object]:
    return project(row.kind, row.id, json.loads(text))


def _changed(row: RowHistory, texts: Sequence[str]) -> tuple[str, ...]:
    """The fields that were not the same in all of ``texts``."""
    rows = [_row(row, text) for text in texts]
    names = {name for one in rows for name in one}
    return tuple(sorted(name for name in names if any(one.get(name) != rows[0].get(name) for one in rows)))
