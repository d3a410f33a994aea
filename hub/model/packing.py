"""How the item of a line is packed, as a message says it."""

from __future__ import annotations

from hub.model.quantity import Quantity
from hub.model.value import Value


class Packing(Value):
    """``units`` are in one pack (a case of 12), ``inner_packs`` lie between, ``size`` is how much one unit holds (355
    millilitres). Weight, volume and dimensions are of one pack. ``code`` is the sender's code of the package, ``color``
    as sent. Source: X12 PO4 and G20."""

    units: int | None = None
    inner_packs: int | None = None
    size: Quantity | None = None
    code: str = ""
    gross_weight: Quantity | None = None
    volume: Quantity | None = None
    length: Quantity | None = None
    width: Quantity | None = None
    height: Quantity | None = None
    color: str = ""
