"""Small files that look like a great deal: none of them may cost more than in proportion, nor more than a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from hub.translation import Status

ISA = "ISA*00*          *00*          *ZZ*NORTHGATE      *ZZ*AUERBACH       *260105*0815*U*{}*{:09d}*0*P*>~"
GS = "GS*PO*NORTHGATE*AUERBACH*20260105*0815*{}*X*{}~"


def _isa(at: int = 1) -> str:
    return ISA.format("00401", at)


def _gs(at: int = 1) -> str:
    return GS.format(at, "004010")


def _inside(body: str) -> str:
    return f"{_isa()}{body}IEA*1*000000001~"


def _group(body: str) -> str:
    return _inside(f"{_gs()}{body}GE*1*1~")


def _set(body: str) -> str:
    return _group(f"ST*850*0001~BEG*00*SA*1**20260101~{body}SE*9*0001~")


def _each(count: int, piece: Callable[[int], str]) -> str:
    return "".join(piece(at) for at in range(1, count + 1))


FLOODS: dict[str, tuple[int, Callable[[int], str]]] = {
    "ISA": (9_000, lambda n: _each(n, _isa)),
    "ISA of one number": (9_000, lambda n: _isa() * n),
    "ISA and IEA": (7_500, lambda n: _each(n, lambda at: f"{_isa(at)}IEA*0*{at:09d}~")),
    "ISA, GS and IEA": (6_000, lambda n: _each(n, lambda at: f"{_isa(at)}{_gs()}GE*0*1~IEA*1*{at:09d}~")),
    "ISA of a wrong length": (9_000, lambda n: _each(n, lambda at: _isa(at).replace("      ", ""))),
    "ISA cut off": (40_000, lambda n: "ISA*00*          *" * n),
    "ISA ended by line ends": (9_000, lambda n: _each(n, lambda at: _isa(at).replace("~", "\n"))),
    "GS": (20_000, lambda n: _inside(_each(n, _gs))),
    "GS without elements": (40_000, lambda n: _inside("GS~" * n)),
    "GS and GE": (40_000, lambda n: _inside("GS~GE~" * n)),
    "GS and GE with numbers": (15_000, lambda n: _inside(_each(n, lambda at: f"{_gs(at)}GE*0*{at}~"))),
    "ST and SE": (50_000, lambda n: _group("ST~SE~" * n)),
    "ST and SE with numbers": (30_000, lambda n: _group(_each(n, lambda at: f"ST*850*{at:04d}~SE*2*{at:04d}~"))),
    "sets nobody knows": (30_000, lambda n: _group(_each(n, lambda at: f"ST*110*{at:04d}~SE*2*{at:04d}~"))),
    "IEA": (40_000, lambda n: _inside("IEA*1*000000001~" * n)),
    "TA1": (8_000, lambda n: _inside("TA1*000000001*260105*0815*A*000~" * n)),
    "terminators": (300_000, lambda n: _group("~" * n)),
    "terminators in a set": (300_000, lambda n: _set("~" * n)),
    "one segment": (1_000_000, lambda n: _set(f"REF*{'A' * n}~")),
    "element separators": (1_000_000, lambda n: _set(f"REF{'*' * n}~")),
    "element separators outside of a group": (1_000_000, lambda n: _inside("*" * n + "~")),
    "segments of one letter": (200_000, lambda n: _set("X~" * n)),
    "segments of one letter outside of a set": (200_000, lambda n: _group("X~" * n)),
    "components": (100_000, lambda n: _set(f"REF*A{'>A' * n}~")),
    "repetitions": (
        100_000,
        lambda n: _set(f"REF*A{'^A' * n}~").replace("*U*00401*", "*^*00501*").replace("*004010~", "*005010~"),
    ),
}


def _time(x12: Any, payload: str) -> float:
    best = 99.0
    for _ in range(2):  # the processor's caches are shared with whatever else runs
        began = time.process_time()
        closed = x12.read(payload).closed
        best = min(best, time.process_time() - began)
    assert closed
    return best


@pytest.mark.parametrize("name", FLOODS)
def test_twice_as_much_takes_at_most_twice_as_long(x12: Any, name: str) -> None:
    count, made = FLOODS[name]
    half, whole = _time(x12, made(count // 2)), _time(x12, made(count))
    assert whole < 3 * half + 0.25  # four times as long where something is quadratic
    assert whole < 3  # 0.3 seconds at most, on a processor of its own


def test_a_payload_of_empty_interchanges_is_left_with_a_finding(x12: Any) -> None:
    count, made = FLOODS["ISA and IEA"]
    read = x12.read(made(count))
    (said,) = [one for one in read.findings if one.code == "x12.payload.too_many_faults"]
    assert "bytes left were not read" in said.message
    assert read.closed[-1].status is Status.REJECTED
    assert not read.closed[-1].wants_acknowledgment
    assert len(read.closed) < 2_000


def test_many_interchanges_that_hold_something_are_all_read(x12: Any) -> None:
    one = x12.interchange(x12.group(x12.set(count=99)))  # rejected, as its SE01 is wrong
    read = x12.read("".join(one.replace("000000001", f"{at:09d}") for at in range(1, 1_001)))
    assert len(read.closed) == 1_000
    answers = "".join(f"{_isa(at)}TA1*{at:09d}*260105*0815*A*000~IEA*0*{at:09d}~" for at in range(1, 1_201))
    assert [closed.received for closed in x12.read(answers).closed] == [0] * 1_200
