"""What a despatch advice says of the way that goods travel, and how they are loaded."""

from __future__ import annotations

from hub.model.identifiers import Identifier
from hub.model.item import Item
from hub.model.quantity import Quantity
from hub.model.reference import DocRef
from hub.model.value import Many, Value


class Route(Value):
    """A part of the way: ``sequence`` says which (X12 133), ``routing`` names carrier or route in words, ``location``
    is a place by the list ``location_kind`` (X12 309). Source: X12 TD5."""

    sequence: str = ""
    carrier: Identifier | None = None
    mode: str = ""
    routing: str = ""
    status: str = ""
    location_kind: str = ""
    location: str = ""
    direction: str = ""
    transit_time: Quantity | None = None
    service: str = ""


class Equipment(Value):
    """A trailer, car or container: ``prefix`` and ``number`` are painted on it, ``seal`` closes it. Source: X12 TD3."""

    type: str = ""
    prefix: str = ""
    number: str = ""
    weight_kind: str = ""
    weight: Quantity | None = None
    ownership: str = ""
    seal_status: str = ""
    seal: str = ""


class PackageTotal(Value):
    """How many packages of one ``type`` (the sender's code), with their weight (``weight_kind``: gross, net …) and
    volume together. Source: X12 TD1."""

    type: str = ""
    count: int | None = None
    commodity_list: str = ""
    commodity: str = ""
    text: str = ""
    weight_kind: str = ""
    weight: Quantity | None = None
    volume: Quantity | None = None


class Load(Value):
    """``count`` loads of ``units`` of a line each, in packages of one ``type``. Source: X12 CLD."""

    count: int | None = None
    units: int | None = None
    type: str = ""
    size: Quantity | None = None
    references: Many[DocRef] = ()


class ShipmentComponent(Value):
    """A part of what a line sends: of a kit or an assortment. ``relation`` is X12 662. Source: X12 SLN."""

    line_id: str = ""
    parent_line_id: str = ""
    relation: str = ""
    item: Item | None = None
    quantity: Quantity | None = None
