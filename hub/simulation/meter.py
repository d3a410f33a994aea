"""What a simulated hub does and what it costs: requests, bytes, processor time, and how old what the stores read is."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_STEP = timedelta(minutes=1)


@dataclass(slots=True)
class Meter:
    """Counts of one run. What it measures in seconds differs from run to run; nothing else does."""

    calls: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    lags: Counter[int] = field(default_factory=Counter)
    """How many steps of a minute passed until a change was in a till, weighted by stores and batches of changes."""

    _positions: list[int] = field(default_factory=list)
    _times: list[datetime] = field(default_factory=list)

    @contextmanager
    def work(self, name: str) -> Iterator[None]:
        """Count one call of the hub and its processor time."""
        start = time.thread_time()
        try:
            yield
        finally:
            self.calls[name] += 1
            self.seconds[name] += time.thread_time() - start

    def written(self, position: int, now: datetime) -> None:
        """The feed reaches to ``position`` now."""
        if not self._positions or position > self._positions[-1]:
            self._positions.append(position)
            self._times.append(now)

    def reached(self, before: int, after: int, now: datetime) -> None:
        """A till that stood at ``before`` stands at ``after`` now."""
        first, last = bisect_right(self._positions, before), bisect_right(self._positions, after)
        for at in self._times[first:last]:
            self.lags[(now - at) // _STEP] += 1

    def lag(self, share: float) -> float:
        """Minutes within which this share of all changes was in the tills they were for."""
        wanted, so_far = share * sum(self.lags.values()), 0
        for step in sorted(self.lags):
            so_far += self.lags[step]
            if so_far >= wanted:
                return (step + 1) * _STEP / timedelta(minutes=1)
        return 0.0
