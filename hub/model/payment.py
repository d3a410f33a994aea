"""Payments and what they pay."""

from __future__ import annotations

from pydantic import Field

from hub.model.dates import LocalDate, When
from hub.model.document import Document
from hub.model.money import ExchangeRate, Money
from hub.model.party_ref import PartyRef
from hub.model.reference import DocRef
from hub.model.text import Note
from hub.model.value import Key, Many, Value


class Allocation(Value):
    """A part of a payment that settles an invoice. ``discount_taken`` was deducted by the payer, ``reason`` (and its
    ``adjustment``) says why less was paid. Source: X12 820 RMR and ADX, EDIFACT REMADV."""

    invoice_id: Key
    payment_id: str = ""
    amount: Money | None = None
    invoice_amount: Money | None = None
    discount_taken: Money | None = None
    adjustment: Money | None = None
    reason: str = ""
    references: Many[DocRef] = ()


class Payment(Document):
    """Money that moved or will. ``method`` is credit_transfer, direct_debit, card, cheque, cash … ``value_date`` is
    when it counts."""

    payment_id: Key
    method: str = ""
    amount: Money
    direction: str = ""
    issued_at: When | None = None
    value_date: LocalDate | None = None
    exchange_rate: ExchangeRate | None = None
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    references: Many[DocRef] = ()
    allocations: Many[Allocation] = ()
    status: str = ""
    notes: Many[Note] = ()
