"""Less than the list price: by how much, as a question to be decided."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_UP, Decimal
from typing import Any

from hub_pos.amounts import CONTEXT, rounded, text
from hub_pos.questions import Question
from hub_pos.rows import Price, Product
from hub_pos.sale import total

_CENTS = Decimal("0.01")


def override(product: Product, sold: Mapping[str, Any], listed: Price, currency: str) -> Question | None:
    """What is given away on the line ``sold``, by hand or as a discount; None where it is nothing. Both prices are
    compared with their taxes, and a percentage is rounded up."""
    quantity, price = Decimal(sold["quantity"]["value"]), total([dict(sold)])
    full = CONTEXT.divide(CONTEXT.multiply(listed.amount, quantity), listed.per)
    if listed.tax_included is False:
        percents = [Decimal(one["percent"]) for one in sold.get("taxes", ()) if "percent" in one]
        full += CONTEXT.divide(CONTEXT.multiply(full, sum(percents, Decimal(0))), Decimal(100))
    full = rounded(full, currency)
    if price >= full:
        return None
    percent = CONTEXT.divide((full - price) * 100, full).quantize(_CENTS, ROUND_UP)
    about = {"item": product.id, "list_price": text(full), "price": text(price), "percent": text(percent)}
    return Question("price_override", rounded(full - price, currency), currency, about=about)
