"""Amounts and totals as EN 16931 computes them (Peppol BIS Billing 3, calculation guide; rules BR-CO-10 to BR-CO-17).

Amounts are rounded at document boundaries only, half up, to the decimals of the currency; sums of rounded
amounts are not rounded again. What cannot be computed from the document alone is None, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Protocol, TypeVar

from hub.model.allowance_charge import AllowanceCharge
from hub.model.currencies import exponent
from hub.model.document import Document
from hub.model.invoice import Invoice, InvoiceLine
from hub.model.money import Money, UnitPrice
from hub.model.numbers import CONTEXT, round_half_up
from hub.model.order import Order
from hub.model.order_line import OrderLine
from hub.model.quantity import Quantity
from hub.model.tax import Tax
from hub.model.totals import Totals
from hub.model.units import convert

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
ELSEWHERE = frozenset((
    "bill_back", "vendor_check", "credit_account", "paid_by_vendor", "issued_by_vendor", "issued_by_reseller",
    "denied_by_vendor", "information_only", "accrual_fund", "flat_fund",
))  # fmt: skip
"""Ways to settle an allowance or charge that leave the document's total as it is (X12 331)."""
WITHOUT_EFFECT = frozenset(("none", "allowance_request", "charge_request"))
"""What is neither an allowance nor a charge yet (X12 248)."""

Priced = TypeVar("Priced", Order, Invoice)


class PricedLine(Protocol):
    """What a line must have to be computed: order lines and invoice lines do."""

    @property
    def quantity(self) -> Quantity | None: ...

    @property
    def price(self) -> UnitPrice | None: ...

    @property
    def allowances_charges(self) -> tuple[AllowanceCharge, ...]: ...

    @property
    def taxes(self) -> tuple[Tax, ...]: ...


def places_of(currency: str) -> int:
    """The decimals that amounts are rounded to; 2 where the currency is unknown or not stated."""
    places = exponent(currency)
    return 2 if places is None else places


def line_amount(line: PricedLine, currency: str = "") -> Decimal | None:
    """The net amount of a line: round(price / base quantity x quantity) + round(charges) - round(allowances).

    None without quantity or price, for a base quantity of zero, and where price and quantity are in units that only
    the product's packaging could convert. ``currency`` is the document's; the price's own where that has none.
    """
    if not currency and line.price is not None:
        currency = line.price.currency
    return _net(line, places_of(currency))


def _net(line: PricedLine, places: int) -> Decimal | None:
    """``line_amount``, rounded to as many decimals."""
    held = line.__dict__  # called for every line there is, and an attribute costs three times as much
    quantity, price = held["quantity"], held["price"]
    if quantity is None or price is None:
        return None
    count: Decimal | None = quantity.value
    per = price.per
    base = ONE
    if per is not None:
        base = per.value
        if not base:
            return None
        if per.unit != quantity.unit and per.unit and quantity.unit:
            count = convert(quantity.value, quantity.unit, per.unit)
    if count is None:
        return None
    whole = CONTEXT.multiply(price.amount, count)
    net = round_half_up(whole if base == ONE else CONTEXT.divide(whole, base), places)
    if not held["allowances_charges"]:
        return net
    parts = allowance_amounts(held["allowances_charges"], net, places)
    return None if parts is None else net - parts[0] + parts[1]


def allowance_amounts(
    parts: Iterable[AllowanceCharge], base: Decimal | None, places: int
) -> tuple[Decimal, Decimal] | None:
    """The sums (allowances, charges) of what is stated or follows from percentage and base (``base`` where none is
    stated); those of scope ``price`` are already in the price, those that are settled elsewhere or only asked for
    change nothing. None if one amount is unknown."""
    allowances = charges = ZERO
    for part in parts:
        if part.scope == "price" or part.settlement in ELSEWHERE or part.indicator in WITHOUT_EFFECT:
            continue
        amount = _amount(part, base)
        if amount is None:
            return None
        if part.is_charge:
            charges += round_half_up(amount, places)
        else:
            allowances += round_half_up(amount, places)
    return allowances, charges


def _amount(part: AllowanceCharge, base: Decimal | None) -> Decimal | None:
    if part.amount is not None:
        return part.amount.amount
    if part.percent is not None:
        whole = base if part.base is None else part.base.amount
        return None if whole is None else CONTEXT.divide(CONTEXT.multiply(whole, part.percent), HUNDRED)
    if part.rate is not None and part.quantity is not None and (part.rate.per is None or part.rate.per.value):
        return CONTEXT.multiply(part.rate.for_one(), part.quantity.value)
    return None


def totals_of(document: Order | Invoice) -> Totals:
    """The totals that follow from a document, as ``computed_totals`` finds them."""
    return Totals.model_validate(computed_totals(document))


