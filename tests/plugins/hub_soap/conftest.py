"""A real SOAP server on loopback, an endpoint file for it, and no other network."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import hub_soap
from hub.mapping.library import MappingLibrary
from hub.model import Order
from hub_soap.connector import SoapConnector, open_endpoint
from hub_soap.demo_erp import DemoErp
from hub_soap.demo_erp.__main__ import write_endpoint

ORDER = {
    "buyer_order_id": "PO-4711",
    "type": "order",
    "issued_at": "2026-11-20",
    "currency": "USD",
    "roles": {
        "ship_to": {
            "name": "Northgate Foods Store 0101",
            "identifiers": [{"scheme": "buyer_assigned", "value": "0101"}, {"scheme": "gln", "value": "4012345901016"}],
            "address": {"lines": ["101 Harbor Street"], "city": "Springfield", "region": "IL", "country": "US"},
        }
    },
    "requested_delivery": {"start": "2026-12-01"},
    "notes": [{"text": "Ring twice", "subject": "delivery"}],
    "lines": [
        {
            "line_id": "1",
            "item": {
                "identifiers": [
                    {"scheme": "gtin", "value": "04012345000108", "raw": "4012345000108"},
                    {"scheme": "seller_assigned", "value": "SKU0001"},
                ],
                "description": "Coffee & beans",
            },
            "quantity": {"value": "12", "unit": "EA"},
            "price": {"amount": "9.25", "currency": "USD", "per": {"value": "1", "unit": "EA"}},
        },
        {
            "line_id": "2",
            "item": {"identifiers": [{"scheme": "seller_assigned", "value": "SKU0006"}]},
            "quantity": {"value": "2.5", "unit": "XPK"},
            "price": {"amount": "7.6", "currency": "USD", "per": {"value": "1", "unit": "XPK"}},
        },
    ],
}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def refuse(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1"):
            raise AssertionError(f"a test reached for the network: {address}")
        connect(self, address)

    def local(host: Any, *more: Any, **named: Any) -> Any:
        if host not in ("127.0.0.1", "::1", "localhost", None):
            raise AssertionError(f"a test asked for the address of {host}")
        return getaddrinfo(host, *more, **named)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", local)


@pytest.fixture(scope="session")
def library() -> MappingLibrary:
    """The shipped mappings and the plugin's own."""
    return MappingLibrary(hub_soap.hub_register_mappings(), converters=hub_soap.hub_register_converters())


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[DemoErp]:
    """A running ERP whose orders lie in a file."""
    with DemoErp(orders=tmp_path / "erp-orders.sqlite") as server:
        yield server


@pytest.fixture
def endpoint(erp: DemoErp, tmp_path: Path) -> Callable[..., Path]:
    """Write the endpoint file, with replacements of its text; waits are short."""

    def write(*changes: tuple[str, str]) -> Path:
        file = write_endpoint(erp, tmp_path / "workspace")
        text = file.read_text("utf-8")
        quick = [("wait: 0.2, longest: 5", "wait: 0.01, longest: 0.05"), ("settle: 2", "settle: 0.3")]
        for old, new in [*quick, *changes]:
            assert old in text, f"{old!r} is not in the endpoint file"
            text = text.replace(old, new)
        file.write_text(text, "utf-8")
        return file

    return write


@pytest.fixture
def connect(endpoint: Callable[..., Path], library: MappingLibrary) -> Iterator[Callable[..., SoapConnector]]:
    """Open the endpoint, with replacements in its file."""
    opened: list[SoapConnector] = []

    def open_with(*changes: tuple[str, str]) -> SoapConnector:
        opened.append(open_endpoint({"file": endpoint(*changes), "library": library}))
        return opened[-1]

    yield open_with
    for connector in opened:
        connector.close()


@pytest.fixture
def order() -> Order:
    """An order with two lines."""
    return Order.read_json(ORDER)


@pytest.fixture
def another_order() -> Callable[..., Order]:
    """The same order with other fields."""
    return lambda **fields: Order.read_json({**ORDER, **fields})
