"""Control numbers without gaps, locks with a lease."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hub.errors import ConfigurationError, TemporaryError
from hub.repository import Repository, RepositoryBusy, Transaction
from hub.repository.processes import is_dead, this_process

ON_LINUX = pytest.mark.skipif(not Path("/proc/self/ns/pid").exists(), reason="only Linux tells that a process is dead")


def test_numbers_count_up_and_come_round(repository: Repository) -> None:
    with repository.begin() as tx:
        assert [tx.next_control("isa", 3) for _ in range(7)] == [1, 2, 3, 1, 2, 3, 1]
        assert [tx.next_control("gs") for _ in range(2)] == [1, 2]
        with pytest.raises(ConfigurationError, match="maximum 0"):
            tx.next_control("isa", 0)
        with pytest.raises(ConfigurationError, match="1 to 300 characters"):
            tx.next_control("x" * 301)


def test_a_rolled_back_number_is_given_again(repository: Repository) -> None:
    drawn = []
    for attempt in range(6):
        try:
            with repository.begin() as tx:
                number = tx.next_control("isa")
                if attempt % 2:
                    raise ZeroDivisionError
                drawn.append(number)
        except ZeroDivisionError:
            continue
    assert drawn == [1, 2, 3]


def test_many_threads_draw_each_number_once(repository: Repository) -> None:
    drawn: list[int] = []

    def draw() -> None:
        for _ in range(20):
            drawn.append(repository.retrying(lambda tx: tx.next_control("isa"), attempts=20))

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(drawn) == list(range(1, 81))


def test_two_writers_of_different_counters_in_different_order_do_not_stop_each_other(repository: Repository) -> None:

    def draw(names: list[str]) -> None:
        def work(tx: Transaction) -> None:
            for name in names:
                tx.next_control(name)
                time.sleep(0.002)

        for _ in range(5):
            repository.retrying(work, attempts=30)

    threads = [threading.Thread(target=draw, args=(names,)) for names in (["a", "b"], ["b", "a"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with repository.begin() as tx:
        assert (tx.next_control("a"), tx.next_control("b")) == (11, 11)


def test_a_lock_is_held_by_one(repository: Repository) -> None:
    with repository.lock("deliver", 60) as lock:
        busy = pytest.raises(RepositoryBusy, match=r"'deliver' is being done by .* process")
        with busy, repository.lock("deliver", 60):
            pass
        with repository.lock("another", 60):
            lock.renew()
    with repository.lock("deliver", 60):
        pass


def test_a_lock_whose_holder_was_killed_is_free_again(repository: Repository) -> None:
    lost = repository.lock("deliver", 0.05).__enter__()
    time.sleep(0.1)
    with repository.lock("deliver", 60):
        with pytest.raises(TemporaryError, match="was lost"):
            lost.renew()
        lost.__exit__(None, None, None)
        with pytest.raises(RepositoryBusy), repository.lock("deliver", 60):
            pass


HOLDER = """
import sys, time
from hub.repository import Repository
lock = Repository.open(sys.argv[1]).lock("seal", 600)
lock.__enter__()
print("held", flush=True)
time.sleep(60)
"""


@ON_LINUX
def test_a_lock_of_a_killed_process_is_free_at_once(repository: Repository, database_url: str) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, database_url], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(RepositoryBusy, match=str(holder.pid)), repository.lock("seal", 600):
            pass
        holder.kill()
    with repository.lock("seal", 600), pytest.raises(RepositoryBusy), repository.lock("seal", 600):
        pass


@ON_LINUX
def test_only_what_certainly_ran_here_is_dead() -> None:
    mine = this_process()
    assert not is_dead(mine)
    assert not is_dead("")
    boot, namespace, process, _ = mine.split()
    assert is_dead(f"{boot} {namespace} {process} 1")  # its id was given to another one
    assert not is_dead(f"other {namespace} {process} 1")
    assert not is_dead(f"{boot} pid:[1] 99999999 1")
    assert is_dead(f"{boot} {namespace} 99999999 1")


def test_a_transaction_within_a_transaction_is_refused(repository: Repository) -> None:
    with repository.begin(), pytest.raises(RuntimeError, match="transaction open"), repository.begin():
        pass
    with repository.begin() as tx:
        assert tx.next_control("a") == 1


def test_retrying_gives_up_in_the_end(repository: Repository) -> None:
    calls = []

    def work(_tx: object) -> None:
        calls.append(1)
        raise TemporaryError("no")

    with pytest.raises(TemporaryError, match="no"):
        repository.retrying(work, attempts=3)
    assert len(calls) == 3
