"""Discounts and surcharges."""

from __future__ import annotations

from hub.model.money import Money, UnitPrice
from hub.model.numbers import Number
from hub.model.quantity import Quantity
from hub.model.reference import Code
from hub.model.tax import Tax
from hub.model.value import Many, Value


class AllowanceCharge(Value):
    """An allowance (``is_charge`` false) or a charge; amounts are never negative. ``scope`` is header, line or
    price. A percentage needs its base and a base its percentage (Peppol T01 R020 and R021). ``sequence`` is the
    stage of calculation (EDIFACT 4471 and 1227), ``settlement`` how it is paid (X12 331). ``agency_code`` is the code
    of an industry's own list (SAC03, SAC04). ``indicator`` is what the sender calls it where that is neither an
    allowance nor a charge (X12 248: none, promotion, service, allowance_request, charge_request): ``none`` and requests
    change no total. ``option_id`` and ``exception_id`` choose among several offers. Source: SAC, G72, ALC, UBL
    AllowanceCharge."""

    is_charge: bool
    scope: str = ""
    reason_code: Code | None = None
    reason_text: str = ""
    amount: Money | None = None
    base: Money | None = None
    percent: Number | None = None
    rate: UnitPrice | None = None
    quantity: Quantity | None = None
    sequence: str = ""
    settlement: str = ""
    promotion_id: str = ""
    indicator: str = ""
    option_id: str = ""
    exception_id: str = ""
    agency_code: Code | None = None
    taxes: Many[Tax] = ()
