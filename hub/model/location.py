"""Places: stores, warehouses, docks; and points of sale."""

from __future__ import annotations

from hub.model.address import Address
from hub.model.dates import Floating, Instant, LocalDate
from hub.model.document import Document
from hub.model.identifiers import Identifier
from hub.model.provenance import SourceRef
from hub.model.value import Key, Many, Value


class OpeningHours(Value):
    """When a place is open: on a weekday (1 Monday to 7 Sunday) or on one ``day``; ``opens`` and ``closes`` are
    local, ``HH:MM``. ``closed`` says that it is not open at all then."""

    weekday: int | None = None
    day: LocalDate | None = None
    opens: str = ""
    closes: str = ""
    closed: bool | None = None


class Location(Document):
    """A place that can have a GLN. ``type`` is store, distribution_center, dock, department … ``time_zone`` (IANA)
    is required: a store's times mean nothing without it."""

    location_id: str = ""
    party_id: str = ""
    parent_id: str = ""
    type: str = ""
    gln: str = ""
    identifiers: Many[Identifier] = ()
    name: str = ""
    address: Address | None = None
    time_zone: Key
    calendar: Many[OpeningHours] = ()
    store_number: str = ""
    is_pos: bool | None = None
    status: str = ""
    version: int | None = None
    updated_at: Instant | None = None
    sources: Many[SourceRef] = ()


class PointOfSale(Location):
    """A place that sells. ``processing_mode`` is autonomous, distributed or centralized; ``replica_scope`` names
    what its replica holds. ``business_day_ends`` (local time) is when a shop that is open at night changes its day."""

    processing_mode: str = ""
    replica_scope: Many[str] = ()
    workstations: Many[str] = ()
    opened_at: Floating | None = None
    business_day_ends: str = ""
