"""Payloads that nobody should send, through the code of ``hub check``: what became of each, how long it took."""

from __future__ import annotations

import io
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hub.exchange.check import Checked, checked
from hub.exchange.reading import counting
from hub.exchange.session import Hub
from hub.findings import Finding, rejects
from hub.translation import Status

SECONDS = 1.0
"""The longest that one payload may take, in seconds of the processor."""


@dataclass
class Trial:
    """What came of many payloads. ``faults`` are broken promises with the payload that broke them; ``ended`` counts
    interchanges by status; ``memory`` is the resident memory in MB after each hundredth of the payloads that were
    announced."""

    payloads: int = 0
    interchanges: int = 0
    slowest: float = 0.0
    ended: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[str, bytes]] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """The most memory in the last quarter of the payloads, as a multiple of the most in the first."""
        quarter = len(self.memory) // 4
        return max(self.memory[-quarter:]) / max(self.memory[:quarter]) if quarter else 1.0


def endure(
    hub: Hub, payloads: Iterable[bytes], announced: int, messages: Callable[[bytes], int | None] = lambda _: None
) -> Trial:
    """Check every payload, and note each that raises, ends without a verdict, is rejected without a reason, takes too
    long, or loses a message without a word. ``messages`` counts the messages of a payload in another way; None where it
    cannot tell."""
    trial = Trial()
    step = max(announced // 100, 1)
    for number, payload in enumerate(payloads, 1):
        began = time.process_time()
        fault = _checked(hub, payload, trial, messages)
        spent = time.process_time() - began
        trial.payloads += 1
        trial.slowest = max(trial.slowest, spent)
        if spent > SECONDS:
            fault = fault or f"took {spent:.1f} s"
        if fault:
            trial.faults.append((fault, payload))
        if number % step == 0:
            trial.memory.append(_resident())
    return trial


def _checked(hub: Hub, payload: bytes, trial: Trial, messages: Callable[[bytes], int | None]) -> str:
    """The first promise that a payload breaks, '' for none."""
    found: list[Finding] = []
    ends: list[Checked] = []
    try:
        for item in checked(hub, io.BytesIO(payload), "hostile.edi", draw=counting()):
            if isinstance(item, Checked):
                ends.append(item)
            else:
                found.append(item)
    except Exception as problem:  # whatever it is, it should have been a finding
        return f"raised {type(problem).__name__}: {problem}"
    trial.interchanges += len(ends)
    trial.ended.update(one.status.value for one in ends)
    trial.codes.update({one.code for one in found})
    if not ends:
        return "ended without a verdict"
    bad = [one for one in ends if one.status is not Status.ACCEPTED and not rejects(one.findings)]
    if bad:
        return f"interchange {bad[0].control!r} is {bad[0].status.value}, and nothing says why"
    expected = messages(payload)
    received = sum(one.received for one in ends)
    if expected is not None and received < expected and not any(one.status is Status.REJECTED for one in ends):
        return f"{expected} messages, of which {received} were received, and none of the interchanges was rejected"
    return ""


def _resident() -> float:
    """Resident memory in MB; its peak where the system does not tell the present one."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
