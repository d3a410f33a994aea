"""Several at once, and killed at any moment: no more is given than there is, and everything said is written."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from hub.authorizations.pools import plain
from hub.repository.tables import locks


def test_many_ask_at_once(desk: Any, new_till: Any) -> None:
    party = desk.customer(limit="1000")
    tills = [new_till(str(number)) for number in range(6)]

    def ask(till: Any) -> list[str]:
        return [desk.ask(till, till.question(party, "60"))["decision"] for _ in range(4)]

    with ThreadPoolExecutor(len(tills)) as pool:
        answers = [answer for part in pool.map(ask, tills) for answer in part]
    assert (answers.count("approved"), answers.count("declined")) == (16, 8)
    assert desk.credit(party).free == 40


def test_the_same_question_at_once_is_answered_once(desk: Any, till: Any) -> None:
    party = desk.customer(limit="1000")
    question = till.question(party, "600")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: json.dumps(desk.ask(till, question)), range(4)))
    assert len(set(answers)) == 1
    assert desk.credit(party).free == 400
    override = {**till.question("", "1"), "operation": "price_override"}  # takes from no pool, and waits for none
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: json.dumps(desk.ask(till, override)), range(4)))
    assert len(set(answers)) == 1


CHILD = """
    import itertools, json, sys, uuid
    from datetime import UTC, datetime
    from hub.authorizations.deciding import Asking, decide
    from hub.authorizations.policies import shipped
    from hub.authorizations.rebalancing import rebalance
    from hub.errors import TemporaryError
    from hub.replication import Store, scopes_of
    from hub.replication.intake import take
    from hub.repository import Repository

    url, outbox, round_, *parties = sys.argv[1:]
    with Repository.open(url, scope_function=scopes_of) as repo:
        for turn in itertools.count(int(round_) * 1000):
            party, now = parties[turn % len(parties)], datetime.now(UTC)
            question = {"authorization_id": str(uuid.uuid4()), "operation": "credit_sale", "party_id": party,
                        "amount": {"amount": "7", "currency": "EUR"}, "requested_at": "2026-03-01T12:00:00Z"}
            print(decide(repo, Asking("S001-1", "S001", outbox=outbox), question, now, shipped()), flush=True)
            demand = [{"resource": "credit", "party_id": party, "account_id": "", "currency": "EUR", "wanted": "50"}]
            take(repo, Store(id="S001"), {"node": "S001-1", "outbox": outbox, "demand": demand, "documents": []}, now)
            try:
                rebalance(repo, shipped(), now)
            except TemporaryError:
                pass  # the lock of one that was killed
"""


def test_killed_at_any_moment(desk: Any, database_url: str, tmp_path: Path) -> None:
    parties = [desk.customer(f"C{number}", limit="100000") for number in range(5)]
    script = tmp_path / "child.py"
    script.write_text(textwrap.dedent(CHILD))
    outbox, rng, answers = "0197a000-0000-7000-8000-000000000001", random.Random(4), list[str]()
    for round_ in range(3):
        command = [sys.executable, str(script), database_url, outbox, str(round_), *parties]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        answers.append(child.stdout.readline())
        time.sleep(rng.random() * 0.4)
        child.kill()
        answers += child.communicate()[0].splitlines()
        with desk.repo.begin() as tx:
            tx.write(locks.delete())  # of a rebalance that was killed; its lease is ten minutes
    desk.rebalance()
    with desk.repo.read() as tx:
        stored = {one.json: one.data() for one in tx.find_all("Authorization")}
        assert {line.strip() for line in answers if line.strip().endswith("}")} <= set(stored)
        approved = [one for one in stored.values() if one["decision"] == "approved"]
        assert len(approved) == len(tx.waiting_approvals(node="S001-1")) >= 3
        told = {one.data()["right_id"]: one.data() for one in tx.find_all("Right")}
        for right in tx.rights():
            assert told[right.id]["granted"] == format(plain(right.granted), "f")
    for party in parties:
        pool = desk.credit(party)
        assert pool.approved == 7 * sum(one["party_id"] == party for one in approved)
        assert pool.free >= 0
