"""A price of a product."""

from __future__ import annotations

from hub.model.dates import Instant, Period
from hub.model.document import Document
from hub.model.identifiers import Identifier
from hub.model.money import UnitPrice
from hub.model.numbers import Number
from hub.model.provenance import SourceRef
from hub.model.value import Many


class Price(Document):
    """What a product costs, for whom, where and when. Scope fields that are empty hold for everybody:
    ``price_list``, ``party_id``, ``segment``, ``location_id``. ``type`` is net, gross, list, retail, contract,
    promotion, competitor … (X12 236, EDIFACT 5125). ``min_quantity`` makes a tier, in the unit of ``price.per``. Where
    several prices fit, the highest ``priority`` wins. ``external_id`` is the id in the system it came from."""

    price_id: str = ""
    external_id: str = ""
    product_id: str = ""
    identifiers: Many[Identifier] = ()
    price_list: str = ""
    party_id: str = ""
    segment: str = ""
    location_id: str = ""
    type: str = ""
    price: UnitPrice
    valid: Period | None = None
    min_quantity: Number | None = None
    promotion_id: str = ""
    priority: int | None = None
    source: str = ""
    status: str = ""
    version: int | None = None
    updated_at: Instant | None = None
    sources: Many[SourceRef] = ()
