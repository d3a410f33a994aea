"""Taxes as a document states them."""

from __future__ import annotations

from hub.model.money import Money
from hub.model.numbers import Number
from hub.model.value import Value


class Tax(Value):
    """One tax, or one category and rate of it. ``type`` is vat, gst, sales …, ``category`` the UNCL 5305 letter
    (S standard, Z zero, E exempt, AE reverse charge, G export, O outside scope, K intra-community), ``percent``
    20 for 20 %, ``taxable`` the base. ``treatment`` says what the amount is to the total (X12 662): empty or ``add``,
    ``included`` in the prices, ``information`` only. ``jurisdiction_list`` names whose code ``jurisdiction`` is (X12
    955)."""

    type: str = ""
    category: str = ""
    percent: Number | None = None
    taxable: Money | None = None
    amount: Money | None = None
    exemption_reason: str = ""
    exemption_code: str = ""
    jurisdiction: str = ""
    jurisdiction_list: str = ""
    treatment: str = ""
    registration: str = ""
