"""What a customer has allowed, and how many points there are, as of the replica's checkpoint."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from hub_pos.pricing import number
from hub_pos.reading import Reader
from hub_pos.rows import Consent


def consents(reader: Reader, customer: str) -> list[Consent]:
    """The events that decide, oldest first, of the customer whose row has this id."""
    rows = reader.all(
        "SELECT consent.* FROM consent JOIN profile ON profile.id = profile_id WHERE customer = ? ORDER BY position",
        (customer,),
    )
    return [
        Consent(
            row["purpose"],
            tuple((row["channels"] or "").split()),
            row["state"],
            row["given_at"],
            row["expires_at"] or "",
        )
        for row in rows
    ]


def permits(events: Iterable[Consent], purpose: str, channel: str, now: datetime) -> bool:
    """Whether the customer may be addressed: the latest event that has taken effect and speaks of the channel is a
    grant, and has not expired. Where nobody asked: no."""
    deciding = None
    for event in events:
        fits = event.purpose == purpose and (not event.channels or channel in event.channels)
        if fits and datetime.fromisoformat(event.given_at) <= now:
            deciding = event
    if deciding is None or deciding.state != "granted":
        return False
    return not deciding.expires_at or now < datetime.fromisoformat(deciding.expires_at)


def accounts(reader: Reader, customer: str) -> dict[str, Decimal]:
    """The points of each of a customer's accounts."""
    rows = reader.all(
        "SELECT account_id, points FROM loyalty_account JOIN profile ON profile.id = profile_id WHERE customer = ?"
        " ORDER BY account_id",
        (customer,),
    )
    return {row["account_id"]: number(row["points"]) or Decimal(0) for row in rows}


def points(reader: Reader, account: str) -> Decimal | None:
    """The points of an account; None for one that is not known here."""
    rows = reader.all("SELECT points FROM loyalty_account WHERE account_id = ?", (account,))
    return number(rows[0]["points"]) if rows else None
