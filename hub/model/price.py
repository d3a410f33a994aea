"""A price of a product."""

from __future__ import annotations

from hub.model.allowance_charge import AllowanceCharge
from hub.model.dates import Instant, Period
from hub.model.document import Document
from hub.model.identifiers import Identifier
from hub.model.money import Money, UnitPrice
from hub.model.numbers import Number
from hub.model.provenance import SourceRef
from hub.model.reference import DocRef, QualifiedDate
from hub.model.value import Many


class Price(Document):
    """What a product costs, for whom, where and when. Scope fields that are empty hold for everybody:
    ``price_list``, ``party_id``, ``segment``, ``location_id``. ``trade_class`` is the class of trade as the seller
    states it (X12 687): where it is not the consumer's, it is the ``segment`` too. ``type`` is net, gross, list,
    retail, contract, promotion, competitor … (X12 236, EDIFACT 5125). ``min_quantity`` makes a tier, in the unit of
    ``price.per``. Where several prices fit, the highest ``priority`` wins. ``external_id`` is the id in the system it
    came from. ``multiplier``, ``rebate`` and ``condition`` are as in ``PriceRule``; ``allowances_charges`` belong to
    this price alone."""

    price_id: str = ""
    external_id: str = ""
    product_id: str = ""
    identifiers: Many[Identifier] = ()
    price_list: str = ""
    party_id: str = ""
    segment: str = ""
    location_id: str = ""
    trade_class: str = ""
    type: str = ""
    price: UnitPrice
    valid: Period | None = None
    min_quantity: Number | None = None
    promotion_id: str = ""
    priority: int | None = None
    multiplier_type: str = ""
    multiplier: Number | None = None
    rebate: Money | None = None
    condition: str = ""
    dates: Many[QualifiedDate] = ()
    references: Many[DocRef] = ()
    allowances_charges: Many[AllowanceCharge] = ()
    source: str = ""
    status: str = ""
    version: int | None = None
    updated_at: Instant | None = None
    sources: Many[SourceRef] = ()
