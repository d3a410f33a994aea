"""``hub check`` of a file in which one set of a hundred is wrong, beside the clean one of the same size."""

from __future__ import annotations

import io
from itertools import count

from hub.exchange.check import Checked, checked
from hub.exchange.reading import counting
from hub.exchange.session import Hub
from tests.bench.orders import x12_parts
from tests.bench.timing import compare, say

ORDERS = 12_500
EVERY = 100
DAMAGE = (("BEG*00*", "BEG**"), ("~CTT*6", "~XXX*6"), ("*EA*", "*EA*x"), ("~SE*", "~SE*9"))
"""A mandatory element, a segment, every price of the order, the segment count."""


def damaged(text: str) -> str:
    """Every hundredth set with one kind of damage, in turn."""
    head, *sets = text.split("~ST*")
    kinds = count()
    for at in range(EVERY - 1, len(sets), EVERY):
        old, new = DAMAGE[next(kinds) % len(DAMAGE)]
        sets[at] = sets[at].replace(old, new)
    return "~ST*".join([head, *sets])


def main() -> None:
    """Print both speeds and the ratio of the times, with and without the acknowledgment."""
    clean = "".join(x12_parts(ORDERS))
    bad = damaged(clean)
    hub = Hub()

    def run(payload: bytes, *, answered: bool) -> tuple[int, int]:
        draw = counting() if answered else None
        items = checked(hub, io.BytesIO(payload), "bench", draw=draw, collect=False)
        (done,) = [item for item in items if isinstance(item, Checked)]
        return done.received, done.accepted

    payloads = {"clean": clean.encode(), "1 % bad": bad.encode()}
    if run(payloads["clean"], answered=False) != (ORDERS, ORDERS):
        raise ValueError("the benchmark's clean file was not accepted")
    if run(payloads["1 % bad"], answered=False) != (ORDERS, ORDERS - ORDERS // EVERY):
        raise ValueError("not exactly one set of a hundred was rejected")
    say(f"{ORDERS:,} orders, {len(clean) / 1e6:.1f} MB")
    for answered in (False, True):
        what = "check with acknowledgment" if answered else "check"
        rows = {
            f"{what}, {name}": (lambda data=data, on=answered: run(data, answered=on))
            for name, data in payloads.items()
        }
        first, second = compare(rows, ORDERS, "orders", rounds=2).values()
        say(f"time bad / clean: {first / second:.2f} (target 1.5)")
