"""The upload: only what the hub named is acknowledged, nothing bad blocks the rest, nothing is sent too often."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from hub_pos import Register, SaleLine, Tender
from hub_pos.errors import NoAnswer, UploadRefused
from hub_pos.folder import exchange
from hub_pos.outbox import Outbox
from hub_pos.upload import Bounds, Uploader

NOON = datetime(2026, 3, 15, 11, 0, tzinfo=UTC)
Answer = dict[str, Any]


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


class Wire:
    """A transport in which the test decides what becomes of each upload."""

    def __init__(self, rule: Callable[[Answer], Answer | None] | None = None) -> None:
        self.sent: list[list[int]] = []
        self.rule = rule

    def __call__(self, data: bytes) -> bytes:
        upload = json.loads(data)
        places = [one["seq"] for one in upload["documents"]]
        self.sent.append(places)
        results = [
            {"seq": one["seq"], "id": one["id"], "status": "accepted", "document_id": f"d{one['seq']}", "findings": []}
            for one in upload["documents"]
        ]
        answer: Answer | None = {"node": upload["node"], "results": results, "next": max(places) + 1, "missing": []}
        if self.rule is not None:
            assert answer is not None
            answer = self.rule(answer)
        if answer is None:
            raise NoAnswer("the line is down")
        return json.dumps(answer).encode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def register(tmp_path: Path, clock: Clock) -> Iterator[Register]:
    with Register(tmp_path / "S001.sqlite", "1", store="S001", now=clock) as opened:
        yield opened


def sell(register: Register, count: int) -> None:
    for _ in range(count):
        register.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)])


def waiting(outbox: Outbox) -> list[int]:
    return [entry.seq for entry in outbox.entries(waiting=True)]


def test_everything_goes_in_batches_by_count_and_size(register: Register, clock: Clock) -> None:
    sell(register, 7)
    wire = Wire()
    report = Uploader(register.outbox, wire, Bounds(documents=3), clock).upload()
    assert wire.sent == [[1, 2, 3], [4, 5, 6], [7]]
    assert (report.acknowledged, report.waiting, report.errors) == (7, 0, [])
    assert [(one.status, one.document_id) for one in register.outbox.entries()][:1] == [("accepted", "d1")]
    sell(register, 3)
    small = Wire()
    Uploader(register.outbox, small, Bounds(size=1500), clock).upload()
    assert small.sent == [[8, 9], [10]]
    assert Uploader(register.outbox, small, Bounds(), clock).upload().acknowledged == 0


def test_only_what_was_named_is_acknowledged(register: Register, clock: Clock) -> None:
    sell(register, 4)

    def answers(answer: Answer) -> Answer:
        one, two, three, four = answer["results"]
        results = [one, {**two, "id": "another"}, {**three, "status": "perhaps"}, "nonsense", {**four, "seq": None}]
        return {**answer, "results": results}

    report = Uploader(register.outbox, Wire(answers), Bounds(), clock).upload()
    assert waiting(register.outbox) == [2, 3, 4]
    assert len(report.errors) == 3


@pytest.mark.parametrize(
    "answer",
    [b"<html>502</html>", b"", b"[]", b'{"results": 1, "node": "S001-1"}', b'{"node": "S001-1", "results": []}',
     b'{"node": "S001-2", "results": [{"seq": 1, "status": "accepted"}]}'],
)  # fmt: skip
def test_what_is_no_answer_acknowledges_nothing(register: Register, clock: Clock, answer: bytes) -> None:
    sell(register, 1)
    report = Uploader(register.outbox, lambda _: answer, Bounds(), clock).upload()
    assert report.errors
    assert waiting(register.outbox) == [1]


def test_a_failure_waits_longer_each_time_and_new_sales_do_not_shorten_it(register: Register, clock: Clock) -> None:
    sell(register, 1)
    wire = Wire(lambda _: None)
    uploader = Uploader(register.outbox, wire, Bounds(), clock)
    attempts = []
    for second in range(3600):
        clock.time = NOON + timedelta(seconds=second)
        if second % 60 == 0:
            sell(register, 1)
        before = len(wire.sent)
        uploader.upload()
        if len(wire.sent) > before:
            attempts.append(second)
    assert attempts == [0, 5, 15, 35, 75, 155, 315, 635, 1275, 2175, 3075]
    wire.rule = None
    assert uploader.upload(force=True).acknowledged == 61


def test_one_bad_document_does_not_block_the_others(register: Register, clock: Clock) -> None:
    sell(register, 9)
    sent: list[list[int]] = []
    good = Wire()

    def send(data: bytes) -> bytes:
        places = [one["seq"] for one in json.loads(data)["documents"]]
        sent.append(places)
        if 5 in places:
            raise UploadRefused("HTTP 413")
        return good(data)

    uploader = Uploader(register.outbox, send, Bounds(), clock)
    report = uploader.upload()
    assert waiting(register.outbox) == [5]
    assert report.acknowledged == 8
    assert "HTTP 413" in report.errors[0]
    sent.clear()
    assert uploader.upload().errors == []  # it waits by itself
    assert sent == []
    clock.time += timedelta(minutes=20)
    uploader.upload()
    assert sent == [[5]]


def test_a_hub_that_refuses_everything_is_taken_for_away(register: Register, clock: Clock) -> None:
    sell(register, 64)
    tries = []

    def send(data: bytes) -> bytes:
        tries.append(data)
        raise UploadRefused("HTTP 403")

    uploader = Uploader(register.outbox, send, Bounds(), clock)
    report = uploader.upload()
    assert "took none of 3 documents: HTTP 403" in report.errors[-1]
    assert len(tries) < 20
    uploader.upload()
    assert len(tries) < 20


def test_a_hub_that_was_restored_gets_again_what_it_misses(register: Register, clock: Clock) -> None:
    sell(register, 6)
    uploader = Uploader(register.outbox, Wire(), Bounds(), clock)
    uploader.upload()
    sell(register, 1)
    lost = Wire(lambda answer: {**answer, "next": 8, "missing": [[2, 4]]})
    assert Uploader(register.outbox, lost, Bounds(), clock).upload().resent == 3
    again = Wire()
    assert Uploader(register.outbox, again, Bounds(), clock).upload().acknowledged == 3
    assert again.sent == [[2, 3, 4]]


def test_an_outbox_younger_than_the_hub_gives_no_number_twice(register: Register, clock: Clock) -> None:
    sell(register, 1)
    Uploader(register.outbox, Wire(lambda answer: {**answer, "next": 501}), Bounds(), clock).upload()
    assert register.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)]).number == "S001-1-501"
    assert register.outbox.last() == 501


def test_a_new_outbox_asks_first_where_it_stands(register: Register, clock: Clock) -> None:
    asked = []

    def send(data: bytes) -> bytes:
        asked.append(json.loads(data))
        return json.dumps({"node": "S001-1", "results": [], "next": 8, "missing": []}).encode()

    uploader = Uploader(register.outbox, send, Bounds(), clock)
    for _ in range(3):
        assert uploader.upload().errors == []
    assert asked == [{"node": "S001-1", "documents": []}]
    assert register.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)]).number == "S001-1-8"
    assert register.outbox.last() == 8


def test_acknowledged_rows_are_kept_and_then_removed_and_numbers_stay_gone(register: Register, clock: Clock) -> None:
    sell(register, 3)
    uploader = Uploader(register.outbox, Wire(), Bounds(), clock)
    uploader.upload()
    clock.time += timedelta(days=29)
    uploader.upload()
    assert len(list(register.outbox.entries())) == 3
    clock.time += timedelta(days=2)
    uploader.upload()
    assert list(register.outbox.entries()) == []
    assert register.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)]).number == "S001-1-4"
    assert waiting(register.outbox) == [4]


def test_it_runs_until_it_is_stopped(register: Register) -> None:
    sell(register, 2)
    stop = Event()

    def last(answer: Answer) -> Answer:
        stop.set()
        return answer

    Uploader(register.outbox, Wire(last)).run(stop, every=0.01)
    assert waiting(register.outbox) == []


def test_a_folder_is_written_and_its_answers_are_taken(register: Register, tmp_path: Path, clock: Clock) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    sell(register, 5)
    assert exchange(register.outbox, stick, Bounds(documents=2), clock).waiting == 5
    files = sorted(file.name for file in stick.iterdir())
    assert files == [f"S001-1.{part}.upload.json" for part in ("1-2", "3-4", "5-5")]
    wire = Wire()
    for file in list(stick.iterdir())[:2]:
        answer = file.with_name(file.name.replace(".upload.", ".answer."))
        answer.write_bytes(wire(file.read_bytes()))
    (stick / "S001-2.1-1.answer.json").write_text("another node's")
    (stick / "S001-1.9-9.answer.json").write_text("broken")
    report = exchange(register.outbox, stick, Bounds(documents=2), clock)
    assert report.acknowledged == sum(len(places) for places in wire.sent)
    assert report.errors == ["S001-1.9-9.answer.json: " + report.errors[0].partition(": ")[2]]
    assert (stick / "S001-2.1-1.answer.json").exists()
    assert len([file for file in stick.iterdir() if "upload" in file.name]) == 1
