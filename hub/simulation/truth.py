"""What every bucket holds at every position of the feed, straight from the feed and the documents.

It knows nothing of windows, segments or checkpoints, so it finds what they get wrong. Of each bucket it keeps the
number of rows and the sum of their marks after every change, and so answers for any position of a till.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from hub.replication.rows import PROJECTIONS, project

if TYPE_CHECKING:
    from hub.repository import Change, FeedCursor, Repository

_PAGE = 5_000

Sum = tuple[int, int]
"""How many rows, and the sum of their marks."""


def mark(entity: str, id_: str, fields: Mapping[str, Any]) -> int:
    """A number that two rows share only if they say the same: 8 bytes of a hash. The order in a list says nothing, nor
    whether a number or a truth is written as such or as text."""
    said = {name: _said(value) for name, value in fields.items()}
    text = json.dumps([entity, id_, said], sort_keys=True, ensure_ascii=False)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def _said(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        items = ({name: _said(one) for name, one in item.items()} for item in value)
        return sorted({json.dumps(item, sort_keys=True, ensure_ascii=False) for item in items})
    return str(int(value))


@dataclass(slots=True)
class _Bucket:
    """One bucket: where it changed, and how it was from there on."""

    count: int = 0
    total: int = 0
    positions: list[int] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)

    def change(self, position: int, count: int, total: int) -> None:
        self.count, self.total = self.count + count, self.total + total
        if self.positions and self.positions[-1] == position:
            self.sums[-1] = (self.count, self.total)
        else:
            self.positions.append(position)
            self.sums.append((self.count, self.total))

    def copy(self) -> _Bucket:
        return _Bucket(self.count, self.total, [*self.positions], [*self.sums])


class Truth:
    """Follows one repository's feed."""

    def __init__(self) -> None:
        self.epoch = ""
        self.position = 0
        self.rows: dict[str, tuple[int, frozenset[str]]] = {}
        """By document: the mark of its row now, and the buckets that hold it."""
        self._buckets: dict[str, _Bucket] = {}
        self._past: dict[str, dict[str, _Bucket]] = {}
        """The buckets of earlier epochs, at which a till may still stand."""

    def follow(self, repo: Repository) -> None:
        """Take in what is new in the feed. In a new epoch nothing that was there before is a place to stand at."""
        from hub.repository import FeedCursor

        head = repo.feed_head()
        if head.epoch != self.epoch:
            self._new_epoch(head)
        while changes := repo.feed(FeedCursor(self.epoch, self.position), _PAGE):
            for change in changes:
                self._take(change)
            self.position = changes[-1].seq

    def _new_epoch(self, head: FeedCursor) -> None:
        # After a restore the longer history of that epoch is there already.
        self._past.setdefault(self.epoch, self._buckets)
        self.epoch = head.epoch
        self._buckets = {
            name: _Bucket(one.count, one.total, [0], [(one.count, one.total)]) for name, one in self._buckets.items()
        }

    def _take(self, change: Change) -> None:
        if change.entity not in PROJECTIONS:
            return
        old, held = self.rows.get(change.id, (0, frozenset[str]()))
        new, holds = 0, frozenset[str]()
        if change.op == "PUT":
            entity = PROJECTIONS[change.entity].entity
            row = project(change.entity, change.id, json.loads(change.json))
            new, holds = mark(entity, change.id, row), change.new_scopes
        for name in held | holds:
            bucket = self._buckets.setdefault(name, _Bucket())
            total = (new if name in holds else 0) - (old if name in held else 0)
            bucket.change(change.seq, (name in holds) - (name in held), total)
        if holds:
            self.rows[change.id] = (new, holds)
        else:
            self.rows.pop(change.id, None)

    def at(self, bucket: str, position: int, epoch: str) -> Sum:
        """What the bucket holds after the change at ``position`` of an epoch."""
        held = (self._buckets if epoch == self.epoch else self._past.get(epoch, {})).get(bucket)
        index = bisect_right(held.positions, position) if held else 0
        return held.sums[index - 1] if held and index else (0, 0)

    def copy(self) -> Truth:
        """The truth of this moment, for a backup."""
        made = Truth()
        made.epoch, made.position, made.rows = self.epoch, self.position, dict(self.rows)
        made._buckets = {name: bucket.copy() for name, bucket in self._buckets.items()}
        return made

    def put_back(self, backup: Truth) -> None:
        """The hub is as it was at a backup; what came after it is past. Followed by a new epoch."""
        self._past[self.epoch] = self._buckets
        self.epoch, self.position, self.rows = backup.epoch, backup.position, dict(backup.rows)
        self._buckets = {name: bucket.copy() for name, bucket in backup._buckets.items()}
