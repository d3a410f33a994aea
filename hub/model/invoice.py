"""Invoices and credit notes."""

from __future__ import annotations

from pydantic import Field

from hub.model.allowance_charge import AllowanceCharge
from hub.model.characteristic import Measurement
from hub.model.contact import Contact
from hub.model.dates import LocalDate, Period, When
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.item import Item
from hub.model.money import ExchangeRate, Money, QualifiedAmount, UnitPrice
from hub.model.numbers import Number
from hub.model.order_line import Schedule
from hub.model.packing import Packing
from hub.model.party_ref import PartyRef
from hub.model.price_rule import PriceRule
from hub.model.quantity import QualifiedQuantity, Quantity
from hub.model.reference import Attachment, Code, DocRef, QualifiedDate
from hub.model.tax import Tax
from hub.model.terms import DeliveryTerms, PaymentTerm
from hub.model.text import Note
from hub.model.totals import Totals
from hub.model.transport import Transport
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


class Accounting(Value):
    """What the buyer books an amount on: ``codes`` of the chart of ``agency`` (X12 FA1, FA2). ``reason`` is the kind of
    allowance or charge that they are for, ``indicator`` says which of the two."""

    agency: str
    reason: str = ""
    indicator: str = ""
    codes: Many[Code] = ()


class SubLine(Value):
    """What a line consists of or comes with (X12 SLN): ``relation`` is included, added, substituted …"""

    line_id: Key
    parent_line_id: str = ""
    relation: str = ""
    quantity: Quantity | None = None
    price: UnitPrice | None = None
    price_relation: str = ""
    item: Item | None = None
    allowances_charges: Many[AllowanceCharge] = ()
    taxes: Many[Tax] = ()
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()


class InvoiceLine(Value):
    """One line. ``quantity`` is what is invoiced; a correction has a negative quantity, never a negative price.
    ``shipped`` is what went out, ``difference`` how far that is from the order and ``difference_reason`` why (X12
    IT3, G19). ``bracket`` and ``price_list`` say where the price comes from, ``prices`` are others that were stated.
    ``sublines`` are parts of the line and no lines of their own."""

    line_id: Key
    parent_line_id: str = ""
    item: Item | None = None
    quantity: Quantity | None = None
    price: UnitPrice | None = None
    gross_price: UnitPrice | None = None
    line_amount_stated: Money | None = None
    line_amount_computed: Money | None = None
    prices: Many[PriceRule] = ()
    bracket: str = ""
    price_list: str = ""
    price_list_issue: str = ""
    shipped: Quantity | None = None
    difference: Number | None = None
    shipment_status: str = ""
    difference_reason: str = ""
    quantities: Many[QualifiedQuantity] = ()
    amounts: Many[QualifiedAmount] = ()
    measurements: Many[Measurement] = ()
    packing: Packing | None = None
    schedules: Many[Schedule] = ()
    sublines: Many[SubLine] = ()
    allowances_charges: Many[AllowanceCharge] = ()
    taxes: Many[Tax] = ()
    payment_terms: Many[PaymentTerm] = ()
    delivery_terms: DeliveryTerms | None = None
    period: Period | None = None
    accounting_cost: str = ""
    accounting: Many[Accounting] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    contacts: Many[Contact] = ()
    transport: Transport | None = None
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    notes: Many[Note] = ()
    extensions: Extensions = Field(default_factory=dict)


class Invoice(Document):
    """A claim for money. ``kind`` in JSON (``invoice_kind`` in Python, where ``kind`` is the document's) is invoice,
    credit_note, debit_note, corrected …: amounts are not negative, the kind gives the direction. ``negated`` says
    which of them (total, quantity, price, allowance, tax) the sender of a credit note writes with a minus sign: so
    they are written back. ``references`` hold orders, despatches, receipts, contracts and previous invoices, many to
    many. ``consolidated_id`` is the number of the invoice that this one is a part of, ``master_reference`` and
    ``link_sequence`` tie the invoices of one delivery together (X12 G01). ``order_change_no`` is the change of the
    order that is invoiced, ``currency_role`` says whose currency it is (seller, buyer … X12 CUR01). ``action`` is what
    the receiver shall do (X12 306). ``shipped``, ``gross_weight`` and ``volume`` sum up what was sent (X12 ISS, G31).
    ``amounts`` are those that have no field. Source: X12 810 and 880, EDIFACT INVOIC, EN 16931."""

    invoice_id: Key
    invoice_kind: str = Field(default="", alias="kind")
    purpose: str = ""
    action: str = ""
    negated: Many[str] = ()
    issued_at: When | None = None
    due_on: LocalDate | None = None
    tax_point: LocalDate | None = None
    period: Period | None = None
    buyer_order_id: str = ""
    release_no: str = ""
    order_change_no: str = ""
    seller_order_id: str = ""
    consolidated_id: str = ""
    master_reference: str = ""
    link_sequence: str = ""
    order_date: When | None = None
    currency: str = ""
    currency_role: str = ""
    tax_currency: str = ""
    exchange_rate: ExchangeRate | None = None
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    contacts: Many[Contact] = ()
    customer_reference: str = ""
    accounting_cost: str = ""
    accounting: Many[Accounting] = ()
    department: str = ""
    contract: str = ""
    project: str = ""
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    delivered_at: When | None = None
    delivery_terms: DeliveryTerms | None = None
    transport: Transport | None = None
    shipped: Quantity | None = None
    gross_weight: Quantity | None = None
    volume: Quantity | None = None
    payment_means: Many[PaymentMeans] = ()
    payment_terms: Many[PaymentTerm] = ()
    allowances_charges: Many[AllowanceCharge] = ()
    taxes: Many[Tax] = ()
    totals_stated: Totals | None = None
    totals_computed: Totals | None = None
    amounts: Many[QualifiedAmount] = ()
    notes: Many[Note] = ()
    attachments: Many[Attachment] = ()
    lines: Many[InvoiceLine] = ()
    version: int | None = None
