"""Old uploads are emptied and still recognized; places that were given up are no gap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.replication import Store
from hub.replication.intake import take
from hub.repository import NotFound, Repository

from .test_intake import sale, states, upload

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def north(stores: tuple[Store, Store]) -> Store:
    return stores[0]


def purge(repo: Repository, before: datetime = LATER) -> tuple[int, int]:
    return repo.retrying(lambda tx: tx.purge_uploads(before))


def test_what_was_purged_is_not_taken_twice(repo: Repository, north: Store) -> None:
    first, second = upload(sale(1), sale(2)), upload(sale(3), {**sale(5), "kind": "Invoice"})
    answers = [take(repo, north, data, NOW) for data in (first, second)]
    with repo.read() as tx:
        before = tx.uploads()
    assert purge(repo, NOW - timedelta(days=999)) == (0, 0)
    assert purge(repo) == (3, 1)  # the quarantined one keeps its body and its payload
    assert purge(repo) == (0, 0)
    with repo.read() as tx:
        after = tx.uploads()
        assert [one.data() is None for one in after] == [True, True, True, False]
        assert [(one.id, one.entry.seq, one.entry.digest, one.state, one.document_id) for one in after] == [
            (one.id, one.entry.seq, one.entry.digest, one.state, one.document_id) for one in before
        ]
        assert len(tx.list("PosTransaction")) == 3
    with pytest.raises(NotFound):
        repo.open_payload(before[0].payload)
    assert repo.open_payload(before[3].payload).read() == second
    # A till that was restored sends all of it again: answered as before, nothing is kept a second time.
    again = [take(repo, north, data, NOW) for data in (first, second)]
    assert [one["results"] for one in again] == [one["results"] for one in answers]
    assert again[1]["missing"] == [[4, 4]]
    with pytest.raises(NotFound):
        repo.open_payload(before[0].payload)
    # Other content under a place that was purged is still other content.
    assert states(take(repo, north, upload(sale(1, number=9)), NOW)) == [(1, "quarantined")]


def test_a_part_that_was_seen_before_and_a_new_one_keep_the_new_bytes(repo: Repository, north: Store) -> None:
    take(repo, north, upload(sale(1)), NOW)
    purge(repo)
    both = upload(sale(1), sale(2))
    take(repo, north, both, NOW)
    with repo.read() as tx:
        (held,) = tx.uploads_at("NORTH-1", 2)
    assert repo.open_payload(held.payload).read() == both


def test_more_than_one_round_is_purged(repo: Repository, north: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.repository.purging._AT_ONCE", 2)
    data = upload(*(sale(seq) for seq in range(1, 6)))
    take(repo, north, data, NOW)
    assert [purge(repo) for _ in range(4)] == [(2, 0), (2, 0), (1, 1), (0, 0)]


def test_places_that_were_given_up(repo: Repository, north: Store) -> None:
    take(repo, north, upload(sale(10)), NOW)
    with repo.begin() as tx:
        loss = tx.give_up("NORTH-1", 3, 5, "the till burned", "ada")
    assert take(repo, north, upload(), NOW)["missing"] == [[1, 2], [6, 9]]
    for first, last in ((2, 3), (4, 4), (9, 10), (9, 8), (1, 9), (11, 11)):
        with pytest.raises(NotFound, match="not all of the places"), repo.begin() as tx:
            tx.give_up("NORTH-1", first, last, "no", "ada")
    with pytest.raises(NotFound), repo.begin() as tx:
        tx.give_up("NOBODY", 1, 1, "no", "ada")
    with repo.begin() as tx:
        tx.give_up("NORTH-1", 1, 2, "a test", "ada")
        assert [(one.first, one.last, one.why) for one in tx.losses(node="NORTH-1")] == [
            (1, 2, "a test"), (3, 5, "the till burned"),
        ]  # fmt: skip
        assert tx.losses(node="NORTH-1")[1] == loss
        assert tx.losses(node="NORTH-2") == []
    # It was on a stick in a drawer: taken all the same.
    answer = take(repo, north, upload(sale(4)), NOW)
    assert (states(answer), answer["missing"]) == ([(4, "accepted")], [[6, 9]])
