"""An order."""

from __future__ import annotations

from pydantic import Field

from hub.model.allowance_charge import AllowanceCharge
from hub.model.contact import Contact
from hub.model.dates import Instant, LocalDate, Period, When
from hub.model.document import Document
from hub.model.money import ExchangeRate
from hub.model.order_line import OrderLine
from hub.model.packaging_note import PackagingNote
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.reference import Attachment, DocRef, QualifiedDate
from hub.model.tax import Tax
from hub.model.terms import DeliveryTerms, PaymentTerm
from hub.model.text import Note
from hub.model.totals import Totals
from hub.model.value import Key, Many, Value


class Sync(Value):
    """What another system knows of a document: its id there, the version sent, and whether it was acknowledged."""

    target: Key
    external_id: str = ""
    version: int | None = None
    sent_at: Instant | None = None
    acknowledged: bool | None = None


class OrderStatus(Value):
    """Where an order stands, on four axes that move independently. ``commercial``: received, acknowledged, accepted,
    accepted_with_changes, rejected, cancelled, closed. ``fulfilment`` and ``invoicing``: none, partial, full, over.
    ``payment``: unknown, pending, authorized, partial, paid, refunded."""

    commercial: str = ""
    fulfilment: str = ""
    invoicing: str = ""
    payment: str = ""


class Order(Document):
    """A purchase order as it was sent, or a change of one (``purpose``).

    ``buyer_order_id`` is unique only per buyer (and ``release_no`` under a blanket order). ``roles`` maps a role
    (buyer, seller, ship_to, bill_to …) to the party in it. ``currency`` is empty where the message had none: the
    agreement supplies it. ``totals_stated`` came with the order, ``totals_computed`` is ours. The carrier is a role;
    ``service`` and ``transport_mode`` are what the buyer wants of it (X12 284, 91). ``requirements`` are conditions of
    the delivery that have no field (X12 563), ``packaging`` is about packing and labels. A change has a number of its
    own (``change_no``); ``issued_at`` is its date and ``order_date`` the order's. Source: X12 850, 860, 875,
    EDIFACT ORDERS, UBL Order (reference, section 5).
    """

    order_id: str = ""
    buyer_order_id: Key
    release_no: str = ""
    seller_order_id: str = ""
    direction: str = ""
    purpose: str = ""
    type: str = ""
    issued_at: When | None = None
    change_no: str = ""
    order_date: When | None = None
    currency: str = ""
    tax_currency: str = ""
    exchange_rate: ExchangeRate | None = None
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    contacts: Many[Contact] = ()
    channel: str = ""
    pos_id: str = ""
    operator: str = ""
    promotion: str = ""
    customer_reference: str = ""
    accounting_cost: str = ""
    department: str = ""
    contract: str = ""
    project: str = ""
    quote: str = ""
    catalogue: str = ""
    blanket: str = ""
    references: Many[DocRef] = ()
    requested_delivery: Period | None = None
    requested_ship: Period | None = None
    delivery_window: Period | None = None
    ship_window: Period | None = None
    cancel_after: LocalDate | None = None
    dates: Many[QualifiedDate] = ()
    delivery_terms: DeliveryTerms | None = None
    service: str = ""
    transport_mode: str = ""
    packaging: Many[PackagingNote] = ()
    gross_weight: Quantity | None = None
    volume: Quantity | None = None
    payment_terms: Many[PaymentTerm] = ()
    allowances_charges: Many[AllowanceCharge] = ()
    taxes: Many[Tax] = ()
    totals_stated: Totals | None = None
    totals_computed: Totals | None = None
    priority: str = ""
    partial_delivery_allowed: bool | None = None
    backorder_allowed: bool | None = None
    substitution_allowed: bool | None = None
    requirements: Many[str] = ()
    notes: Many[Note] = ()
    attachments: Many[Attachment] = ()
    lines: Many[OrderLine] = ()
    status: OrderStatus | None = None
    hold_reasons: Many[str] = ()
    authorization_id: str = ""
    version: int | None = None
    document_ids: Many[str] = ()
    sync: Many[Sync] = ()
