"""The time that rows are stamped with, and the time and chance in their ids: this machine's, or a simulation's."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_now: Callable[[], datetime] | None = None
_chance: Callable[[int], bytes] = os.urandom
_lock = threading.Lock()
_last = 0


def now() -> datetime:
    """The moment, with its zone."""
    return _now() if _now is not None else datetime.now(UTC)


def ticks() -> int:
    """The moment in 4096ths of a millisecond since 1970, and always later than the one before."""
    global _last
    nanoseconds = time.time_ns() if _now is None else int(_now().timestamp() * 1_000_000) * 1_000
    with _lock:
        _last = max(nanoseconds * 4096 // 1_000_000, _last + 1)
        return _last


def chance(count: int) -> bytes:
    """So many random bytes."""
    return _chance(count)


@contextmanager
def virtual(now: Callable[[], datetime], chance: Callable[[int], bytes]) -> Iterator[None]:
    """Inside the block this process stamps rows with the time that ``now`` tells and draws ids from ``chance``, so that
    a simulation gives the same rows each time it runs. Locks go by the real clock."""
    global _now, _chance, _last
    before = _now, _chance, _last
    _now, _chance, _last = now, chance, 0
    try:
        yield
    finally:
        _now, _chance, _last = before
