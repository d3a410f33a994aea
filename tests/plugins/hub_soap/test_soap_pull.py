"""Pulling: everything once, changes later, nothing skipped by equal times, moving pages, wrong clocks or bad items."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.errors import ConfigurationError
from hub.findings import Severity
from hub.model import InventorySnapshot, Party, Price, Product
from hub.translation import Pulled
from hub_soap import times
from hub_soap.connector import SoapConnector
from hub_soap.demo_erp import DemoErp
from hub_soap.pull import split

Connect = Callable[..., SoapConnector]
NO_OVERLAP = ("overlap: 120", "overlap: 0")


def run(connector: SoapConnector, kind: str = "Party", since: str | None = None) -> tuple[list[Any], str]:
    batches = list(connector.pull(kind, since))
    documents = [document for batch in batches for document in batch.documents]
    return documents, batches[-1].watermark if batches else since or ""


def ids(documents: list[Any]) -> list[str]:
    return [document.external_id for document in documents]


def test_customers_products_prices_and_stock(connect: Connect) -> None:
    connector = connect()
    parties, _ = run(connector)
    assert all(isinstance(party, Party) for party in parties)
    assert ids(parties) == ["C-1001", "C-1002", "C-1003", "C-2001", "C-2002", "C-2003"]
    munich = parties[-1]
    assert munich.addresses[0].city == "München"
    assert str(munich.credit.limit.amount) == "25000.00"
    assert {point.kind: point.value for point in munich.contact_points}["email"] == "orders-c-2003@example.com"
    products, _ = run(connector, "Product")
    assert [product.identifiers[0].value for product in products] == [f"SKU{n:04d}" for n in range(1, 9)]
    assert all(isinstance(product, Product) and not product.extensions for product in products)
    prices, _ = run(connector, "Price")
    assert len(prices) == 16
    assert isinstance(prices[1], Price)
    assert prices[1].canonical_dict()["price"] == {
        "amount": "8.49",
        "currency": "EUR",
        "per": {"value": "1", "unit": "EA"},
    }
    stock, _ = run(connector, "InventorySnapshot")
    assert isinstance(stock[6], InventorySnapshot)
    assert stock[6].canonical_dict()["quantities"] == {"available": "0"}


def test_the_second_pull_brings_nothing_new(connect: Connect) -> None:
    connector = connect(NO_OVERLAP)
    first, mark = run(connector)
    again, same = run(connector, since=mark)
    # The last item is asked for again, because another one may carry the same time; it is the same document.
    assert [one.digest() for one in again] == [first[-1].digest()]
    assert same == mark


def test_a_change_comes_alone(erp: DemoErp, connect: Connect) -> None:
    connector = connect(NO_OVERLAP)
    _, mark = run(connector)
    erp.data.change(erp.data.customers["C-1002"], name="Renamed", blocked="true")
    changed, later = run(connector, since=mark)
    assert ids(changed) == ["C-2003", "C-1002"]
    assert changed[-1].legal_name == "Renamed"
    assert changed[-1].status == "blocked"
    assert later > mark


def test_equal_times_and_late_commits_are_not_lost(erp: DemoErp, connect: Connect) -> None:
    connector = connect()
    for customer in erp.data.customers.values():
        erp.data.change(customer, datetime(2026, 11, 5, tzinfo=UTC))
    first, mark = run(connector)
    assert len(first) == 6
    erp.data.change(erp.data.customers["C-1001"], datetime(2026, 11, 5, tzinfo=UTC), name="Same time")
    erp.data.change(erp.data.customers["C-1002"], datetime(2026, 11, 4, 23, 59, tzinfo=UTC), name="Committed late")
    names = {party.legal_name for party in run(connector, since=mark)[0]}
    assert {"Same time", "Committed late"} <= names


def test_more_equal_times_than_a_page_holds(erp: DemoErp, connect: Connect) -> None:
    connector = connect(("paging: { size: 4", "paging: { size: 2"))
    for customer in erp.data.customers.values():
        erp.data.change(customer, datetime(2026, 11, 5, tzinfo=UTC))
    assert sorted(ids(run(connector)[0])) == sorted(erp.data.customers)


def test_a_change_between_two_pages_skips_nothing(erp: DemoErp, connect: Connect) -> None:
    connector = connect(("paging: { size: 4", "paging: { size: 2"))
    seen: list[str] = []
    for number, batch in enumerate(connector.pull("Party", None)):
        if number == 0:  # the first of page 1 moves to the end, and everything behind it one place forward
            erp.data.change(erp.data.customers["C-1001"])
        seen += ids(list(batch.documents))
    assert set(seen) == set(erp.data.customers)


def test_a_run_that_ends_in_the_middle_continues_without_a_gap(erp: DemoErp, connect: Connect) -> None:
    connector = connect(NO_OVERLAP, ("paging: { size: 4", "paging: { size: 2"))
    first = next(iter(connector.pull("Party", None)))
    rest, _ = run(connector, since=first.watermark)
    assert set(ids(list(first.documents))) | set(ids(rest)) == set(erp.data.customers)


def test_a_list_that_is_not_sorted_keeps_the_watermark_to_the_end(
    erp: DemoErp, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = erp.data.listed

    def backwards(kind: str, since: str, page: int, size: int) -> tuple[list[dict[str, Any]], bool]:
        rows, _ = listed(kind, since, 1, 1000)
        rows = rows[::-1]
        return rows[(page - 1) * size : page * size], len(rows) > page * size

    monkeypatch.setattr(erp.data, "listed", backwards)
    connector = connect(NO_OVERLAP)
    batches = list(connector.pull("Party", None))
    assert [finding.code for batch in batches for finding in batch.findings] == ["soap.unordered"]
    assert [batch.watermark for batch in batches[:-1]] == [""] * (len(batches) - 1)
    assert len([one for batch in batches for one in batch.documents]) == 6
    assert batches[-1].watermark == "2026-11-03T07:06:00+00:00"


def test_a_change_time_in_the_future_does_not_hide_what_comes_before_it(erp: DemoErp, connect: Connect) -> None:
    erp.data.change(erp.data.customers["C-1001"], datetime.now(UTC) + timedelta(days=400))
    _, mark = run(connect())
    assert mark <= datetime.now(UTC).isoformat()


def test_items_without_a_readable_change_time_are_fetched_with_a_warning(erp: DemoErp, connect: Connect) -> None:
    erp.misbehave("listCustomers", "zero_dates", "zero_dates")
    batches = list(connect().pull("Party", None))
    codes = [finding.code for batch in batches for finding in batch.findings if finding.code.startswith("soap.")]
    assert codes == ["soap.undated"] * 6


def test_an_item_that_cannot_be_mapped_is_a_finding_and_its_neighbours_are_not_harmed(
    erp: DemoErp, connect: Connect
) -> None:
    erp.data.customers["C-1002"]["creditLimit"] = "1.234,50"
    erp.data.products["SKU0002"]["prices"]["price"][0]["amount"] = ""
    connector = connect()
    batches = list(connector.pull("Party", None))
    assert len([one for batch in batches for one in batch.documents]) == 6
    (finding,) = [one for batch in batches for one in batch.findings if one.value]
    assert finding.position.message == "Party C-1002"
    assert finding.value == "1.234,50"
    batches = list(connector.pull("Price", None))
    assert len([one for batch in batches for one in batch.documents]) == 15
    errors = [one for batch in batches for one in batch.findings if one.severity is Severity.ERROR]
    assert [one.position.message for one in errors] == ["Price SKU0002"]


def test_nothing_is_made_of_nothing(erp: DemoErp, connect: Connect) -> None:
    erp.misbehave("listCustomers", "nil")
    assert run(connect(("more: more, ", ""))) == ([], "")


def test_a_list_without_filter_is_read_whole_and_given_out_when_it_differs(erp: DemoErp, connect: Connect) -> None:
    connector = connect(("    changed: { member: changed, overlap: 120 }\n", ""), (", ordered: true", ""))
    first, mark = run(connector)
    assert len(first) == 6
    assert mark.startswith("sha256:")
    assert run(connector, since=mark) == ([], mark)
    erp.data.change(erp.data.customers["C-1002"], datetime(2026, 11, 1, 7, 2, tzinfo=UTC), name="Renamed")
    again, later = run(connector, since=mark)
    assert len(again) == 6
    assert later != mark


def test_pages_that_never_end(connect: Connect, monkeypatch: pytest.MonkeyPatch, erp: DemoErp) -> None:
    rows = erp.data.listed("customers", "", 1, 2)[0]
    monkeypatch.setattr(erp.data, "listed", lambda *_: (rows, True))
    with pytest.raises(ConfigurationError, match="no end after 5 pages"):
        run(connect(("size: 4, more: more, ordered: true", "size: 2, maximum: 5, more: more")))


def test_one_call_for_each_item(connect: Connect, erp: DemoErp, another_order: Callable[..., Any]) -> None:
    pull = """pull:
  Order:
    operation: findOrder
    mapping: soap/demo-erp.order
    parameters: { externalKey: all }
    items: order
    id: id
    reread: { operation: getOrder, parameters: { id: $id }, item: order }
