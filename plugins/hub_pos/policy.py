"""What a till may decide alone, as the hub says it in the settings of a checkpoint (``PROTOCOL.md``, section 11.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hub_pos.pricing import number

OPERATIONS = ("credit_sale", "points_redeem", "price_override", "return_without_receipt")
"""What needs a decision, where the hub says so."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How one operation is decided. ``ask`` is never, beyond or always; ``amount``, ``percent`` and ``per_day`` (a
    number of approvals) bound what the till decides alone, None: no bound. ``resource`` is taken out of rights."""

    resource: str
    ask: str
    amount: Decimal | None
    percent: Decimal | None
    per_day: int | None
    record_percent: Decimal
    max_age: timedelta | None
    expires: timedelta


def policy_of(settings: Mapping[str, Any], operation: str) -> Policy | None:
    """The policy of an operation; None where it needs no decision. A word that this till does not know asks the hub."""
    told = settings.get("authorization")
    operations = told.get("operations") if isinstance(told, dict) else None
    rule = operations.get(operation) if isinstance(operations, dict) else None
    if not isinstance(rule, dict):
        return None
    offline = rule.get("offline") or {}
    per_day, hours = number(offline.get("per_day")), number(rule.get("max_age_hours"))
    minutes = number(rule.get("expires_minutes"))
    ask = str(rule.get("ask", "always"))
    return Policy(
        resource=str(rule.get("resource") or ""),
        ask=ask if ask in ("never", "beyond") else "always",
        amount=number(offline.get("amount")),
        percent=number(offline.get("percent")),
        per_day=None if per_day is None else int(per_day),
        record_percent=number(rule.get("record_percent")) or Decimal(0),
        max_age=None if hours is None else timedelta(hours=float(hours)),
        expires=timedelta(minutes=float(minutes or 15)),
    )
