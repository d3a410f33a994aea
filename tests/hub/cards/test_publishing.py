"""Card keys and revoked cards as documents: what differs is put, nothing else, whatever happened; on both databases."""

from __future__ import annotations

import base64
import shutil
import threading
from datetime import timedelta
from typing import Any

import pytest

from hub.cards.issuing import RevokedByNow, Wanted, issue, revoke
from hub.cards.keys import CardKeys
from hub.cards.publishing import certificates, next_list, publish, published, trust_for
from hub.cards.revocations import Revocations, read_revocations
from hub.cards.verify import verify
from hub.model import CardKey
from hub.repository import NotFound, Repository
from tests.card_keys import published_of, trust_in

ANNA = "0197a3c2-5e4c-7dd3-aafa-8a2dff7b0627"


def held_keys(repo: Repository) -> tuple[list[bytes], list[bytes]]:
    with repo.read() as tx:
        return certificates(published(tx))


def held_list(repo: Repository, keys: CardKeys) -> Revocations | None:
    with repo.read() as tx:
        record = tx.find("CardRevocations")
    if record is None:
        return None
    made = read_revocations(base64.b64decode(record.data()["list"]), trust_in(keys))
    assert (made.seq, made.issued.isoformat()) == (record.data()["seq"], record.document.issued.isoformat())
    return made


def says_the_same(repo: Repository, keys: CardKeys) -> bool:
    """Whether the documents are what the workspace's files say."""
    return [sorted(part) for part in held_keys(repo)] == [sorted(part) for part in published_of(keys)]


def changes(repo: Repository) -> int:
    return repo.feed_head().position


def issued(repo: Repository, keys: CardKeys, **wanted: Any) -> Any:
    with repo.begin() as tx:
        return issue(tx, keys, Wanted(ANNA, **wanted))


def test_without_cards_there_is_nothing(repository, keys):
    with repository.begin() as tx:
        publish(tx, keys)
    assert changes(repository) == 0
    assert list(keys.folder.glob("*")) == []


def test_the_first_card_brings_its_keys_and_an_empty_list(repository, keys):
    card = issued(repository, keys, store="S001")
    assert [len(part) for part in held_keys(repository)] == [1, 1]
    assert says_the_same(repository, keys)
    assert list(held_list(repository, keys).bitmap) == []
    head = changes(repository)
    issued(repository, keys, store="S001")
    with repository.begin() as tx:
        publish(tx, keys)
    assert changes(repository) == head
    with repository.read() as tx:
        assert verify(card.text, trust_for(tx, card.text), RevokedByNow(tx), tx.now).card == card.card
    issued(repository, keys, store="S002")
    assert says_the_same(repository, keys)
    assert changes(repository) == head + 1


def test_a_key_and_its_document_come_or_neither_does(repository, keys):
    def killed(tx: Any) -> None:
        issue(tx, keys, Wanted(ANNA, store="S001"))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        repository.retrying(killed)
    assert [len(part) for part in published_of(keys)] == [1, 1]  # files do not roll back
    assert held_keys(repository) == ([], [])
    issued(repository, keys)
    assert says_the_same(repository, keys)


def test_revoked_cards_are_in_the_list_at_once_and_leave_it_when_they_have_expired(repository, keys):
    for days in (10, 20, 30):
        issued(repository, keys, days=days)
    before = held_list(repository, keys)
    with repository.begin() as tx:
        assert revoke(tx, keys, [1, 3, 3]) == {1: True, 3: False}
        now = tx.now
    after = held_list(repository, keys)
    assert [number for number in range(100) if number in after] == [1, 3]
    assert after.seq > before.seq
    head = changes(repository)
    with repository.begin() as tx:
        assert revoke(tx, keys, [3]) == {3: False}
    assert changes(repository) == head
    with pytest.raises(NotFound), repository.begin() as tx:
        revoke(tx, keys, [2, 4])
    assert held_list(repository, keys) == after
    with repository.read() as tx:
        assert sorted(tx.revoked_cards(now + timedelta(days=15))) == [3]
        assert [number in RevokedByNow(tx) for number in (1, 2, 3, 4)] == [True, False, True, False]
        assert next_list(tx, 2**40).seq == 2**40 + 1


def test_rotated_and_retired_keys(repository, keys, now):
    first = issued(repository, keys, store="S001")
    for store in ("", "S001"):
        keys.rotate(store, now)
    with repository.begin() as tx:
        publish(tx, keys)
    assert [len(part) for part in held_keys(repository)] == [2, 2]
    before = held_list(repository, keys)
    keys.retire(first.key_id)
    with repository.begin() as tx:
        publish(tx, keys)
        assert list(published(tx, first.key_id)) == []
    assert says_the_same(repository, keys)
    assert held_list(repository, keys) == before
    # The key that signed the list: tills need one that they can still believe.
    oldest = next(iter(keys.all("")))
    keys.retire(oldest.id)
    with repository.begin() as tx:
        publish(tx, keys)
    assert says_the_same(repository, keys)
    assert held_list(repository, keys).seq > before.seq
    keys.retire(keys.newest("").id)
    with repository.begin() as tx:
        publish(tx, keys)
    assert says_the_same(repository, keys)
    assert held_list(repository, keys) is None
    assert keys.newest("") is None


def test_files_that_a_person_moved_and_documents_that_nobody_made(repository, keys, tmp_path):
    issued(repository, keys, store="S001")
    backup = shutil.copytree(keys.folder, tmp_path / "backup")
    issued(repository, keys, store="S002")
    (keys.folder / "card-store-S001-0001.cert").unlink()
    forged = base64.b64encode(b"?" * 60).decode()
    with repository.begin() as tx:
        tx.put(CardKey(key_id="00000000", certificate=forged))
        publish(tx, keys)
    assert says_the_same(repository, keys)
    shutil.rmtree(keys.folder)
    backup.rename(keys.folder)
    with repository.begin() as tx:
        publish(tx, keys)
    assert says_the_same(repository, keys)
    assert [len(part) for part in held_keys(repository)] == [1, 1]


def test_keys_with_one_id_are_two_documents(repository, keys, now):
    issued(repository, keys)
    with repository.begin() as tx:
        for store in ("S001", "S002"):
            tx.put(CardKey(key_id="8f685685", store=store, certificate=base64.b64encode(store.encode()).decode()))
        assert len(list(published(tx, "8f685685"))) == 2
    with repository.read() as tx:
        assert verify("HUBC1:", trust_for(tx, "HUBC1:"), None, now).refused == "unreadable"


def test_of_two_who_revoke_at_once_nobody_is_left_out(repository, keys):
    for _ in range(8):
        issued(repository, keys)
    start = threading.Barrier(8)

    def one(number: int) -> None:
        start.wait()
        repository.retrying(lambda tx: revoke(tx, keys, [number]), 50)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = held_list(repository, keys)
    assert [number for number in range(100) if number in made] == list(range(1, 9))
