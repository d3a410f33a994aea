"""Rows against the till itself: what is projected is read back by ``hub_pos``."""

from __future__ import annotations

from typing import Any

import pytest

from hub.model import KINDS, Document
from hub.replication.rows import PROJECTIONS, project


def row(kind: str, /, **data: Any) -> dict[str, Any]:
    """The row of a document that went through its model, as the feed has it."""
    return project(kind, "d1", Document.from_json(kind, data).canonical_dict())


def test_a_customer() -> None:
    made = row(
        "Party",
        kind="organization",
        legal_name="Müller & Söhne OHG",
        trading_name="Müller & Söhne",
        external_id="E7",
        identifiers=[{"scheme": "seller_assigned", "value": "1001"}, {"scheme": "card_no", "value": "4711"}],
        addresses=[
            {"usage": "billing", "lines": ["Postfach 1"], "city": "Bonn"},
            {
                "usage": "delivery",
                "lines": ["Hafen 1", "Tor 2"],
                "city": "Kiel",
                "postal_code": "24103",
                "country": "DE",
            },
        ],
        contact_points=[{"kind": "phone", "value": "+49 431 / 12345"}, {"kind": "email", "value": "Info@Mueller.de"}],
        contacts=[{"name": "Anna", "contact_points": [{"kind": "mobile", "value": "0170 1"}]}],
        segments=["gold"],
        territory="N",
        price_list_id="WHL",
        credit={"limit": {"amount": "500.00", "currency": "EUR"}},
        status="blocked",
    )
    assert made == {
        "number": "1001", "name": "Müller & Söhne", "contact": "Anna", "email": "Info@Mueller.de",
        "phone": "+49 431 / 12345", "street": "Hafen 1, Tor 2", "city": "Kiel", "postal_code": "24103",
        "country": "DE", "territory": "N", "price_list": "WHL", "credit_limit": "500.00", "credit_currency": "EUR",
        "on_hold": True, "status": "blocked",
        "keys": [
            {"scheme": "card_no", "value": "4711"}, {"scheme": "email", "value": "info@mueller.de"},
            {"scheme": "id", "value": "E7"}, {"scheme": "own", "value": "1001"},
            {"scheme": "phone", "value": "+4943112345"}, {"scheme": "phone", "value": "01701"},
            {"scheme": "segment", "value": "gold"},
        ],
    }  # fmt: skip


def test_a_person_is_named() -> None:
    assert row("Party", given_name="Ada", family_name="Lovelace")["name"] == "Ada Lovelace"


def test_a_product() -> None:
    made = row(
        "Product",
        external_id="77",
        identifiers=[
            {"scheme": "gtin", "value": "4006381333931"},
            {"scheme": "sku", "value": "K-1"},
            {"scheme": "seller_item", "value": "9", "issuer": "ACME"},
        ],
        name=[{"value": "Käse", "lang": "de"}, {"value": "Cheese", "lang": "en"}],
        base_unit="EA",
        tax_category={"DE": "S"},
        lifecycle={"status": "active"},
    )
    assert made == {
        "number": "K-1", "name": "Käse", "unit": "EA", "tax_category": "DE=S", "status": "active",
        "barcodes": [{"gtin": "04006381333931"}],
        "keys": [
            {"scheme": "gtin", "value": "04006381333931"}, {"scheme": "id", "value": "77"},
            {"scheme": "own", "value": "K-1"}, {"scheme": "seller_item@ACME", "value": "9"},
        ],
    }  # fmt: skip


def test_a_price_names_its_product_in_every_way() -> None:
    made = row(
        "Price",
        product_id="77",
        identifiers=[{"scheme": "sku", "value": "K-1"}, {"scheme": "gtin", "value": "4006381333931"}],
        price={"amount": "2.50", "currency": "EUR", "per": {"value": "1", "unit": "EA"}, "tax_included": False},
        price_list="RTL",
        valid={"start": "2026-01-01", "end": "2026-01-31"},
        min_quantity="12",
        priority=3,
        type="retail",
    )
    assert made == {
        "item": "gtin:04006381333931", "items": [{"item": "id:77"}, {"item": "own:K-1"}], "price_list": "RTL",
        "amount": "2.50", "currency": "EUR", "per_value": "1", "per_unit": "EA", "basis": "retail",
        "tax_included": False, "min_qty": "12", "valid_from": "2026-01-01", "valid_to": "2026-02-01", "priority": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("end", "after"),
    [("2026-02-28", "2026-03-01"), ("2026-01-31T20:00:00Z", "2026-01-31T20:00:00Z"), ("9999-12-31", None)],
)
def test_a_last_day_is_included(end: str, after: str | None) -> None:
    made = row("Price", product_id="1", price={"amount": "1"}, valid={"end": end})
    assert made.get("valid_to") == after


def test_stock() -> None:
    made = row(
        "InventorySnapshot",
        as_of="2026-01-01T06:00:00Z",
        location={"identifiers": [{"scheme": "gln", "value": "0614141000012"}]},
        product_id="77",
        unit="EA",
        quantities={"on_hand": "7", "min": "3"},
    )
    assert made == {
        "item": "id:77", "location": "gln:0614141000012", "unit": "EA", "on_hand": "7", "as_of": "2026-01-01T06:00:00Z",
    }  # fmt: skip


def test_an_order_with_its_lines() -> None:
    made = row(
        "Order",
        buyer_order_id="PO-1",
        purpose="original",
        issued_at="2026-01-02",
        currency="EUR",
        roles={"buyer": {"name": "Müller", "identifiers": [{"scheme": "gln", "value": "0614141000012"}]}},
        requested_delivery={"start": "2026-01-15"},
        totals_stated={"line_count": 2},
        totals_computed={"line_sum": "25.00"},
        lines=[
            {"line_id": "10", "quantity": {"value": "10", "unit": "EA"}, "price": {"amount": "2.50"},
             "item": {"identifiers": [{"scheme": "gtin", "value": "4006381333931"}], "description": "Käse"},
             "line_amount_computed": {"amount": "25.00", "currency": "EUR"}},
            {"line_id": "20"},
        ],
    )  # fmt: skip
    assert made == {
        "number": "PO-1", "purpose": "original", "status": "received", "customer": "Müller",
        "customer_key": "gln:0614141000012", "issued_at": "2026-01-02", "requested_from": "2026-01-15",
        "currency": "EUR", "total": "25.00", "line_count": 2,
        "lines": [
            {"position": 1, "line_id": "10", "item": "gtin:04006381333931", "name": "Käse", "quantity": "10",
             "unit": "EA", "price": "2.50", "amount": "25.00"},
            {"position": 2, "line_id": "20"},
        ],
    }  # fmt: skip


def test_what_a_till_needs_to_believe_cards() -> None:
    assert row("CardKey", key_id="8f685685", store="S001", certificate="0oRJ") == {
        "key_id": "8f685685", "store": "S001", "certificate": "0oRJ",
    }  # fmt: skip
    assert row("CardKey", key_id="8f685685", certificate="0oRJ") == {"key_id": "8f685685", "certificate": "0oRJ"}
    assert row("CardRevocations", list="0oRJ", seq=5, issued="2026-03-01T12:00:00Z") == {"list": "0oRJ"}


def test_every_projected_kind_exists() -> None:
    assert set(PROJECTIONS) <= set(KINDS)
