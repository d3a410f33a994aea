"""How goods travel, as a trade document says it."""

from __future__ import annotations

from hub.model.reference import DocRef
from hub.model.value import Many, Value


class Transport(Value):
    """``mode`` is truck, rail, air … (X12 91), ``scac`` the carrier's code, ``carrier`` its name or the routing as
    text, ``status`` of the shipment (X12 368). ``equipment_prefix`` and ``equipment`` number the trailer or car.
    Source: X12 CAD and G27."""

    mode: str = ""
    scac: str = ""
    carrier: str = ""
    equipment_prefix: str = ""
    equipment: str = ""
    status: str = ""
    service: str = ""
    references: Many[DocRef] = ()
