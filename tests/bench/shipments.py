"""X12 856 for the benchmark: shipments of one order, three cartons with an SSCC each, two items in each carton."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hub.model import Shipment
from hub.model.check_digits import with_check_digit
from tests.bench.orders import STORES, day, lines

UNITS = {"EA": "EA", "CA": "XCS"}
ROLES = {"ST": "ship_to", "SF": "ship_from"}
SCHEMES = {"UP": "gtin", "VN": "seller_assigned"}


def _set(number: int) -> str:
    store = number * 37 % STORES
    body = [
        f"ST*856*{number:09d}",
        f"BSN*00*SH{number:08d}*{day(number)}*0815*0001",
        "HL*1**S",
        "TD5**2*UPSN*M",
        f"REF*BM*{number:09d}",
        f"DTM*011*{day(number)}",
        f"N1*ST*STORE NUMBER {store:04d}*92*{store:04d}",
        "N1*SF*AUERBACH SUPPLY*92*AS01",
        "HL*2*1*O",
        f"PRF*PO{number:08d}***{day(number)}",
    ]
    level = 2
    for carton in range(3):
        level += 1
        held = level
        sscc = with_check_digit(f"00123456{number * 3 + carton:09d}")
        body += [f"HL*{level}*2*P", f"MAN*GM*00{sscc}"]
        for one in lines(number)[carton * 2 : carton * 2 + 2]:
            level += 1
            what = one.item
            body += [
                f"HL*{level}*{held}*I",
                f"LIN*{one.number}*UP*{what.gtin}*VN*{what.sku}",
                f"SN1**{one.quantity}*{what.unit}",
            ]
    body.append(f"CTT*{level}")
    return "~".join([*body, f"SE*{len(body) + 1}*{number:09d}"]) + "~"


def parts(count: int) -> Iterator[str]:
    """An X12 004010 interchange of ``count`` 856s, piece by piece."""
    yield (
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'AUERBACH':15}*ZZ*{'NORTHGATE':15}*260101*0815*U*00401*000000001*0*P*>~"
        "GS*SH*AUERBACH*NORTHGATE*20260101*0815*1*X*004010~"
    )
    for number in range(1, count + 1):
        yield _set(number)
    yield f"GE*{count}*1~IEA*1*000000001~"


def bare(text: str) -> Shipment | None:
    """The baseline: no envelope, no validation of the message, nothing unexpected; the same pydantic model. The
    last document comes back."""
    made: Shipment | None = None
    shipment: dict[str, Any] = {}
    order = ""
    for raw in text.split("~"):
        s = raw.split("*")
        tag = s[0]
        if tag == "HL":
            if s[3] == "P":
                number = str(len(shipment["handling_units"]) + 1)
                unit: dict[str, Any] = {"unit_id": number, "level": "pack", "buyer_order_id": order, "contents": []}
                shipment["handling_units"].append(unit)
        elif tag == "LIN":
            line: dict[str, Any] = {
                "line_id": s[1],
                "buyer_order_id": order,
                "item": {
                    "identifiers": [{"scheme": SCHEMES[s[2]], "value": s[3]}, {"scheme": SCHEMES[s[4]], "value": s[5]}]
                },
            }
            shipment["lines"].append(line)
        elif tag == "SN1":
            quantity = {"value": Decimal(s[2]), "unit": UNITS[s[3]]}
            line["quantity"] = quantity
            unit["contents"].append({"line_id": line["line_id"], "quantity": quantity})
        elif tag == "MAN":
            unit["sscc"] = s[2][2:]
        elif tag == "BSN":
            d, t = s[3], s[4]
            issued = datetime(int(d[:4]), int(d[4:6]), int(d[6:]), int(t[:2]), int(t[2:]))  # noqa: DTZ001
            shipment = {
                "purpose": "original", "despatch_id": s[2], "issued_at": issued, "hierarchy": "SOPI", "roles": {},
                "lines": [], "handling_units": [], "orders": [],
            }  # fmt: skip
        elif tag == "TD5":
            carrier = {"scheme": "scac", "value": s[3]}
            shipment["roles"]["carrier"] = {"identifiers": [carrier]}
            shipment["transport_mode"] = "common_carrier"
            shipment["routes"] = [{"carrier": carrier, "mode": "common_carrier"}]
        elif tag == "REF":
            shipment["bill_of_lading"] = s[2]
        elif tag == "DTM":
            d = s[2]
            shipment["despatched_at"] = date(int(d[:4]), int(d[4:6]), int(d[6:]))
        elif tag == "N1":
            role = {"name": s[2], "identifiers": [{"scheme": "buyer_assigned", "value": s[4]}]}
            shipment["roles"][ROLES[s[1]]] = role
        elif tag == "PRF":
            order, d = s[1], s[4]
            shipment["orders"].append({"type": "order", "id": order, "date": date(int(d[:4]), int(d[4:6]), int(d[6:]))})
        elif tag == "SE":
            made = Shipment.model_validate(shipment)
    return made
