"""The change feed: complete, ordered, and the same for every reader."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import text

from hub.model import Document
from hub.repository import Change, FeedCursor, FeedCursorLost, Repository, Transaction

Make = Callable[..., Document]


def test_each_change_carries_its_own_version_and_scopes(database_url: str, make: Make) -> None:
    def zones(document: Document) -> frozenset[str]:
        return frozenset(document.canonical_dict().get("segments", ()))

    with Repository.open(database_url, scope_function=zones) as repository:
        for name, segments in (("a", ["z1", "z2"]), ("b", ["z2", "z3"]), ("b", ["z2", "z3"])):
            with repository.begin() as tx:
                tx.put(make("Party", external_id="1", legal_name=name, segments=segments), system="erp", origin="s1")
        first, second = repository.feed()
    assert first.row is not None
    assert second.row is not None
    assert (first.row["legal_name"], second.row["legal_name"]) == ("a", "b")
    assert (first.old_scopes, first.new_scopes) == (frozenset(), frozenset(("z1", "z2")))
    assert (second.old_scopes, second.left) == (frozenset(("z1", "z2")), frozenset(("z1",)))
    assert (first.seq, second.seq, second.version, second.origin) == (1, 2, 2, "s1")


def test_a_document_whose_scope_alone_changes_is_in_the_feed(repository: Repository, make: Make) -> None:
    party = make("Party", external_id="1", legal_name="a")
    for scopes in ("z1", "z1", "z2"):
        with repository.begin() as tx:
            tx.put(party, system="erp", scopes=frozenset((scopes,)))
    assert [(change.version, sorted(change.left)) for change in repository.feed()] == [(1, []), (1, ["z1"])]
    with repository.read() as tx:
        found = tx.find("Party", system="erp", external_id="1")
    assert found is not None
    assert found.scopes == frozenset(("z2",))


def test_reading_on_from_a_cursor(repository: Repository, make: Make) -> None:
    with repository.begin() as tx:
        tx.put_many(make("Party", external_id=str(number)) for number in range(25))
    seen: list[Change] = []
    cursor: FeedCursor | None = None
    while part := repository.feed(cursor, limit=10):
        seen += part
        cursor = FeedCursor.parse(str(part[-1].cursor))
    assert [change.seq for change in seen] == list(range(1, 26))
    assert cursor == repository.feed_head()


def test_what_is_rolled_back_is_not_in_the_feed(repository: Repository, make: Make) -> None:
    def fail() -> None:
        with repository.begin() as tx:
            tx.put(make("Party", external_id="1"))
            tx.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert repository.feed() == []
    with repository.read() as tx:
        assert tx.list("Party") == []


def test_a_cursor_of_another_feed_is_refused(repository: Repository, make: Make) -> None:
    with repository.begin() as tx:
        tx.put(make("Party", external_id="1"))
    old = repository.feed_head()
    with pytest.raises(FeedCursorLost, match="load it from the beginning"):
        repository.feed(FeedCursor(old.epoch, old.position + 1))
    new = repository.new_epoch()
    assert new.epoch != old.epoch
    with pytest.raises(FeedCursorLost):
        repository.feed(old)
    with repository.begin() as tx:
        tx.put(make("Party", external_id="2"))
    assert [change.seq for change in repository.feed()] == [1, 2]
    with pytest.raises(ValueError, match="not a feed cursor"):
        FeedCursor.parse("nonsense")


def test_nothing_is_lost_when_a_database_moves_to_a_younger_server(postgresql_database: str, make: Make) -> None:
    with Repository.open(postgresql_database) as repository:
        with repository.begin() as tx:
            tx.put(make("Party", external_id="sealed"))
        assert len(repository.feed()) == 1
        with repository.begin() as tx:
            tx.put(make("Party", external_id="not sealed"))
        # As after a restore: the transaction numbers in the tables are far ahead of the server's.
        with repository.begin() as tx:
            tx.connection.execute(text("UPDATE changes SET xid = (xid::text::bigint + 1000000)::text::xid8"))
            ahead = "UPDATE feed_state SET last_xid = (last_xid::text::bigint + 1000000)::text::xid8"
            tx.connection.execute(text(ahead))
        assert len(repository.feed()) == 1
        repository.new_epoch()
        with repository.begin() as tx:
            tx.put(make("Party", external_id="after"))
        assert [change.seq for change in repository.feed()] == [1, 2, 3]
        assert len({change.id for change in repository.feed()}) == 3


def test_a_version_that_is_numbered_late_shows_the_newest(postgresql_database: str, make: Make) -> None:
    """The transaction that begins first writes the document last: its change is numbered before the older one."""

    def zones(document: Document) -> frozenset[str]:
        return frozenset(document.canonical_dict()["segments"])

    def put(tx: Transaction, name: str, zone: str, number: str = "1") -> None:
        tx.put(make("Party", external_id=number, legal_name=name, segments=[zone]), system="erp")
        tx.flush()

    with Repository.open(postgresql_database, scope_function=zones) as repository:
        with repository.begin() as tx:
            put(tx, "first", "z1")

        def between() -> None:
            with repository.begin() as other:
                put(other, "second", "z2")

        with repository.begin() as tx:
            put(tx, "another", "z9", "2")  # draws the transaction's number
            beside = threading.Thread(target=between)
            beside.start()
            beside.join()
            put(tx, "third", "z3")
        changes = [change for change in repository.feed() if change.row and change.row["external_id"] == "1"]
        assert [change.row and change.row["legal_name"] for change in changes] == ["first", "third", "third"]
        assert [change.version for change in changes] == [1, 3, 3]
        assert [sorted(change.left) for change in changes] == [[], ["z2"], ["z1"]]
        assert repository.feed(FeedCursor(repository.feed_head().epoch, 2))[-1].new_scopes == {"z3"}


def test_four_writers_and_no_change_is_skipped(database_url: str, make: Make) -> None:
    """On PostgreSQL a reader that remembers the last ``seq`` loses changes; the feed must not."""
    with Repository.open(database_url) as repository:
        stop = threading.Event()
        naive: set[str] = set()
        ours: list[Change] = []
        written: list[str] = []

        def write(writer: int) -> None:
            chance = random.Random(writer)

            def work(tx: Transaction, number: int) -> list[str]:
                parties = [make("Party", external_id=f"{writer}-{number}-{n}") for n in range(2)]
                stored = [tx.put(party, system="s") for party in parties]
                tx.flush()
                if tx.postgresql:
                    time.sleep(chance.random() * 0.02)
                return [one.id for one in stored]

            for number in range(25):
                written.extend(repository.retrying(partial(work, number=number), attempts=20))

        def read_naively() -> None:
            last = 0
            while not stop.is_set():
                with repository.read() as tx:
                    query = text("SELECT seq, row_id FROM changes WHERE seq > :last ORDER BY seq")
                    for row in tx.connection.execute(query, {"last": last}):
                        naive.add(row.row_id)
                        last = row.seq
                time.sleep(0.001)

        def read_feed() -> None:
            while not stop.is_set():
                ours.extend(repository.feed(ours[-1].cursor if ours else None, limit=7))

        writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        readers = [threading.Thread(target=one) for one in (read_naively, read_feed)]
        for thread in (*readers, *writers):
            thread.start()
        for thread in writers:
            thread.join()
        time.sleep(0.1)
        stop.set()
        for thread in readers:
            thread.join()
        while part := repository.feed(ours[-1].cursor if ours else None):
            ours.extend(part)
        assert len(written) == 200
        assert [change.seq for change in ours] == list(range(1, 201))
        assert {change.id for change in ours} == set(written)
        if database_url.startswith("postgresql"):
            assert len(naive) < 200, "the trap that this guards against was not there: make the writers overlap more"
