"""How each partner deviates from its standards: counted with every exchange, in its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.repository.records import DeviationRecord
from hub.repository.tables import deviations as table
from hub.repository.types import bounded
from hub.repository.work import Work


class Deviations(Work):
    """Part of a transaction."""

    def count_deviations(self, partner: str, standard: str, counts: Mapping[str, int], exchange_id: str) -> None:
        """Add what an exchange showed of a partner's deviations (name → findings). An exchange that is stored in
        several transactions counts as one."""
        for name in sorted(counts):  # one order for everybody: two writers wait for each other, they do not deadlock
            row = {
                "partner": bounded(partner),
                "standard": bounded(standard),
                "name": bounded(name),
                "count": counts[name],
                "exchanges": 1,
                "first_at": self.now,
                "last_at": self.now,
                "last_exchange": exchange_id,
            }
            statement: Any = (postgresql if self.postgresql else sqlite).insert(table)
            again = case((table.c.last_exchange == exchange_id, 0), else_=1)
            statement = statement.on_conflict_do_update(
                index_elements=["partner", "standard", "name"],
                set_={
                    "count": table.c.count + statement.excluded.count,
                    "exchanges": table.c.exchanges + again,
                    "last_at": statement.excluded.last_at,
                    "last_exchange": exchange_id,
                },
            )
            self.write(statement, row)

    def deviations(self, partner: str | None = None) -> list[DeviationRecord]:
        """The counts of one partner, or of all, by partner, standard and name."""
        query = select(table).order_by(table.c.partner, table.c.standard, table.c.name)
        if partner is not None:
            query = query.where(table.c.partner == partner)
        return [DeviationRecord(**row._mapping) for row in self.rows(query)]
