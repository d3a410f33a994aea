"""A checkpoint as the hub sends it: segments of some buckets that lead to one position of the change feed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub_pos.errors import CheckpointRefused
from hub_pos.schema import SCHEMA

if TYPE_CHECKING:
    from hub_pos.sealed import SealedSegment


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a replica stands: position ``seq`` in the feed of ``epoch``, with these ``buckets``."""

    epoch: str
    seq: int
    buckets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Segment:
    """Changes of one bucket after ``first`` up to ``last``; a ``snapshot`` is the whole bucket at ``last``, or a part
    of it where several follow each other. A sealed one is unpacked by ``load`` when its turn comes."""

    bucket: str
    first: int
    last: int
    snapshot: bool
    changes: Iterable[Mapping[str, Any]] = ()
    load: Callable[[], SealedSegment] | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that leads to position ``last`` from the cursor ``origin``, which is the one that the hub saw. ``reset``: the
    replica is emptied first. ``as_of`` is the hub's time of the state at ``last``, "" where it is not known."""

    origin: Cursor
    epoch: str
    schema: int
    last: int
    as_of: str
    segments: tuple[Segment, ...]
    unsubscribe: frozenset[str]
    reset: bool
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Checkpoint:
        """Read the plain form (``PROTOCOL.md``). Raises ``CheckpointRefused`` for another shape."""
        try:
            schema = int(data["schema"])
            if schema > SCHEMA:
                raise CheckpointRefused(
                    f"the hub sends rows of schema {schema}, this till understands {SCHEMA}: update hub_pos on the till"
                )
            seen = data["from"]
            return cls(
                origin=Cursor(str(seen["epoch"]), int(seen["seq"]), frozenset(map(str, seen["buckets"]))),
                epoch=str(data["epoch"]),
                schema=schema,
                last=int(data["last"]),
                as_of=str(data.get("as_of", "")),
                segments=tuple(_segment(item, int(data["last"])) for item in data["segments"]),
                unsubscribe=frozenset(map(str, data.get("unsubscribe", ()))),
                reset=bool(data.get("reset", False)),
                settings=dict(data.get("settings", {})),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise CheckpointRefused(f"this is no checkpoint of the hub: {problem!r}") from problem

    def fits(self, held: Cursor, path: Path) -> bool:
        """Whether this checkpoint continues what the replica holds. False: another run of the hub was faster, and
        nothing is to be done. Raises ``CheckpointRefused`` where changes would be left out or an epoch mixed up."""
        if held != self.origin:
            if held.epoch == self.origin.epoch and held.seq < self.origin.seq:
                raise CheckpointRefused(
                    f"{path} stands at {held.seq}, the checkpoint begins after {self.origin.seq}: changes between are"
                    " missing; was the file replaced by an older copy while the hub was at work?"
                )
            return False
        if self.reset:
            return True
        if self.epoch != held.epoch:
            raise CheckpointRefused(
                f"{path} holds epoch {held.epoch or 'none'}, the checkpoint is of {self.epoch}: the hub must reset it"
            )
        if self.last < held.seq:
            raise CheckpointRefused(f"{path} stands at {held.seq}, the checkpoint would lead back to {self.last}")
        return True


def _segment(data: Mapping[str, Any], last: int) -> Segment:
    segment = Segment(
        bucket=str(data["bucket"]),
        first=int(data["first"]),
        last=int(data["last"]),
        snapshot=bool(data.get("snapshot", False)),
        changes=() if "load" in data else data["changes"],
        load=data.get("load"),
    )
    # Sealed segments of one bucket follow each other up to the checkpoint; the last may end before it.
    if segment.last > last or (segment.load is None and segment.last != last):
        raise CheckpointRefused(f"bucket {segment.bucket} runs to {segment.last}, its checkpoint to {last}")
    return segment
