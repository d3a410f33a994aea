"""Order responses by rule: everything as ordered, or by product, price and stock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from hub.exchange.assortment import Assortment
from hub.exchange.responses import respond
from hub.exchange.session import Hub
from hub.model import InventorySnapshot, Order, OrderResponse, Price, Product
from hub.partners import ResponseRule
from hub.repository import Repository
from hub.workspace import initialize

GTIN = "00012345678905"
TODAY = date(2026, 1, 5)


@pytest.fixture
def repository(tmp_path: Path):
    with Hub.open(initialize(tmp_path / "ws")) as hub:
        yield hub.repository


def order(quantity: str = "10", price: str = "9.25", unit: str = "EA", **more: object) -> Order:
    line = {
        "line_id": "1",
        "item": {"identifiers": [{"scheme": "gtin", "value": GTIN}]},
        "quantity": {"value": quantity, "unit": unit},
        "price": {"amount": price, "currency": "USD", "per": {"value": "1", "unit": unit}},
    }
    head = {"buyer_order_id": "PO1", "currency": "USD", "issued_at": "2026-01-02"}
    return Order.read_json({**head, "lines": [line], **more})


def stock(repository: Repository, available: str | None = None, *, status: str = "", price: str = "9.25") -> None:
    identifiers = [{"scheme": "gtin", "value": GTIN}]
    documents: list = [
        Product.read_json({"external_id": "A1", "identifiers": identifiers, "base_unit": "EA", "status": status}),
        Price.read_json(
            {
                "identifiers": identifiers,
                "price": {"amount": price, "currency": "USD", "per": {"value": "1", "unit": "EA"}},
                "valid": {"start": "2026-01-01", "end": "2026-12-31"},
            }
        ),
    ]
    if available is not None:
        documents.append(
            InventorySnapshot.read_json(
                {
                    "location_id": "DC1",
                    "identifiers": identifiers,
                    "as_of": "2026-01-01T00:00:00Z",
                    "unit": "EA",
                    "quantities": {"on_hand": available},
                }
            )
        )
    with repository.begin() as tx:
        tx.put_many(documents, system="erp")


def answer(repository: Repository, document: Order, **rule: object) -> OrderResponse:
    with repository.begin() as tx:
        response = respond(
            document,
            ResponseRule(rule="stock_and_price", **rule),
            Assortment(tx, "grocer", ["erp"]),
            response_id="1",
            today=TODAY,
        )
    assert response is not None
    return response


def test_accept_all_takes_every_line_as_ordered(repository: Repository) -> None:
    with repository.begin() as tx:
        response = respond(
            order(), ResponseRule(rule="accept_all"), Assortment(tx, "grocer"), response_id="7", today=TODAY
        )
    assert response is not None
    assert (response.header_code, response.buyer_order_id, response.response_id) == ("accepted", "PO1", "7")
    assert (response.issued_at, response.order_date) == (TODAY, date(2026, 1, 2))
    (line,) = response.lines
    assert (line.status_code, line.quantity) == ("accepted", order().lines[0].quantity)


@pytest.mark.parametrize("purpose", ["cancel", "change", "confirmation"])
def test_changes_and_cancellations_are_not_answered_by_rule(repository: Repository, purpose: str) -> None:
    with repository.begin() as tx:
        assert (
            respond(
                order(purpose=purpose),
                ResponseRule(rule="accept_all"),
                Assortment(tx, ""),
                response_id="1",
                today=TODAY,
            )
            is None
        )


def test_enough_in_stock_is_accepted_and_reserved(repository: Repository) -> None:
    stock(repository, "15")
    assert answer(repository, order("10")).header_code == "accepted"
    second = answer(repository, order("10"))
    assert second.header_code == "accepted_with_changes"
    (line,) = second.lines
    assert line.status_code == "partially_backordered"
    assert line.quantity is not None
    assert line.quantity.value == 5
    assert line.backorder_max is not None
    assert line.backorder_max.value == 5
    with repository.read() as tx:
        (record,) = tx.list("InventorySnapshot")
        assert record.data()["quantities"] == {"on_hand": "15", "reserved": "15"}
    assert answer(repository, order("1")).lines[0].status_code == "backordered"


def test_a_line_that_is_short_is_rejected_where_parts_are_not_wanted(repository: Repository) -> None:
    stock(repository, "15")
    response = answer(repository, order("20"), partial=False)
    assert response.header_code == "rejected"
    assert answer(repository, order("15"), partial=False).header_code == "accepted"


def test_what_is_not_known_about_stock_is_no_reason_to_refuse(repository: Repository) -> None:
    stock(repository)
    assert answer(repository, order()).header_code == "accepted"


def test_unknown_and_discontinued_items(repository: Repository) -> None:
    assert answer(repository, order()).lines[0].status_code == "rejected"
    assert answer(repository, order(), unknown_item="accept").lines[0].status_code == "accepted"
    stock(repository, "100", status="discontinued")
    response = answer(repository, order())
    assert (response.lines[0].status_code, response.lines[0].reason) == ("rejected", "the item is no longer sold")


@pytest.mark.parametrize(
    ("ours", "tolerance", "status", "amount"),
    [
        ("9.25", "0", "accepted", "9.25"),
        ("9.00", "0", "accepted", "9.25"),
        ("9.30", "0", "price_changed", "9.30"),
        ("9.30", "1", "accepted", "9.25"),
        ("9.40", "1", "price_changed", "9.40"),
    ],
)
def test_our_price_wins_above_the_tolerance(
    repository: Repository, ours: str, tolerance: str, status: str, amount: str
) -> None:
    stock(repository, "100", price=ours)
    (line,) = answer(repository, order(price="9.25"), price_tolerance=tolerance).lines
    assert line.status_code == status
    assert line.price is not None
    assert line.price.amount == Decimal(amount)


def test_prices_of_other_units_are_not_compared(repository: Repository) -> None:
    stock(repository, "100", price="99.00")
    (line,) = answer(repository, order(unit="XCS")).lines
    assert line.status_code == "accepted"


def test_the_partners_own_price_comes_before_the_general_one(repository: Repository) -> None:
    stock(repository, "100", price="20.00")
    own = Price.read_json(
        {
            "identifiers": [{"scheme": "gtin", "value": GTIN}],
            "party_id": "grocer",
            "price": {"amount": "9.50", "currency": "USD", "per": {"value": "1", "unit": "EA"}},
        }
    )
    with repository.begin() as tx:
        tx.put(own, system="erp")
    (line,) = answer(repository, order()).lines
    assert line.price is not None
    assert line.price.amount == Decimal("9.50")


def test_orders_of_one_interchange_share_the_stock(run, hub: Hub, workspace: Path, interchange) -> None:
    file = workspace / "partners" / "grocer.yaml"
    file.write_text(file.read_text().replace("response: accept_all", "response: stock_and_price"))
    stock(hub.repository, "20")
    run(interchange(1, ["PO1", "PO2"], quantity=12))
    with hub.repository.read() as tx:
        found = {one.data()["buyer_order_id"]: one.data()["header_code"] for one in tx.list("OrderResponse")}
        answers = [one for one in tx.exchanges(direction="out") if one.filename.startswith("855")]
    assert found == {"PO1": "accepted", "PO2": "accepted_with_changes"}
    assert len(answers) == 1
    text = hub.repository.open_payload(answers[0].payload.sha256).read().decode()
    assert text.count("ST*855*") == 2
    assert datetime.now(UTC).strftime("%Y%m%d") in text
