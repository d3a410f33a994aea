"""Rights: what a till may give of a customer's credit or points without asking, and what it gives back."""

from __future__ import annotations

from hub.model.dates import Instant
from hub.model.document import Document
from hub.model.numbers import Number
from hub.model.value import Key


class Right(Document):
    """A part of a pool (``resource`` is credit, in ``currency``, or points of ``account_id``) that the hub has put into
    the hands of one till: the node ``holder`` of ``store``, and there the one file ``outbox``, so that nobody spends it
    twice. All amounts are cumulative: ``granted``, and ``recalled``, what of it the hub wants back; ``returned`` and
    ``spent`` are what the hub knew when it wrote this. The till may spend granted less what it has spent and returned
    by its own book, until ``expires_at``; then all that is left goes back. Source: bounded counters (Balegas 2015)."""

    right_id: Key
    holder: Key
    store: Key
    outbox: Key
    party_id: str = ""
    resource: Key
    account_id: str = ""
    currency: str = ""
    granted: Number
    recalled: Number | None = None
    returned: Number | None = None
    spent: Number | None = None
    expires_at: Instant


class RightReturn(Document):
    """``amount`` of a right that the till gives back: it does not spend it any more, the hub may give it to others."""

    return_id: Key
    right_id: Key
    amount: Number
    at: Instant
    pos_id: str = ""