"""
    connector = connect(("pull:\n", pull))
    for number in range(3):
        connector.push(another_order(buyer_order_id=f"PO-{number}"), "all" if number else "other")
    erp.calls.clear()
    (batch,) = connector.pull("Order", None)
    assert [one.canonical_dict()["buyer_order_id"] for one in batch.documents] == ["PO-1"]
    assert erp.calls == ["findOrder", "getOrder"]


def test_split_keeps_the_rest_of_the_item() -> None:
    item = {"sku": "1", "prices": {"list": "A", "price": [{"a": "1"}, {"a": "2"}]}}
    assert list(split(item, "prices/price")) == [
        {"sku": "1", "prices": {"list": "A", "price": {"a": "1"}}},
        {"sku": "1", "prices": {"list": "A", "price": {"a": "2"}}},
    ]
    assert list(split(item, "")) == [item]
    assert list(split({"sku": "1"}, "prices/price")) == []


@pytest.mark.parametrize(
    ("text", "form", "zone", "expected"),
    [
        ("2026-11-22T04:00:54+00:00", "iso", "UTC", "2026-11-22T04:00:54+00:00"),
        ("2026-11-22 04:00:54", "iso", "UTC", "2026-11-22T04:00:54+00:00"),
        ("2026-11-22T04:00:54", "iso", "America/New_York", "2026-11-22T09:00:54+00:00"),
        ("2026-11-22T04:00:54.123456789Z", "iso", "UTC", "2026-11-22T04:00:54.123456+00:00"),
        ("22.11.2026 04:00", "%d.%m.%Y %H:%M", "Europe/Berlin", "2026-11-22T03:00:00+00:00"),
        ("1795320054", "unix", "UTC", "2026-11-22T04:00:54+00:00"),
    ],
)
def test_times_as_servers_write_them(text: str, form: str, zone: str, expected: str) -> None:
    moment = times.parsed(text, form, zone)
    assert moment is not None
    assert times.watermark(moment) == expected
    assert times.from_watermark(expected) == moment
    again = times.parsed(times.written(moment, form, zone), form, zone)
    assert again == moment.replace(microsecond=0)


@pytest.mark.parametrize("text", ["", " ", "0000-00-00", "0000-00-00 00:00:00", "22.11.2026", "soon", "9" * 30])
def test_times_that_are_none(text: str) -> None:
    assert times.parsed(text, "iso", "UTC") is None
    assert times.parsed(text, "unix", "UTC") is None or text == "9" * 30


def test_batches_are_as_small_as_configured(connect: Connect) -> None:
    connector = connect(("id: id\n    changed", "id: id\n    batch: 1\n    changed"))
    batches: list[Pulled] = list(connector.pull("Party", None))
    assert [len(batch.documents) for batch in batches] == [1] * 6
    assert [batch.watermark for batch in batches[:3]] == [""] * 3
