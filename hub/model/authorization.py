"""A decision whether an operation may go on."""

from __future__ import annotations

from hub.model.dates import Instant
from hub.model.document import Document
from hub.model.money import Money
from hub.model.numbers import Number
from hub.model.reference import DocRef
from hub.model.value import Key, Many


class Authorization(Document):
    """``operation`` is credit_sale, points_redeem, price_override, return_without_receipt …; ``decision`` is approved,
    declined or referred, with ``reason_codes``, or ``reversed``: then what the authorization ``reverses`` had taken is
    free again. It holds until ``expires_at`` and up to ``limit``; ``token`` proves it off line. ``offline`` decisions
    were taken by a store inside the limits it had been given, those about credit or points out of the right
    ``right_id``. ``points`` of ``account_id`` where it is about points, ``amount`` where it is about money."""

    authorization_id: Key
    operation: Key
    party_id: str = ""
    account_id: str = ""
    requested_by: str = ""
    requested_at: Instant
    decided_at: Instant | None = None
    decision: str = ""
    reason_codes: Many[str] = ()
    amount: Money | None = None
    points: Number | None = None
    limit: Money | None = None
    expires_at: Instant | None = None
    token: str = ""
    right_id: str = ""
    reverses: str = ""
    pos_id: str = ""
    operator: str = ""
    approver: str = ""
    offline: bool | None = None
    ref: DocRef | None = None
