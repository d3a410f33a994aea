"""Prices as CTP states them, and as the canonical model has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import Field

from hub.model.allowance_charge import AllowanceCharge
from hub.model.numbers import Number
from hub.model.quantity import Quantity
from hub.model.reference import DocRef, QualifiedDate
from hub.model.value import Many, Value
from hub_x12.converting.elements import base_of
from hub_x12.converting.item_numbers import Data, fields, filled

_PERIODS = {
    "": ("effective", "expiry"),
    "period": ("start", "end"),
    "promotion": ("promotion_start", "promotion_end"),
    "contract": ("contract_effective", "contract_expiry"),
}
"""Names of the two dates that make a period, by the qualifier that the period gets; the first that is there wins."""


_BASES = ("per_hundred", "per_thousand", "per_ten_thousand", "per_hundred_thousand")
"""Bases (data element 639) of prices for many."""


class StatedPrice(Value):
    """A CTP segment and what stands below it. ``quantity`` is from which number on, in the unit of the price."""

    segment: str = ""
    type: str = ""
    amount: Number | None = None
    quantity: Quantity | None = None
    multiplier_type: str = ""
    multiplier: Number | None = None
    rebate: Number | None = None
    basis: str = ""
    condition: str = ""
    per: Number | None = None
    currency: str = ""
    dates: Many[QualifiedDate] = ()
    references: Many[DocRef] = ()
    allowances_charges: Many[AllowanceCharge] = Field(default=())


def period_of(dates: Sequence[Data]) -> tuple[Data | None, list[Data]]:
    """The period that some of the ``dates`` make (document form), and the dates that are no part of it."""
    for qualifier, (start, end) in _PERIODS.items():
        found: Data = {}
        rest: list[Data] = []
        for one in dates:
            side = {start: "start", end: "end"}.get(one.get("qualifier", ""))
            if side and side not in found and one.get("value") is not None and set(one) <= {"qualifier", "value"}:
                found[side] = one["value"]
            else:
                rest.append(one)
        if found:
            return (found | {"qualifier": qualifier} if qualifier else found), rest
    return None, list(dates)


def dates_of(period: Mapping[str, Any] | None) -> list[Data]:
    """The inverse of ``period_of``: the dates that state a period."""
    if not period:
        return []
    names = _PERIODS.get(period.get("qualifier") or "", _PERIODS[""])
    sides = zip(names, (period.get("start"), period.get("end")), strict=True)
    return [{"qualifier": name, "value": value} for name, value in sides if value is not None]


def same_period(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Whether two periods state the same dates."""
    return dates_of(one) == dates_of(other)


def rule_of(stated: Data, currency: str = "") -> Data:
    """A ``PriceRule`` in document form from a ``StatedPrice``; ``currency`` is the one of the message."""
    valid, dates = period_of(stated.get("dates") or ())
    money = stated.get("currency") or currency
    quantity = stated.get("quantity") or {}
    rule = fields(stated, "type", "segment", "multiplier_type", "condition")
    if stated.get("amount") is not None:
        basis = stated.get("basis") or ""
        per: Data = {}
        count = stated.get("per") or Decimal(base_of(basis))
        if quantity.get("unit"):
            per = {"value": count, "unit": quantity["unit"]}
        elif count != 1:
            per = {"value": count}
        rule["price"] = filled(amount=stated["amount"], currency=money, per=per, basis=basis)
    rebate = stated.get("rebate")
    return rule | filled(
        min_quantity=quantity.get("value"),
        multiplier=stated.get("multiplier"),
        rebate=None if rebate is None else filled(amount=rebate, currency=money),
        valid=valid,
        dates=dates,
    )


def stated_of(rule: Mapping[str, Any], currency: str = "", valid: Mapping[str, Any] | None = None) -> Data:
    """The inverse of ``rule_of``, for a ``Price`` too. ``valid`` is the period that holds anyway and is not repeated.
    CTP04 and CTP05 come together (P0405): a price for a unit is one from 1 on."""
    price = rule.get("price") or {}
    per = price.get("per") or {}
    stated = fields(rule, "type", "segment", "multiplier_type", "condition")
    basis = price.get("basis") or ""
    count = per.get("value") or Decimal(1)
    if not basis and count > 99:  # more than CTP11 has room for
        basis = next((one for one in _BASES if base_of(one) == count), "")
        stated.setdefault("type", "list")  # CTP09 needs CTP02 (C0902)
    number = rule.get("min_quantity")
    unit = per.get("unit") or ""
    if number is None and unit:
        number = Decimal(1)
    dates = [] if same_period(rule.get("valid"), valid) else dates_of(rule.get("valid"))
    rebate = rule.get("rebate") or {}
    money = price.get("currency") or rebate.get("currency") or ""
    return stated | filled(
        amount=price.get("amount"),
        quantity=None if number is None else filled(value=number, unit=unit or "EA"),
        multiplier=rule.get("multiplier"),
        rebate=rebate.get("amount"),
        basis=basis,
        per=None if count == base_of(basis) else count,
        currency="" if money == currency else money,
        dates=[*dates, *(rule.get("dates") or ())],
    )
