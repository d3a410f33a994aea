"""Documents made at random from the models themselves, and the order of the design."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st
from pydantic import BaseModel

from hub.model import Order

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
WORDS = st.sampled_from(["gtin", "gln", "USD", "JPY", "EA", "XCS", "012345678905", "original", "Ω", "x" * 40]) | TEXT
NUMBERS = st.one_of(
    st.decimals(min_value=-(10**12), max_value=10**12, places=2),
    st.decimals(min_value=0, max_value=10**6, places=6),
    st.sampled_from([Decimal("0"), Decimal("-0.00"), Decimal("1E+3"), Decimal("0.000001"), Decimal("9" * 30)]),
)
DATES = st.dates(date(1, 1, 2), date(9999, 12, 30))
NAIVE = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))  # noqa: DTZ001 - a floating time
AWARE = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.timezones() | st.just(UTC))  # noqa: DTZ001
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)


def _draw(draw: Any, annotation: Any, depth: int) -> Any:
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        names = [getattr(one, "__name__", "") for one in args[1:]]
        if any(getattr(one, "min_length", None) for one in args[1:]):
            return draw(WORDS.filter(bool))
        if "_Instant" in names:
            return draw(AWARE)
        if "_Floating" in names:
            return draw(NAIVE)
        return _draw(draw, args[0], depth)
    if origin in (typing.Union, types.UnionType):
        kinds = [one for one in args if one is not type(None)]
        return _draw(draw, draw(st.sampled_from(kinds)), depth)
    if origin is tuple:
        return [_draw(draw, args[0], depth) for _ in range(draw(st.integers(0, 2)))]
    if origin is dict:
        if args[1] is not str and not isinstance(args[1], type) and "Json" in str(args[1]):
            return draw(st.dictionaries(TEXT, JSON, max_size=2))
        keys = draw(st.lists(TEXT, max_size=2, unique=True))
        return {key: _draw(draw, args[1], depth) for key in keys}
    simple = {str: WORDS, Decimal: NUMBERS, int: st.integers(-1000, 1000), bool: st.booleans(), date: DATES}
    if annotation in simple:
        return draw(simple[annotation])
    if annotation is datetime:
        return draw(AWARE | NAIVE)
    return draw_fields(draw, annotation, depth + 1)


def draw_fields(draw: Any, model: type[BaseModel], depth: int = 0) -> dict[str, Any]:
    """Data for ``model``: what it requires and a few of its other fields, typed as a mapping would hand them over."""
    optional = [name for name, field in model.model_fields.items() if not field.is_required()]
    chosen = set(draw(st.lists(st.sampled_from(optional), max_size=4 if depth < 3 else 1))) if optional else set()
    out = {}
    for name, field in model.model_fields.items():
        if field.is_required() or name in chosen:
            annotation = field.annotation
            for extra in field.metadata:
                annotation = typing.Annotated[annotation, extra]
            out[name] = _draw(draw, annotation, depth)
    return out


@pytest.fixture(scope="session")
def data_for() -> Callable[[type[BaseModel]], st.SearchStrategy[dict[str, Any]]]:
    """A strategy of data for a model class."""

    @st.composite
    def fields(draw: Any, model: type[BaseModel]) -> dict[str, Any]:
        return draw_fields(draw, model)

    return fields


@pytest.fixture
def example() -> dict[str, Any]:
    """An order with one line, as a mapping hands it over."""
    return {
        "buyer_order_id": "PO00000001",
        "purpose": "original",
        "type": "order",
        "issued_at": date(2026, 1, 1),
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
            },
            "buyer": {"name": "B"},
            "seller": {"name": "S"},
        },
        "requested_delivery": {"start": date(2026, 1, 15)},
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
                "quantity": {"value": Decimal("12"), "unit": "EA"},
                "price": {
                    "amount": Decimal("9.25"),
                    "currency": "USD",
                    "per": {"value": Decimal("1"), "unit": "EA"},
                },
            }
        ],
    }


@pytest.fixture
def make_order(example: dict[str, Any]) -> Callable[..., Order]:
    """The example order with fields of it, or of its only line (``line=``), replaced."""

    def make(line: dict[str, Any] | None = None, **fields: Any) -> Order:
        lines = [{**example["lines"][0], **(line or {})}]
        return Order.model_validate({**example, "lines": lines, **fields})

    return make
