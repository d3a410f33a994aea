"""A campaign: an offer to a segment for a time."""

from __future__ import annotations

from hub.model.dates import Period
from hub.model.document import Document
from hub.model.money import Money
from hub.model.value import Key, Many


class Campaign(Document):
    """``segments`` are addressed over ``channels`` with the prices of ``price_list``. ``purpose`` is the consent that
    a recipient must have given."""

    campaign_id: Key
    name: str = ""
    type: str = ""
    status: str = ""
    period: Period | None = None
    segments: Many[str] = ()
    channels: Many[str] = ()
    purpose: str = ""
    price_list: str = ""
    promotion_ids: Many[str] = ()
    budget: Money | None = None
    owner: str = ""
    version: int | None = None
