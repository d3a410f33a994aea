"""``make bench``: every figure beside a baseline of the same run. Absolute figures say little on a shared machine;
the ratios are what counts.

    python -m tests.bench [PART …]
    python -m tests.bench mutation --count 100000 --seed 1
    python -m tests.bench opinion --count 20000 --seed 1
    python -m tests.bench round_trip --count 100 --seed 1
    python -m tests.bench rights --customers 3000 --stores 200 --days 5 --seed 1
    python -m tests.bench histories --count 1000000 --seed 1 --database sqlite
    python -m tests.bench kills --changes 1000000 --kills 1000 --database sqlite
"""

from __future__ import annotations

import importlib
import sys

PROGRAMS = ("mutation", "opinion", "round_trip", "histories", "kills", "rights")
"""What takes arguments of its own and is no benchmark: long runs of what the tests do a little of."""

PARTS = (
    "start",
    "x12",
    "bad",
    "edifact",
    "memory",
    "repository",
    "replica",
    "segments",
    "stores",
    "tills",
    "proof",
    "capture",
    "lag",
    "cards",
)


def main(names: list[str]) -> int:
    """Run the parts named on the command line, all by default; or one program with its arguments."""
    if names[:1] and names[0] in PROGRAMS:
        status: int = importlib.import_module(f"tests.bench.{names[0]}").main(names[1:])
        return status
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
