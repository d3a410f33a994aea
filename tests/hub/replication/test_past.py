"""The documents as they stood at any place of the feed, from the changes since: the same as the feed from its beginning
leads to, wherever it is purged, and where PostgreSQL numbers overlapping transactions in another order."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from hub.errors import TemporaryError
from hub.replication.past import FAR, TooFar, past, touched
from hub.replication.snapshot import Snapshot
from hub.replication.standing import standing, states_of
from hub.repository import FeedCursor, Repository, Transaction

Seen = dict[str, tuple[int, frozenset[str], str]]


class Told:
    """What the feed leads to at each place, from its beginning, kept while it is purged."""

    def __init__(self) -> None:
        self.at: list[Seen] = [{}]

    def follow(self, repo: Repository) -> None:
        epoch = repo.feed_head().epoch
        while changes := repo.feed(FeedCursor(epoch, len(self.at) - 1)):
            for change in changes:
                now = dict(self.at[-1])
                assert change.seq == len(self.at)
                # The newest version counts; a change that is numbered late shows it as well.
                if change.op == "PUT" and change.new_scopes:
                    now[change.id] = (change.version, change.new_scopes, change.json)
                else:
                    now.pop(change.id, None)
                self.at.append(now)


def held(repo: Repository, position: int) -> Seen:
    with repo.read() as tx:
        return {one.id: (one.version, one.scopes, one.json) for one in standing(tx, position) if one.scopes}


def write(tx: Transaction, rng: random.Random, shop: Any, number: str = "") -> None:
    number, scope = number or rng.choice("1234"), frozenset(rng.sample(["z1", "z2", "z3"], rng.randrange(3)))
    if rng.random() < 0.2 and (found := tx.find("Product", system="erp", external_id=number)):
        tx.remove("Product", found.id)
    else:
        tx.put(shop.product(number, name=f"v{rng.randrange(3)}"), system="erp", scopes=scope)
    tx.flush()


def overlapping(repo: Repository, rng: random.Random, shop: Any) -> None:
    """Transactions that begin in one order, write in another and end in a third. One that another makes wait, or that
    collides with it, is rolled back."""
    with ExitStack() as stack:
        open_ = []
        for number in range(rng.randrange(1, 5)):
            inner = stack.enter_context(ExitStack())
            transaction = _Beside(repo)
            inner.callback(transaction.end)
            transaction.do(lambda tx, n=number: tx.put(shop.customer(f"{rng.random()}{n}", "z9"), system="erp"))
            open_.append(transaction)
        for _ in range(rng.randrange(1, 8)):
            one = rng.choice(open_)
            one.do(lambda tx: write(tx, rng, shop))
            if rng.random() < 0.6:
                one.end()
        for one in (open_[-1], open_[0]):  # the one that began last writes first: the other's change is numbered before
            one.do(lambda tx: write(tx, rng, shop, "5"))
            one.end()


class _Beside:
    """A transaction in a thread of its own."""

    def __init__(self, repo: Repository) -> None:
        self._work: Callable[[Transaction], object] | None = None
        self._wake, self._slept = threading.Event(), threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._run, args=(repo,))
        self._thread.start()

    def _run(self, repo: Repository) -> None:
        try:
            with repo.begin() as tx:
                tx.connection.exec_driver_sql("SET LOCAL lock_timeout = '30ms'")
                while self._wake.wait(30) and self._work is not None:
                    self._wake.clear()
                    self._work(tx)
                    tx.flush()
                    self._slept.set()
        except TemporaryError:
            self._over = True  # a collision: it is rolled back
        finally:
            self._slept.set()

    def do(self, work: Callable[[Transaction], object] | None) -> None:
        if self._thread.is_alive() and not self._over:
            self._slept.clear()
            self._work = work
            self._wake.set()
            self._slept.wait(30)

    def end(self) -> None:
        self.do(None)
        self._thread.join(30)


@pytest.mark.parametrize("seed", range(4))
def test_any_place_can_be_told_as_long_as_it_is_not_purged(
    repo: Repository, database_url: str, shop: Any, seed: int
) -> None:
    rng = random.Random(seed)
    told, late = Told(), 0
    for _ in range(12):
        if database_url.startswith("postgresql"):
            overlapping(repo, rng, shop)
        else:
            with repo.begin() as tx:
                for _ in range(rng.randrange(1, 5)):
                    write(tx, rng, shop)
        told.follow(repo)
        with repo.read() as tx:
            late += tx.connection.exec_driver_sql("SELECT count(*) FROM feed_late").scalar() or 0
        if rng.random() < 0.4:
            repo.purge_feed(rng.randrange(len(told.at)))
        start = repo.feed_start()
        for position in {start, *(rng.randrange(start, len(told.at)) for _ in range(4))}:
            assert held(repo, position) == told.at[position]
        with repo.read() as tx:
            ids = sorted(told.at[-1])
            middle = rng.randrange(start, len(told.at))
            some = {one.id: one.version for one in states_of(tx, ids, middle) if one.scopes}
            assert some == {id_: told.at[middle][id_][0] for id_ in ids if id_ in told.at[middle]}
            assert Snapshot(tx).cursor.position == len(told.at) - 1
    if start:
        with repo.read() as tx, pytest.raises(TooFar, match="purged beyond this position"):
            past(tx, start - 1)
        with repo.read() as tx, pytest.raises(TooFar, match="purged beyond this position"):
            touched(tx, start - 1, start)
    assert bool(late) == database_url.startswith("postgresql")


def test_more_than_can_be_told(repo: Repository, put: Callable[..., None], shop: Any) -> None:
    put(*(shop.product(str(number)) for number in range(9)))
    with repo.read() as tx:
        assert len(past(tx, 0, far=9)) == 9
        with pytest.raises(TooFar, match="more than 8 documents changed since"):
            past(tx, 0, far=8)
        with pytest.raises(TooFar, match="ends before this position"):
            list(standing(tx, 10))
    assert FAR == 20_000
