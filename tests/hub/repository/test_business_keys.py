"""Business keys of documents that come several in one message."""

from __future__ import annotations

from typing import Any

from hub.repository.keys import keys_of


def key(kind: str, data: dict[str, Any], partner: str = "p") -> str:
    return keys_of(kind, data, "digest", partner).key


def test_forecasts_of_one_message_are_of_an_item_and_a_place() -> None:
    one = {"forecast_id": "F1", "identifiers": [{"scheme": "seller_item", "value": "A"}]}
    other = {**one, "identifiers": [{"scheme": "seller_item", "value": "B"}]}
    placed = {**one, "location": {"identifiers": [{"scheme": "buyer_assigned", "value": "0101"}]}}
    assert len({key("Forecast", data) for data in (one, other, placed)}) == 3
    assert key("Forecast", one) != key("Forecast", one, partner="q")


def test_price_lists_of_two_partners_are_two() -> None:
    assert key("PriceList", {"price_list_id": "1"}) != key("PriceList", {"price_list_id": "1"}, partner="q")


def test_a_packaging_is_known_by_its_product_s_number() -> None:
    case = {"unit": "XCS", "contains_unit": "EA", "identifiers": [{"scheme": "gtin", "value": "00012345678905"}]}
    assert "00012345678905" in key("Packaging", case)
    assert key("Packaging", {**case, "product_id": "P1"}) != key("Packaging", case)


def test_a_code_that_no_list_knows_is_its_sender_s() -> None:
    data = {"identifiers": [{"scheme": "x12.235:XX", "value": "7"}]}
    assert key("Product", data) != key("Product", data, partner="q")
    assert key("Party", {"identifiers": [{"scheme": "vat:DE", "value": "DE1"}]}) == key(
        "Party", {"identifiers": [{"scheme": "vat:DE", "value": "DE1"}]}, partner="q"
    )


def test_a_class_of_trade_tells_prices_apart() -> None:
    price = {"identifiers": [{"scheme": "gtin", "value": "00012345678905"}], "price": {"amount": "1"}}
    assert key("Price", price) != key("Price", {**price, "trade_class": "resale"})
