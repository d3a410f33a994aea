"""Totals of a document: the same fields as stated by the sender and as computed here."""

from __future__ import annotations

from hub.model.numbers import Number
from hub.model.value import Value


class Totals(Value):
    """Amounts in the document's currency, named after EN 16931: ``line_sum`` BT-106, ``allowance_sum`` BT-107,
    ``charge_sum`` BT-108, ``tax_exclusive`` BT-109, ``tax`` BT-110, ``tax_inclusive`` BT-112, ``prepaid`` BT-113,
    ``rounding`` BT-114, ``payable`` BT-115. ``line_count`` and ``hash_total`` (sum of the lines' quantities) are CTT01
    and CTT02, CNT 2 and 1. An invoice with a cash discount states what the discount is taken of (``discountable``,
    TDS02), what is due if it is taken (``discounted``, TDS03) and how much it is (``discount``, TDS04). None: not
    stated."""

    line_sum: Number | None = None
    allowance_sum: Number | None = None
    charge_sum: Number | None = None
    tax_exclusive: Number | None = None
    tax: Number | None = None
    tax_inclusive: Number | None = None
    prepaid: Number | None = None
    rounding: Number | None = None
    payable: Number | None = None
    discountable: Number | None = None
    discounted: Number | None = None
    discount: Number | None = None
    line_count: int | None = None
    hash_total: Number | None = None
