"""What is expected to be sold or ordered."""

from __future__ import annotations

from pydantic import Field

from hub.model.dates import Period, When
from hub.model.document import Document
from hub.model.identifiers import Identifier
from hub.model.numbers import Number
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.value import Key, Many, Value


class ForecastBucket(Value):
    """The quantity expected in one part of the horizon. ``commitment`` is firm, planning … (X12 680)."""

    period: Period
    quantity: Quantity
    commitment: str = ""
    confidence: Number | None = None


class Forecast(Document):
    """A forecast of one product in one place. ``kind`` in JSON (``forecast_kind`` in Python, where ``kind`` is the
    document's) is sales or order; ``bucket`` names the length of a part (day, week, month); ``forecast_version`` tells
    one run from the next. Source: X12 830, EDIFACT DELFOR."""

    forecast_id: Key
    forecast_kind: str = Field(default="", alias="kind")
    issued_at: When | None = None
    horizon: Period | None = None
    bucket: str = ""
    product_id: str = ""
    identifiers: Many[Identifier] = ()
    location_id: str = ""
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    unit: str = ""
    quantities: Many[ForecastBucket] = ()
    model: str = ""
    forecast_version: str = ""
