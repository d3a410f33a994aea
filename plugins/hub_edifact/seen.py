"""Which references were used already, without remembering every one of them."""

from __future__ import annotations

MEMORY = 100_000
SERIES = 256


class Seen:
    """References of one interchange. Numbers that count up, what senders mostly use, cost nothing; of others the last
    ``MEMORY`` are remembered, so that a repetition further back is not found."""

    def __init__(self) -> None:
        self._series: dict[int, list[list[int]]] = {}  # by length of the reference: first and last of each series
        self._others: dict[str, None] = {}

    def add(self, reference: str) -> bool:
        """Remember ``reference``; whether it was there before."""
        if reference in self._others:
            return True
        if reference.isascii() and reference.isdigit() and len(reference) <= 18:
            series, number = self._series.setdefault(len(reference), []), int(reference)
            if any(first <= number <= last for first, last in series):
                return True
            if series and series[-1][1] == number - 1:
                series[-1][1] = number
                return False
            if len(series) < SERIES:
                series.append([number, number])
                return False
        self._others[reference] = None
        if len(self._others) > MEMORY:
            del self._others[next(iter(self._others))]
        return False
