"""What a till gets from the replica: plain frozen records. Amounts and quantities are ``Decimal``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer. ``keys`` are (scheme, value): card numbers, GLN, numbers given by us or by others.
    ``credit_limit`` is None where none is known, which is not the same as no limit."""

    id: str
    number: str
    name: str
    contact: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    territory: str = ""
    price_list: str = ""
    currency: str = ""
    tax_exempt: bool = False
    credit_limit: Decimal | None = None
    credit_currency: str = ""
    on_hold: bool = False
    status: str = ""
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Barcode:
    """One barcode of a product: GTIN-14 digits, and how many base units the scanned package holds."""

    gtin: str
    unit: str = ""
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Product:
    """A product. ``scanned`` is the barcode by which it was found: ``scanned.quantity`` 12 means a case of 12."""

    id: str
    number: str
    name: str
    description: str = ""
    brand: str = ""
    unit: str = ""
    category: str = ""
    tax_category: str = ""
    variable_measure: bool = False
    status: str = ""
    barcodes: tuple[Barcode, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    scanned: Barcode | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """The price of ``per`` units ``unit``. ``reason`` says why this one was chosen; ``min_qty`` is the tier."""

    id: str
    amount: Decimal
    currency: str
    per: Decimal = Decimal(1)
    unit: str = ""
    price_list: str = ""
    min_qty: Decimal = Decimal(0)
    basis: str = ""
    tax_included: bool | None = None
    promotion: str = ""
    valid_from: str = ""
    valid_to: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stock:
    """Stock of a product at one location, as of a moment. A quantity is None where the snapshot does not say it."""

    location: str
    unit: str
    on_hand: Decimal | None
    available: Decimal | None
    reserved: Decimal | None
    in_transit: Decimal | None
    on_order: Decimal | None
    as_of: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line of an order as the store sees it."""

    line_id: str
    item: str
    name: str
    quantity: Decimal | None
    unit: str
    price: Decimal | None
    currency: str
    amount: Decimal | None
    status: str


@dataclass(frozen=True, slots=True)
class Order:
    """An order in the store's scope."""

    id: str
    number: str
    seller_number: str
    type: str
    purpose: str
    status: str
    customer: str
    issued_at: str
    requested_from: str
    requested_to: str
    currency: str
    total: Decimal | None
    note: str = ""
    lines: tuple[OrderLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Right:
    """A part of a customer's credit (``resource`` credit, of ``party_id``) or of an account's points (points, of
    ``account_id``) that a till may spend by itself. ``granted`` and ``recalled`` are cumulative; what is left of it
    only the till's own book knows. ``expires_at`` is ISO 8601."""

    id: str
    resource: str
    party_id: str
    account_id: str
    currency: str
    granted: Decimal
    recalled: Decimal
    expires_at: str


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a replica: position, age of the data, rows, and what waits in the outbox. ``age`` is None for a
    replica that was never loaded."""

    store: str
    epoch: str
    seq: int
    as_of: str
    age: timedelta | None
    buckets: tuple[str, ...]
    rows: dict[str, int] = field(default_factory=dict)
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Consent:
    """What a customer said about being addressed for a ``purpose``: ``state`` granted, denied, withdrawn or expired,
    from ``given_at`` on (ISO 8601). Without ``channels`` about all of them."""

    purpose: str
    channels: tuple[str, ...]
    state: str
    given_at: str
    expires_at: str
