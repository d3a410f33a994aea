"""The JSON form of every kind: exact, stable, closed, and described by its schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.errors import ConfigurationError, DocumentRejected
from hub.model import KINDS, Document, Order, Party, kind_named, review, schema
from hub.model.document import MAX_JSON_BYTES

KINDS_OF_THE_REFERENCE = {
    "Authorization",
    "Campaign",
    "Case",
    "Consent",
    "DocumentEnvelope",
    "Forecast",
    "Interaction",
    "InventoryMovement",
    "InventorySnapshot",
    "Invoice",
    "Location",
    "LoyaltyEntry",
    "Order",
    "OrderResponse",
    "Packaging",
    "Party",
    "Payment",
    "PointOfSale",
    "PosTransaction",
    "Price",
    "Product",
    "Receipt",
    "Return",
    "SalesReport",
    "Segment",
    "Shipment",
    "TradingAgreement",
}


KINDS_OF_MESSAGES = {
    "CardKey", "CardRevocations", "CustomerProfile", "OrderStatusReport", "OrderStatusRequest", "PriceList", "Right",
    "RightReturn",
}  # fmt: skip
"""Kinds that the reference does not name, for messages that are none of its entities, and for what tills hold."""


def test_every_entity_of_the_reference_is_a_kind() -> None:
    ours = {name for name, kind in KINDS.items() if kind.__module__.startswith("hub.model.")}
    assert ours == KINDS_OF_THE_REFERENCE | KINDS_OF_MESSAGES
    assert all(kind.kind == name for name, kind in KINDS.items())


@pytest.mark.parametrize("kind", sorted(KINDS_OF_THE_REFERENCE | KINDS_OF_MESSAGES))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_writing_reading_and_writing_again_changes_nothing(kind: str, data: Any, data_for: Callable[..., Any]) -> None:
    document = KINDS[kind].model_validate(data.draw(data_for(KINDS[kind])))
    text = document.to_json()
    again = Document.from_json(kind, text)
    assert again.to_json() == text
    assert Document.from_json(kind, again.canonical_dict()) == again
    assert again.digest() == document.digest()
    assert again.kind == kind
    assert json.loads(document.model_dump_json(by_alias=True, exclude_defaults=True)) is not None
    for finding in review(document):
        assert finding.code.startswith("model.")
        assert finding.position.path.startswith("$")
        assert str(finding.severity) != "error"


@pytest.mark.parametrize("kind", sorted(KINDS_OF_THE_REFERENCE | KINDS_OF_MESSAGES))
def test_every_kind_has_a_schema_that_names_its_json_fields(kind: str) -> None:
    found = schema(kind)
    assert found["title"] == kind
    assert found["additionalProperties"] is False
    assert set(found["properties"]) == {field.alias or name for name, field in KINDS[kind].model_fields.items()}
    json.dumps(found)


def test_schema_says_that_amounts_are_text() -> None:
    amount = schema("Order")["$defs"]["Money"]["properties"]["amount"]
    assert amount["type"] == "string"


def test_the_order_of_the_design_is_written_as_it_is_there(make_order: Callable[..., Order]) -> None:
    written = make_order().canonical_dict()
    del written["roles"]["buyer"], written["roles"]["seller"]
    assert written == {
        "buyer_order_id": "PO00000001",
        "purpose": "original",
        "type": "order",
        "issued_at": "2026-01-01",
        "currency": "USD",
        "roles": {
            "ship_to": {
                "name": "STORE NUMBER 0001",
                "identifiers": [{"scheme": "buyer_assigned", "value": "0001"}],
                "address": {
                    "lines": ["123 MAIN STREET"],
                    "city": "SPRINGFIELD",
                    "region": "IL",
                    "postal_code": "62701",
                    "country": "US",
                },
            }
        },
        "requested_delivery": {"start": "2026-01-15"},
        "lines": [
            {
                "line_id": "1",
                "item": {
                    "identifiers": [
                        {"scheme": "gtin", "value": "00012345678905"},
                        {"scheme": "seller_assigned", "value": "SKU00042"},
                    ],
                    "description": "WIDGET BLUE",
                },
                "quantity": {"value": "12", "unit": "EA"},
                "price": {"amount": "9.25", "currency": "USD", "per": {"value": "1", "unit": "EA"}},
            }
        ],
    }


def test_fields_are_written_in_their_own_order_and_maps_by_key() -> None:
    one = Order(
        buyer_order_id="1", roles={"seller": {"name": "S"}, "buyer": {"name": "B"}}, extensions={"b": 1, "a": 2}
    )
    other = Order(
        extensions={"a": 2, "b": 1}, roles={"buyer": {"name": "B"}, "seller": {"name": "S"}}, buyer_order_id="1"
    )
    assert one.to_json() == other.to_json()
    assert one.digest() == other.digest()
    assert list(one.canonical_dict()["roles"]) == ["buyer", "seller"]


def test_what_is_empty_is_left_out_and_what_only_looks_empty_stays(make_order: Callable[..., Order]) -> None:
    order = make_order(
        line={
            "partial_ok": False,
            "quantity": {"value": Decimal(0)},
            "notes": [{"text": "0"}],
            "extensions": {"x": ["", None]},
        },
        priority="",
        version=0,
        hold_reasons=["", "credit"],
        delivery_terms={},
    )
    written = order.canonical_dict()
    line = written["lines"][0]
    assert line["partial_ok"] is False
    assert line["quantity"] == {"value": "0"}
    assert line["notes"] == [{"text": "0"}]
    assert line["extensions"] == {"x": ["", None]}
    assert written["version"] == 0
    assert written["hold_reasons"] == ["", "credit"]
    assert not {"priority", "delivery_terms", "extensions", "provenance", "dates"} & set(written)


def test_numbers_and_times_are_written_exactly(make_order: Callable[..., Order]) -> None:
    order = make_order(
        line={"quantity": {"value": Decimal("1E+3")}, "price": {"amount": Decimal("0.10")}},
        issued_at=datetime(2026, 1, 1, 12, 0, tzinfo=timezone(timedelta(hours=2))),
        dates=[{"qualifier": "shipped", "value": datetime(2026, 1, 2, 3, 4, 5)}],  # noqa: DTZ001
    )
    written = order.canonical_dict()
    assert written["lines"][0]["quantity"]["value"] == "1000"
    assert written["lines"][0]["price"]["amount"] == "0.10"
    assert written["issued_at"] == "2026-01-01T10:00:00Z"
    assert written["dates"][0]["value"] == "2026-01-02T03:04:05"
    assert order.issued_at == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert Order.read_json(order.to_json()) == order


def test_provenance_is_no_part_of_the_content(make_order: Callable[..., Order]) -> None:
    plain, traced = make_order(), make_order(provenance={"file": "a.edi", "position": 3})
    assert plain.digest() == traced.digest()
    assert traced.canonical_dict()["provenance"] == {"file": "a.edi", "position": 3}
    assert "provenance" not in traced.canonical_dict(provenance=False)


def test_party_kind_is_kind_in_json() -> None:
    party = Party.model_validate({"party_kind": "person", "family_name": "Ω"})
    assert party.canonical_dict() == {"kind": "person", "family_name": "Ω"}
    assert (party.kind, party.party_kind) == ("Party", "person")
    assert Party.model_validate({"kind": "person", "family_name": "Ω"}) == party
    assert Party.read_json(party.to_json()) == party


@pytest.mark.parametrize(
    ("data", "path", "code"),
    [
        ('{"lines": []}', "$.buyer_order_id", "model.invalid.missing"),
        ('{"buyer_order_id": "1", "surprise": 1}', "$.surprise", "model.invalid.extra_forbidden"),
        ('{"buyer_order_id": 1}', "$.buyer_order_id", "model.invalid.string_type"),
        ('{"buyer_order_id": "1", "issued_at": 1767225600}', "$.issued_at", "model.invalid.moment"),
        ('{"buyer_order_id": "1", "issued_at": "1767225600"}', "$.issued_at", "model.invalid.moment"),
        ('{"buyer_order_id": "1", "issued_at": "2026-02-30"}', "$.issued_at", "model.invalid.moment"),
        (
            '{"buyer_order_id": "1", "lines": [{"line_id": "1", "quantity": {"value": 1.5}}]}',
            "$.lines[0].quantity.value",
            "model.invalid.number",
        ),
        ('{"buyer_order_id": "1", "extensions": {"a": 1.5}}', "$.extensions", "model.invalid"),
        ('{"buyer_order_id"', "$", "model.invalid.json_invalid"),
        ("[]", "$", "model.invalid.model_type"),
    ],
)
def test_what_is_no_order_is_rejected_with_a_finding_that_says_where(data: str, path: str, code: str) -> None:
    with pytest.raises(DocumentRejected) as caught:
        Document.from_json("Order", data)
    finding = caught.value.findings[0]
    assert finding.position.path.startswith(path)
    assert finding.code.startswith(code)
    assert str(finding.severity) == "error"


def test_json_without_end_is_rejected_before_it_is_read() -> None:
    with pytest.raises(DocumentRejected, match="longer than"):
        Document.from_json("Order", b" " * (MAX_JSON_BYTES + 1))


def test_json_that_is_nested_too_deep_is_rejected() -> None:
    deep = '{"buyer_order_id": "1", "extensions": {"a": ' + "[" * 5000 + "]" * 5000 + "}}"
    with pytest.raises(DocumentRejected):
        Document.from_json("Order", deep)


def test_an_unknown_kind_is_a_clear_error() -> None:
    with pytest.raises(ConfigurationError, match=r"'order'[\s\S]*known: Order$"):
        kind_named("order")
    with pytest.raises(ConfigurationError, match="Invoice"):
        schema("Nothing")


def test_two_kinds_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="two kinds"):
        type("Order", (Document,), {"__module__": __name__})


def test_documents_are_frozen_strict_and_closed(make_order: Callable[..., Order]) -> None:
    order = make_order()
    with pytest.raises(ValidationError):
        order.currency = "EUR"  # type: ignore[misc]
    assert isinstance(order.lines, tuple)
    for wrong in ({"currency": 1}, {"version": "1"}, {"issued_at": "2026-01-01"}, {"nothing": ""}, {"lines": "x"}):
        with pytest.raises(ValidationError):
            make_order(**wrong)


def test_a_document_does_not_hold_on_to_the_data_it_was_made_from(example: dict[str, Any]) -> None:
    order = Order.model_validate(example)
    before = order.to_json()
    example["lines"].clear()
    example["roles"]["ship_to"]["name"] = "changed"
    assert order.to_json() == before


def test_dates_of_every_kind_survive() -> None:
    for at in (date(2026, 1, 1), datetime(2026, 1, 1, 2, 3, 4, 5), datetime(2026, 1, 1, tzinfo=UTC)):  # noqa: DTZ001
        order = Order(buyer_order_id="1", issued_at=at)
        again = Order.read_json(order.to_json())
        assert again.issued_at == at
        assert type(again.issued_at) is type(at)
