"""850, 810 and 856 to validated documents: against the loops one would write by hand for exactly these files, and
against pyx12."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pyx12.x12file

from hub.commands.opening import settle
from hub.model import Order
from hub.model.document import Document
from tests.bench import invoices, shipments
from tests.bench.contexts import Context
from tests.bench.orders import x12_parts
from tests.bench.timing import compare, say

COUNT = 100
Parts = Callable[[int], Iterator[str]]
UNITS = {"EA": "EA", "CA": "XCS"}
ROLES = {"ST": "ship_to", "BY": "buyer"}
SCHEMES = {"UP": "gtin", "VN": "seller_assigned"}


def bare(text: str) -> Order | None:
    """The baseline: no envelope, no validation of the message, nothing unexpected; the same pydantic model. The
    last document comes back."""
    made: Order | None = None
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
            made = Order.model_validate(order)
    return made


def pyx12_reads(text: str) -> int:
    """pyx12's tokenizer and envelope checks alone."""
    count = 0
    for _ in pyx12.x12file.X12Reader(io.StringIO(text)):
        count += 1
    return count


def _message(name: str, parts: Parts, loop: Callable[[str], Document | None]) -> None:
    """One kind of message against its own loop, and against pyx12's validation of the same text."""
    from hub_x12.second_opinion import second_opinion

    text = "".join(parts(COUNT))
    payload, few = text.encode(), "".join(parts(20)).encode()
    context, form = Context(), Context(mapped=False)
    one = "".join(parts(1))
    if context.documents("x12", one.encode()) != [loop(one)]:
        raise ValueError(f"{name}: the hand-written loop and the hub do not make the same document")
    settle()  # as hub translate does once all is loaded
    say(f"{name}: {COUNT} messages of six lines, {len(payload) / 1e6:.2f} MB; the first is the baseline")
    speeds = compare(
        {
            "hand-written loop, no validation of the message": lambda: loop(text),
            "hub: validated, mapped, reviewed": lambda: context.read("x12", payload),
            "hub: validated only": lambda: form.read("x12", payload),
            "pyx12 reader only": lambda: pyx12_reads(text),
        },
        COUNT,
        "messages",
        rounds=20,
        clock=time.thread_time,
    )
    deep = compare(
        {"pyx12 map validation (20 messages)": lambda: list(second_opinion(few))},
        20,
        "messages",
        rounds=3,
        clock=time.thread_time,
    )
    hub = speeds["hub: validated, mapped, reviewed"]
    base = next(iter(speeds.values()))
    validation = next(iter(deep.values()))
    say(f"{name}: hub / hand-written loop: {hub / base:.2f} (target 0.6)")
    say(f"{name}: hub / pyx12 validation: {hub / validation:.0f} (target 20)")


def main() -> None:
    """Print messages per second for 850, 810 and 856."""
    _message("850", x12_parts, bare)
    _message("810", invoices.parts, invoices.bare)
    _message("856", shipments.parts, shipments.bare)
