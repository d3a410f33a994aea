"""Random choices from three numbers, for large random values of which hypothesis draws only the numbers.

Drawing every field of a message by hypothesis takes a hundred times as long as writing the message and reading it back,
and large messages are given up for their size. Here a seed decides; hypothesis still makes a failing case smaller, by
fewer fields and fewer choices.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar
from zlib import crc32

from hypothesis import strategies as st

T = TypeVar("T")

_USUAL = 8
"""One in so many choices is the simplest value, one the greatest: limits, and the same value twice, come often."""
_MOST = 5_000
"""So many choices make a document of a thousand values; one of more only takes longer."""
_DRAWN = 6
"""Bytes of which choices are made."""
_LIMITED = 32
"""First bytes below this one limit the choices: with them a failing case is made small."""
_FULL = 0.9
"""The greatest share of what is optional."""


class Choices:
    """Choices that ``seed`` decides. ``share`` (0 to 1) says how much of what is optional there is; after ``reach``
    choices every one is the simplest: nothing, the first, the least."""

    def __init__(self, seed: int, share: float, reach: int) -> None:
        self._random = Random(seed)
        self._share = share
        self._left = reach
        self._given = f"Choices({seed}, {share:.2f}, {reach})"

    def __repr__(self) -> str:
        return self._given

    @property
    def spent(self) -> bool:
        """Whether all choices from here on are the simplest."""
        return self._left <= 0

    def some(self) -> bool:
        """Whether something optional is there."""
        self._left -= 1
        return self._left >= 0 and self._random.random() < self._share

    def count(self, low: int, high: int) -> int:
        """How many there are, from ``low`` to ``high``."""
        return low + sum(self.some() for _ in range(low, high))

    def number(self, low: int, high: int) -> int:
        """A number from ``low`` to ``high``; small ones and the limits come often."""
        self._left -= 1
        if self._left < 0:
            return low
        sort = self._random.randrange(_USUAL)
        if sort < 2:
            return high if sort else low
        return self._random.randint(low, min(high, low + 99) if sort < 5 else high)

    def one_of(self, values: Sequence[T]) -> T:
        """One of the values; the first comes often."""
        self._left -= 1
        if self._left < 0 or len(values) == 1 or not self._random.randrange(_USUAL):
            return values[0]
        return self._random.choice(values)

    def text(self, letters: str, low: int, high: int) -> str:
        """A text of ``low`` to ``high`` letters; the shortest and the longest come often."""
        self._left -= 1
        if self._left < 0:
            return letters[0] * low
        sort = self._random.randrange(_USUAL)
        if not sort:
            return letters[0] * low
        length = high if sort == 1 else self._random.randint(low, high)
        return "".join(self._random.choices(letters, k=length))


def choices(name: str) -> st.SearchStrategy[Choices]:
    """Choices by every seed, from nearly nothing to nearly everything. The share of what is there is another one for
    every ``name``: hypothesis begins with the same numbers wherever it may not choose others."""
    turned = crc32(name.encode())

    def of(drawn: bytes) -> Choices:
        reach, share, *seed = drawn  # one draw: of several, hypothesis leaves all but the first at zero for a while
        share = (share + turned) % 256
        return Choices(int.from_bytes(bytes(seed)), share / 256 * _FULL, _MOST if reach >= _LIMITED else 2 * reach**2)

    return st.binary(min_size=_DRAWN, max_size=_DRAWN).map(of)
