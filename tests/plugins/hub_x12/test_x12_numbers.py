"""Control numbers of what is written: after the highest comes 1, none is used twice, and a refused one is not drawn."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import hub.repository
from hub.errors import ConfigurationError, DocumentRejected
from hub.exchange.sending import key_of, numbers, undone
from hub.model import Order, PartyRef
from hub.repository import Repository
from hub.repository.tables import counters
from hub.translation import EnvelopeParty

HIGHEST = 999_999_999
US, THEM = EnvelopeParty("AUERBACH", "ZZ"), EnvelopeParty("NORTHGATE", "ZZ")
LEVELS = ("interchange", "group", "message")


@pytest.fixture
def repository(tmp_path: Path) -> Any:
    with Repository.open(f"sqlite:///{tmp_path}/hub.sqlite") as opened:
        yield opened


def order(number: str = "PO1") -> Order:
    line = {"line_id": "1", "item": {"description": "X"}, "quantity": {"value": Decimal(12), "unit": "EA"}}
    return Order.model_validate(
        {
            "buyer_order_id": number,
            "purpose": "original",
            "type": "order",
            "issued_at": date(2026, 1, 5),
            "lines": [line],
        }
    )


def write(x12: Any, repository: Repository, *orders: Order, **options: Any) -> list[str]:
    """An interchange in a transaction of its own, as lines."""

    def work(tx: Any) -> bytes:
        context = x12.context(**options)
        context.next_control = numbers(tx, "x12", US, THEM)
        with undone(tx):
            return bytes(x12.translator.write(orders, "850", "004010", context).payload)

    payload = repository.retrying(work)
    assert all(x12.read(payload).accepted)
    return payload.decode().split("~")


def set_counters(repository: Repository, value: int) -> None:
    with repository.begin() as tx:
        for level in LEVELS:
            key = key_of("x12", f"{US}>{THEM}", level)
            tx.next_control(key)
            tx.write(counters.update().where(counters.c.name == key).values(value=value))


def drawn(lines: list[str]) -> dict[str, list[str]]:
    """Control numbers by segment."""
    places = {"ISA": 13, "GS": 6, "ST": 2, "SE": 2, "GE": 2, "IEA": 2}
    out: dict[str, list[str]] = {ident: [] for ident in places}
    for line in lines:
        values = line.split("*")
        if values[0] in places:
            out[values[0]].append(values[places[values[0]]])
    return out


def test_after_the_highest_number_comes_one(x12: Any, repository: Repository) -> None:
    set_counters(repository, HIGHEST - 1)
    last, first = (drawn(write(x12, repository, order())) for _ in range(2))
    assert last == {ident: ["999999999"] for ident in last}
    assert first == {
        "ISA": ["000000001"], "IEA": ["000000001"], "GS": ["1"], "GE": ["1"], "ST": ["0001"], "SE": ["0001"],
    }  # fmt: skip


def test_numbers_may_begin_again_inside_an_interchange(x12: Any, repository: Repository) -> None:
    set_counters(repository, HIGHEST - 2)
    found = drawn(write(x12, repository, *(order(f"PO{at}") for at in range(4))))
    assert found["ST"] == found["SE"] == ["999999998", "999999999", "0001", "0002"]
    assert found["ISA"] == ["999999998"]


def test_each_pair_and_direction_has_numbers_of_its_own(repository: Repository) -> None:
    other = EnvelopeParty("AUERBACH", "01")
    with repository.begin() as tx:
        ours, theirs, others = (
            numbers(tx, "x12", *pair) for pair in ((US, THEM), (THEM, US), (other, THEM))
        )  # fmt: skip
        assert [ours("interchange"), ours("interchange"), theirs("interchange"), others("interchange")] == [1, 2, 1, 1]
        assert [ours("group"), ours("message")] == [1, 1]


@pytest.mark.parametrize("bad", ["A*B", "A~B", "A>B", "A\tB"])
def test_what_is_refused_leaves_no_gap(x12: Any, repository: Repository, bad: str) -> None:
    write(x12, repository, order())
    with pytest.raises(DocumentRejected, match="separators-in-data"):
        write(x12, repository, order("PO2"), order(bad))
    replaced = write(x12, repository, order("PO2"), order(bad), **{"separators-in-data": "replace", "replacement": "-"})
    assert [line for line in replaced if line.startswith("BEG")][1].split("*")[3] == "A-B"
    assert drawn(replaced)["ISA"] == ["000000002"]
    assert drawn(replaced)["ST"] == ["0002", "0003"]


@pytest.mark.parametrize("by", ["*", "~", ">", "\t"])
def test_a_replacement_that_is_a_separator_is_refused_and_not_sent(x12: Any, repository: Repository, by: str) -> None:
    named = order().model_copy(update={"roles": {"ship_to": PartyRef(name="A~B")}})  # N1*ST*A*B would be read
    with pytest.raises(ConfigurationError, match="separator or control character itself"):
        write(x12, repository, named, **{"separators-in-data": "replace", "replacement": by})
    with pytest.raises(DocumentRejected):
        write(x12, repository, named, **{"replacement": by})
    removed = write(x12, repository, named, **{"separators-in-data": "replace", "replacement": ""})
    assert "N1*ST*AB" in removed
    assert drawn(write(x12, repository, order()))["ISA"] == ["000000002"]


WRITER = """
import sys
from hub.exchange.sending import numbers
from hub.repository import Repository
from hub.translation import EnvelopeParty
us, them = EnvelopeParty("AUERBACH", "ZZ"), EnvelopeParty("NORTHGATE", "ZZ")
def work(tx):
    draw = numbers(tx, "x12", us, them)
    return [draw("interchange"), draw("group"), draw("message"), draw("message")]
with Repository.open(sys.argv[1]) as repository:
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(60):
        print(*repository.retrying(work, attempts=100), flush=True)
"""


def test_two_processes_draw_no_number_twice(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/hub.sqlite"
    with Repository.open(url) as repository:
        set_counters(repository, HIGHEST - 70)  # they go over the highest number on the way
    environment = {**os.environ, "PYTHONPATH": str(Path(hub.repository.__file__).parents[2])}
    pipe = subprocess.PIPE
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, url], env=environment, stdin=pipe, stdout=pipe, text=True)
        for _ in range(2)
    ]
    for writer in writers:  # both are up before the first begins
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    drawn_ = []
    for writer in writers:
        out, _ = writer.communicate(timeout=120)
        assert writer.returncode == 0
        drawn_ += [tuple(map(int, line.split())) for line in out.splitlines()]
    expected = [*range(HIGHEST - 69, HIGHEST + 1), *range(1, 51)]
    assert sorted(one[0] for one in drawn_) == sorted(one[1] for one in drawn_) == sorted(expected)
    messages = [number for one in drawn_ for number in one[2:]]
    assert len(set(messages)) == len(messages) == 240
