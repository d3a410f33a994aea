"""What a till recorded."""

from __future__ import annotations

from pydantic import Field

from hub.model.dates import Instant, LocalDate, ZonedTime
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.item import Item
from hub.model.money import Money, UnitPrice
from hub.model.quantity import Quantity
from hub.model.tax import Tax
from hub.model.value import Key, Many, Value


class PosKey(Value):
    """What makes a till's transaction unique, whoever uploads it and how often: store, workstation, till, sequence
    number and *business day* (the day of the shop, not of the clock). Source: ARTS POSLog."""

    store: Key
    workstation: Key
    sequence: Key
    business_day: LocalDate
    till: str = ""


class PosDiscount(Value):
    """A discount: ``amount`` is what it took off, not negative."""

    amount: Money
    reason: str = ""
    promotion_id: str = ""
    authorization_id: str = ""


class PosLine(Value):
    """A line of a sale. ``quantity`` is signed: a return is negative and names the sale in ``return_of``."""

    line_id: Key
    type: str = ""
    item: Item | None = None
    quantity: Quantity
    price: UnitPrice | None = None
    discounts: Many[PosDiscount] = ()
    taxes: Many[Tax] = ()
    amount: Money | None = None
    return_of: PosKey | None = None
    return_line_id: str = ""
    return_reason: str = ""
    voided: bool | None = None
    extensions: Extensions = Field(default_factory=dict)


class Tender(Value):
    """How a part was paid: ``type`` is cash, card, voucher, loyalty, account … Change is negative. ``reference`` is
    the terminal's own, never a card number."""

    type: str
    amount: Money
    reference: str = ""
    authorization_id: str = ""


class PosTransaction(Document):
    """One transaction of a till. ``key`` makes it idempotent. ``began`` and ``ended`` are the till's clock in the
    store's zone. ``cancelled`` and ``training`` transactions are kept and never counted; ``offline`` ones were decided
    without the hub. Prices are normally with tax (``price.tax_included``)."""

    key: PosKey
    type: str = ""
    began: ZonedTime | None = None
    ended: ZonedTime | None = None
    uploaded_at: Instant | None = None
    operator: str = ""
    customer_id: str = ""
    loyalty_id: str = ""
    currency: str = ""
    lines: Many[PosLine] = ()
    tenders: Many[Tender] = ()
    taxes: Many[Tax] = ()
    total: Money | None = None
    cancelled: bool | None = None
    training: bool | None = None
    offline: bool | None = None
    processing_mode: str = ""
    prices_version: str = ""
