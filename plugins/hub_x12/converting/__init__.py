"""Functions that X12 mappings use beside the common ones, by what they are about."""

from __future__ import annotations

from hub.mapping.converters import Converter
from hub_x12.converting import elements, joined, orders, quantities

CONVERTERS: tuple[Converter, ...] = (
    *elements.CONVERTERS,
    *joined.CONVERTERS,
    *orders.CONVERTERS,
    *quantities.CONVERTERS,
)
