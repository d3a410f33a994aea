"""What uploads do to pools and rights, in whatever order it comes."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

from hub.repository.rights import PoolName


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [one["status"] for one in results]


def codes(results: list[dict[str, Any]]) -> list[str]:
    return [finding.partition(":")[0] for one in results for finding in one["findings"]]


def granted(desk: Any, till: Any, party: str, need: str = "100") -> Any:
    """Let a till need something, and give it its right."""
    till.upload((party, need))
    desk.rebalance()
    return desk.right(till.node)


def test_a_sale_uses_what_was_approved(desk: Any, till: Any) -> None:
    party = desk.customer(limit="1000")
    answer = desk.ask(till, till.question(party, "600"))
    till.sale(party, "550", answer["authorization_id"])
    assert codes(till.upload()) == []
    pool = desk.credit(party)
    assert (pool.approved, pool.capacity, pool.free) == (0, 450, 450)


def test_a_balance_settles_only_what_it_can_hold(desk: Any, till: Any) -> None:
    party = desk.customer(limit="1000")
    till.sale(party, "300")
    till.upload()
    balance = {"amount": "300", "currency": "EUR"}
    early, late = desk.now + timedelta(hours=23), desk.now + timedelta(hours=25)
    desk.customer(limit="1000", credit={"balance": balance, "balance_as_of": early.isoformat()})
    assert desk.credit(party).free == 400  # may not hold the sale yet: counted twice rather than not at all
    desk.customer(limit="1000", credit={"balance": balance, "balance_as_of": late.isoformat()})
    assert desk.credit(party).free == 700


def test_a_sale_on_account_counts_also_if_nobody_approved_it(desk: Any, till: Any) -> None:
    party = desk.customer(limit="1000")
    till.sale(party, "300")
    till.sale(party, "50", cancelled=True)
    till.sale("nobody", "50")
    assert statuses(till.upload()) == ["accepted"] * 3
    assert desk.credit(party).free == 700
    till.sale(party, "-100")
    till.upload()
    assert desk.credit(party).free == 800


def test_decision_and_sale_out_of_a_right_in_any_order(desk: Any, new_till: Any) -> None:
    for number, order in enumerate([*permutations(range(4))][::3]):
        party = desk.customer(f"C{number}", limit="1000")
        till = new_till(f"t{number}")
        right = granted(desk, till, party)
        assert right.granted == 800
        first = till.decision(party, "200", right_id=right.id)
        till.sale(party, "200", first)
        second = till.decision(party, "100", right_id=right.id)
        till.decision(party, "100", "reversed", reverses=second, right_id=right.id)
        documents = till.waiting
        for place in order:
            till.waiting = [documents[place]]
            assert statuses(till.upload()) == ["accepted"]
        pool, right = desk.credit(party), desk.right(till.node)
        assert (right.spent, pool.outstanding, pool.approved, pool.capacity, pool.free) == (200, 600, 0, 800, 200)


def test_never_more_is_free_while_documents_are_on_their_way(desk: Any, new_till: Any) -> None:
    """Whatever part of a sale has come, at least what was sold is not free."""
    for number, order in enumerate(permutations(range(3))):
        account = f"L{number}"
        desk.points(account, "1000")
        till = new_till(f"p{number}")
        till.upload((account, "10"), resource="points")
        desk.rebalance()
        right = desk.right(till.node)
        till.redeem(account, "300", right.id)
        till.give_back(right.id, "500")
        documents = till.waiting
        for place in order:
            till.waiting = [documents[place]]
            assert statuses(till.upload()) == ["accepted"]
            pool = desk.pool(PoolName("points", account=account))
            assert pool.free + pool.outstanding <= 1000
            assert pool.free <= 700
        assert (pool.outstanding, pool.free) == (0, 700)


def test_a_till_gives_back_no_more_than_it_has(desk: Any, till: Any, new_till: Any) -> None:
    party = desk.customer(limit="1000")
    right = granted(desk, till, party)
    till.decision(party, "300", right_id=right.id)
    till.upload()
    till.give_back(right.id, "501")
    till.give_back(right.id, "0")
    till.give_back("other", "1")
    assert codes(till.upload()) == ["right.over_returned", "right.amount", "right.unknown"]
    other = new_till("2")
    other.give_back(right.id, "1")
    assert codes(other.upload()) == ["right.unknown"]
    till.give_back(right.id, "500")
    again = [dict(one) for one in till.waiting]
    assert statuses(till.upload()) == ["accepted"]
    till.waiting = again
    assert statuses(till.upload()) == ["accepted"]  # the same upload again: answered as before, counted once
    pool = desk.credit(party)
    assert (pool.outstanding, pool.free) == (0, 700)


def test_what_is_wrong_with_a_decision_is_told_and_counted(desk: Any, till: Any) -> None:
    party = desk.customer(limit="1000")
    right = granted(desk, till, party)
    till.decision(party, "900", right_id=right.id)
    till.decision(party, "10", right_id="0197a000-0000-7000-8000-000000000001")
    first = till.decision(party, "20", right_id=right.id)
    till.sale(party, "30", first)
    till.sale(party, "30", first)
    till.decision(party, "20", "reversed", reverses=first, right_id=right.id)
    assert codes(till.upload()) == [
        "authorization.overdrawn", "authorization.right", "authorization.overdrawn", "authorization.exceeded",
        "authorization.used_twice", "authorization.used",
    ]  # fmt: skip
    pool = desk.credit(party)
    assert pool.capacity == 1000 - 60
    assert pool.approved == 910
    assert pool.free <= 1000 - 60 - 910


def test_an_uploaded_answer_of_the_hub_is_known(desk: Any, till: Any) -> None:
    party = desk.customer(limit="1000")
    answer = desk.ask(till, till.question(party, "600"))
    till.write("Authorization", answer["authorization_id"], **answer)
    till.sale(party, "600", answer["authorization_id"])
    assert statuses(till.upload()) == ["duplicate", "accepted"]
    assert desk.credit(party).free == 400


def test_a_reversal_frees_what_the_hub_approved(desk: Any, till: Any) -> None:
    party = desk.customer(limit="1000")
    answer = desk.ask(till, till.question(party, "600"))
    till.decision(party, "600", "reversed", reverses=answer["authorization_id"], offline=False)
    till.upload()
    assert desk.credit(party).free == 1000
    till.decision(party, "600", "reversed", reverses=answer["authorization_id"], offline=False)
    assert codes(till.upload()) == ["authorization.reversed"]
    assert desk.credit(party).free == 1000


def test_a_decision_of_another_till_is_not_taken(desk: Any, till: Any, new_till: Any) -> None:
    party = desk.customer(limit="1000")
    till.decision(party, "1", pos_id="S001-2")
    till.decision(party, "1", decision="maybe")
    assert codes(till.upload()) == ["return.store", "return.decision"]


class TestLapsing:
    """An approval that was not used is free again, once no use of it can come any more."""

    def test_only_when_the_till_was_heard_after_it(self, desk: Any, till: Any, later: Any) -> None:
        party = desk.customer(limit="1000")
        answer = desk.ask(till, till.question(party, "600"))
        till.sale("nobody", "1")
        till.upload()
        later(minutes=20)
        asked = till.question(party, "1000")
        assert desk.ask(till, asked)["reason_codes"] == ["over_limit"]
        # Off line the till sold with it; the sale comes in time to count.
        till.sale(party, "600", answer["authorization_id"], training=False)
        till.waiting[0]["clock"] = f"2026-03-01T12:14:59.000Z-0000-{till.node}"
        till.upload()
        till.sale("nobody", "1")
        till.upload()
        assert desk.ask(till, till.question(party, "401"))["reason_codes"] == ["over_limit"]
        assert desk.ask(till, till.question(party, "400"))["decision"] == "approved"

    def test_heard_with_nothing_missing(self, desk: Any, till: Any, later: Any) -> None:
        party = desk.customer(limit="1000")
        answer = desk.ask(till, till.question(party, "600"))
        till.sale(party, "600", answer["authorization_id"])
        missing = till.waiting
        till.waiting = []
        later(minutes=20)
        till.sale("nobody", "1")
        till.upload()
        assert desk.ask(till, till.question(party, "401"))["reason_codes"] == ["over_limit"]
        till.waiting = missing
        till.upload()
        assert desk.ask(till, till.question(party, "401"))["reason_codes"] == ["over_limit"]
        assert desk.credit(party).capacity == 400

    def test_free_again(self, desk: Any, till: Any, later: Any) -> None:
        party = desk.customer(limit="1000")
        unused = desk.ask(till, till.question(party, "600"))
        later(minutes=20)
        till.sale("nobody", "1")
        till.upload()
        assert desk.rebalance()["lapsed"] == 1
        pool = desk.credit(party)
        assert (pool.free, pool.outstanding) == (200, 800)
        till.sale(party, "600", unused["authorization_id"])
        assert codes(till.upload()) == ["authorization.lapsed"]
        assert desk.credit(party).capacity == 400

    def test_not_while_a_sale_that_names_it_is_in_quarantine(self, desk: Any, till: Any, later: Any) -> None:
        party = desk.customer(limit="1000")
        answer = desk.ask(till, till.question(party, "600"))
        till.sale(party, "600", answer["authorization_id"], colour="red")
        later(minutes=20)
        till.sale("nobody", "1")
        assert statuses(till.upload()) == ["quarantined", "accepted"]
        assert desk.rebalance()["lapsed"] == 0
        assert desk.credit(party).approved == 600
