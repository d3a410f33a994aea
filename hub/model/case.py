"""A complaint, claim or request and how it is dealt with."""

from __future__ import annotations

from hub.model.dates import Instant
from hub.model.document import Document
from hub.model.money import Money
from hub.model.reference import DocRef
from hub.model.text import Note
from hub.model.value import Key, Many


class Case(Document):
    """``category`` is complaint, claim, request, question … Times give the measures of service (first response,
    resolution). ``related`` links orders, lines, returns and invoices."""

    case_id: Key
    party_id: str = ""
    category: str = ""
    subject: str = ""
    channel: str = ""
    status: str = ""
    priority: str = ""
    opened_at: Instant
    first_response_at: Instant | None = None
    resolved_at: Instant | None = None
    closed_at: Instant | None = None
    related: Many[DocRef] = ()
    product_id: str = ""
    lot: str = ""
    claimed: Money | None = None
    granted: Money | None = None
    agent: str = ""
    resolution: str = ""
    notes: Many[Note] = ()
