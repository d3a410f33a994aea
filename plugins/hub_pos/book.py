"""The book of rights: what this outbox has spent, taken back and given back of what the hub put into its hands.

It lies in the outbox's file and is written in the transaction of the document that says the same, so that nothing is
spent twice and nothing is lost, whenever a till is killed. Sums only grow, and are never removed. The rules are those
of ``PROTOCOL.md``, section 11.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub_pos.amounts import CONTEXT, text
from hub_pos.errors import SaleRefused
from hub_pos.outbox import Outbox
from hub_pos.rows import Right

NOTHING = Decimal(0)
_TOLD_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done with one right, in all; each of them only grows."""

    approved: Decimal = NOTHING
    reversed: Decimal = NOTHING
    returned: Decimal = NOTHING


class Book:
    """The book of one outbox. Everything that writes belongs inside the outbox's ``transaction``."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def entry(self, right_id: str) -> Entry:
        """What was done with a right."""
        rows = self._outbox.rows("SELECT approved, reversed, returned FROM book WHERE right_id = ?", right_id)
        return Entry(*(Decimal(value) for value in rows[0])) if rows else Entry()

    def available(self, right: Right) -> Decimal:
        """What is left of a right; negative only where a hub that was restored from a backup forgot what it gave."""
        held = self.entry(right.id)
        return CONTEXT.subtract(CONTEXT.add(right.granted, held.reversed), CONTEXT.add(held.approved, held.returned))

    def due_back(self, right: Right, now: datetime) -> Decimal:
        """What is to be given back of it now: all that is left where its time is over, else what the hub recalled."""
        left = max(self.available(right), NOTHING)
        if over(right, now):
            return left
        return min(left, max(CONTEXT.subtract(right.recalled, self.entry(right.id).returned), NOTHING))

    def spendable(self, right: Right, now: datetime) -> Decimal:
        """What may be spent of it now."""
        return max(CONTEXT.subtract(self.available(right), self.due_back(right, now)), NOTHING)

    def approve(self, right: Right, amount: Decimal, now: datetime) -> None:
        """Spend of a right. Raises ``SaleRefused`` for more than there is: then nothing may be written."""
        if not NOTHING < amount <= self.spendable(right, now):
            raise SaleRefused(f"right {right.id} has no {text(amount)} left")
        self._add(right.id, approved=amount)

    def set_free(self, right_id: str, amount: Decimal) -> None:
        """Take back what was spent, at most that."""
        held = self.entry(right_id)
        if not NOTHING < amount <= CONTEXT.subtract(held.approved, held.reversed):
            raise SaleRefused(f"of right {right_id} no {text(amount)} were spent")
        self._add(right_id, reversed=amount)

    def give_back(self, right: Right, amount: Decimal) -> None:
        """Give a part of what is left to the hub."""
        if not NOTHING < amount <= self.available(right):
            raise SaleRefused(f"right {right.id} has no {text(amount)} left")
        self._add(right.id, returned=amount)

    def _add(self, right_id: str, **more: Decimal) -> None:
        held = self.entry(right_id)
        sums = [
            text(CONTEXT.add(getattr(held, name), more.get(name, NOTHING)))
            for name in ("approved", "reversed", "returned")
        ]
        self._outbox.run("INSERT OR REPLACE INTO book VALUES (?, ?, ?, ?)", right_id, *sums)

    def want(self, resource: str, party: str, account: str, currency: str, amount: Decimal) -> None:
        """Note what was spent, or could not be: the hub shares out by it."""
        key = (resource, party, account, currency)
        rows = self._outbox.rows(f"SELECT wanted FROM demand WHERE {_KEY}", *key)
        sum_ = CONTEXT.add(Decimal(rows[0][0]) if rows else NOTHING, amount)
        self._outbox.run("INSERT OR REPLACE INTO demand VALUES (?, ?, ?, ?, ?)", *key, text(sum_))

    def wanted(self) -> list[dict[str, str]]:
        """What was wanted since the hub last heard of it, as uploads say it."""
        names = ("resource", "party_id", "account_id", "currency", "wanted")
        query = f"SELECT {', '.join(names)} FROM demand LIMIT {_TOLD_AT_MOST}"
        return [dict(zip(names, row, strict=True)) for row in self._outbox.rows(query)]

    def told(self, wanted: Sequence[dict[str, Any]]) -> None:
        """The hub has heard of this; what came since stays."""
        for one in wanted:
            key = [one[name] for name in ("resource", "party_id", "account_id", "currency")]
            rows = self._outbox.rows(f"SELECT wanted FROM demand WHERE {_KEY}", *key)
            left = CONTEXT.subtract(Decimal(rows[0][0]) if rows else NOTHING, Decimal(one["wanted"]))
            if left > 0:
                self._outbox.run(f"UPDATE demand SET wanted = ? WHERE {_KEY}", text(left), *key)
            else:
                self._outbox.run(f"DELETE FROM demand WHERE {_KEY}", *key)


_KEY = "resource = ? AND party_id = ? AND account_id = ? AND currency = ?"


def over(right: Right, now: datetime) -> bool:
    """Whether a right's time is over; a time that cannot be read is over."""
    try:
        ends = datetime.fromisoformat(right.expires_at)
    except ValueError:
        return True
    return now >= (ends if ends.tzinfo else ends.replace(tzinfo=UTC))
