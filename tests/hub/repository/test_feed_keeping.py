"""Purging the change feed: from its beginning, whole, at any moment, and nothing that is kept is changed by it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from hub.model import Document
from hub.repository import FeedCursor, FeedCursorLost, Repository, Transaction, feed_keeping

Make = Callable[..., Document]


def put(repository: Repository, make: Make, *numbers: int, name: str = "a") -> None:
    with repository.begin() as tx:
        tx.put_many([make("Party", external_id=str(number), legal_name=name) for number in numbers], system="erp")


def test_what_is_purged_is_gone_and_the_rest_is_as_it_was(repository: Repository, make: Make) -> None:
    for start in range(0, 40, 4):
        put(repository, make, *range(start, start + 4))
    whole = repository.feed()
    assert repository.purge_feed(15) == 15
    assert repository.feed_start() == 15
    epoch = repository.feed_head().epoch
    assert repository.feed(FeedCursor(epoch, 15)) == whole[15:]
    with pytest.raises(FeedCursorLost, match="purged up to 15; it cannot be read on from 14"):
        repository.feed(FeedCursor(epoch, 14))
    with pytest.raises(FeedCursorLost, match="hub replicate and hub store seal do so by themselves"):
        repository.feed()
    assert repository.purge_feed(15) == repository.purge_feed(3) == 0
    with repository.read() as tx:
        assert len(tx.list("Party")) == 40


def test_the_positions_go_on_after_everything_was_purged(repository: Repository, make: Make, database_url: str) -> None:
    """Without AUTOINCREMENT, SQLite would count from 1 again, and every cursor would mean something else."""
    put(repository, make, 1, 2, 3)
    head = repository.feed_head()
    assert repository.purge_feed(1_000_000) == 3
    assert repository.feed_head() == head
    assert repository.feed(head) == []
    with Repository.open(database_url) as again:
        assert again.feed_head() == head
        put(again, make, 4)
        assert [change.seq for change in again.feed(head)] == [4]
        assert again.purge_feed(4) == 1
        assert again.feed_head().position == 4


def test_a_version_that_is_numbered_late_goes_with_the_newer_one_or_stays_with_it(
    postgresql_database: str, make: Make
) -> None:
    """The newest version is numbered first, then the older one, which shows the newest: they go together."""
    with Repository.open(postgresql_database) as repository:
        put(repository, make, 1, name="first")

        def between() -> None:
            put(repository, make, 1, name="second")

        with repository.begin() as tx:
            tx.put(make("Party", external_id="2"), system="erp")  # draws the transaction's number
            tx.flush()
            beside = threading.Thread(target=between)
            beside.start()
            beside.join()
            tx.put(make("Party", external_id="1", legal_name="third"), system="erp")
        names = [(change.seq, (change.row or {}).get("legal_name")) for change in repository.feed()]
        assert names == [(1, "first"), (2, None), (3, "third"), (4, "third")]
        assert repository.purge_feed(3) == 2
        epoch = repository.feed_head().epoch
        assert [change.version for change in repository.feed(FeedCursor(epoch, 2))] == [3, 3]
        assert repository.purge_feed(4) == 2


def test_a_change_without_a_place_keeps_the_newer_one_beside_it(postgresql_database: str, make: Make) -> None:
    """As before, but another transaction is open all the time: the older version has no place yet."""
    with Repository.open(postgresql_database) as repository:
        put(repository, make, 1, name="first")
        begun, go_on, done = threading.Event(), threading.Event(), threading.Event()

        def hold() -> None:
            with repository.begin() as tx:
                tx.put(make("Party", external_id="9"), system="erp")
                tx.flush()
                begun.set()
                go_on.wait(30)
            done.set()

        with repository.begin() as tx:
            tx.put(make("Party", external_id="2"), system="erp")
            tx.flush()
            holder = threading.Thread(target=hold)  # a later number than this transaction, an earlier one than "second"
            holder.start()
            assert begun.wait(30)
            beside = threading.Thread(target=lambda: put(repository, make, 1, name="second"))
            beside.start()
            beside.join()
            tx.put(make("Party", external_id="1", legal_name="third"), system="erp")
        assert [change.version for change in repository.feed()] == [1, 1, 3]
        assert repository.purge_feed(3) == 2
        go_on.set()
        assert done.wait(30)
        holder.join()
        epoch = repository.feed_head().epoch
        assert [change.version for change in repository.feed(FeedCursor(epoch, 2))] == [3, 1, 3]


KILLED = """
import sys, time
from hub.repository import Repository, feed_keeping

drop = feed_keeping.drop

def slowly(work, until, batch):
    count = drop(work, until, batch)
    work.flush()
    print(count, flush=True)
    time.sleep(0.05)
    return count

feed_keeping.drop = slowly
with Repository.open(sys.argv[1]) as repository:
    feed_keeping.purge(repository.retrying, 180, batch=10)
