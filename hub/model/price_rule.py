"""A price as a message states it beside something else, or a rule that makes prices."""

from __future__ import annotations

from hub.model.dates import Period
from hub.model.money import Money, UnitPrice
from hub.model.numbers import Number
from hub.model.reference import QualifiedDate
from hub.model.value import Many, Value


class PriceRule(Value):
    """``type`` is the kind of price (X12 236), ``segment`` the class of trade it is for (X12 687). ``multiplier``
    makes a price of another one, ``multiplier_type`` says of which. ``rebate`` is given back, ``condition`` is the
    sender's code, ``unit`` the unit of ``min_quantity``. A rule without ``price`` has a multiplier. Source: X12 CTP."""

    type: str = ""
    segment: str = ""
    price: UnitPrice | None = None
    min_quantity: Number | None = None
    unit: str = ""
    multiplier_type: str = ""
    multiplier: Number | None = None
    rebate: Money | None = None
    condition: str = ""
    valid: Period | None = None
    dates: Many[QualifiedDate] = ()
