"""Sales and stock of a period, as trade reports them."""

from __future__ import annotations

from pydantic import Field

from hub.model.contact import Contact
from hub.model.dates import LocalDate, Period, When
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.item import Item
from hub.model.money import Money, QualifiedAmount, UnitPrice
from hub.model.number_map import NumberMap
from hub.model.party_ref import PartyRef
from hub.model.price_rule import PriceRule
from hub.model.reference import DocRef, QualifiedDate
from hub.model.value import Key, Many, Value


class SalesReportLine(Value):
    """One product in one place. ``activities`` maps an activity (sold, returned_by_consumer, on_hand …; X12 859,
    EDIFACT 6063) to a number in ``unit``. ``amount`` is what the sales came to. ``price`` is the price of the period,
    ``prices`` are further ones; ``activity_reference`` is what the activities refer to, ``references`` and ``amounts``
    belong to the product's lines together. ``dates`` are dates that are not the ``day``."""

    line_id: str = ""
    location: PartyRef | None = None
    day: LocalDate | None = None
    item: Item | None = None
    unit: str = ""
    activities: NumberMap = Field(default_factory=dict)
    price: UnitPrice | None = None
    amount: Money | None = None
    promotion: bool | None = None
    prices: Many[PriceRule] = ()
    dates: Many[QualifiedDate] = ()
    references: Many[DocRef] = ()
    activity_reference: DocRef | None = None
    amounts: Many[QualifiedAmount] = ()
    extensions: Extensions = Field(default_factory=dict)


class SalesReport(Document):
    """What was sold in a period. ``type`` says what the receiver shall do with it (X12 305). Source: X12 852, EDIFACT
    SLSRPT."""

    report_id: Key
    purpose: str = ""
    issued_at: When | None = None
    period: Period | None = None
    currency: str = ""
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    contacts: Many[Contact] = ()
    references: Many[DocRef] = ()
    type: str = ""
    lines: Many[SalesReportLine] = ()
