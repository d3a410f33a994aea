"""HL: which hierarchies the sets have, and the numbers that tie their levels together. X12.22 HL."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

SHAPES: dict[str, tuple[str, ...]] = {
    "816": ("35 36 37",),
    "856": ("S O P I", "S O T P I", "S O I", "S O I P", "S O P T I", "S T P O I", "S O T I"),
    "869": ("O I", "O"),
    "870": ("O I", "S O I", "O I"),
}
"""Set → level codes (data element 735) from the top down; 856: pick and pack, standard, and their usual variants."""

CARRIES: dict[str, dict[str, tuple[str, ...]]] = {
    "856": {"O": ("PRF",), "T": ("MAN",), "P": ("MAN",), "I": ("LIN", "SN1")},
    "869": {"O": ("PRF",), "I": ("PO1", "LIN")},
    "870": {"O": ("PRF",), "I": ("PO1", "LIN")},
}
"""Set → level → segments without which the level says nothing."""

_BRANCHES = (1, 1, 1, 2, 2, 3)


@dataclass(frozen=True, slots=True)
class Level:
    """One HL: its id, its parent's ('' at the top), its code, and whether others stand below it."""

    id: str
    parent: str
    code: str
    children: bool


def hierarchy(rng: random.Random, kind: str, codes: list[str], most: int) -> Iterator[Level]:
    """Levels of one set in the order they are sent, each below its parent. ``codes``: the level codes that may be
    used where the set has no usual shape; ``most``: how many levels there may be."""
    shape = rng.choice(SHAPES[kind]).split() if kind in SHAPES else rng.sample(codes, min(len(codes), 3))
    if codes:
        shape = [code for code in shape if code in codes] or codes[:1]
    left = [max(most, len(shape))]
    ids = iter(range(1, most + len(shape) + 2))
    tops = rng.choice(_BRANCHES) if kind in ("869", "870", "816") else 1
    for _ in range(tops):
        if left[0] > 0:
            yield from _below(rng, shape, "", ids, left)


def _below(rng: random.Random, shape: list[str], parent: str, ids: Iterator[int], left: list[int]) -> Iterator[Level]:
    left[0] -= 1
    own = str(next(ids))
    rest = shape[1:]
    turns = min(rng.choice(_BRANCHES), max(left[0], 0)) if rest else 0
    yield Level(own, parent, shape[0], turns > 0)
    for _ in range(turns):
        if left[0] > 0:
            yield from _below(rng, rest, own, ids, left)
