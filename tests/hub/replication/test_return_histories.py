"""Random histories of two tills and a bad line: every sale is in the hub exactly once, on both databases."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.replication import Store
from hub.replication.intake import take
from hub.repository import Repository
from hub_pos import Register, SaleLine, Tender
from hub_pos.errors import NoAnswer
from hub_pos.upload import Bounds, Uploader

START = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
FAULTS = ("none", "no request", "no answer", "doubled", "late", "hub killed", "till killed")
STEPS = st.one_of(
    st.tuples(st.just("sell"), st.integers(0, 1), st.integers(1, 3)),
    st.tuples(st.sampled_from(FAULTS), st.integers(0, 1), st.integers(1, 4)),
    st.tuples(st.just("deliver late"), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("reopen"), st.integers(0, 1), st.just(0)),
)


class Killed(BaseException):
    """The process ends here."""


class World:
    """Two tills of one store, a hub, and what lies on the line between them."""

    def __init__(self, repo: Repository, store: Store, folder: Path) -> None:
        self.repo, self.store, self.folder = repo, store, folder
        self.tills = [self._open(0), self._open(1)]
        self.printed: list[str] = []
        self.late: list[bytes] = []
        self.hours = itertools.count()

    def _open(self, terminal: int) -> Register:
        return Register(self.folder / f"{self.store.id}.sqlite", str(terminal), store=self.store.id)

    def step(self, what: str, who: int, count: int) -> None:
        """One thing happens."""
        if what == "sell":
            for _ in range(count):
                self.printed.append(self.tills[who].sell([SaleLine("x", 1, "1")], [Tender("cash", 1)]).number)
        elif what == "reopen":
            self.tills[who].close()
            self.tills[who] = self._open(who)
        elif what == "deliver late":
            # Whatever was on its way comes now, in the wrong order.
            while self.late:
                take(self.repo, self.store, self.late.pop(), START)
        else:
            self.upload(what, who, count)

    def upload(self, fault: str, who: int, count: int) -> None:
        """The till uploads in batches of ``count``, and the line does what ``fault`` says."""

        def now() -> datetime:
            return START + timedelta(hours=next(self.hours))

        uploader = Uploader(self.tills[who].outbox, self.line(fault), Bounds(documents=count), now)
        try:
            uploader.upload()
        except Killed:
            self.step("reopen", who, 0)

    def line(self, fault: str) -> Callable[[bytes], bytes]:
        """A transport with one fault."""

        def send(data: bytes) -> bytes:
            if fault == "no request":
                raise NoAnswer("lost on the way")
            if fault == "late":
                self.late.append(data)
                raise NoAnswer("it took too long")
            if fault == "hub killed":
                with mock.patch("hub.replication.intake._decide_waiting", side_effect=Killed):
                    take(self.repo, self.store, data, START)
            answer = take(self.repo, self.store, data, START)
            if fault == "doubled":
                assert take(self.repo, self.store, data, START) == answer
            if fault == "no answer":
                raise NoAnswer("lost on the way back")
            if fault == "till killed":
                raise Killed
            return json.dumps(answer).encode()

        return send

    def settle(self) -> None:
        """In the end the line is up, and everything was sent."""
        self.step("deliver late", 0, 0)
        for who in (0, 1):
            self.upload("none", who, 100)


@pytest.fixture
def worlds(repo: Repository, tmp_path: Path) -> Iterator[Callable[[], World]]:
    numbers = itertools.count()
    with ExitStack() as stack:

        def make() -> World:
            number = next(numbers)
            world = World(repo, Store(id=f"T{number}", path=tmp_path / f"T{number}.sqlite"), tmp_path)
            for who in (0, 1):
                stack.callback(lambda who=who: world.tills[who].close())
            return world

        yield make


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=14))
def test_every_sale_is_in_the_hub_exactly_once(worlds: Callable[[], World], steps: list[Any]) -> None:
    world = worlds()
    for step in steps:
        world.step(*step)
    world.settle()
    with world.repo.read() as tx:
        records = [
            one
            for one in tx.list("PosTransaction", limit=100_000)
            if _number(one.data()).startswith(world.store.id + "-")
        ]
        numbers = [_number(one.data()) for one in records]
        held = tx.uploads(store=world.store.id, limit=100_000)
        assert tx.gaps(store=world.store.id) == []
    assert sorted(numbers) == sorted(world.printed)
    assert {one.state for one in held} <= {"accepted"}
    assert len(held) == len(world.printed)
    for till in world.tills:
        assert list(till.outbox.entries(waiting=True)) == []


def _number(sale: dict[str, Any]) -> str:
    return f"{sale['key']['store']}-{sale['key']['workstation']}-{sale['key']['sequence']}"