"""


@pytest.mark.parametrize("batches", [1, 4])
def test_killed_in_the_middle(database_url: str, make: Make, batches: int) -> None:
    with Repository.open(database_url) as repository:
        for start in range(0, 200, 20):
            put(repository, make, *range(start, start + 20))
        whole = repository.feed()
        environment = {**os.environ, "PYTHONPATH": str(Path(feed_keeping.__file__).parents[2])}
        command = [sys.executable, "-c", KILLED, database_url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            for _ in range(batches):
                assert process.stdout.readline() == b"10\n"
            process.send_signal(signal.SIGKILL)
        with repository.read() as tx:
            kept, purged = feed_keeping.counted(tx)
        assert purged == 180
        assert 20 < kept <= 200 - 10 * (batches - 1)
        epoch = repository.feed_head().epoch
        assert repository.feed(FeedCursor(epoch, 180)) == whole[180:]
        with pytest.raises(FeedCursorLost):
            repository.feed(FeedCursor(epoch, 179))
        assert repository.purge_feed(0) == kept - 20  # goes on where it was killed
        assert repository.feed(FeedCursor(epoch, 180)) == whole[180:]


def test_a_move_is_told_from_a_new_version(repository: Repository, make: Make) -> None:
    """What was before a change is known from the change alone; readers see a PUT either way."""
    for name, scope in (("a", "z1"), ("a", "z2"), ("b", "z3")):
        with repository.begin() as tx:
            tx.put(make("Party", external_id="1", legal_name=name), system="erp", scopes=frozenset((scope,)))
    assert [(change.op, change.version) for change in repository.feed()] == [("PUT", 1), ("PUT", 1), ("PUT", 2)]
    with repository.read() as tx:
        rows = tx.connection.execute(text("SELECT op, version FROM changes ORDER BY seq")).all()
    assert rows == [("PUT", 1), ("MOV", 1), ("PUT", 2)]


def test_two_that_move_a_document_at_once_agree(postgresql_database: str, make: Make) -> None:
    """The scopes that the document has are those of its newest change."""
    party = make("Party", external_id="1", legal_name="a")

    def move(tx: Transaction, scope: str) -> None:
        tx.put(party, system="erp", scopes=frozenset((scope,)))

    with Repository.open(postgresql_database) as repository:
        repository.retrying(lambda tx: move(tx, "z0"))
        for _ in range(10):
            barrier = threading.Barrier(4)

            def work(number: int, barrier: threading.Barrier = barrier) -> None:
                barrier.wait(30)
                repository.retrying(lambda tx: move(tx, f"z{number}"), attempts=20)

            threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            with repository.read() as tx:
                query = text("SELECT old_scopes, new_scopes FROM changes ORDER BY seq")
                rows = tx.connection.execute(query).all()
                found = tx.find("Party", system="erp", external_id="1")
            assert found is not None
            assert rows[-1].new_scopes == f'["{min(found.scopes)}"]'
            assert [row.old_scopes for row in rows[1:]] == [row.new_scopes for row in rows[:-1]]


def test_how_old_a_place_is(repository: Repository) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    with repository.begin() as tx:
        for minute, position in ((0, 5), (0, 9), (2, 9), (3, 20), (4, 20), (5, 30)):
            tx.mark_feed(position, noon + timedelta(minutes=minute))
        assert [tx.feed_reached(noon + timedelta(minutes=minute)) for minute in (-1, 0, 1, 2, 3, 4, 9)] == [
            0, 5, 5, 9, 20, 20, 30,
        ]  # fmt: skip
        assert [tx.feed_reached_at(position) for position in (1, 5, 6, 30, 31)] == [
            noon, noon, noon + timedelta(minutes=2), noon + timedelta(minutes=5), None,
        ]  # fmt: skip


def test_a_clock_that_was_ahead_does_not_keep_the_feed(repository: Repository) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    with repository.begin() as tx:
        tx.mark_feed(5, noon)
        tx.mark_feed(9, datetime(2038, 1, 1, tzinfo=UTC))
        tx.mark_feed(12, noon + timedelta(hours=1))
        assert tx.feed_reached(noon + timedelta(hours=2)) == 12


def test_consumers_say_how_far_they_have_read(repository: Repository, make: Make) -> None:
    put(repository, make, 1, 2)
    head = repository.feed_head()
    with repository.begin() as tx:
        tx.acknowledge_feed({"a": head, "b": FeedCursor(head.epoch, 1)})
        tx.acknowledge_feed({"b": head, "c": FeedCursor("another", 7)})
        assert [(one.name, one.position) for one in tx.consumers()] == [("a", 2), ("b", 2)]
        assert tx.forget_consumer("a")
        assert not tx.forget_consumer("a")
    repository.new_epoch()
    with repository.read() as tx:
        assert tx.consumers() == []
