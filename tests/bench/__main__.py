"""``make bench``: every figure beside a baseline of the same run. Absolute figures say little on a shared machine;
the ratios are what counts.
"""

from __future__ import annotations

import importlib
import sys

PARTS = ("start", "x12", "edifact", "memory", "repository", "replica")


def main(names: list[str]) -> int:
    """Run the parts named on the command line, all by default."""
    unknown = set(names) - set(PARTS)
    if unknown:
        sys.stderr.write(f"no such part: {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}\n")
        return 2
    for name in names or PARTS:
        sys.stdout.write(f"\n== {name} ==\n")
        sys.stdout.flush()
        importlib.import_module(f"tests.bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
