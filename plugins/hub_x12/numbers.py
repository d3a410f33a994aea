"""Control numbers seen so far, in little memory: senders count up, so a few ranges hold a million of them."""

from __future__ import annotations

from bisect import bisect_right


class SeenNumbers:
    """A set of control numbers. Digits are kept as ranges per length (``0001`` and ``1`` are different numbers)."""

    __slots__ = ("_ranges", "_words")

    def __init__(self) -> None:
        self._ranges: dict[int, tuple[list[int], list[int]]] = {}
        self._words: set[str] = set()

    def add(self, number: str) -> bool:
        """Add ``number``; False if it was there already."""
        if not (number.isascii() and number.isdigit()):
            known = number in self._words
            self._words.add(number)
            return not known
        starts, ends = self._ranges.setdefault(len(number), ([], []))
        value = int(number)
        at = bisect_right(starts, value) - 1
        if at >= 0 and value <= ends[at]:
            return False
        joins_left = at >= 0 and ends[at] == value - 1
        joins_right = at + 1 < len(starts) and starts[at + 1] == value + 1
        if joins_left and joins_right:
            ends[at] = ends[at + 1]
            del starts[at + 1], ends[at + 1]
        elif joins_left:
            ends[at] = value
        elif joins_right:
            starts[at + 1] = value
        else:
            starts.insert(at + 1, value)
            ends.insert(at + 1, value)
        return True
