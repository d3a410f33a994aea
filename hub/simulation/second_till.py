"""A till's replica written from ``PROTOCOL.md`` alone: sections 1 to 3 (rules), 6 (segments and manifests) and 8 (what
a poll says). It shares no code with the hub's sealer or with ``hub_pos``, so where both understand the same, the
protocol says enough. It holds its rows in memory.

A checkpoint is worked out beside the state that readers see and put in its place at once. ``instant`` is called at the
moments at which a process may die; what it raises ends the work there, as a kill would.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from hub.simulation.refusals import Refused
from hub.simulation.segment_reading import Row, Segment

SCHEMA = 1
_STEP = timedelta(minutes=10)

Fetch = Callable[[str], Segment]
"""Gives a segment by digest, its bytes checked (``segment_reading.read``). Raises ``Refused``."""


@dataclass(slots=True)
class State:
    """What the replica's file would hold. ``rows`` by number, ``members``: the numbers that each bucket holds."""

    epoch: str = ""
    seq: int = 0
    schema: int = SCHEMA
    as_of: str = ""
    rows: dict[int, Row] = field(default_factory=dict)
    members: dict[str, set[int]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Next:
    """The state after a checkpoint, as what is to be written over the one before."""

    rows: dict[int, Row] = field(default_factory=dict)
    joined: dict[str, set[int]] = field(default_factory=dict)
    left: dict[str, set[int]] = field(default_factory=dict)
    whole: dict[str, set[int]] = field(default_factory=dict)
    """Buckets that are new, with all that they hold."""

    gone: set[int] = field(default_factory=set)
    """Rows that lost a membership."""


class SecondTill:
    """The replica of one node. ``keys`` are the hub's public keys (id → base64)."""

    def __init__(
        self, node: str, keys: Mapping[str, str], instant: Callable[[str], None] = lambda _where: None
    ) -> None:
        self.node, self.keys, self.instant = node, dict(keys), instant
        self.state = State()

    def poll(self, *, reload: bool = False) -> dict[str, Any]:
        """The body of ``POST /sync/poll``."""
        held = self.state
        return {
            "node": self.node,
            "epoch": held.epoch,
            "schema": held.schema,
            "cursor": {"seq": held.seq, "buckets": sorted(held.members)},
            "numbered": True,
            "reload": reload,
            "keys": sorted(self.keys),
        }

    def take(self, answer: bytes, fetch: Fetch) -> Collection[str] | None:
        """Take the answer to a poll. Returns the ids of the customers that are gone with it (section 3, rule 10); None
        where the answer was made for another state, and nothing was done. Raises ``Refused``."""
        manifest = self._verified(answer)
        try:
            self._fresh(manifest)
            if isinstance(manifest.get("keys"), dict):
                self.keys = dict(manifest["keys"])
            if not self._fits(manifest):
                return None
            return self._apply(manifest, fetch)
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise Refused("shape", f"this is no manifest: {problem!r}") from problem

    def _verified(self, answer: bytes) -> dict[str, Any]:
        try:
            outer = json.loads(answer)
            text, key, signature = outer["manifest"], self.keys[outer["key"]], outer["signature"]
            if not _signed(key, signature, b"hub-manifest-1\n" + text.encode()):
                raise Refused("signature", "the manifest is not what the hub signed")
            manifest: dict[str, Any] = json.loads(text)
            node = manifest["node"]
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise Refused("signature", f"this is no signed manifest: {problem!r}") from problem
        if node != self.node:
            raise Refused("node", f"the manifest is for {node!r}")
        return manifest

    def _fresh(self, manifest: Mapping[str, Any]) -> None:
        """Section 6.3: an old one sent again is refused, whatever else it says."""
        held = self.state
        if manifest["epoch"] != held.epoch or not held.as_of or not manifest.get("as_of"):
            return
        behind = datetime.fromisoformat(held.as_of) - datetime.fromisoformat(manifest["as_of"])
        if behind > _STEP or (behind >= timedelta(0) and manifest["last"] < held.seq):
            raise Refused("old", "this manifest is older than what is here")

    def _fits(self, manifest: Mapping[str, Any]) -> bool:
        """Section 3, rules 2, 3 and 6: whether the checkpoint goes on from this state."""
        held, seen = self.state, manifest["from"]
        if manifest["schema"] > SCHEMA:
            raise Refused("shape", f"rows of schema {manifest['schema']} are not known here")
        if seen is not None and (seen["epoch"], seen["seq"], set(seen["buckets"])) != (
            held.epoch,
            held.seq,
            set(held.members),
        ):
            if seen["epoch"] == held.epoch and held.seq < seen["seq"]:
                raise Refused("gap", f"the checkpoint goes on from {seen['seq']}, the replica is at {held.seq}")
            return False
        if manifest["reset"]:
            return seen is not None or manifest["epoch"] != held.epoch or held.seq <= manifest["last"]
        if manifest["epoch"] != held.epoch or manifest["last"] < held.seq:
            raise Refused("gap", "another epoch, or an earlier place, without reset")
        return True

    def _apply(self, manifest: Mapping[str, Any], fetch: Fetch) -> Collection[str]:
        self.instant("begin")
        reset = manifest["reset"]
        held = State() if reset else self.state
        new = _Next()
        reached = dict.fromkeys(held.members, held.seq)
        for listed in manifest["segments"]:
            self._read(listed, manifest["last"], held, new, reached, fetch)
            self.instant("segment")
        gone = self._gone(held, new, manifest["unsubscribe"])
        forgotten = self._forgotten(new, gone, reset=reset)
        self.instant("commit")
        # From here to the end nothing can fail: this is the commit.
        for name, numbers in new.whole.items():
            held.members[name] = numbers
        for name, numbers in new.left.items():
            held.members[name] -= numbers
        for name, numbers in new.joined.items():
            held.members[name] |= numbers
        for name in manifest["unsubscribe"]:
            held.members.pop(name, None)
        held.rows.update(new.rows)
        for number in gone:
            held.rows.pop(number, None)
        held.settings.update(manifest.get("settings", {}))
        held.epoch, held.seq, held.schema = manifest["epoch"], manifest["last"], manifest["schema"]
        held.as_of = manifest.get("as_of") or held.as_of
        self.state = held
        self.instant("done")
        return forgotten

    def _forgotten(self, new: _Next, gone: set[int], *, reset: bool) -> set[str]:
        before = self.state.rows
        if not reset:
            return {before[one].id for one in gone if one in before and before[one].entity == "customer"}
        # Numbers belong to an epoch: only the ids tell who is still here.
        here = {row.id for row in new.rows.values() if row.entity == "customer" and row.number not in gone}
        return {row.id for row in before.values() if row.entity == "customer"} - here

    def _read(
        self,
        listed: Mapping[str, Any],
        end: int,
        held: State,
        new: _Next,
        reached: dict[str, int],
        fetch: Fetch,
    ) -> None:
        """Section 3, rule 4, and section 6.2 for one segment of the checkpoint."""
        bucket, last, snapshot, digest = listed["bucket"], listed["last"], listed["snapshot"], listed["digest"]
        segment = fetch(digest) if digest else Segment(bucket, listed["first"], last, snapshot)
        if (segment.bucket, segment.first, segment.last, segment.snapshot) != (bucket, listed["first"], last, snapshot):
            raise Refused("damaged", f"the segment is not the one that the manifest lists for {bucket}")
        if last > end:
            raise Refused("gap", f"{bucket} runs beyond its checkpoint")
        if snapshot:
            if bucket in held.members:
                raise Refused("gap", f"{bucket} is held, yet comes whole")
            if reached.setdefault(bucket, last) != last:
                raise Refused("gap", f"parts of {bucket} of two positions")
            new.whole.setdefault(bucket, set())
        elif bucket not in reached:
            raise Refused("gap", f"{bucket} was never loaded, yet comes as changes")
        elif last <= reached[bucket]:
            raise Refused("gap", f"{bucket} ends where it was before")
        reached[bucket] = last
        self._write(segment, held, new)

    def _write(self, segment: Segment, held: State, new: _Next) -> None:
        numbers = new.whole.get(segment.bucket)
        joined = numbers if numbers is not None else new.joined.setdefault(segment.bucket, set())
        left: set[int] = new.left.setdefault(segment.bucket, set()) if numbers is None else set()
        for row in segment.puts:
            there = new.rows.get(row.number) or held.rows.get(row.number)
            if there is None or there.seq < row.seq:
                new.rows[row.number] = row
            joined.add(row.number)
            left.discard(row.number)
        for change in segment.sets:
            there = new.rows.get(change.number) or held.rows.get(change.number)
            if there is None:
                raise Refused("gap", f"row {change.number} of {segment.bucket} is to be changed, but is not here")
            if there.seq < segment.last:
                new.rows[change.number] = segment.changed(there, change)
        for number in segment.dels:
            joined.discard(number)
            left.add(number)
            new.gone.add(number)

    def _gone(self, held: State, new: _Next, unsubscribed: Iterable[str]) -> set[int]:
        """Section 3, rule 5: the rows that lost a membership and have none left."""
        dropped = set(unsubscribed)
        candidates = set(new.gone)
        for name in dropped & held.members.keys():
            candidates |= held.members[name]
        none: frozenset[int] = frozenset()
        members = [
            (numbers, new.joined.get(name, none), new.left.get(name, none))
            for name, numbers in held.members.items()
            if name not in dropped
        ]
        return {
            number
            for number in candidates
            if not any(number in numbers for numbers in new.whole.values())
            and not any(number in more or (number in numbers and number not in less) for numbers, more, less in members)
        }


@lru_cache(maxsize=8)
def _public(key: str) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(base64.b64decode(key))


def _signed(key: str, signature: str, text: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        _public(key).verify(base64.b64decode(signature, validate=True), text)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
