"""Checkpoints as the hub would send them, made by hand: the store's side is tested without a hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from hub_pos import Replica

Make = Callable[..., dict[str, Any]]


def _change(seq: int, entity: str, id_: str, row: Mapping[str, Any] | None) -> dict[str, Any]:
    change: dict[str, Any] = {"seq": seq, "entity": entity, "id": id_, "op": "del" if row is None else "put"}
    if row is not None:
        change["row"] = dict(row)
    return change


def _checkpoint(
    first: int,
    last: int,
    buckets: Mapping[str, Sequence[tuple[int, str, str, Mapping[str, Any] | None]]],
    *,
    snapshots: Sequence[str] = (),
    reset: tuple[str, int] | None = None,
    held: Sequence[str] | None = None,
    origin: str | None = None,
    unsubscribe: Sequence[str] = (),
    epoch: str = "e1",
    settings: Mapping[str, Any] | None = None,
    as_of: str = "2026-03-01T12:00:00+00:00",
) -> dict[str, Any]:
    segments = [
        {
            "bucket": bucket,
            "first": first,
            "last": last,
            "snapshot": bucket in snapshots or reset is not None,
            "changes": [_change(*item) for item in items],
        }
        for bucket, items in buckets.items()
    ]
    out: dict[str, Any] = {
        "epoch": epoch, "schema": 1, "last": last, "as_of": as_of, "segments": segments, "reset": reset is not None,
        "from": {"epoch": reset[0] if reset else origin or epoch, "seq": reset[1] if reset else first,
                 "buckets": held if held is not None else [] if reset and not reset[1] else ["a", "b"]},
        "unsubscribe": list(unsubscribe), "settings": dict(settings or {}),
    }  # fmt: skip
    return out


@pytest.fixture
def checkpoint() -> Make:
    return _checkpoint


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "S001.sqlite"


@pytest.fixture
def replica(path: Path) -> Iterator[Replica]:
    opened = Replica(path)
    yield opened
    opened.close()


SHOP: dict[str, list[tuple[int, str, str, Mapping[str, Any] | None]]] = {
    "all": [
        (1, "product", "p1", {
            "number": "SKU1", "name": "Käse jung", "brand": "Almhof", "unit": "EA", "status": "active",
            "barcodes": [{"gtin": "04006381333931", "unit": "EA", "quantity": "1"},
                         {"gtin": "14006381333938", "unit": "CS", "quantity": "12"}],
            "keys": [{"scheme": "seller_assigned", "value": "SKU1"}],
        }),
        (2, "product", "p2", {"number": "SKU2", "name": "Brot", "unit": "EA", "barcodes": [
            {"gtin": "00012345678905"}], "keys": [{"scheme": "plu", "value": "4011"}]}),
        (3, "price", "r1", {"item": "gtin:04006381333931", "amount": "3.00", "currency": "EUR", "per_value": "1",
                            "per_unit": "EA"}),
    ],
    "zone:RTL": [
        (4, "price", "r2", {"item": "id:p1", "price_list": "RTL", "amount": "2.50", "currency": "EUR"}),
        (5, "price", "r3", {"item": "id:p1", "price_list": "RTL", "amount": "2.20", "currency": "EUR",
                            "min_qty": "12"}),
        (6, "price", "r4", {"item": "id:p1", "price_list": "RTL", "amount": "1.99", "currency": "EUR",
                            "promotion": "SPRING", "priority": 5, "valid_from": "2026-04-01",
                            "valid_to": "2026-05-01"}),
        (7, "price", "r5", {"item": "id:p1", "price_list": "RTL", "amount": "1.00", "currency": "USD"}),
    ],
    "territory:N": [
        (8, "customer", "c1", {"number": "1001", "name": "Müller & Söhne", "city": "Kiel", "price_list": "WHL",
                               "on_hold": True, "credit_limit": "500.00", "credit_currency": "EUR",
                               "keys": [{"scheme": "card_no", "value": "4711"},
                                        {"scheme": "phone", "value": "+4943112345"}]}),
        (9, "customer", "c2", {"number": "1002", "name": "Muller Maria", "city": "Bonn"}),
        (9, "profile", "f1", {"customer": "c1", "accounts": [{"account_id": "A-1", "points": "120"}], "consents": [
            {"position": 1, "purpose": "marketing", "channels": "email sms", "state": "granted",
             "given_at": "2026-01-01T08:00:00Z"}]}),
        (10, "price", "r6", {"item": "id:p1", "price_list": "WHL", "amount": "2.10", "currency": "EUR"}),
        (11, "price", "r7", {"item": "id:p2", "customer": "card_no:4711", "amount": "0.90", "currency": "EUR"}),
    ],
    "location:gln:0614141000012": [
        (12, "stock", "s1", {"item": "id:p1", "location": "gln:0614141000012", "unit": "EA", "on_hand": "7",
                             "available": "5", "as_of": "2026-03-01T06:00:00Z"}),
        (13, "stock", "s2", {"item": "id:p1", "location": "gln:9999999999994", "unit": "EA", "on_hand": "70"}),
        (14, "price", "r8", {"item": "id:p2", "location": "gln:0614141000012", "amount": "1.20", "currency": "EUR"}),
        (15, "price", "r9", {"item": "id:p2", "location": "gln:9999999999994", "amount": "0.10", "currency": "EUR"}),
    ],
    "store:S001": [
        (16, "order", "o1", {"number": "PO-1", "status": "accepted", "issued_at": "2026-02-01", "customer": "Müller",
                             "currency": "EUR", "total": "25.00", "lines": [
                                 {"position": 1, "line_id": "10", "item": "gtin:04006381333931", "quantity": "10",
                                  "unit": "EA", "price": "2.50", "currency": "EUR", "amount": "25.00"},
                                 {"position": 2, "line_id": "20", "name": "Brot", "quantity": "1"}]}),
        (17, "order", "o2", {"number": "PO-2", "status": "received", "issued_at": "2026-02-02"}),
    ],
}  # fmt: skip

SETTINGS = {
    "store": "S001", "name": "Kiel", "mode": "autonomous", "currency": "EUR", "time_zone": "Europe/Berlin",
    "price_lists": ["RTL"], "locations": ["gln:0614141000012"],
}  # fmt: skip


@pytest.fixture
def shop(replica: Replica, path: Path) -> Path:
    replica.apply(_checkpoint(0, 17, SHOP, reset=("", 0), settings=SETTINGS))
    return path
