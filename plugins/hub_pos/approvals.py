"""Approvals that wait for their sale: each is used once, in time, and for nothing but what it was given for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from hub_pos.amounts import text
from hub_pos.clock import instant
from hub_pos.errors import SaleRefused
from hub_pos.outbox import Outbox
from hub_pos.pricing import number
from hub_pos.questions import Question, asked


class Approvals:
    """The approvals of one outbox. Everything that writes belongs inside its ``transaction``."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def keep(self, body: Mapping[str, Any], day: str) -> None:
        """Keep an ``Authorization`` that was approved, on a business day."""
        self._outbox.run(
            "INSERT INTO approval (id, operation, day, expires_at, offline, right_id, amount, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            body["authorization_id"], body["operation"], day, body.get("expires_at", ""), bool(body.get("offline")),
            body.get("right_id", ""), text(asked(body).amount), json.dumps(body, ensure_ascii=False),
        )  # fmt: skip

    def count(self, operation: str, day: str) -> int:
        """How many of an operation this till approved by itself on a business day, without those it set free."""
        query = "SELECT count(*) FROM approval WHERE operation = ? AND day = ? AND offline AND reversed_by = ''"
        return int(self._outbox.rows(query, operation, day)[0][0])

    def use(self, id_: str, question: Question, by: str, now: datetime) -> None:
        """Use an approval for the document ``by``. Raises ``SaleRefused`` where it does not hold, or not for this."""
        rows = self._outbox.rows("SELECT expires_at, used_by, reversed_by, body FROM approval WHERE id = ?", id_)
        if not rows:
            raise SaleRefused(f"authorization {id_[:40]!r} was not approved here")
        expires_at, used_by, reversed_by, body = rows[0]
        if used_by or reversed_by:
            raise SaleRefused(f"authorization {id_} {'was used' if used_by else 'was set free'} before: ask again")
        if expires_at and datetime.fromisoformat(expires_at) <= now:
            raise SaleRefused(f"authorization {id_} expired at {expires_at}: ask again")
        if problem := _beyond(json.loads(body), question):
            raise SaleRefused(f"authorization {id_} was given for something else: {problem}")
        self._outbox.run("UPDATE approval SET used_by = ? WHERE id = ?", by, id_)

    def open(self, id_: str) -> dict[str, Any]:
        """The approval with this id, which can be set free. Raises ``SaleRefused`` where it cannot."""
        rows = self._outbox.rows("SELECT used_by, body FROM approval WHERE id = ? AND reversed_by = ''", id_)
        if not rows:
            raise SaleRefused(f"authorization {id_[:40]!r} was not approved here, or was set free long ago")
        if rows[0][0]:
            raise SaleRefused(f"authorization {id_} was used by {rows[0][0]}: goods come back by a return")
        body: dict[str, Any] = json.loads(rows[0][1])
        return body

    def reversed_by(self, id_: str) -> str:
        """The document that has set an approval free, "" for none."""
        rows = self._outbox.rows("SELECT reversed_by FROM approval WHERE id = ?", id_)
        return str(rows[0][0]) if rows else ""

    def reverse(self, id_: str, by: str) -> None:
        """An approval was set free by the document ``by``."""
        self._outbox.run("UPDATE approval SET reversed_by = ? WHERE id = ?", by, id_)

    def settled(self, before: str) -> bool:
        """Whether there are approvals of which nothing can become any more, from before a moment."""
        return bool(self._outbox.rows(f"SELECT 1 FROM approval WHERE {_SETTLED} LIMIT 1", before))

    def remove(self, before: str) -> None:
        """Remove them; what they took stays in the book."""
        self._outbox.run(f"DELETE FROM approval WHERE {_SETTLED}", before)

    def expired(self, now: datetime) -> Iterator[dict[str, Any]]:
        """Approvals out of a right whose time has passed and that nothing used."""
        query = (
            "SELECT body FROM approval WHERE used_by = '' AND reversed_by = '' AND expires_at <= ? AND right_id <> ''"
        )
        for (body,) in self._outbox.rows(query, instant(now)):
            yield json.loads(body)


_SETTLED = "expires_at < ? AND (used_by <> '' OR reversed_by <> '' OR right_id = '')"


def _beyond(body: Mapping[str, Any], wanted: Question) -> str:
    """What an approval was not given for, "" where it fits."""
    held = asked(body)
    limit = number((body.get("limit") or {}).get("amount"))
    most = held.amount if limit is None else min(held.amount, limit)
    for name in ("operation", "account_id", "currency"):
        if getattr(held, name) != getattr(wanted, name):
            return f"{name} {getattr(held, name)!r}, not {getattr(wanted, name)!r}"
    if held.party_id and held.party_id != wanted.party_id:
        return f"customer {held.party_id}, not {wanted.party_id or 'nobody'}"
    for name in ("item", "receipt"):
        if held.about.get(name, "") != wanted.about.get(name, ""):
            return f"{name} {held.about.get(name, '')!r}, not {wanted.about.get(name, '')!r}"
    if wanted.amount > most:
        return f"{text(most)}, not {text(wanted.amount)}"
    if held.percent is not None and (wanted.percent or 0) > held.percent:
        return f"{text(held.percent)} % below the list price, not {wanted.about.get('percent')} %"
    return ""
