"""How long the command line takes to answer ``--help``."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.bench.timing import say


def _median(*command: str) -> float:
    times = []
    for _ in range(9):
        start = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


def main() -> None:
    """Print the medians."""
    bare = _median("-c", "pass")
    helped = _median("-m", "hub", "--help")
    say(f"python -c pass {bare * 1000:.0f} ms, hub --help {helped * 1000:.0f} ms (target: under 300 ms)")
