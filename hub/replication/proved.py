"""When a node was last compared with the hub, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.repository import Repository, Transaction

_PLACE, _EQUAL = "stores:compared", "stores:equal"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The last comparison of a node: position, ISO time, the buckets that differed; ``equal_at`` is when it was last
    found equal, "" for never."""

    position: int
    at: str
    differ: tuple[str, ...]
    equal_at: str


def note(repo: Repository, node: str, position: int, differ: Sequence[str]) -> None:
    """Write down that a node was compared."""
    at = datetime.now(UTC).isoformat(timespec="seconds")

    def write(tx: Transaction) -> None:
        tx.set_watermark(_PLACE, node, json.dumps({"position": position, "at": at, "differ": list(differ)[:100]}))
        if not differ:
            tx.set_watermark(_EQUAL, node, at)

    repo.retrying(write)


def last(tx: Transaction) -> dict[str, Comparison]:
    """The last comparison of each node (``file:STORE`` for replicas that the hub reaches itself)."""
    from sqlalchemy import select

    from hub.repository.tables import watermarks

    rows = list(tx.rows(select(watermarks).where(watermarks.c.endpoint.in_((_PLACE, _EQUAL)))))
    equal = {row.kind: row.value for row in rows if row.endpoint == _EQUAL}
    found = {}
    for row in sorted(rows, key=lambda one: one.kind):
        if row.endpoint == _PLACE:
            data = json.loads(row.value)
            found[row.kind] = Comparison(data["position"], data["at"], tuple(data["differ"]), equal.get(row.kind, ""))
    return found
