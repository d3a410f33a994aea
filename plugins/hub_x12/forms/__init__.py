"""The forms of X12 messages whose documents are shaped otherwise; each has a module of its own."""

from __future__ import annotations

from hub.mapping.forms import MessageForm
from hub_x12.forms import (
    activity,
    answer,
    catalog_writing,
    forecast_writing,
    grocery,
    invoice,
    order,
    organization,
    payment,
    receipt,
    ship_notice_writing,
    shipping_advice,
    status,
    stock_writing,
    warehouse,
)

FORMS: tuple[MessageForm, ...] = (
    invoice.FORM,
    invoice.GROCERY_FORM,
    payment.FORM,
    organization.FORM,
    order.FORM,
    order.CHANGE,
    grocery.FORM,
    answer.FORM,
    answer.CHANGE,
    status.REQUEST,
    status.REPORT,
    catalog_writing.FORM,
    stock_writing.FORM,
    activity.FORM,
    forecast_writing.FORM,
    receipt.FORM,
    ship_notice_writing.FORM,
    shipping_advice.FORM,
    warehouse.FORM,
)
