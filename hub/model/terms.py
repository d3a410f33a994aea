"""Terms of delivery and payment."""

from __future__ import annotations

from hub.model.dates import LocalDate
from hub.model.money import Money
from hub.model.numbers import Number
from hub.model.value import Value


class DeliveryTerms(Value):
    """``incoterm`` is the Incoterms code (DAP, EXW …), ``place`` what it names, ``payment`` who pays the freight
    (collect, prepaid, prepaid_and_charged, third_party …). Source: FOB, TOD, UBL DeliveryTerms."""

    incoterm: str = ""
    incoterm_version: str = ""
    place: str = ""
    place_qualifier: str = ""
    payment: str = ""
    description: str = ""


class PaymentTerm(Value):
    """One term: ``kind`` is net, discount, end_of_month, instalment, fixed_date … ``days`` count from
    ``base_date_code`` (invoice_date, receipt_of_goods …) or from ``base_date``; ``percent`` and ``amount`` are the
    discount or the share. ``due_date`` is the end of the net period, ``discount_due_date`` of the discount.
    ``payable_percent`` is the share of the invoice that an instalment is (5 is 5 %), ``deferred_amount`` what falls due
    on ``deferred_due_date``, ``day_of_month`` the day of proximo terms, ``method`` how to pay. ``discountable`` is the
    amount that the discount is taken of, ``discounted`` what is due when it is taken. Source: ITD, G23, PAT, UBL
    PaymentTerms."""

    kind: str = ""
    base_date_code: str = ""
    base_date: LocalDate | None = None
    days: int | None = None
    discount_days: int | None = None
    percent: Number | None = None
    amount: Money | None = None
    due_date: LocalDate | None = None
    discount_due_date: LocalDate | None = None
    deferred_due_date: LocalDate | None = None
    deferred_amount: Money | None = None
    payable_percent: Number | None = None
    day_of_month: int | None = None
    method: str = ""
    due_qualifier: str = ""
    discountable: Money | None = None
    discounted: Money | None = None
    text: str = ""
