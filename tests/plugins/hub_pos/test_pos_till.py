from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hub_pos import Customer, Product, ReplicaMissing, Till

MARCH = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.fixture
def till(shop: Path) -> Iterator[Till]:
    with Till(shop) as opened:
        yield opened


def cheese(till: Till) -> Product:
    found = till.product_by_barcode("4006381333931")
    assert found is not None
    return found


def bread(till: Till) -> Product:
    return till.find_product("brot")[0]


def mueller(till: Till) -> Customer:
    return till.find_customer("4711")[0]


@pytest.mark.parametrize(
    "text", ["4711", "+4943112345", "+49 (431) 12-345", " c1 ", "muller SOHNE", "kiel müll", "1001"]
)
def test_a_customer_is_found_by(till: Till, text: str) -> None:
    assert [customer.number for customer in till.find_customer(text)] == ["1001"]


def test_a_customer_comes_whole(till: Till) -> None:
    customer = mueller(till)
    assert (customer.name, customer.on_hold, customer.credit_limit) == ("Müller & Söhne", True, Decimal("500.00"))
    assert ("card_no", "4711") in customer.keys


@pytest.mark.parametrize("text", ["", "   ", "%", "_", "nobody", "100%"])
def test_nobody_is_found_by(till: Till, text: str) -> None:
    assert till.find_customer(text) == []


def test_several_are_found_by_name_in_order(till: Till) -> None:
    assert [customer.number for customer in till.find_customer("muller")] == ["1002", "1001"]
    assert len(till.find_customer("muller", limit=1)) == 1


@pytest.mark.parametrize(
    ("code", "name"),
    [("4006381333931", "Käse jung"), ("04006381333931", "Käse jung"), ("0 12345-67890 5", "Brot"),
     ("012345678905", "Brot"), ("SKU1", "Käse jung"), ("4011", "Brot")],
)  # fmt: skip
def test_a_product_is_found_by_code(till: Till, code: str, name: str) -> None:
    found = till.product_by_barcode(code)
    assert found is not None
    assert found.name == name


def test_a_case_is_known_as_a_case(till: Till) -> None:
    found = till.product_by_barcode("14006381333938")
    assert found is not None
    assert found.scanned is not None
    assert (found.scanned.quantity, found.scanned.unit) == (Decimal(12), "CS")


@pytest.mark.parametrize("code", ["4006381333932", "99999999", "", "Brot", "²"])
def test_no_product_has_the_code(till: Till, code: str) -> None:
    assert till.product_by_barcode(code) is None


def test_products_are_found_by_words(till: Till) -> None:
    assert [product.number for product in till.find_product("almhof kase")] == ["SKU1"]


def test_the_price_follows_list_tier_and_time(till: Till) -> None:
    def amount(at: datetime = MARCH, qty: Decimal | int = 1, customer: Customer | None = None) -> Decimal:
        price = till.price(cheese(till), customer, at, qty)
        assert price is not None
        return price.amount

    assert amount() == Decimal("2.50")
    assert amount(qty=11) == Decimal("2.50")
    assert amount(qty=12) == Decimal("2.20")
    assert amount(customer=mueller(till)) == Decimal("2.10")
    assert amount(at=datetime(2026, 4, 15, tzinfo=UTC), qty=12) == Decimal("1.99")


def test_a_date_begins_at_the_stores_midnight(till: Till) -> None:
    def amount(at: datetime) -> Decimal:
        price = till.price(cheese(till), at=at)
        assert price is not None
        return price.amount

    assert amount(datetime(2026, 3, 31, 21, 59, 59, tzinfo=UTC)) == Decimal("2.50")
    assert amount(datetime(2026, 3, 31, 22, 0, 0, tzinfo=UTC)) == Decimal("1.99")
    assert amount(datetime(2026, 4, 30, 21, 59, 59, tzinfo=UTC)) == Decimal("1.99")
    assert amount(datetime(2026, 4, 30, 22, 0, 0, tzinfo=UTC)) == Decimal("2.50")


def test_a_price_of_this_place_and_of_this_customer(till: Till) -> None:
    here = till.price(bread(till), at=MARCH)
    theirs = till.price(bread(till), mueller(till), MARCH)
    assert here is not None
    assert theirs is not None
    assert (here.amount, theirs.amount) == (Decimal("1.20"), Decimal("0.90"))
    assert theirs.reason == "made for this customer"


def test_without_a_price_the_till_must_ask(till: Till) -> None:
    assert till.price(Product("p404", "x", "unknown"), at=MARCH) is None


def test_a_moment_needs_a_zone(till: Till) -> None:
    with pytest.raises(ValueError, match="time zone"):
        till.price(cheese(till), at=datetime(2026, 3, 1))  # noqa: DTZ001


def test_stock_of_the_own_location_comes_first(till: Till) -> None:
    own, other = till.stock(cheese(till))
    assert (own.on_hand, own.available, own.reserved) == (Decimal(7), Decimal(5), None)
    assert other.location == "gln:9999999999994"


def test_orders_with_their_lines(till: Till) -> None:
    assert [order.number for order in till.orders()] == ["PO-2", "PO-1"]
    (order,) = till.orders("accepted")
    assert order.total == Decimal("25.00")
    assert [(line.line_id, line.quantity, line.price) for line in order.lines] == [
        ("10", Decimal(10), Decimal("2.50")),
        ("20", Decimal(1), None),
    ]


def test_the_age_of_the_data_is_known(till: Till) -> None:
    assert till.age(datetime(2026, 3, 2, 12, tzinfo=UTC)) == timedelta(days=1)
    status = till.status()
    assert (status.store, status.seq, status.waiting) == ("S001", 17, 0)
    assert status.rows == {
        "customer": 2, "product": 2, "price": 9, "stock": 2, "orders": 2, "rights": 0, "profile": 1, "card_key": 0,
        "card_revocations": 0,
    }  # fmt: skip


def test_there_is_no_replica(tmp_path: Path) -> None:
    with pytest.raises(ReplicaMissing, match="hub replicate"):
        Till(tmp_path / "none.sqlite")
