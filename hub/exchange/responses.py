"""Order responses by rule: everything as ordered, or each line by product, price and stock.

What the rules say is the canonical answer (reference, section 5.3); how it looks in a partner's format is the
mapping's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from hub.model import OrderResponse
from hub.model.order_response import OrderResponseLine
from hub.model.quantity import Quantity
from hub.model.units import same

if TYPE_CHECKING:
    from datetime import date

    from hub.exchange.assortment import Assortment
    from hub.model import Order, OrderLine
    from hub.model.money import UnitPrice
    from hub.partners import ResponseRule

ANSWERED = frozenset(("", "original", "replace"))
"""Purposes of an order that are answered; a cancellation or change of one is for a person or the ERP to decide."""

_UNAVAILABLE = frozenset(("discontinued", "withdrawn", "blocked", "archived", "inactive"))


def respond(
    order: Order, rule: ResponseRule, assortment: Assortment, *, response_id: str, today: date
) -> OrderResponse | None:
    """The answer to an order, or None where the rule is not to answer, or the order is none that is answered."""
    if rule.rule == "none" or order.purpose not in ANSWERED:
        return None
    if rule.rule == "accept_all":
        lines = [_line(line, "accepted", line.quantity, price=line.price) for line in order.lines]
    else:
        lines = [_judged(line, order, rule, assortment, today) for line in order.lines]
    return OrderResponse(
        response_id=response_id,
        buyer_order_id=order.buyer_order_id,
        release_no=order.release_no,
        seller_order_id=order.seller_order_id,
        header_code=_header(lines),
        purpose="original",
        issued_at=today,
        order_date=order.issued_at,
        currency=order.currency,
        roles=order.roles,
        customer_reference=order.customer_reference,
        department=order.department,
        contract=order.contract,
        promised=order.requested_delivery,
        lines=tuple(lines),
    )


def _header(lines: Sequence[OrderResponseLine]) -> str:
    codes = {line.status_code for line in lines}
    if codes <= {"accepted"}:
        return "accepted"
    return "rejected" if codes == {"rejected"} else "accepted_with_changes"


def _line(
    line: OrderLine,
    status: str,
    quantity: Quantity | None,
    *,
    price: UnitPrice | None = None,
    backorder: Quantity | None = None,
    reason: str = "",
) -> OrderResponseLine:
    return OrderResponseLine(
        line_id=line.line_id,
        parent_line_id=line.parent_line_id,
        relation=line.relation,
        status_code=status,
        quantity=quantity,
        ordered=line.quantity,
        backorder_max=backorder,
        promised=None if status == "rejected" else line.requested_delivery,
        price=price,
        item=line.item,
        reason=reason,
    )


def _judged(
    line: OrderLine, order: Order, rule: ResponseRule, assortment: Assortment, today: date
) -> OrderResponseLine:
    """One line by product, price and stock. What we have no data about is no reason to refuse an order."""
    product = assortment.product(line.item)
    if product is None:
        if rule.unknown_item == "reject":
            return _line(line, "rejected", line.quantity, reason="the item is not known")
        return _line(line, "accepted", line.quantity, price=line.price)
    status = product.status or (product.lifecycle.status if product.lifecycle else "")
    if status in _UNAVAILABLE:
        return _line(line, "rejected", line.quantity, reason="the item is no longer sold")
    ours = assortment.price(product, line.quantity, line.price.currency if line.price else order.currency, today)
    price, changed = _priced(line.price, ours, rule.price_tolerance)
    if line.quantity is None:
        return _line(line, "price_changed" if changed else "accepted", None, price=price)
    there = assortment.take(product, line.quantity)
    if there is None or there >= line.quantity.value:
        return _line(line, "price_changed" if changed else "accepted", line.quantity, price=price)
    if not rule.partial:
        assortment.give_back(product, there)
        return _line(line, "rejected", line.quantity, reason="not enough in stock")
    if there <= 0:
        return _line(line, "backordered", line.quantity, price=price, reason="not in stock")
    rest = Quantity(value=line.quantity.value - there, unit=line.quantity.unit)
    now = Quantity(value=there, unit=line.quantity.unit)
    return _line(line, "partially_backordered", now, price=price, backorder=rest, reason="not enough in stock")


def _priced(ordered: UnitPrice | None, ours: UnitPrice | None, tolerance: Decimal) -> tuple[UnitPrice | None, bool]:
    """The price to answer with, and whether it differs from the ordered one. Ours wins only where it is higher than
    ordered by more than the tolerance: nobody is told off for paying more. Prices for other units or in another
    currency cannot be compared."""
    if ours is None or ordered is None:
        return ordered or ours, False
    if ours.currency != ordered.currency or not same(_unit(ours), _unit(ordered)):
        return ordered, False
    if not _base(ours) or not _base(ordered):
        return ordered, False
    highest = ordered.for_one() * (1 + tolerance / 100)
    return (ours, True) if ours.for_one() > highest else (ordered, False)


def _unit(price: UnitPrice) -> str:
    return price.per.unit if price.per is not None else ""


def _base(price: UnitPrice) -> Decimal:
    return price.per.value if price.per is not None else Decimal(1)
