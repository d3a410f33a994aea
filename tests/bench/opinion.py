"""Every set of every release, valid and damaged, shown to this project's validation and to pyx12's.

python -m tests.bench opinion --count 20000 --seed 1
"""

from __future__ import annotations

import argparse
import sys
import time

from hub_x12.generating.comparing import Comparison, compare
from hub_x12.grammar.release import available, release
from tests.bench.timing import say


def main(arguments: list[str]) -> int:
    """Run as asked; 1 where a difference has no explanation."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench opinion")
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--seed", default="1")
    given = parser.parse_args(arguments)
    every = [(name, kind) for name in available() for kind in sorted(release(name).sets)]
    began = time.perf_counter()
    whole = Comparison()
    for name, kind in every:
        whole += compare(name, kind, -(-given.count // len(every)), given.seed)
    say(f"{whole.total} sets of {len(every)} kinds in {time.perf_counter() - began:.0f} s; {whole.same} the very same")
    for rule, count in whole.rules.most_common():
        say(f"  {rule}: {count}")
    say(f"{len(whole.unexplained)} differences without an explanation")
    for text, one in whole.unexplained[:30]:
        side = "only here" if one.ours else "only pyx12"
        sys.stdout.write(f"  {side}: {one.finding}\n    {text}\n")
    return 1 if whole.unexplained else 0
