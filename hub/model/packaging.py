"""What a package of a product holds."""

from __future__ import annotations

from decimal import Decimal

from hub.model.document import Document
from hub.model.identifiers import Identifier
from hub.model.numbers import CONTEXT, Number
from hub.model.quantity import Quantity
from hub.model.value import Key, Many


class Packaging(Document):
    """One level of a product's packages (a case of 12, a pallet of 40 cases). ``level`` counts from 0, the base unit.
    One ``unit`` of it contains ``contains_qty`` of ``contains_unit``, and has its own ``gtin``. Units of packages
    have no universal size: only this converts cases to pieces. ``identifiers`` name the product where ``product_id`` is
    not known. ``size`` is how much one contained unit holds (12 ounces), ``inner_packs`` how many packs lie between.
    ``code`` is the sender's code of the package. Source of the last: X12 PO4."""

    product_id: str = ""
    identifiers: Many[Identifier] = ()
    level: int | None = None
    unit: Key
    gtin: str = ""
    contains_qty: Number | None = None
    contains_unit: Key
    contains_gtin: str = ""
    size: Quantity | None = None
    inner_packs: int | None = None
    code: str = ""
    length: Quantity | None = None
    width: Quantity | None = None
    height: Quantity | None = None
    gross_weight: Quantity | None = None
    net_weight: Quantity | None = None
    volume: Quantity | None = None
    layers: int | None = None
    per_layer: int | None = None
    status: str = ""
    version: int | None = None


def unpack(quantity: Quantity, to: str, packagings: tuple[Packaging, ...] | list[Packaging]) -> Quantity | None:
    """``quantity`` in units of ``to``, through the packagings of one product, up or down; the ordered unit is kept
    as ``source_unit``. None if no chain of packagings leads there; a ring of packagings ends the search."""
    reached: dict[str, Decimal] = {quantity.unit: Decimal(1)}
    pending = [quantity.unit]
    while pending and to not in reached:
        unit = pending.pop()
        for one in packagings:
            if not one.contains_qty:
                continue
            if one.unit == unit and one.contains_unit not in reached:
                reached[one.contains_unit] = CONTEXT.multiply(reached[unit], one.contains_qty)
                pending.append(one.contains_unit)
            elif one.contains_unit == unit and one.unit not in reached:
                reached[one.unit] = CONTEXT.divide(reached[unit], one.contains_qty)
                pending.append(one.unit)
    if to not in reached:
        return None
    value = CONTEXT.multiply(quantity.value, reached[to])
    return Quantity(value=value, unit=to, source_unit=quantity.unit, source_value=quantity.value)
