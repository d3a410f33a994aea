"""Ways to reach somebody, and whom to ask for."""

from __future__ import annotations

from hub.model.dates import Instant
from hub.model.value import Many, Value


class ContactPoint(Value):
    """``kind`` is phone, email, fax, mobile, url, edi_endpoint …; ``value`` as received (a phone number in E.164 once
    it was normalised). ``usage`` and ``verified_at`` where known. Source: X12 365, EDIFACT 3155."""

    kind: str
    value: str
    usage: str = ""
    verified_at: Instant | None = None


class Contact(Value):
    """A person or desk. ``function`` is order, purchasing, delivery, accounts_payable, accounts_receivable,
    information … (X12 366, EDIFACT 3139)."""

    function: str = ""
    name: str = ""
    party_id: str = ""
    contact_points: Many[ContactPoint] = ()
