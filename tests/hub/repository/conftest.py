"""Documents to store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hub.model import Document


@pytest.fixture
def order() -> Callable[..., Document]:
    """Makes an order: ``order("PO1", currency="EUR")``."""

    def make(number: str = "PO1", *, lines: int = 2, **fields: Any) -> Document:
        data: dict[str, Any] = {
            "buyer_order_id": number,
            "purpose": "original",
            "issued_at": "2026-01-01",
            "currency": "USD",
            "roles": {"buyer": {"name": "Acme", "identifiers": [{"scheme": "duns", "value": "123456789"}]}},
            "lines": [
                {
                    "line_id": f"{line:03d}",
                    "item": {"identifiers": [{"scheme": "gtin", "value": f"{line:014d}"}], "description": "Widget"},
                    "quantity": {"value": "12", "unit": "EA"},
                    "price": {"amount": "9.25", "currency": "USD"},
                }
                for line in range(1, lines + 1)
            ],
        }
        return Document.from_json("Order", {**data, **fields})

    return make


@pytest.fixture
def make() -> Callable[..., Document]:
    """Makes a document of any kind from its JSON form: ``make("Party", legal_name="Acme")``."""

    def build(kind: str, /, **fields: Any) -> Document:
        return Document.from_json(kind, fields)

    return build
