"""Properties of an item that have no field of their own: what a sender describes, measures or plans for."""

from __future__ import annotations

from hub.model.dates import LocalDate
from hub.model.numbers import Number
from hub.model.quantity import Quantity
from hub.model.value import Value


class Characteristic(Value):
    """A described property. ``name`` says which one (color, trade_name … or the list's own code), ``text`` is the
    description, ``code`` a value of the list of ``agency``. ``form`` tells free text from coded. ``applies`` is the
    sender's yes or no. Source: X12 PID, EDIFACT IMD."""

    name: str = ""
    text: str = ""
    code: str = ""
    agency: str = ""
    form: str = ""
    position: str = ""
    source: str = ""
    applies: str = ""
    lang: str = ""


class Measurement(Value):
    """A measured property: ``value`` in ``unit``, or a range. ``aspect`` says what was measured (weights, dimensions
    …), ``name`` which measure of it. Source: X12 MEA (737, 738), EDIFACT MEA (6311, 6313)."""

    aspect: str = ""
    name: str = ""
    value: Number | None = None
    unit: str = ""
    minimum: Number | None = None
    maximum: Number | None = None
    significance: str = ""
    attribute: str = ""


class LeadTime(Value):
    """How long something takes, such as from order to shipment. ``quantity`` is in units of time, ``date`` from when
    this holds. Source: X12 LDT."""

    type: str
    quantity: Quantity | None = None
    date: LocalDate | None = None
