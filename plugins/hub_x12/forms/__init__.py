"""The forms of X12 messages whose documents are shaped otherwise, each in its own module, loaded when it is used."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from hub.mapping.forms import FormSource, MessageForm

_PLACES = {
    "x12.activity": "activity.FORM",
    "x12.answer": "answer.FORM",
    "x12.catalog": "catalog_writing.FORM",
    "x12.change_answer": "answer.CHANGE",
    "x12.forecast": "forecast_writing.FORM",
    "x12.grocery_invoice": "invoice.GROCERY_FORM",
    "x12.grocery_order": "grocery.FORM",
    "x12.invoice": "invoice.FORM",
    "x12.order": "order.FORM",
    "x12.order_change": "order.CHANGE",
    "x12.organization": "organization.FORM",
    "x12.receipt": "receipt.FORM",
    "x12.remittance": "payment.FORM",
    "x12.ship_notice": "ship_notice_writing.FORM",
    "x12.shipping_advice": "shipping_advice.FORM",
    "x12.status_report": "status.REPORT",
    "x12.status_request": "status.REQUEST",
    "x12.stock": "stock_writing.FORM",
    "x12.warehouse": "warehouse.FORM",
}
"""Where each form stands: module of this package and name in it."""


def _load(place: str) -> MessageForm:
    module, _, name = place.partition(".")
    found: MessageForm = getattr(import_module(f"{__name__}.{module}"), name)
    return found


FORMS = tuple(FormSource(name, partial(_load, place)) for name, place in _PLACES.items())
