"""Payments and what they pay."""

from __future__ import annotations

from pydantic import Field

from hub.model.address import Address
from hub.model.contact import Contact
from hub.model.dates import LocalDate, When
from hub.model.document import Document
from hub.model.identifiers import Identifier
from hub.model.invoice import InvoiceLine
from hub.model.money import ExchangeRate, Money
from hub.model.party_ref import PartyRef
from hub.model.reference import DocRef, QualifiedDate
from hub.model.text import Note
from hub.model.value import Many, Value


class BankAccount(Value):
    """An account that money leaves or reaches. ``bank`` identifies the bank (aba_routing, bic …), ``type`` says what
    kind of account it is (demand_deposit, savings …). Account numbers are financial data: kept in the document, never
    logged. Source: X12 BPR06 to BPR21."""

    bank: Identifier | None = None
    iban: str = ""
    account: str = ""
    type: str = ""


class Trace(Value):
    """The number by which the bank's entry and the advice find each other: ``type`` is current, referenced or
    reassociation (X12 481), ``originator`` the company that gave the number. Source: X12 TRN."""

    type: str = ""
    number: str = ""
    originator: str = ""
    reference: str = ""


class Adjustment(Value):
    """More or less money than was asked for, and why (``reason``: X12 426). ``amount`` has the sender's sign: what is
    deducted is negative. ``document_type`` and ``document_id`` name what the adjustment comes from, such as a credit
    memo. Source: X12 ADX."""

    amount: Money
    reason: str = ""
    document_type: str = ""
    document_id: str = ""
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    contacts: Many[Contact] = ()
    notes: Many[Note] = ()
    lines: Many[InvoiceLine] = ()


class Allocation(Value):
    """A part of a payment that settles an invoice, or another open item (``document_type``: invoice, order,
    credit_memo …). ``amount`` was paid for it, ``invoice_amount`` was asked for, ``discount_taken`` was deducted by
    the payer; ``adjustment`` and its ``reason`` or the ``adjustments`` say why less was paid. ``action`` is what the
    payment is to the item (X12 482), ``entity`` says under which of the payment's ``entities`` it is listed, counted
    from 1. What is taken back is negative. Source: X12 820 RMR and ADX, EDIFACT REMADV."""

    invoice_id: str = ""
    document_type: str = ""
    payment_id: str = ""
    entity: int | None = None
    action: str = ""
    amount: Money | None = None
    invoice_amount: Money | None = None
    discount_taken: Money | None = None
    adjustment: Money | None = None
    reason: str = ""
    adjustments: Many[Adjustment] = ()
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    notes: Many[Note] = ()
    lines: Many[InvoiceLine] = ()


class Individual(Value):
    """A person or organization whom a part of the payment is for. ``type`` is person or organization. Source: X12
    NM1."""

    role: str = ""
    type: str = ""
    name: str = ""
    given_name: str = ""
    middle_name: str = ""
    prefix: str = ""
    suffix: str = ""
    identifiers: Many[Identifier] = ()
    additional_name: str = ""
    address: Address | None = None
    references: Many[DocRef] = ()
    contacts: Many[Contact] = ()


class PaymentEntity(Value):
    """A heading under which a remittance lists what it pays: often only a ``number``, else whose items these are.
    ``adjustments`` here belong to no single item and change what is paid. Source: X12 ENT."""

    number: str = ""
    role: str = ""
    identifiers: Many[Identifier] = ()
    other_role: str = ""
    other_identifiers: Many[Identifier] = ()
    references: Many[DocRef] = ()
    individuals: Many[Individual] = ()
    adjustments: Many[Adjustment] = ()


class Payment(Document):
    """Money that moved or will, or the advice of it. ``method`` is credit_transfer, direct_debit, card, cheque, cash …
    (X12 591), ``format`` the bank's format (X12 812). ``value_date`` is when it counts. ``handling`` says whether money
    comes with the message, apart from it or not at all (X12 305), ``direction`` is credit (to the receiver) or debit.
    ``payment_id`` is empty where a message gives no number: nobody must send one. ``originator`` is the number of the
    company that starts the transfer (the payer of a credit, the payee of a debit), ``originator_account`` its account.
    ``currency_role`` says whose currency it is. Source: X12 820, EDIFACT REMADV and PAYORD."""

    payment_id: str = ""
    method: str = ""
    format: str = ""
    handling: str = ""
    purpose: str = ""
    amount: Money
    direction: str = ""
    issued_at: When | None = None
    value_date: LocalDate | None = None
    trace: Trace | None = None
    originator_account: BankAccount | None = None
    receiver_account: BankAccount | None = None
    return_account: BankAccount | None = None
    originator: str = ""
    originator_supplement: str = ""
    currency: str = ""
    currency_role: str = ""
    exchange_rate: ExchangeRate | None = None
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    entities: Many[PaymentEntity] = ()
    allocations: Many[Allocation] = ()
    status: str = ""
    notes: Many[Note] = ()
