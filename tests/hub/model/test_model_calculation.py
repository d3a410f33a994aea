"""Line amounts and totals as EN 16931 has them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from hub.model import Invoice, Order
from hub.model.calculation import line_amount, totals_of, with_totals
from hub.model.order_line import OrderLine

D = Decimal


def line(**fields: Any) -> OrderLine:
    return OrderLine.model_validate({"line_id": "1", **fields})


def priced(quantity: str, amount: str, per: str | None = None, **fields: Any) -> dict[str, Any]:
    price: dict[str, Any] = {"amount": D(amount)}
    if per:
        price["per"] = {"value": D(per)}
    return {"quantity": {"value": D(quantity), "unit": "EA"}, "price": price, **fields}


def charge(amount: str, is_charge: bool = True, **fields: Any) -> dict[str, Any]:
    return {"is_charge": is_charge, "amount": {"amount": D(amount)}, **fields}


def test_vector_of_the_reference() -> None:
    assert line_amount(line(**priced("7", "10.0000", "3"))) == D("23.33")
    assert line_amount(line(**priced("7", "10.0000", "3", allowances_charges=[charge("1.005")]))) == D("24.34")


def test_parts_are_rounded_on_their_own() -> None:
    parts = [charge("1.005"), charge("1.005"), charge("0.004", is_charge=False), charge("9", scope="price")]
    assert line_amount(line(**priced("1", "1", allowances_charges=parts))) == D("3.02")


def test_a_percentage_is_of_its_base_or_of_the_line() -> None:
    ten = {"is_charge": False, "percent": D(10)}
    assert line_amount(line(**priced("2", "50", allowances_charges=[ten]))) == D("90.00")
    based = {**ten, "base": {"amount": D(200)}}
    assert line_amount(line(**priced("2", "50", allowances_charges=[based]))) == D("80.00")
    rate = {"is_charge": True, "rate": {"amount": D("0.50")}, "quantity": {"value": D(2)}}
    assert line_amount(line(**priced("2", "50", allowances_charges=[rate]))) == D("101.00")


def test_what_cannot_be_computed_is_none() -> None:
    assert line_amount(line()) is None
    assert line_amount(line(**priced("1", "1", "0"))) is None
    assert line_amount(line(**priced("1", "1", allowances_charges=[{"is_charge": True}]))) is None
    other_unit = {"amount": D(1), "per": {"value": D(1), "unit": "XCS"}}
    assert line_amount(line(quantity={"value": D(1), "unit": "EA"}, price=other_unit)) is None


def test_units_that_physics_converts_are_converted() -> None:
    per_dozen = {"amount": D("24"), "per": {"value": D(1), "unit": "DZN"}}
    assert line_amount(line(quantity={"value": D(6), "unit": "EA"}, price=per_dozen)) == D("12.00")


def test_yen_have_no_decimals() -> None:
    assert line_amount(line(**priced("3", "33.5")), "JPY") == D(101)


def invoice(lines: list[dict[str, Any]], **fields: Any) -> Invoice:
    numbered = [{"line_id": str(i), **one} for i, one in enumerate(lines, 1)]
    return Invoice.model_validate({"invoice_id": "1", "currency": "EUR", "lines": numbered, **fields})


def vat(percent: str, category: str = "S") -> list[dict[str, Any]]:
    return [{"type": "vat", "category": category, "percent": D(percent)}]


def test_totals_by_category_and_rate() -> None:
    totals = totals_of(
        invoice(
            [
                priced("1", "100.05", taxes=vat("19")),
                priced("2", "10.10", taxes=vat("7")),
                priced("1", "0.05", taxes=vat("19")),
            ],
            allowances_charges=[charge("10", is_charge=False, taxes=vat("19"))],
            totals_stated={"prepaid": D(20), "rounding": D("0.01")},
        )
    )
    assert (totals.line_sum, totals.allowance_sum, totals.charge_sum) == (D("120.30"), D("10.00"), D(0))
    assert totals.tax_exclusive == D("110.30")
    assert totals.tax == D("17.12") + D("1.41")
    assert totals.tax_inclusive == D("128.83")
    assert totals.payable == D("108.84")
    assert (totals.line_count, totals.hash_total) == (3, D(4))


def test_the_breakdown_serves_where_lines_state_no_tax() -> None:
    breakdown = [{"category": "S", "percent": D(20), "taxable": {"amount": D("100.00")}}]
    totals = totals_of(invoice([priced("1", "100")], taxes=breakdown))
    assert (totals.tax, totals.payable) == (D("20.00"), D("120.00"))


def test_unknown_tax_is_not_guessed() -> None:
    totals = totals_of(invoice([priced("1", "100")], taxes=[{"type": "vat"}]))
    assert (totals.tax_exclusive, totals.tax, totals.tax_inclusive, totals.payable) == (D("100.00"), None, None, None)
    mixed = totals_of(invoice([priced("1", "1", taxes=vat("19"))], allowances_charges=[charge("1")]))
    assert mixed.tax is None


def test_an_order_without_taxes_is_payable_without_tax(make_order: Callable[..., Order]) -> None:
    totals = totals_of(make_order())
    assert (totals.line_sum, totals.tax, totals.payable) == (D("111.00"), None, D("111.00"))


def test_prices_with_tax_give_a_sum_only(make_order: Callable[..., Order]) -> None:
    totals = totals_of(make_order(line={"price": {"amount": D(1), "tax_included": True}}))
    assert (totals.line_sum, totals.tax_exclusive) == (D("12.00"), None)


def test_a_line_without_price_leaves_the_sums_open(make_order: Callable[..., Order]) -> None:
    totals = totals_of(make_order(line={"price": None}))
    assert (totals.line_sum, totals.line_count, totals.hash_total) == (None, 1, D(12))


def test_computed_amounts_are_written_beside_the_stated_ones(make_order: Callable[..., Order]) -> None:
    order = with_totals(make_order(line={"line_amount_stated": {"amount": D("111.5")}}))
    assert order.lines[0].line_amount_computed is not None
    assert order.lines[0].line_amount_computed.amount == D("111.00")
    assert order.lines[0].line_amount_stated is not None
    assert order.lines[0].line_amount_stated.amount == D("111.5")
    assert order.totals_computed is not None
    assert order.totals_computed.payable == D("111.00")
    assert Order.read_json(order.to_json()) == order


@pytest.mark.parametrize("quantity", ["0", "-3"])
def test_zero_and_negative_quantities_are_computed(quantity: str) -> None:
    assert line_amount(line(**priced(quantity, "2.50"))) == D(quantity) * D("2.50")
