"""What lost when a store and somebody else changed the same, and when which store changed which field."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.repository.types import bounded
from hub.repository.upload_tables import conflicts, field_clocks
from hub.repository.work import Work


@dataclass(frozen=True, slots=True)
class Conflict:
    """``ours`` is what the hub had, ``theirs`` what the store's ``node`` sent in place ``seq``; ``winner`` is hub,
    store or both (then the other ``id`` is in ``theirs``: a person may merge the two)."""

    entity: str
    id: str
    field: str
    ours: Any
    theirs: Any
    policy: str
    winner: str
    node: str
    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class FieldClock:
    """A field's last change by a store: the value, the store's clock then, and its node."""

    value: Any
    clock: str
    node: str


class Conflicts(Work):
    """Part of a transaction."""

    def add_conflict(
        self, entity: str, id_: str, field: str, ours: Any, theirs: Any, policy: str, winner: str, node: str, seq: int
    ) -> None:
        """Record a loss (or, with winner ``both``, a proposal)."""
        values = {
            "entity": bounded(entity, 40), "id": id_, "field": bounded(field, 60), "ours": json.dumps(ours),
            "theirs": json.dumps(theirs), "policy": policy, "winner": winner, "node": node, "seq": seq, "at": self.now,
        }  # fmt: skip
        self.write(insert(conflicts), values)

    def conflicts(self, *, node: str = "", id_: str = "", policy: str = "", limit: int = 1000) -> list[Conflict]:
        """Losses, newest first."""
        query = select(conflicts).order_by(conflicts.c.number.desc()).limit(limit)
        for column, value in (("node", node), ("id", id_), ("policy", policy)):
            if value:
                query = query.where(conflicts.c[column] == value)
        return [_conflict(row) for row in self.rows(query)]

    def field_clock(self, document_id: str, field: str) -> FieldClock | None:
        """When a store changed a field of a document last; None: no store did."""
        table = field_clocks.c
        row = self.one(select(field_clocks).where(table.document_id == document_id, table.field == field))
        return None if row is None else FieldClock(json.loads(row.value), row.clock, row.node)

    def set_field_clock(self, document_id: str, field: str, value: Any, clock: str, node: str) -> None:
        """Remember that a store changed a field."""
        row = {"document_id": document_id, "field": field, "value": json.dumps(value), "clock": clock, "node": node}
        statement: Any = (postgresql if self.postgresql else sqlite).insert(field_clocks)
        kept = {name: statement.excluded[name] for name in ("value", "clock", "node")}
        self.write(statement.on_conflict_do_update(index_elements=["document_id", "field"], set_=kept), row)


def _conflict(row: Row[Any]) -> Conflict:
    values = {**row._mapping, "ours": json.loads(row.ours), "theirs": json.loads(row.theirs)}
    del values["number"]
    return Conflict(**values)
