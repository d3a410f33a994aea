"""X12 810 for the benchmark: as many invoices as wanted, six lines each, and the loop to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from hub.model import Invoice
from tests.bench.orders import LINES, STORES, day, lines

UNITS = {"EA": "EA", "CA": "XCS"}
ROLES = {"ST": "ship_to", "RI": "remit_to", "BT": "bill_to"}
SCHEMES = {"UP": "gtin", "VN": "seller_assigned"}


def _set(number: int) -> str:
    store = number * 37 % STORES
    body = [
        f"ST*810*{number:09d}",
        f"BIG*{day(number)}*INV{number:07d}*{day(number)}*PO{number:08d}***DI",
        "CUR*SE*USD",
        f"REF*DP*{number % 40:03d}",
        "N1*RI*AUERBACH SUPPLY*92*AS01",
        f"N1*ST*STORE NUMBER {store:04d}*92*{store:04d}",
        f"N3*{store + 100} MAIN STREET",
        f"N4*SPRINGFIELD*IL*62{store:03d}*US",
        "ITD*01*3*2**10**30",
    ]
    total = Decimal(0)
    for one in lines(number):
        what = one.item
        total += one.quantity * Decimal(what.price)
        body += [
            f"IT1*{one.number}*{one.quantity}*{what.unit}*{what.price}**UP*{what.gtin}*VN*{what.sku}",
            f"PID*F****{what.name}",
        ]
    body += [f"TDS*{total.scaleb(2):.0f}", f"CTT*{LINES}"]
    return "~".join([*body, f"SE*{len(body) + 1}*{number:09d}"]) + "~"


def parts(count: int) -> Iterator[str]:
    """An X12 004010 interchange of ``count`` 810s, piece by piece."""
    yield (
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'AUERBACH':15}*ZZ*{'NORTHGATE':15}*260101*0815*U*00401*000000001*0*P*>~"
        "GS*IN*AUERBACH*NORTHGATE*20260101*0815*1*X*004010~"
    )
    for number in range(1, count + 1):
        yield _set(number)
    yield f"GE*{count}*1~IEA*1*000000001~"


def _date(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def bare(text: str) -> Invoice | None:
    """The baseline: no envelope, no validation of the message, nothing unexpected; the same pydantic model. The
    last document comes back."""
    made: Invoice | None = None
    invoice: dict[str, Any] = {}
    for raw in text.split("~"):
        s = raw.split("*")
        tag = s[0]
        if tag == "IT1":
            unit = UNITS[s[3]]
            line = {
                "line_id": s[1],
                "quantity": {"value": Decimal(s[2]), "unit": unit},
                "price": {
                    "amount": Decimal(s[4]),
                    "currency": invoice["currency"],
                    "per": {"value": Decimal(1), "unit": unit},
                },
                "item": {
                    "identifiers": [{"scheme": SCHEMES[s[6]], "value": s[7]}, {"scheme": SCHEMES[s[8]], "value": s[9]}]
                },
            }
            invoice["lines"].append(line)
        elif tag == "PID":
            line["item"]["description"] = s[5]
        elif tag == "BIG":
            invoice = {
                "invoice_kind": "invoice", "issued_at": _date(s[1]), "invoice_id": s[2], "order_date": _date(s[3]),
                "buyer_order_id": s[4], "roles": {}, "lines": [],
            }  # fmt: skip
        elif tag == "CUR":
            invoice |= {"currency": s[2], "currency_role": "seller"}
        elif tag == "REF":
            invoice["department"] = s[2]
        elif tag == "N1":
            role = {"name": s[2], "identifiers": [{"scheme": "buyer_assigned", "value": s[4]}]}
            invoice["roles"][ROLES[s[1]]] = role
        elif tag == "N3":
            role["address"] = {"lines": [s[1]]}
        elif tag == "N4":
            role["address"] |= {"city": s[1], "region": s[2], "postal_code": s[3], "country": s[4]}
        elif tag == "ITD":
            invoice["payment_terms"] = [
                {"kind": "basic", "base_date_code": "invoice_date", "percent": Decimal(s[3]),
                 "discount_days": int(s[5]), "days": int(s[7])}
            ]  # fmt: skip
        elif tag == "TDS":
            invoice["totals_stated"] = {"payable": Decimal(s[1]).scaleb(-2)}
        elif tag == "SE":
            made = Invoice.model_validate(invoice)
    return made
