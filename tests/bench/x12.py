"""850 to validated ``Order``: against the loop one would write by hand for exactly this file, and against pyx12."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pyx12.x12file

from hub.model import Order
from tests.bench.contexts import Context
from tests.bench.orders import x12_parts
from tests.bench.timing import compare, say

COUNT = 400
UNITS = {"EA": "EA", "CA": "XCS"}
ROLES = {"ST": "ship_to", "BY": "buyer"}
SCHEMES = {"UP": "gtin", "VN": "seller_assigned"}


def bare(text: str) -> int:
    """The baseline: no envelope, no validation of the message, nothing unexpected; the same pydantic model."""
    made = 0
    order: dict[str, Any] = {}
    for raw in text.split("~"):
        s = raw.split("*")
        tag = s[0]
        if tag == "PO1":
            line = {
                "line_id": s[1],
                "quantity": {"value": Decimal(s[2]), "unit": UNITS[s[3]]},
                "price": {
                    "amount": Decimal(s[4]),
                    "currency": order["currency"],
                    "per": {"value": Decimal(1), "unit": UNITS[s[3]]},
                },
                "item": {
                    "identifiers": [{"scheme": SCHEMES[s[6]], "value": s[7]}, {"scheme": SCHEMES[s[8]], "value": s[9]}]
                },
            }
            order["lines"].append(line)
        elif tag == "PID":
            line["item"]["description"] = s[5]
        elif tag == "BEG":
            d = s[5]
            order = {
                "purpose": "original", "type": "order", "buyer_order_id": s[3],
                "issued_at": date(int(d[:4]), int(d[4:6]), int(d[6:])), "roles": {}, "lines": [],
            }  # fmt: skip
        elif tag == "CUR":
            order["currency"] = s[2]
        elif tag == "REF":
            order["department"] = s[2]
        elif tag == "DTM":
            d = s[2]
            order["requested_delivery"] = {"start": date(int(d[:4]), int(d[4:6]), int(d[6:]))}
        elif tag == "N1":
            role = {"name": s[2], "identifiers": [{"scheme": "buyer_assigned", "value": s[4]}]}
            order["roles"][ROLES[s[1]]] = role
        elif tag == "N3":
            role["address"] = {"lines": [s[1]]}
        elif tag == "N4":
            role["address"] |= {"city": s[1], "region": s[2], "postal_code": s[3], "country": s[4]}
        elif tag == "SE":
            Order.model_validate(order)
            made += 1
    return made


def pyx12_reads(text: str) -> int:
    """pyx12's tokenizer and envelope checks alone."""
    count = 0
    for _ in pyx12.x12file.X12Reader(io.StringIO(text)):
        count += 1
    return count


def main() -> None:
    """Print orders per second."""
    from hub_x12.second_opinion import second_opinion

    text = "".join(x12_parts(COUNT))
    payload = text.encode()
    few = "".join(x12_parts(40)).encode()
    context, form = Context(), Context(mapped=False)
    say(f"{COUNT} orders of six lines, {len(payload) / 1e6:.2f} MB; the first is the baseline")
    speeds = compare(
        {
            "hand-written loop, no validation of the message": lambda: bare(text),
            "hub: validated, mapped, reviewed": lambda: context.read("x12", payload),
            "hub: validated only": lambda: form.read("x12", payload),
            "pyx12 reader only": lambda: pyx12_reads(text),
        },
        COUNT,
        "orders",
    )
    deep = compare({"pyx12 map validation (40 orders)": lambda: list(second_opinion(few))}, 40, "orders", rounds=2)
    hub = speeds["hub: validated, mapped, reviewed"]
    base = next(iter(speeds.values()))
    validation = next(iter(deep.values()))
    say(f"hub / hand-written loop: {hub / base:.2f} (first mark 0.3, target 0.6)")
    say(f"hub / pyx12 validation: {hub / validation:.0f} (target 20)")
