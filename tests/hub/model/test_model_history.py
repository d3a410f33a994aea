"""States that are folds over history: orders, consent, loyalty."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub.model import Consent, Document, Invoice, LoyaltyEntry, Order, OrderResponse, Receipt, Return, Shipment
from hub.model.consent import current_consent, permits
from hub.model.loyalty import balance
from hub.model.order_line import Buckets
from hub.model.order_state import fold

D = Decimal
T0 = datetime(2026, 1, 1, tzinfo=UTC)


def qty(value: str, unit: str = "EA") -> dict[str, Any]:
    return {"value": D(value), "unit": unit}


def response(day: int, code: str, *lines: dict[str, Any]) -> OrderResponse:
    return OrderResponse.model_validate(
        {"buyer_order_id": "PO00000001", "header_code": code, "issued_at": date(2026, 1, day), "lines": list(lines)}
    )


def shipment(number: str, quantity: str, line_id: str = "001", unit: str = "EA") -> Shipment:
    line = {"line_id": "1", "order_line_id": line_id, "quantity": qty(quantity, unit)}
    return Shipment.model_validate({"despatch_id": number, "issued_at": date(2026, 1, 20), "lines": [line]})


def buckets(order: Order) -> Buckets:
    assert order.lines[0].buckets is not None
    return order.lines[0].buckets


def test_an_order_alone_is_received(make_order: Callable[..., Order]) -> None:
    state = fold(make_order(), [])
    assert state.status is not None
    assert (state.status.commercial, state.status.fulfilment, state.status.invoicing) == ("received", "none", "none")
    assert buckets(state) == Buckets(ordered=D(12))


def test_the_whole_life_of_a_line(make_order: Callable[..., Order]) -> None:
    documents: list[Document] = [
        response(
            2,
            "accepted_with_changes",
            {"line_id": "1", "status_code": "partially_backordered", "quantity": qty("10"), "backorder_max": qty("2")},
        ),
        shipment("D1", "4"),
        shipment("D2", "6"),
        Receipt.model_validate({"receipt_id": "R", "lines": [{"line_id": "1", "received": qty("10")}]}),
        Invoice.model_validate(
            {"invoice_id": "I", "kind": "invoice", "lines": [{"line_id": "1", "quantity": qty("10")}]}
        ),
        Invoice.model_validate(
            {
                "invoice_id": "C",
                "kind": "credit_note",
                "lines": [
                    {
                        "line_id": "9",
                        "quantity": qty("1"),
                        "references": [{"type": "order", "id": "PO00000001", "line": "1"}],
                    }
                ],
            }
        ),
        Return.model_validate({"rma_id": "A", "status": "received", "lines": [{"line_id": "1", "quantity": qty("1")}]}),
        Return.model_validate(
            {"rma_id": "B", "status": "requested", "lines": [{"line_id": "1", "quantity": qty("2")}]}
        ),
        Return.model_validate(
            {"rma_id": "X", "status": "dismissed", "lines": [{"line_id": "1", "quantity": qty("5")}]}
        ),
    ]
    state = fold(make_order(), documents)
    assert buckets(state) == Buckets(
        ordered=D(12),
        accepted=D(10),
        backordered=D(2),
        despatched=D(10),
        received=D(10),
        invoiced=D(9),
        returned=D(1),
        return_requested=D(2),
    )
    assert state.status is not None
    assert (state.status.commercial, state.status.fulfilment) == ("accepted_with_changes", "partial")
    assert state.lines[0].status_code == "partially_backordered"


def test_neither_arrival_nor_doubling_changes_the_state(make_order: Callable[..., Order]) -> None:
    documents = [
        response(2, "accepted_with_changes", {"line_id": "1", "status_code": "quantity_changed", "quantity": qty("8")}),
        response(
            3, "accepted_with_changes", {"line_id": "001", "status_code": "quantity_changed", "quantity": qty("9")}
        ),
        shipment("D1", "9"),
    ]
    states = {fold(make_order(), [*order, *order]).to_json() for order in itertools.permutations(documents)}
    assert len(states) == 1
    state = Order.read_json(states.pop())
    assert (buckets(state).accepted, buckets(state).despatched) == (D(9), D(9))


@pytest.mark.parametrize(
    ("code", "bucket", "status"), [("accepted", "accepted", "accepted"), ("rejected", "cancelled", "rejected")]
)
def test_an_answer_without_lines_speaks_of_all(
    make_order: Callable[..., Order], code: str, bucket: str, status: str
) -> None:
    state = fold(make_order(), [response(2, "received"), response(3, code)])
    assert getattr(buckets(state), bucket) == D(12)
    assert state.lines[0].status_code == status
    assert state.status is not None
    assert state.status.commercial == code


def test_changes_change_add_and_delete_lines(make_order: Callable[..., Order]) -> None:
    change = Order.model_validate(
        {
            "buyer_order_id": "PO00000001",
            "purpose": "change",
            "issued_at": date(2026, 1, 3),
            "lines": [
                {"line_id": "1", "action": "change", "quantity": qty("5")},
                {"line_id": "2", "action": "add", "quantity": qty("1")},
                {"line_id": "3", "action": "delete", "quantity": qty("7")},
            ],
        }
    )
    state = fold(make_order(), [change])
    found = [(line.line_id, line.buckets.ordered, line.buckets.cancelled) for line in state.lines if line.buckets]
    assert found == [("1", D(5), None), ("2", D(1), None), ("3", D(0) + 7, D(7))]
    replaced = fold(make_order(), [change.model_copy(update={"purpose": "replace"})])
    assert [line.line_id for line in replaced.lines] == ["1", "2", "3"]


def test_a_cancelled_order_stays_cancelled_whatever_is_answered(make_order: Callable[..., Order]) -> None:
    cancel = Order(buyer_order_id="PO00000001", purpose="cancel", issued_at=date(2026, 1, 2))
    state = fold(make_order(), [response(3, "accepted"), cancel])
    assert state.status is not None
    assert state.status.commercial == "cancelled"
    assert (buckets(state).cancelled, buckets(state).accepted) == (D(12), None)


def test_units_that_do_not_convert_are_not_added(make_order: Callable[..., Order]) -> None:
    state = fold(
        make_order(), [shipment("D1", "1", unit="DZN"), shipment("D2", "1", unit="XCS"), shipment("D3", "1", "77")]
    )
    assert buckets(state).despatched == D(12)
    assert state.status is not None
    assert state.status.fulfilment == "full"
    over = fold(make_order(), [shipment("D1", "13")])
    assert over.status is not None
    assert over.status.fulfilment == "over"


def consent(state: str, hours: int, *channels: str, expires: int | None = None) -> Consent:
    return Consent(
        consent_id=f"{state}{hours}",
        party_id="1",
        purpose="offers",
        state=state,
        channels=channels,
        given_at=T0 + timedelta(hours=hours),
        expires_at=None if expires is None else T0 + timedelta(hours=expires),
    )


def test_the_latest_consent_decides_and_withdrawal_wins_ties() -> None:
    now = T0 + timedelta(days=1)
    assert not permits([], "offers", "email", now)
    assert permits([consent("denied", 0), consent("granted", 1)], "offers", "email", now)
    assert not permits([consent("granted", 1), consent("withdrawn", 1)], "offers", "email", now)
    assert not permits([consent("withdrawn", 1), consent("granted", 1)], "offers", "email", now)
    assert not permits([consent("granted", 1)], "other", "email", now)
    assert not permits([consent("granted", 1, "sms")], "offers", "email", now)
    assert not permits([consent("granted", 1, expires=2)], "offers", "email", now)
    assert not permits([consent("granted", 48)], "offers", "email", now)
    assert current_consent([consent("granted", 48)], "offers", "email", now) is None


def test_a_balance_is_the_sum_of_entries_counted_once() -> None:
    def entry(number: str, points: str) -> LoyaltyEntry:
        return LoyaltyEntry(entry_id=number, account_id="1", type="earn", points=D(points), at=T0)

    assert balance([]) == 0
    assert balance([entry("1", "10"), entry("2", "-3.5"), entry("1", "10")]) == D("6.5")


def test_a_change_says_only_what_changes(make_order: Callable[..., Order]) -> None:
    order = make_order()
    line = {"line_id": "01", "action": "change", "change": "change_price", "price": {"amount": D("8.75")}}
    change = Order.model_validate({"buyer_order_id": "PO00000001", "purpose": "change", "lines": [line]})
    (changed,) = fold(order, [change]).lines
    assert changed.item == order.lines[0].item
    assert changed.quantity == order.lines[0].quantity
    assert changed.price is not None
    assert changed.price.amount == D("8.75")


def test_parts_of_lines_are_counted_for_themselves(make_order: Callable[..., Order]) -> None:
    order = make_order()
    part = {"line_id": "1", "parent_line_id": "1", "quantity": qty("24")}
    other = {"line_id": "7", "parent_line_id": "1", "quantity": qty("12")}
    lines = (*order.lines, *Order.model_validate({"buyer_order_id": "P", "lines": [part, other]}).lines)
    answer = response(
        3, "accepted_with_changes",
        {"line_id": "1", "status_code": "accepted", "quantity": qty("12")},
        {"line_id": "1", "parent_line_id": "1", "status_code": "rejected", "quantity": qty("24")},
    )  # fmt: skip
    state = fold(order.model_copy(update={"lines": lines}), [answer, shipment("D1", "5", line_id="07")])
    assert [(one.status_code, one.buckets) for one in state.lines] == [
        ("accepted", Buckets(ordered=D(12), accepted=D(12))),
        ("rejected", Buckets(ordered=D(24), cancelled=D(24))),
        ("", Buckets(ordered=D(12), despatched=D(5))),
    ]
