"""A till's outbox written from ``PROTOCOL.md``, section 7: places without a gap, what the answer of the hub
acknowledges, and what is sent again. In memory; what a till does is on its disk when a method returns."""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

STATUSES = ("accepted", "quarantined", "duplicate")
_KEPT = timedelta(days=30)


@dataclass(slots=True)
class Entry:
    """A document at its place. ``status`` is empty until the hub has answered."""

    seq: int
    id: str
    kind: str
    created: datetime
    clock: str
    body: Mapping[str, Any]
    status: str = ""
    document_id: str = ""
    acknowledged: datetime | None = None
    leaving: bool = False
    """Goes once the hub has acknowledged it again."""


@dataclass(slots=True)
class SecondOutbox:
    """The outbox of the node ``store-terminal``. Times are the till's own, which may be wrong."""

    store: str
    terminal: str
    rng: random.Random
    entries: dict[int, Entry] = field(default_factory=dict)
    forgotten: set[int] = field(default_factory=set)
    """Places of documents that went with their customer."""

    last: int = 0
    receipts: int = 0
    reading: tuple[str, int] = ("", 0)
    """The last reading of the clock: its milliseconds as text, and the counter."""

    @property
    def node(self) -> str:
        """The node's name."""
        return f"{self.store}-{self.terminal}"

    def add(self, kind: str, body: Mapping[str, Any], now: datetime, as_of: str = "", id_: str = "") -> Entry:
        """Write a document under the next place."""
        self.last += 1
        clock = self._clock(now, as_of)
        entry = Entry(self.last, id_ or self.new_id(now), kind, now, clock, body)
        self.entries[entry.seq] = entry
        return entry

    def sell(self, lines: Iterable[Mapping[str, Any]], tender: Mapping[str, Any], now: datetime, as_of: str) -> str:
        """Write a sale; the number of its receipt, which may be printed now."""
        self.receipts += 1
        key = {
            "store": self.store,
            "workstation": self.terminal,
            "sequence": str(self.receipts),
            "business_day": now.date().isoformat(),
        }
        body = {"key": key, "type": "sale", "lines": [*lines], "tenders": [tender]}
        self.add("PosTransaction", body, now, as_of)
        return f"{self.store}-{self.terminal}-{self.receipts}"

    def new_id(self, now: datetime) -> str:
        """A UUID of version 7."""
        value = int(now.timestamp() * 1000) << 80 | 7 << 76 | self.rng.getrandbits(12) << 64
        text = f"{value | 2 << 62 | self.rng.getrandbits(62):032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def _clock(self, now: datetime, as_of: str) -> str:
        """Section 7.5: the latest of three, and a counter where it is the last reading's millisecond."""
        times = [_stamp(now), self.reading[0]]
        if as_of:
            times.append(_stamp(datetime.fromisoformat(as_of)))
        latest = max(times)
        self.reading = (latest, self.reading[1] + 1 if latest == self.reading[0] else 0)
        return f"{latest}-{self.reading[1]:04x}-{self.node}"

    def waiting(self) -> list[Entry]:
        """What the hub has not acknowledged, in order."""
        return [one for one in self.entries.values() if not one.status]

    def upload(self, most: int) -> bytes:
        """The body of ``POST /uploads`` with the oldest documents that wait."""
        documents = [
            {
                "seq": one.seq,
                "id": one.id,
                "kind": one.kind,
                "created_at": one.created.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                "clock": one.clock,
                "body": one.body,
            }
            for one in self.waiting()[:most]
        ]
        return json.dumps({"node": self.node, "documents": documents}, ensure_ascii=False).encode()

    def answered(self, data: bytes, now: datetime) -> None:
        """Take the hub's answer (7.3, rules 1, 3 and 4). What is no answer for this node changes nothing."""
        try:
            answer = json.loads(data)
        except ValueError:
            return
        if (
            not isinstance(answer, dict)
            or answer.get("node") != self.node
            or not isinstance(answer.get("results"), list)
        ):
            return
        for one in answer["results"]:
            entry = self.entries.get(one["seq"])
            if entry is not None and entry.id == one["id"] and one["status"] in STATUSES:
                entry.status, entry.document_id, entry.acknowledged = one["status"], one["document_id"], now
                if entry.leaving:
                    self._remove(entry)
        following = answer["next"]
        for entry in self.entries.values():
            if entry.seq >= following or any(first <= entry.seq <= last for first, last in answer["missing"]):
                entry.status = ""
        if following - 1 > self.last:
            self.last = following - 1
            self.receipts = max(self.receipts, self.last)  # a place has at most one receipt
        gone = [one.seq for one in self.entries.values() if one.acknowledged and one.acknowledged < now - _KEPT]
        for seq in gone:
            if self.entries[seq].status:
                del self.entries[seq]

    def forget(self, customers: Collection[str], *, new_epoch: bool) -> None:
        """Section 3, rule 10: what was written about customers who left the replica, and was acknowledged; in a new
        epoch once it is acknowledged again, because a hub that was restored may not have it."""
        about = [one for one in self.entries.values() if one.kind == "Party" and one.document_id in customers]
        for entry in about:
            if entry.status and new_epoch:
                entry.status, entry.leaving = "", True
            elif entry.status:
                self._remove(entry)

    def _remove(self, entry: Entry) -> None:
        self.forgotten.add(entry.seq)
        del self.entries[entry.seq]


def _stamp(moment: datetime) -> str:
    at = moment.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