def computed_totals(document: Order | Invoice) -> dict[str, Decimal | int]:
    """The totals that follow from lines, allowances, charges and taxes. Without any tax in the document, ``tax`` and
    ``tax_inclusive`` are None and ``payable`` is the total without tax, as EDI orders state it. Prices that include
    tax give a ``line_sum`` only."""
    currency, places = document.currency, places_of(document.currency)
    lines: list[PricedLine] = []
    known: list[Decimal] = []
    hash_total, taxed, included = ZERO, bool(document.taxes), False
    for line in document.lines:
        held = line.__dict__
        if held.get("parent_line_id"):
            continue  # a part of a line (kit) is in its line's amount and quantity
        lines.append(line)
        if held["quantity"] is not None:
            hash_total += held["quantity"].value
        if held["price"] is not None and held["price"].tax_included:
            included = True
        if held["taxes"]:
            taxed = True
        amount = _net(line, places) if currency else line_amount(line)
        if amount is not None:
            known.append(amount)
    found: dict[str, Decimal | int] = {"line_count": len(document.lines), "hash_total": hash_total}
    if not lines or len(known) != len(lines):
        return found
    found["line_sum"] = line_sum = sum(known, ZERO)
    parts = allowance_amounts(document.allowances_charges, line_sum, places)
    if parts is None or included:
        return found
    found["allowance_sum"], found["charge_sum"] = parts
    found["tax_exclusive"] = total = line_sum - parts[0] + parts[1]
    if taxed:
        tax = _tax(document, lines, known, places)
        if tax is None:
            return found
        found["tax"] = tax
        found["tax_inclusive"] = total = total + tax
    stated = document.totals_stated
    prepaid = ZERO if stated is None or stated.prepaid is None else stated.prepaid
    rounding = ZERO if stated is None or stated.rounding is None else stated.rounding
    found["payable"] = total - prepaid + rounding
    if stated is not None and stated.discount is not None:
        found["discounted"] = found["payable"] - stated.discount
    return found


def _tax(
    document: Order | Invoice, lines: Sequence[PricedLine], amounts: Sequence[Decimal], places: int
) -> Decimal | None:
    """Tax by category and rate (BR-CO-17): from the lines if each has one tax with a rate, else from the breakdown,
    with the amounts that are stated without a base as they are, else from the amounts that the lines state."""
    header = [part for part in document.allowances_charges if part.scope != "price"]
    if lines and all(len(line.taxes) == 1 and line.taxes[0].percent is not None for line in lines):
        bases: dict[tuple[str, Decimal], Decimal] = {}
        for line, amount in zip(lines, amounts, strict=True):
            _add(bases, line.taxes[0], amount)
        if any(len(part.taxes) != 1 or part.taxes[0].percent is None for part in header):
            return None
        line_sum = sum(amounts, ZERO)
        for part in header:
            value = round_half_up(_amount(part, line_sum) or ZERO, places)
            _add(bases, part.taxes[0], value if part.is_charge else -value)
        return sum((_share(base, percent, places) for (_, percent), base in bases.items()), ZERO)
    stated = document.taxes or tuple(tax for line in lines for tax in line.taxes)
    amounts_of_tax = [_stated_tax(one, places) for one in stated]
    known = [amount for amount in amounts_of_tax if amount is not None]
    return sum(known, ZERO) if stated and len(known) == len(amounts_of_tax) else None


def _stated_tax(tax: Tax, places: int) -> Decimal | None:
    """What one tax adds: base times rate, else the amount as stated; nothing where it is in the prices already."""
    if tax.treatment in ("included", "information"):
        return ZERO
    if tax.taxable is not None and tax.percent is not None:
        return _share(tax.taxable.amount, tax.percent, places)
    return None if tax.amount is None else tax.amount.amount


def _add(bases: dict[tuple[str, Decimal], Decimal], tax: Tax, amount: Decimal) -> None:
    if tax.percent is not None:
        bases[tax.category, tax.percent] = bases.get((tax.category, tax.percent), ZERO) + amount


def _share(base: Decimal, percent: Decimal, places: int) -> Decimal:
    return round_half_up(CONTEXT.divide(CONTEXT.multiply(base, percent), HUNDRED), places)


def with_totals(document: Priced) -> Priced:
    """The same document with ``totals_computed`` and every line's ``line_amount_computed`` filled in."""
    lines = tuple(_computed(line, document.currency) for line in document.lines)
    return document.model_copy(update={"lines": lines, "totals_computed": totals_of(document)})


def _computed(line: OrderLine | InvoiceLine, currency: str) -> OrderLine | InvoiceLine:
    amount = line_amount(line, currency)
    if amount is None:
        return line
    return line.model_copy(update={"line_amount_computed": Money(amount=amount, currency=currency)})


def is_computable(document: Document) -> bool:
    """Whether ``totals_of`` knows this kind of document."""
    return isinstance(document, Order | Invoice)
