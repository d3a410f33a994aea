"""How a document gets into an outbox: its id, its place, its clock and its row, all in the outbox's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hub_pos.clock import instant, tick, uuid7
from hub_pos.outbox import Outbox
from hub_pos.sale import Written


class Documents:
    """Writes documents of one node at one moment. ``seen`` is the hub's time of the data that they were made with
    (ISO 8601, "" for none). Everything here belongs inside the outbox's ``transaction``."""

    def __init__(self, outbox: Outbox, now: datetime, seen: str) -> None:
        self.outbox, self.now, self.node = outbox, now, outbox.state("node")
        self._seen = seen

    def held(self, id_: str) -> Written | None:
        """The document that was written under this id before."""
        entry = self.outbox.find(id_=id_) if id_ else None
        return Written(entry.id, entry.seq, entry.kind, entry.number, json.loads(entry.body)) if entry else None

    def new_id(self) -> str:
        """An id for a new document."""
        return uuid7(self.now)

    def put(self, id_: str, kind: str, body: Mapping[str, Any] | str, number: str = "") -> Written:
        """Write one. ``body`` is the canonical JSON, or the object that is written so, in its order."""
        made = instant(self.now)
        clock = tick(self.outbox.state("clock"), self.now, self._seen, self.node)
        self.outbox.keep("clock", clock)
        written = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        seq = self.outbox.add(id_, kind, written, made, clock, number)
        return Written(id_, seq, kind, number, json.loads(written))


def stated(value: object) -> bool:
    """Whether a field is written: empty ones are left out of documents."""
    return value not in (None, "", [], (), {})
