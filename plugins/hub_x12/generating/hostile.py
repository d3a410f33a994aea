"""Damaged interchanges of all sets and releases, and how many sets a glance at one shows."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from hub_x12.generating.damage import damaged_payload
from hub_x12.generating.interchange import Interchanges
from hub_x12.grammar.release import available, release

_EACH = 8
"""How often one interchange is damaged, always anew."""


def damaged(
    count: int, seed: int | str, samples: Sequence[bytes] = (), releases: Sequence[str] = ()
) -> Iterator[bytes]:
    """``count`` damaged interchanges: in turn of every set of every release (or of ``releases``), and of ``samples``.
    One seed always gives the same."""
    rng = random.Random(f"damaged {seed}")
    made = Interchanges(f"damaged {seed}")
    every = [(name, kind) for name in releases or available() for kind in sorted(release(name).sets)]
    rng.shuffle(every)
    other = b""
    for turn in range(-(-count // _EACH)):
        if samples and rng.random() < 0.3:
            payload = rng.choice(samples)
        else:
            name, kind = every[turn % len(every)]
            kinds = [kind] * rng.choice((1, 1, 2, 3))
            if rng.random() < 0.2:
                kinds.append(rng.choice(sorted(release(name).sets)))
            payload = made.draw(name, kinds, rng.choice((5, 15, 30)), answers=rng.random() < 0.1)
        for _ in range(min(_EACH, count - turn * _EACH)):
            yield damaged_payload(rng, payload, other)
        other = payload


def sets_seen(payload: bytes) -> int | None:
    """How many segments ST there are, as a split at the separators of a whole ISA shows; None without one, or where
    several interchanges may have several separators."""
    if len(payload) < 107 or not payload.startswith(b"ISA") or payload.count(b"ISA") > 1:
        return None
    element, end = payload[3:4], payload[105:106]
    if payload[:106].count(element) != 16 or payload[:106].count(end) != 1 or element.isalnum() or end.isalnum():
        return None
    starts = (segment.strip(b" \r\n\t") for segment in payload.split(end))
    return sum(segment.startswith(b"ST" + element) for segment in starts)
