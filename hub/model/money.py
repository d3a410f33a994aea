"""Amounts and prices: three types, because a price has a base quantity and an amount has none."""

from __future__ import annotations

from decimal import Decimal

from hub.model.currencies import exponent
from hub.model.dates import LocalDate
from hub.model.numbers import CONTEXT, Number, round_half_up
from hub.model.quantity import Quantity
from hub.model.value import Value


class Money(Value):
    """An amount in a currency (ISO 4217, empty where the message did not say)."""

    amount: Number
    currency: str = ""

    def rounded(self) -> Money:
        """The amount with the decimals of its currency, half up (JPY 0, EUR 2, KWD 3; unknown currencies 2)."""
        places = exponent(self.currency)
        return Money(amount=round_half_up(self.amount, 2 if places is None else places), currency=self.currency)


class QualifiedAmount(Value):
    """An amount whose meaning is a ``qualifier``: a canonical name or the list's own code (X12 522). ``direction`` is
    credit or debit where the sender says so."""

    qualifier: str
    amount: Money | None = None
    direction: str = ""


class UnitPrice(Value):
    """A price for ``per`` (1 of the line's unit where empty). ``basis`` is net, gross, info, list, retail … or the
    list's own code (X12 639, EDIFACT 5387). At most 10 decimals are expected; more are kept and reported.
    ``tax_included`` is None where nobody said."""

    amount: Number
    currency: str = ""
    per: Quantity | None = None
    basis: str = ""
    tax_included: bool | None = None

    def for_one(self) -> Decimal:
        """The exact price of one unit (up to 60 digits). Raises ``ValueError`` for a base quantity of zero."""
        base = Decimal(1) if self.per is None else self.per.value
        if not base:
            raise ValueError("a price for a quantity of zero")
        return CONTEXT.divide(self.amount, base)


class ExchangeRate(Value):
    """1 unit of ``source`` (empty: the document's currency) is ``rate`` units of ``target``. Stated once for a
    document, never as doubled amounts."""

    source: str = ""
    target: str
    rate: Number
    date: LocalDate | None = None
    provider: str = ""
    basis: str = ""
