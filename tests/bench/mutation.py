"""Damaged interchanges of every set and release, and of the sample files, through ``hub check``.

python -m tests.bench mutation --count 100000 --seed 1
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from hub.exchange.session import Hub
from hub.testing.hostile import endure
from hub_x12.generating.hostile import damaged, sets_seen
from hub_x12.generating.interchange import Interchanges
from hub_x12.grammar.release import available, release
from tests.bench.timing import say

GROWTH = 1.15
"""How much more memory the last quarter may take than the first."""


def sample_files() -> list[Path]:
    """The repository's own X12 samples, and other people's where they are at hand."""
    here = Path(__file__).parents[1] / "samples"
    shared = Path(__file__).parents[3] / "shared" / "samples"
    return sorted([*here.glob("x12/*.edi"), *shared.glob("x12/*.edi"), *shared.glob("bad/*.edi")])


def valid() -> Iterator[bytes]:
    """One interchange of every kind and release."""
    made = Interchanges("warm")
    for name in available():
        for kind in sorted(release(name).sets):
            yield made.draw(name, [kind], 10)


def told(payloads: Iterable[bytes], count: int) -> Iterator[bytes]:
    """The payloads, with a word on standard error at every tenth of them."""
    for number, payload in enumerate(payloads, 1):
        yield payload
        if number % max(count // 10, 1) == 0:
            sys.stderr.write(f"{number} of {count}\n")


def main(arguments: list[str]) -> int:
    """Run as asked; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench mutation")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--keep", type=Path, help="a folder for the payloads that broke a promise")
    given = parser.parse_args(arguments)
    samples = [payload for file in sample_files() if len(payload := file.read_bytes()) < 200_000]
    began = time.perf_counter()
    with Hub() as hub:
        warm = endure(hub, valid(), 1)  # what is compiled once is no payload's fault
        payloads = told(damaged(given.count, given.seed, samples), given.count)
        trial = endure(hub, payloads, given.count, sets_seen)
    trial.faults += [one for one in warm.faults if not one[0].startswith("took ")]
    say(f"{trial.payloads} payloads, {trial.interchanges} interchanges in {time.perf_counter() - began:.0f} s")
    say(f"slowest {trial.slowest * 1000:.0f} ms, memory last quarter / first {trial.growth:.2f} (at most {GROWTH})")
    say("ended " + ", ".join(f"{status} {count}" for status, count in trial.ended.most_common()))
    say(f"{len(trial.codes)} kinds of findings, {len(trial.faults)} broken promises")
    kinds = {fault[:60]: (fault, payload) for fault, payload in reversed(trial.faults)}
    for number, (fault, payload) in enumerate(list(kinds.values())[:50]):
        sys.stdout.write(f"  {fault[:300]}\n    {payload[:200]!r}\n")
        if given.keep:
            given.keep.mkdir(parents=True, exist_ok=True)
            (given.keep / f"{number:03d}.edi").write_bytes(payload)
    return 1 if trial.faults or trial.growth > GROWTH else 0
