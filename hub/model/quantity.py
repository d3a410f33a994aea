"""A number of units."""

from __future__ import annotations

from hub.model.numbers import Number
from hub.model.value import Value


class Quantity(Value):
    """``unit`` is a UN/ECE Recommendation 20 code, or Rec 21 with an ``X`` in front for packages (``XCS`` case);
    empty where the message did not say. ``source_unit`` and ``source_value`` keep what was received before a
    conversion. At most 6 decimals are expected; more are kept and reported."""

    value: Number
    unit: str = ""
    source_unit: str = ""
    source_value: Number | None = None


class QualifiedQuantity(Value):
    """A quantity whose meaning is a ``qualifier``: a canonical name or the list's own code (X12 673), and what the
    sender wrote beside it."""

    qualifier: str
    value: Number | None = None
    unit: str = ""
    text: str = ""
