"""Several processes at once, and processes that are killed: nothing lost, nothing by half, nothing twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

import hub.repository
from hub.errors import TemporaryError
from hub.model import Document
from hub.repository import Repository, tables

# Receives exchanges for ever: payload first, then everything else in one transaction, as hub.exchange does.
WRITER = """
import sys, itertools
from hub.model import Document
from hub.repository import MessageRecord, Repository
url, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Repository.open(url) as repository:
    for number in range(count) if count else itertools.count():
        tag = f"{name}-{number}"
        payload = repository.store_payload(f"payload {tag}".encode() * 50)
        def work(tx):
            exchange = tx.open_exchange(direction="in", payload=payload, partner="acme", filename=tag)
            for position in range(1, 6):
                line = {"line_id": "1", "quantity": {"value": "1", "unit": "EA"}}
                order = Document.from_json("Order", {"buyer_order_id": f"{tag}-{position}", "lines": [line]})
                tx.put(order, exchange_id=exchange, message=position, partner="acme")
                tx.add_message(exchange, MessageRecord(position, "850"))
            control = tx.next_control("isa")
            answer = f"997 {control}".encode()
            tx.enqueue(partner="acme", channel="f", payload=answer, filename=f"{control}", idempotency_key=f"{control}",
                       exchange_id=exchange)
            tx.expect_acknowledgment(partner="acme", exchange_id=exchange, standard="x12", sender="", receiver="",
                                     interchange=str(control))
            tx.update_exchange(exchange, state="accepted", control=str(control), received=5)
        repository.retrying(work, attempts=50)
        print(tag, flush=True)
"""


def start(url: str, name: str, count: int = 0) -> subprocess.Popen[str]:
    root = str(Path(hub.repository.__file__).parents[2])
    command = [sys.executable, "-c", WRITER, url, name, str(count)]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": root}, stdout=subprocess.PIPE, text=True)


def check(repository: Repository, confirmed: list[str]) -> int:
    """Every exchange is whole, control numbers are dense, what was confirmed is there. Returns how many exchanges."""
    with repository.read() as tx:
        exchanges = tx.exchanges(limit=100_000)
        assert {record.filename for record in exchanges} >= set(confirmed)
        assert len({record.filename for record in exchanges}) == len(exchanges)
        assert {record.state.value for record in exchanges} <= {"accepted"}
        assert sorted(int(record.control) for record in exchanges) == list(range(1, len(exchanges) + 1))

        def count(table: str) -> int:
            return int(tx.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() or 0)

        for table in ("messages", "documents", "document_versions", "orders", "order_lines", "changes"):
            assert count(table) == 5 * len(exchanges), table
        for table in ("outbox", "acknowledgments"):
            assert count(table) == len(exchanges), table
        for record in exchanges[:20]:
            assert len(tx.list(exchange_id=record.id)) == len(tx.messages(record.id)) == 5
    for record in exchanges[:20]:
        assert repository.open_payload(record.payload.sha256).read() == f"payload {record.filename}".encode() * 50
    changes = []
    while part := repository.feed(changes[-1].cursor if changes else None, limit=10_000):
        changes += part
    assert len({change.id for change in changes}) == len(changes) == 5 * len(exchanges)
    return len(exchanges)


def test_two_processes_receive_at_once(database_url: str) -> None:
    Repository.open(database_url).close()
    writers = [start(database_url, name, 30) for name in "ab"]
    confirmed: list[str] = []
    for writer in writers:
        output, _ = writer.communicate(timeout=60)
        assert writer.returncode == 0
        confirmed += output.split()
    with Repository.open(database_url) as repository:
        assert check(repository, confirmed) == len(confirmed) == 60


def test_killed_at_any_instant(database_url: str) -> None:
    """SIGKILL at a random instant after the writer has begun to write."""
    chance = random.Random(7)
    confirmed: list[str] = []
    Repository.open(database_url).close()
    kills = 20 if database_url.startswith("sqlite") else 6
    for attempt in range(kills):
        writer = start(database_url, f"run{attempt}")
        assert writer.stdout is not None
        confirmed.append(writer.stdout.readline().strip())
        time.sleep(chance.random() * 0.06)
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate(timeout=30)
        confirmed += [line for line in rest.split("\n")[:-1] if line]
    with Repository.open(database_url) as repository:
        assert check(repository, confirmed) >= len(confirmed) >= kills
        if database_url.startswith("sqlite"):
            with repository.read() as tx:
                assert tx.connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"


def test_a_writer_that_waits_too_long_may_try_again(sqlite_database: str) -> None:
    with Repository.open(sqlite_database) as holder, Repository.open(sqlite_database, busy_seconds=0.2) as waiting:
        with holder.begin(), pytest.raises(TemporaryError, match="another process is writing"), waiting.begin():
            pass
        with waiting.begin() as tx:
            assert tx.next_control("a") == 1


def test_the_same_order_from_two_writers_at_once_is_stored_once(
    postgresql_database: str, order: Callable[..., Document]
) -> None:
    with Repository.open(postgresql_database) as repository:
        with repository.begin() as first:
            first.put(order(), partner="acme")
            first.flush()
            with pytest.raises(TemporaryError, match="try again"):
                _in_another_thread(repository, order())
        with repository.begin() as tx:
            tx.put(order(), partner="acme")
            assert len(tx.list("Order")) == 1


def _in_another_thread(repository: Repository, document: Document) -> None:
    import threading

    failed: list[BaseException] = []

    def other() -> None:
        try:
            with repository.begin() as tx:
                tx.connection.execute(text("SET LOCAL lock_timeout = '100ms'"))
                tx.put(document, partner="acme")
        except TemporaryError as problem:
            failed.append(problem)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    raise failed[0]


def test_a_document_changed_by_two_at_once_is_changed_by_one(
    postgresql_database: str, make: Callable[..., Document]
) -> None:
    with Repository.open(postgresql_database) as repository, Repository.open(postgresql_database) as another:
        with repository.begin() as tx:
            stored = tx.put(make("Party", external_id="1", legal_name="a"), system="erp")

        def interleaved() -> None:
            with repository.begin() as tx:
                tx.put(make("Party", external_id="1", legal_name="b"), system="erp")
                row = tables.documents
                with another._engine.begin() as connection:
                    connection.execute(row.update().where(row.c.id == stored.id).values(version=7))

        with pytest.raises(TemporaryError, match="changed by another process"):
            interleaved()
