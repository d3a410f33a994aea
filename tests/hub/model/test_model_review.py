"""What the review of a document finds, and where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from hub.findings import Severity
from hub.model import KINDS, Order, OrderResponse, Shipment, review
from hub.model.checks import MAX_FINDINGS

D = Decimal
AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


def found(document: Any, **options: Any) -> dict[str, str]:
    return {finding.code: finding.position.path for finding in review(document, **options)}


def test_a_good_order_has_nothing_to_say(make_order: Callable[..., Order]) -> None:
    assert review(make_order()) == []


@pytest.mark.parametrize(
    ("line", "code", "path"),
    [
        (
            {
                "item": {
                    "identifiers": [
                        {"scheme": "seller_assigned", "value": "1"},
                        {"scheme": "gtin", "value": "00012345678906"},
                    ]
                }
            },
            "identifier.check_digit",
            "$.lines[0].item.identifiers[1]",
        ),
        (
            {"item": {"identifiers": [{"scheme": "gtin", "value": "0000000000000"}]}},
            "identifier.zero",
            "$.lines[0].item.identifiers[0]",
        ),
        (
            {"item": {"identifiers": [{"scheme": "house_number", "value": "1"}]}},
            "identifier.unknown_scheme",
            "$.lines[0].item.identifiers[0]",
        ),
        (
            {"item": {"identifiers": [{"scheme": "vat:QQ", "value": "1"}]}},
            "country.unknown",
            "$.lines[0].item.identifiers[0]",
        ),
        ({"item": None}, "item.unidentified", "$.lines[0].item"),
        ({"item": {"attributes": {"color": "blue"}}}, "item.unidentified", "$.lines[0].item"),
        ({"quantity": None}, "quantity.missing", "$.lines[0].quantity"),
        ({"quantity": {"value": D("-1"), "unit": "EA"}}, "quantity.negative", "$.lines[0].quantity"),
        ({"quantity": {"value": D("1.0000001"), "unit": "EA"}}, "quantity.scale", "$.lines[0].quantity.value"),
        ({"quantity": {"value": D("1")}}, "unit.missing", "$.lines[0].quantity"),
        ({"quantity": {"value": D("1"), "unit": "PCE"}}, "unit.unknown", "$.lines[0].quantity.unit"),
        ({"price": {"amount": D("-1")}}, "price.negative", "$.lines[0].price"),
        ({"price": {"amount": D("1"), "per": {"value": D(0), "unit": "EA"}}}, "price.base", "$.lines[0].price.per"),
        ({"price": {"amount": D("0.00000000001")}}, "price.scale", "$.lines[0].price.amount"),
        ({"price": {"amount": D(1), "currency": "EUR"}}, "currency.mixed", "$.lines[0].price.currency"),
        ({"price": {"amount": D(1), "currency": "QQQ"}}, "currency.unknown", "$.lines[0].price.currency"),
        ({"line_amount_stated": {"amount": D("111.03")}}, "line.amount", "$.lines[0].line_amount_stated"),
        ({"line_amount_stated": {"amount": D("111.001")}}, "money.scale", "$.lines[0].line_amount_stated.amount"),
        (
            {
                "schedules": [
                    {"quantity": {"value": D(5), "unit": "EA"}, "location": {"name": "1"}},
                    {"quantity": {"value": D(6), "unit": "EA"}, "location": {"name": "2"}},
                ]
            },
            "schedule.sum",
            "$.lines[0].schedules",
        ),
        ({"action": "explode"}, "code.unknown", "$.lines[0].action"),
        (
            {"requested_delivery": {"start": date(2026, 2, 1), "end": date(2026, 1, 1)}},
            "period.reversed",
            "$.lines[0].requested_delivery",
        ),
        (
            {"requested_delivery": {"start": date(2026, 2, 1), "end": AT}},
            "period.kinds",
            "$.lines[0].requested_delivery",
        ),
        (
            {"allowances_charges": [{"is_charge": False, "amount": {"amount": D(-1)}}]},
            "allowance.negative",
            "$.lines[0].allowances_charges[0].amount",
        ),
        (
            {"allowances_charges": [{"is_charge": False, "percent": D(10), "amount": {"amount": D(1)}}]},
            "allowance.percent_base",
            "$.lines[0].allowances_charges[0]",
        ),
        (
            {
                "allowances_charges": [
                    {"is_charge": False, "percent": D(10), "base": {"amount": D(10)}, "amount": {"amount": D(2)}}
                ]
            },
            "allowance.amount",
            "$.lines[0].allowances_charges[0].amount",
        ),
        ({"allowances_charges": [{"is_charge": True}]}, "allowance.empty", "$.lines[0].allowances_charges[0]"),
        ({"taxes": [{"category": "Q"}]}, "code.unknown", "$.lines[0].taxes[0].category"),
        ({"taxes": [{"percent": D(-1)}]}, "tax.percent", "$.lines[0].taxes[0].percent"),
    ],
)
def test_findings_of_a_line(make_order: Callable[..., Order], line: dict[str, Any], code: str, path: str) -> None:
    assert found(make_order(line=line))[f"model.{code}"] == path


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"issued_at": None}, "date.missing", "$.issued_at"),
        ({"lines": []}, "line.missing", "$.lines"),
        ({"currency": ""}, "currency.missing", "$.currency"),
        ({"currency": "USX"}, "currency.unknown", "$.currency"),
        ({"purpose": "maybe"}, "code.unknown", "$.purpose"),
        ({"roles": {"seller": {"name": "S"}}}, "role.missing", "$.roles"),
        ({"roles": {"buyer": {}, "seller": {}, "king": {}}}, "code.unknown", "$.roles.king"),
        (
            {"roles": {"buyer": {"address": {"country": "QQ"}}, "seller": {}}},
            "country.unknown",
            "$.roles.buyer.address.country",
        ),
        (
            {"roles": {"buyer": {"address": {"country": "US", "region_code": "CA-ON"}}, "seller": {}}},
            "region.mismatch",
            "$.roles.buyer.address.region_code",
        ),
        (
            {"roles": {"buyer": {"address": {"gln": "1"}}, "seller": {}}},
            "identifier.length",
            "$.roles.buyer.address.gln",
        ),
        (
            {"roles": {"buyer": {"address": {"geo": {"latitude": D(91), "longitude": D(0)}}}, "seller": {}}},
            "geo.range",
            "$.roles.buyer.address.geo",
        ),
        ({"totals_stated": {"line_sum": D("111.03")}}, "totals.mismatch", "$.totals_stated.line_sum"),
        ({"totals_stated": {"line_count": 2}}, "totals.mismatch", "$.totals_stated.line_count"),
        ({"totals_stated": {"hash_total": D("12.01")}}, "totals.mismatch", "$.totals_stated.hash_total"),
        (
            {"exchange_rate": {"source": "USD", "target": "EUR", "rate": D(0)}},
            "exchange_rate.value",
            "$.exchange_rate.rate",
        ),
        ({"status": {"commercial": "odd"}}, "code.unknown", "$.status.commercial"),
    ],
)
def test_findings_of_an_order(make_order: Callable[..., Order], fields: dict[str, Any], code: str, path: str) -> None:
    assert found(make_order(**fields))[f"model.{code}"] == path


def test_what_is_within_the_tolerance_is_no_finding(make_order: Callable[..., Order]) -> None:
    order = make_order(line={"line_amount_stated": {"amount": D("111.02")}}, totals_stated={"payable": D("110.98")})
    assert review(order) == []
    assert set(found(order, tolerance=D("0.01"))) == {"model.line.amount", "model.totals.mismatch"}


def test_the_agreement_supplies_the_currency(make_order: Callable[..., Order]) -> None:
    order = make_order(currency="", line={"price": {"amount": D(1)}})
    assert "model.currency.missing" in found(order)
    assert review(order, currency="USD") == []


def test_a_cancellation_needs_no_lines_and_no_price_needs_no_currency(make_order: Callable[..., Order]) -> None:
    assert review(make_order(lines=[], purpose="cancel")) == []
    assert review(make_order(currency="", line={"price": None})) == []


def test_splits_by_place_and_by_date_add_up_each_for_itself(make_order: Callable[..., Order]) -> None:
    places = [{"quantity": {"value": D(6), "unit": "EA"}, "location": {"name": str(i)}} for i in range(2)]
    dates = [{"quantity": {"value": D(4), "unit": "EA"}, "window": {"start": date(2026, 1, i)}} for i in (1, 2, 3)]
    assert review(make_order(line={"schedules": places + dates})) == []


def test_lines_of_one_number_are_found(example: dict[str, Any]) -> None:
    order = Order.model_validate({**example, "lines": example["lines"] * 2})
    assert found(order) == {"model.line.duplicate": "$.lines[1]"}


def test_findings_carry_the_value_and_never_reject(make_order: Callable[..., Order]) -> None:
    finding = review(make_order(line={"quantity": {"value": D(1), "unit": "BOX" * 50}}))[0]
    assert finding.severity is Severity.WARNING
    assert finding.value == ("BOX" * 50)[:99]


def test_endless_findings_end(example: dict[str, Any]) -> None:
    lines = [{"line_id": str(i)} for i in range(2000)]
    findings = review(Order.model_validate({**example, "lines": lines}))
    assert len(findings) == MAX_FINDINGS
    assert findings[-1].code == "model.too_many_findings"
    assert findings[-1].message.startswith("3001 more")


def test_a_response_that_changes_must_carry_lines() -> None:
    empty = OrderResponse(buyer_order_id="1", header_code="accepted_with_changes")
    assert found(empty) == {"model.response.lines": "$.lines"}
    substituted = {"line_id": "1", "status_code": "substituted"}
    one = OrderResponse.model_validate(
        {"buyer_order_id": "1", "header_code": "accepted_with_changes", "lines": [substituted]}
    )
    assert found(one) == {"model.response.substitute": "$.lines[0].substitute"}


def test_a_tree_of_handling_units_hangs_together() -> None:
    units = [
        {"unit_id": "1", "type": "XPX", "sscc": "376130321109103421"},
        {"unit_id": "2", "parent_id": "9"},
        {"unit_id": "3", "parent_id": "4"},
        {"unit_id": "4", "parent_id": "3", "contents": [{"line_id": "7"}]},
        {"unit_id": "5", "parent_id": "3"},
    ]
    shipment = Shipment.model_validate({"despatch_id": "1", "handling_units": units, "lines": [{"line_id": "1"}]})
    assert [(one.code, one.position.path) for one in review(shipment)] == [
        ("model.identifier.check_digit", "$.handling_units[0].sscc"),
        ("model.handling_unit.parent", "$.handling_units[1]"),
        ("model.handling_unit.cycle", "$.handling_units[2]"),
        ("model.handling_unit.cycle", "$.handling_units[3]"),
        ("model.handling_unit.line", "$.handling_units[3].contents[0]"),
    ]


GAP, TWICE = datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001 - floating times
POS_KEY = {"store": "1", "workstation": "1", "sequence": "1", "business_day": date(2026, 1, 1)}
RIGHT = {
    "right_id": "1",
    "holder": "S1-1",
    "store": "S1",
    "outbox": "1",
    "resource": "credit",
    "granted": D(1),
    "expires_at": AT,
}
PAID = {"tenders": [{"type": "cash", "amount": {"amount": D(10)}}], "total": {"amount": D(11)}}


@pytest.mark.parametrize(
    ("kind", "data", "code", "path"),
    [
        ("Party", {"kind": "robot", "legal_name": "A"}, "code.unknown", "$.kind"),
        ("Party", {}, "party.unnamed", "$"),
        ("Party", {"legal_name": "A", "status": "merged"}, "party.merged_into", "$.merged_into"),
        ("Party", {"legal_name": "A", "roles": ["customer", "king"]}, "code.unknown", "$.roles[1]"),
        ("Party", {"legal_name": "A", "addresses": [{"usage": "castle"}]}, "code.unknown", "$.addresses[0].usage"),
        (
            "Party",
            {"legal_name": "A", "contact_points": [{"kind": "email", "value": "a@"}]},
            "contact_point.email",
            "$.contact_points[0].value",
        ),
        (
            "Party",
            {"legal_name": "A", "credit": {"limit": {"amount": D(1), "currency": "QQQ"}}},
            "currency.unknown",
            "$.credit.limit.currency",
        ),
        ("Location", {"time_zone": "Mars/Base"}, "time_zone.unknown", "$.time_zone"),
        ("Location", {"time_zone": "Europe/Berlin", "gln": "1"}, "identifier.length", "$.gln"),
        ("PointOfSale", {"time_zone": "Europe/Berlin", "processing_mode": "wild"}, "code.unknown", "$.processing_mode"),
        ("Product", {}, "item.unidentified", "$"),
        ("Product", {"product_id": "1", "base_unit": "CASE"}, "unit.unknown", "$.base_unit"),
        ("Product", {"product_id": "1", "tax_category": {"QQ": "S"}}, "country.unknown", "$.tax_category.QQ"),
        (
            "Packaging",
            {"product_id": "1", "unit": "XCS", "contains_unit": "EA", "contains_qty": D(0)},
            "packaging.quantity",
            "$.contains_qty",
        ),
        (
            "Packaging",
            {"product_id": "1", "unit": "XCS", "contains_unit": "EA", "contains_qty": D(1), "gtin": "12345678"},
            "identifier.check_digit",
            "$.gtin",
        ),
        ("Price", {"price": {"amount": D(1)}}, "currency.missing", "$.price"),
        ("Price", {"price": {"amount": D(1)}, "min_quantity": D(-1)}, "quantity.negative", "$.min_quantity"),
        ("Payment", {"payment_id": "1", "amount": {"amount": D(-1)}}, "payment.negative", "$.amount"),
        (
            "Payment",
            {
                "payment_id": "1",
                "amount": {"amount": D(1)},
                "allocations": [{"invoice_id": "1", "amount": {"amount": D(2)}}],
            },
            "payment.allocated",
            "$.allocations",
        ),
        ("Return", {"rma_id": "1", "status": "lost"}, "code.unknown", "$.status"),
        ("InventorySnapshot", {"as_of": AT, "quantities": {"floating": D(1)}}, "code.unknown", "$.quantities.floating"),
        (
            "SalesReport",
            {"report_id": "1", "lines": [{"activities": {"flown": D(1)}}]},
            "code.unknown",
            "$.lines[0].activities.flown",
        ),
        (
            "PosTransaction",
            {"key": POS_KEY, "lines": [{"line_id": "1", "type": "return", "quantity": {"value": D(1)}}]},
            "pos.sign",
            "$.lines[0].quantity",
        ),
        ("PosTransaction", {"key": POS_KEY, **PAID}, "pos.tenders", "$.total"),
        (
            "PosTransaction",
            {
                "key": POS_KEY,
                "total": {"amount": D(3)},
                "lines": [{"line_id": "1", "quantity": {"value": D(1)}, "amount": {"amount": D(2)}}],
            },
            "pos.total",
            "$.total",
        ),
        ("PosTransaction", {"key": POS_KEY, "began": {"local": GAP, "zone": "Europe/Berlin"}}, "time.local", "$.began"),
        (
            "PosTransaction",
            {"key": POS_KEY, "ended": {"local": TWICE, "zone": "Europe/Berlin"}},
            "time.ambiguous",
            "$.ended",
        ),
        ("Forecast", {"forecast_id": "1", "kind": "weather"}, "code.unknown", "$.kind"),
        (
            "Interaction",
            {"interaction_id": "1", "party_id": "1", "at": AT, "channel": "smoke"},
            "code.unknown",
            "$.channel",
        ),
        (
            "Consent",
            {
                "consent_id": "1",
                "party_id": "1",
                "purpose": "mail",
                "state": "granted",
                "given_at": AT,
                "expires_at": AT,
            },
            "consent.expired",
            "$.expires_at",
        ),
        (
            "LoyaltyEntry",
            {"entry_id": "1", "account_id": "1", "type": "redeem", "points": D(5), "at": AT},
            "loyalty.sign",
            "$.points",
        ),
        (
            "LoyaltyEntry",
            {"entry_id": "1", "account_id": "1", "type": "reverse", "points": D(5), "at": AT},
            "loyalty.reverses",
            "$.reverses",
        ),
        (
            "Case",
            {"case_id": "1", "opened_at": AT, "resolved_at": datetime(2025, 1, 1, tzinfo=UTC)},
            "case.order",
            "$.resolved_at",
        ),
        (
            "Authorization",
            {"authorization_id": "1", "operation": "credit", "requested_at": AT, "decision": "declined"},
            "authorization.reason",
            "$.reason_codes",
        ),
        (
            "Authorization",
            {"authorization_id": "1", "operation": "credit", "requested_at": AT, "decision": "reversed"},
            "authorization.reverses",
            "$.reverses",
        ),
        ("Right", {**RIGHT, "resource": "gold"}, "code.unknown", "$.resource"),
        ("Right", {**RIGHT, "granted": D(-1)}, "right.negative", "$.granted"),
        ("RightReturn", {"return_id": "1", "right_id": "1", "amount": D(0), "at": AT}, "right.negative", "$.amount"),
        ("TradingAgreement", {"agreement_id": "1", "time_zone": "Mars/Base"}, "time_zone.unknown", "$.time_zone"),
        ("Invoice", {"invoice_id": "1", "kind": "poem"}, "code.unknown", "$.kind"),
        ("Invoice", {"invoice_id": "1", "lines": [{"line_id": "1"}]}, "quantity.missing", "$.lines[0].quantity"),
    ],
)
def test_findings_of_other_documents(kind: str, data: dict[str, Any], code: str, path: str) -> None:
    findings = [(one.code, one.position.path) for one in review(KINDS[kind].model_validate(data))]
    assert (f"model.{code}", path) in findings


def test_a_cancelled_sale_is_not_counted() -> None:
    sale = KINDS["PosTransaction"].model_validate({"key": POS_KEY, **PAID, "cancelled": True})
    assert review(sale) == []


def test_questions_and_reports_of_status() -> None:
    asks = KINDS["OrderStatusRequest"]
    assert found(asks.model_validate({"request_id": "Q", "scope": "selected_orders_all_items"})) == {
        "model.line.missing": "$.orders"
    }
    assert found(asks.model_validate({"request_id": "Q", "scope": "all_orders_all_items"})) == {}
    line = {"line_id": "1"}
    order = {"buyer_order_id": "PO1", "lines": [line, line], "roles": {"nobody": {"name": "A"}}}
    tells = KINDS["OrderStatusReport"]
    assert found(tells.model_validate({"report_id": "R", "orders": [order]})) == {
        "model.code.unknown": "$.orders[0].roles.nobody",
        "model.line.duplicate": "$.orders[0].lines[1]",
    }
    assert found(tells.model_validate({"report_id": "R"})) == {"model.line.missing": "$.orders"}


def test_parts_of_two_kits_may_have_one_number(make_order: Callable[..., Order]) -> None:
    order = make_order()
    kit = order.lines[0].model_copy(update={"line_id": "8", "price": None})
    part = kit.model_copy(update={"line_id": "1", "parent_line_id": "8"})
    whole = order.model_copy(update={"lines": (*order.lines, kit, part)})
    assert "model.line.duplicate" not in found(whole)
    assert "model.line.duplicate" in found(whole.model_copy(update={"lines": (*whole.lines, part)}))
