from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from hub.model import CardKey, CardRevocations, Order, OrderResponse, Party, Price, Product
from hub.model.inventory import InventorySnapshot
from hub.replication.scopes import scopes_of


def price(**more: Any) -> Price:
    return Price(price={"amount": Decimal(1), "currency": "EUR"}, **more)


GLN = {"scheme": "gln", "value": "0614141000012"}
OWN = {"scheme": "seller_assigned", "value": "1001"}
THEIRS = {"scheme": "buyer_assigned", "value": "17", "issuer": "4012345000009"}


@pytest.mark.parametrize(
    ("document", "tags"),
    [
        (Party(legal_name="A", roles=["customer"], territory="N", identifiers=[GLN, OWN]),
         {"customers", "territory:N", "customer:gln:0614141000012", "customer:own:1001"}),
        (Party(legal_name="A", party_id="g1", external_id="e1"), {"customers", "customer:id:g1", "customer:id:e1"}),
        (Party(legal_name="A", roles=["supplier"], territory="N"), set()),
        (Party(legal_name="A", roles=["customer"], status="erased"), set()),
        (Party(legal_name="A", roles=["customer", "supplier"], status="blocked"), {"customers"}),
        (Product(category="food", attributes={"assortment": "core, summer"}),
         {"products", "assortment:food", "assortment:core", "assortment:summer"}),
        (Product(), {"products"}),
        (Product(status="archived"), set()),
        (price(price_list="RTL"), {"prices", "zone:RTL"}),
        (price(price_list="RTL", location_id="K1"), {"prices", "location:K1"}),
        (price(), {"prices", "all"}),
        (price(party_id="g1"), {"prices", "all"}),
        (price(price_list="RTL", type="competitor"), set()),
        (price(price_list="RTL", status="archived"), set()),
        (CardKey(key_id="8f685685", store="S001", certificate="0oRJ"), {"all"}),
        (CardRevocations(list="0oRJ", seq=5, issued=datetime(2026, 3, 1, tzinfo=UTC)), {"all"}),
        (OrderResponse(response_id="1", buyer_order_id="1"), set()),
        (Order(buyer_order_id="1", pos_id="S001", roles={
            "buyer": {"name": "A", "identifiers": [OWN]}, "ship_to": {"identifiers": [THEIRS], "party_id": "g7"},
            "seller": {"name": "B", "identifiers": [GLN]}}),
         {"orders", "store:S001", "customer:own:1001", "location:buyer_assigned@4012345000009:17",
          "location:id:g7", "location:g7"}),
        (Order(buyer_order_id="1", lines=[{"line_id": "1", "schedules": [{"location": {"identifiers": [GLN]}}]}]),
         {"orders", "location:gln:0614141000012"}),
    ],
)  # fmt: skip
def test_tags_of(document: Any, tags: set[str]) -> None:
    assert scopes_of(document) == tags


def test_stock_is_tagged_by_its_place() -> None:
    snapshot = InventorySnapshot.read_json(
        {"as_of": "2026-01-01", "location_id": "K1", "location": {"identifiers": [GLN]}, "product_id": "p"}
    )
    assert scopes_of(snapshot) == {"stock", "location:K1", "location:gln:0614141000012"}
