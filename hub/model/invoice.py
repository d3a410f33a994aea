"""Invoices and credit notes."""

from __future__ import annotations

from pydantic import Field

from hub.model.allowance_charge import AllowanceCharge
from hub.model.dates import LocalDate, Period, When
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.item import Item
from hub.model.money import ExchangeRate, Money, UnitPrice
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.reference import Attachment, DocRef, QualifiedDate
from hub.model.tax import Tax
from hub.model.terms import DeliveryTerms, PaymentTerm
from hub.model.text import Note
from hub.model.totals import Totals
from hub.model.value import Key, Many, Value


class PaymentMeans(Value):
    """How an invoice is to be paid: ``code`` is UNCL 4461 (30 credit transfer, 58 SEPA …), then where to."""

    code: str = ""
    text: str = ""
    iban: str = ""
    account: str = ""
    bic: str = ""
    bank_name: str = ""
    reference: str = ""
    mandate: str = ""


class InvoiceLine(Value):
    """One line. ``quantity`` is what is invoiced; a correction has a negative quantity, never a negative price."""

    line_id: Key
    parent_line_id: str = ""
    item: Item | None = None
    quantity: Quantity | None = None
    price: UnitPrice | None = None
    gross_price: UnitPrice | None = None
    line_amount_stated: Money | None = None
    line_amount_computed: Money | None = None
    allowances_charges: Many[AllowanceCharge] = ()
    taxes: Many[Tax] = ()
    period: Period | None = None
    accounting_cost: str = ""
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    notes: Many[Note] = ()
    extensions: Extensions = Field(default_factory=dict)


class Invoice(Document):
    """A claim for money. ``kind`` in JSON (``invoice_kind`` in Python, where ``kind`` is the document's) is invoice,
    credit_note, debit_note, corrected …: amounts are not negative, the kind gives the direction. ``references`` hold
    orders, despatches, receipts, contracts and previous invoices, many to many. Source: X12 810, EDIFACT INVOIC,
    EN 16931."""

    invoice_id: Key
    invoice_kind: str = Field(default="", alias="kind")
    purpose: str = ""
    issued_at: When | None = None
    due_on: LocalDate | None = None
    tax_point: LocalDate | None = None
    period: Period | None = None
    buyer_order_id: str = ""
    release_no: str = ""
    seller_order_id: str = ""
    order_date: When | None = None
    currency: str = ""
    tax_currency: str = ""
    exchange_rate: ExchangeRate | None = None
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    customer_reference: str = ""
    accounting_cost: str = ""
    department: str = ""
    contract: str = ""
    project: str = ""
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    delivered_at: When | None = None
    delivery_terms: DeliveryTerms | None = None
    payment_means: Many[PaymentMeans] = ()
    payment_terms: Many[PaymentTerm] = ()
    allowances_charges: Many[AllowanceCharge] = ()
    taxes: Many[Tax] = ()
    totals_stated: Totals | None = None
    totals_computed: Totals | None = None
    notes: Many[Note] = ()
    attachments: Many[Attachment] = ()
    lines: Many[InvoiceLine] = ()
    version: int | None = None
