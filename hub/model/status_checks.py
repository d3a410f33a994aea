"""Checks of questions and reports how orders stand."""

from __future__ import annotations

from hub.model.checks import Path, Review, check
from hub.model.order_status import OrderStatusEntry, OrderStatusReport, OrderStatusRequest
from hub.model.value_checks import word


@check(OrderStatusRequest)
def order_status_request(value: OrderStatusRequest, path: Path, review: Review) -> None:
    """A known purpose; a question about selected orders names some."""
    word(value.purpose, "purpose", (path, "purpose"), review)
    if not value.orders and not value.scope.startswith("all_"):
        review.warn("line.missing", "asks about selected orders and names none", (path, "orders"))


@check(OrderStatusReport)
def order_status_report(value: OrderStatusReport, path: Path, review: Review) -> None:
    """A known purpose, and something that is reported."""
    word(value.purpose, "purpose", (path, "purpose"), review)
    if not value.orders:
        review.warn("line.missing", "reports about no order", (path, "orders"))


@check(OrderStatusEntry)
def order_status_entry(value: OrderStatusEntry, path: Path, review: Review) -> None:
    """Known roles, and lines that can be told from one another."""
    for role in value.roles:
        word(role, "role", ((path, "roles"), role), review)
    seen: set[str] = set()
    for number, line in enumerate(value.lines):
        if line.line_id and line.line_id in seen:
            review.warn("line.duplicate", "another line has this number", ((path, "lines"), number), line.line_id)
        seen.add(line.line_id)
