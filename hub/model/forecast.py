"""What is expected to be sold or ordered."""

from __future__ import annotations

from pydantic import Field

from hub.model.characteristic import Characteristic
from hub.model.contact import Contact
from hub.model.dates import LocalDate, Period, When
from hub.model.document import Document
from hub.model.identifiers import Identifier
from hub.model.money import UnitPrice
from hub.model.numbers import Number
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.reference import DocRef, QualifiedDate
from hub.model.value import Key, Many, Value


class ForecastBucket(Value):
    """The quantity expected in one part of the horizon. ``commitment`` is firm, planning … (X12 680), ``timing`` how
    the quantity lies in the period (day, week, month, flexible … X12 681). ``date`` is a second date of the sender,
    ``reference`` its number for this part, ``pattern`` the days and times of delivery as codes by
    turns (SDP, X12 678 and 679), '' for one that is missing."""

    period: Period
    quantity: Quantity
    commitment: str = ""
    confidence: Number | None = None
    timing: str = ""
    date: QualifiedDate | None = None
    reference: DocRef | None = None
    pattern: Many[str] = ()


class ForecastAuthorization(Value):
    """What the buyer stands for at a date: ``kind`` is material, finished … (X12 672); ``to_date`` counts from
    ``since``. Source: ATH."""

    kind: str
    date: LocalDate | None = None
    quantity: Number | None = None
    to_date: Number | None = None
    since: LocalDate | None = None


class ForecastShipment(Value):
    """What was shipped or received so far, as the buyer knows it. ``kind`` is shipped, received, cumulative … (X12
    673), ``date`` when, ``until`` the end of a period. Source: SHP."""

    kind: str = ""
    quantity: Number | None = None
    date: QualifiedDate | None = None
    until: LocalDate | None = None
    references: Many[DocRef] = ()


class Forecast(Document):
    """A forecast of one product in one place. ``kind`` in JSON (``forecast_kind`` in Python, where ``kind`` is the
    document's) is sales or order; ``bucket`` names the length of a part (day, week, month); ``forecast_version`` tells
    one run from the next. ``basis`` says what the dates mean (delivery, shipment … X12 675),
    ``schedule_quantity`` how the numbers count (actual, cumulative … X12 676). ``location`` is the place where the
    message splits quantities by place. Source: X12 830, EDIFACT DELFOR."""

    forecast_id: Key
    forecast_kind: str = Field(default="", alias="kind")
    issued_at: When | None = None
    horizon: Period | None = None
    bucket: str = ""
    product_id: str = ""
    identifiers: Many[Identifier] = ()
    location_id: str = ""
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    location: PartyRef | None = None
    attributes: dict[str, str] = Field(default_factory=dict)
    description: str = ""
    characteristics: Many[Characteristic] = ()
    purpose: str = ""
    type: str = ""
    basis: str = ""
    schedule_quantity: str = ""
    release_no: str = ""
    contract: str = ""
    contacts: Many[Contact] = ()
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    currency: str = ""
    price: UnitPrice | None = None
    unit: str = ""
    quantities: Many[ForecastBucket] = ()
    authorizations: Many[ForecastAuthorization] = ()
    shipments: Many[ForecastShipment] = ()
    model: str = ""
    forecast_version: str = ""
