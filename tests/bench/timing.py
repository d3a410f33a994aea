"""Timing for the benchmarks: the alternatives in turn, the best of several rounds, ratios."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable


def compare(
    rows: dict[str, Callable[[], object]],
    units: float,
    unit: str,
    rounds: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Run every alternative ``rounds`` times in turn (A B C, A B C …), so that a machine that slows down slows all of
    them. Prints and returns units per second at each one's best round; the first alternative is the baseline. What
    only computes is timed by ``time.thread_time``, which does not count what other programs take."""
    best = dict.fromkeys(rows, float("inf"))
    for _ in range(rounds):
        for name, run in rows.items():
            start = clock()
            run()
            best[name] = min(best[name], clock() - start)
    speeds = {name: units / seconds for name, seconds in best.items()}
    base = next(iter(speeds.values()))
    for name, speed in speeds.items():
        sys.stdout.write(f"  {name:<58} {speed:>12,.0f} {unit}/s   {speed / base:6.2f} x the first\n")
    sys.stdout.flush()
    return speeds


def say(text: str) -> None:
    """One line of a benchmark's report."""
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()
