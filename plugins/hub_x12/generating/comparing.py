"""Valid and damaged sets, shown to this plugin and to pyx12: what both say, and why they differ where they do."""

from __future__ import annotations

import io
import random
from collections import Counter
from dataclasses import dataclass, field

from hub_x12.explained import Difference, differences
from hub_x12.form import FormOnly
from hub_x12.generating.damage import damaged_body
from hub_x12.generating.interchange import Interchanges
from hub_x12.reading import read_payload
from hub_x12.second_opinion import opinion_on
from hub_x12.sets import SetReader

_SIZE = 14
_VALID = 5
"""Every fifth set is left as it is."""


@dataclass
class Comparison:
    """``total`` sets were compared; ``same`` had the very same findings on both sides. ``rules`` counts the
    differences that are explained, ``unexplained`` lists the others with the set."""

    total: int = 0
    same: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    unexplained: list[tuple[str, Difference]] = field(default_factory=list)

    def __iadd__(self, other: Comparison) -> Comparison:
        self.total += other.total
        self.same += other.same
        self.rules += other.rules
        self.unexplained += other.unexplained
        return self


def compare(name: str, kind: str, count: int, seed: int | str) -> Comparison:
    """Draw ``count`` sets of a release and kind, damage most of them, and compare the two opinions on each."""
    made = Interchanges(f"{name} {kind} {seed}")
    out = Comparison()
    for number in range(count):
        text = made.draw(name, [kind], _SIZE, separators=False).decode()
        changed = text if number % _VALID == 0 else _damaged(made.rng, text)
        for reader in _read(changed):
            found = differences(reader, opinion_on(reader))
            out.total += 1
            out.same += not found
            out.rules.update(one.rule for one in found if one.rule)
            out.unexplained += [(changed, one) for one in found if not one.rule]
    return out


def _read(text: str) -> list[SetReader]:
    seen: list[SetReader] = []
    for _ in read_payload(io.BytesIO(text.encode()), FormOnly({}), observe=seen.append):
        pass
    return seen


def _damaged(rng: random.Random, text: str) -> str:
    """The one set of an interchange damaged between ST and SE, its count made right again."""
    lines = text.split("~")
    at = next(index for index, line in enumerate(lines) if line.startswith("SE*"))
    body = [line.replace("~", "") for line in damaged_body(rng, lines[3:at])]
    control = lines[at].rpartition("*")[2]
    return "~".join([*lines[:3], *body, f"SE*{len(body) + 2}*{control}", *lines[at + 1 :]])
