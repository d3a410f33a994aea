"""EDIFACT ORDERS to validated ``Order``: against a hand-written loop, and against pydifact's parser alone."""

from __future__ import annotations

import warnings
from datetime import date
from decimal import Decimal
from typing import Any

from pydifact.exceptions import MissingImplementationWarning
from pydifact.segmentcollection import Interchange

from hub.model import Order
from tests.bench.contexts import Context
from tests.bench.orders import edifact_parts
from tests.bench.timing import compare, say

COUNT = 300
ROLES = {"BY": "buyer", "SU": "supplier", "DP": "delivery"}


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def bare(text: str) -> int:
    """The baseline: no service string, no release character, no validation; the same pydantic model."""
    made = 0
    order: dict[str, Any] = {}
    line: dict[str, Any] = {}
    for raw in text.split("'"):
        s = [element.split(":") for element in raw.split("+")]
        tag = s[0][0]
        if tag == "LIN":
            line = {"line_id": s[1][0], "item": {"identifiers": [{"scheme": "gtin", "value": s[3][0]}]}}
            order["lines"].append(line)
        elif tag == "PIA":
            line["item"]["identifiers"].append({"scheme": "seller_assigned", "value": s[2][0]})
        elif tag == "IMD":
            line["item"]["description"] = s[3][3]
        elif tag == "QTY":
            line["quantity"] = {"value": Decimal(s[1][1]), "unit": "H87"}
        elif tag == "PRI":
            per = {"value": Decimal(1), "unit": "H87"}
            line["price"] = {"amount": Decimal(s[1][1]), "currency": order["currency"], "per": per}
        elif tag == "NAD":
            role: dict[str, Any] = {"identifiers": [{"scheme": "gln", "value": s[2][0]}]}
            if len(s) > 4:
                role["name"] = s[4][0]
                role["address"] = {"lines": s[5], "city": s[6][0], "postal_code": s[8][0], "country": s[9][0]}
            order["roles"][ROLES[s[1][0]]] = role
        elif tag == "DTM":
            if s[1][0] == "137":
                order["issued_at"] = _day(s[1][1])
            else:
                order["requested_delivery"] = {"start": _day(s[1][1])}
        elif tag == "BGM":
            order |= {"type": "order", "purpose": "original", "buyer_order_id": s[2][0]}
        elif tag == "CUX":
            order["currency"] = s[1][1]
        elif tag == "UNH":
            order = {"roles": {}, "lines": [], "currency": ""}
        elif tag == "UNT":
            Order.model_validate(order)
            made += 1
    return made


def pydifact_parses(text: str) -> int:
    """pydifact's parser, every message taken out."""
    return sum(1 for message in Interchange.from_str(text).get_messages() for _ in message.segments)


def main() -> None:
    """Print orders per second."""
    warnings.simplefilter("ignore", MissingImplementationWarning)  # its wheel ships no segment directory
    text = "".join(edifact_parts(COUNT))
    payload = text.encode()
    context = Context()
    say(f"{COUNT} orders of six lines, {len(payload) / 1e6:.2f} MB; the first is the baseline")
    speeds = compare(
        {
            "hand-written loop, no validation of the message": lambda: bare(text),
            "hub: validated, mapped, reviewed": lambda: context.read("edifact", payload),
            "pydifact parser only": lambda: pydifact_parses(text),
        },
        COUNT,
        "orders",
        rounds=4,
    )
    base, hub, pydifact = speeds.values()
    say(f"hub / hand-written loop: {hub / base:.2f} (target 0.6); hub / pydifact: {hub / pydifact:.1f} (target 10)")
