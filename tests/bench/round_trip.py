"""Write, read, write for every X12 mapping and every release that it serves.

python -m tests.bench round_trip --count 100 --seed 1 [--only 850]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hub.errors import HubError
from hub.exchange.session import Hub
from hub.partners import message_of
from hub_x12.generating.round_trip import round_trips
from tests.bench.timing import say


def main(arguments: list[str]) -> int:
    """Run as asked; 1 where an interchange did not come back as it was."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench round_trip")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", default="", help="a message (850) or a mapping's name")
    parser.add_argument("--keep", type=Path, help="a folder for an interchange of each fault")
    given = parser.parse_args(arguments)
    status = 0
    with Hub() as hub:
        for name in hub.library.of_standard("x12"):
            if given.only not in ("", name, message_of(name)):
                continue
            try:
                mapping = hub.library.compiled(name)
            except HubError as problem:
                say(f"{name}: {problem}")
                status = 1
                continue
            trips = round_trips(mapping, message_of(name), mapping.version, given.count, given.seed)
            say(f"{name}: {trips.whole} of {trips.total}")
            for fault, count in trips.faults.most_common(8):
                status = 1
                sys.stdout.write(f"    {count} x {fault} | {trips.examples[fault][0][:300]}\n")
                if given.keep:
                    given.keep.mkdir(parents=True, exist_ok=True)
                    file = f"{name.replace('/', '-')} {fault[:60].replace('/', ' ')}.edi"
                    (given.keep / file).write_bytes(trips.examples[fault][1])
    return status
