"""Sharing out: by need, never more than is free, and nothing is taken that a till has not given back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.authorizations.losing import give_up
from hub.authorizations.sharing import LEAST, SLACK, shares
from hub.errors import DocumentRejected
from hub.replication import replicate
from hub.repository import NotFound, Repository
from hub.repository.rights import PoolName
from hub_pos import Till
from hub_pos.plugin import hub_register_replicas

_AMOUNT = st.integers(0, 2_000).map(Decimal)


@settings(max_examples=300)
@given(
    there=st.integers(-500, 2_000).map(Decimal),
    held=st.dictionaries(st.sampled_from("abcdef"), _AMOUNT),
    needs=st.dictionaries(st.sampled_from("abcdef"), _AMOUNT),
    keep=_AMOUNT,
)
def test_what_is_given_is_free(there: Decimal, held: Any, needs: Any, keep: Decimal) -> None:
    free = there - sum(held.values()) - keep
    found = shares(there, free, held, needs, Decimal(1))
    granted = sum(one.granted for one in found.values())
    assert all(one.granted >= 0 for one in found.values())
    assert granted <= max(free, 0)
    after = {name: held.get(name, Decimal(0)) + share.granted for name, share in found.items() if share.keep is None}
    after |= {name: share.keep for name, share in found.items() if share.keep is not None}
    # Everything asked of the tills is within what there is, but for the slack in which nobody is disturbed.
    assert sum({**held, **after}.values()) <= max(there, 0) * (1 + SLACK)
    for name, share in found.items():
        assert share.keep is None or share.keep < held[name]
        assert not share.granted or needs[name] ** 2 >= LEAST * sum(need**2 for need in needs.values())


def test_by_need(desk: Any, till: Any, new_till: Any) -> None:
    party, second = desk.customer(limit="1000"), new_till("2")
    till.upload((party, "300"))
    second.upload((party, "150"))
    assert desk.rebalance() == {"pools": 1, "told": 2, "lapsed": 0, "short": 0}
    assert (desk.right("S001-1").granted, desk.right("S001-2").granted) == (640, 160)
    assert desk.rebalance() == {"pools": 0, "told": 0, "lapsed": 0, "short": 0}
    pool = desk.credit(party)
    assert (pool.free, pool.outstanding) == (200, 800)


def test_what_lies_idle_is_called_back_and_free_when_it_is_there(
    desk: Any, till: Any, new_till: Any, later: Any
) -> None:
    party, second = desk.customer(limit="1000"), new_till("2")
    till.upload((party, "300"))
    desk.rebalance()
    later(days=56)  # 300 count as 18.75 by now
    second.upload((party, "37.5"))
    desk.rebalance()
    first, other = desk.right("S001-1"), desk.right("S001-2")
    assert (first.recalled, other.granted) == (640, 200)
    till.give_back(first.id, "640")
    till.upload()
    desk.rebalance()
    first, other = desk.right("S001-1"), desk.right("S001-2")
    assert (first.outstanding, first.wanted_back, other.granted) == (160, 0, 640)
    assert desk.credit(party).free == 200


def test_a_limit_that_falls(desk: Any, till: Any) -> None:
    party = desk.customer(limit="1000")
    till.upload((party, "300"))
    desk.rebalance()
    desk.customer(limit="500")
    assert desk.rebalance() == {"pools": 1, "told": 1, "lapsed": 0, "short": 1}
    right = desk.right("S001-1")
    assert (right.granted, right.recalled) == (800, 400)
    assert desk.ask(till, till.question(party, "1"))["reason_codes"] == ["held_by_tills"]
    desk.customer(limit="2000")
    desk.rebalance()
    right = desk.right("S001-1")
    assert (right.granted, right.recalled) == (1600, 0)


def test_of_a_customer_on_hold_everything_is_called_back(desk: Any, till: Any) -> None:
    party = desk.customer(limit="1000")
    till.upload((party, "300"))
    desk.rebalance()
    desk.customer(limit="1000", credit={"on_hold": True})
    desk.rebalance()
    right = desk.right("S001-1")
    assert (right.recalled, right.outstanding) == (800, 800)
    till.give_back(right.id, "800")
    till.upload()
    desk.rebalance()
    with desk.repo.read() as tx:
        assert tx.find_all("Right") == []


def test_of_an_erased_customer_too(desk: Any, till: Any) -> None:
    party = desk.customer(limit="1000")
    till.upload((party, "300"))
    desk.rebalance()
    with desk.repo.begin() as tx:
        tx.erase_customer(party)
    desk.rebalance()
    assert desk.right("S001-1").wanted_back == 800
    assert desk.ask(till, till.question(party, "1"))["reason_codes"] == ["unknown_customer"]


def test_held_by_tills_is_called_back_at_once(desk: Any, till: Any, new_till: Any) -> None:
    party, second = desk.customer(limit="1000"), new_till("2")
    till.upload((party, "300"))
    desk.rebalance()
    answer = desk.ask(second, second.question(party, "500"))
    assert answer["reason_codes"] == ["held_by_tills"]
    right = desk.right("S001-1")
    assert right.wanted_back >= 300
    till.give_back(right.id, f"{right.wanted_back:f}")
    till.upload()
    assert desk.ask(second, second.question(party, "500"))["decision"] == "approved"


def test_what_a_till_gives_back_with_its_question(desk: Any, till: Any) -> None:
    party = desk.customer(limit="1000")
    till.upload((party, "300"))
    desk.rebalance()
    right = desk.right("S001-1")
    till.give_back(right.id, "800")
    till.give_back(right.id, "800")
    returns = [one["body"] for one in till.waiting]
    answer = desk.ask(till, {**till.question(party, "900"), "returns": returns})
    assert answer["decision"] == "approved"
    assert [one["status"] for one in till.upload()] == ["duplicate", "quarantined"]
    pool = desk.credit(party)
    assert (pool.outstanding, pool.approved, pool.free) == (0, 900, 100)
    for wrong in [{}, [1], [{**returns[0], "pos_id": "S001-2"}], [{**returns[0], "return_id": "1"}]]:
        with pytest.raises(DocumentRejected):
            desk.ask(till, {**till.question(party, "1"), "returns": wrong})


def test_a_new_outbox_gets_its_own_right_and_the_old_one_is_kept_until_it_is_given_up(
    desk: Any, till: Any, new_till: Any
) -> None:
    party = desk.customer(limit="1000")
    till.upload((party, "300"))
    desk.rebalance()
    first = desk.right("S001-1")
    till.outbox = "0197a000-0000-7000-8000-000000000002"
    till.upload((party, "300"))
    desk.rebalance()
    with desk.repo.read() as tx:
        old, new = sorted(tx.rights(holder="S001-1"), key=lambda one: one.id != first.id)
    assert (old.wanted_back, new.granted) == (800, 200)
    till.decision(party, "100")  # approved before it was lost, and never used
    till.upload()
    with desk.repo.begin() as tx:
        lost = give_up(tx, "S001-1", "stolen", "anna")
    assert sorted(one.amount for one in lost) == [200, 800]
    pool = desk.credit(party)
    assert (pool.outstanding, pool.approved, pool.free) == (0, 0, 1000)
    # It was not lost after all, and had sold off line: that counts.
    till.decision(party, "700", right_id=first.id)
    till.upload()
    pool = desk.credit(party)
    assert (pool.outstanding, pool.approved, pool.free) == (0, 700, 300)
    desk.rebalance()
    with desk.repo.read() as tx:
        assert tx.find_all("Right") == []
        with pytest.raises(NotFound):
            give_up(tx, "S009-1", "x", "y")


def test_a_revoked_node_gets_nothing_more(desk: Any, till: Any) -> None:
    party = desk.customer(limit="1000")
    with desk.repo.begin() as tx:
        tx.invite_node(till.node, "S001", "token", timedelta(days=1))
        tx.revoke_node(till.node)
    till.upload((party, "300"))
    desk.rebalance()
    assert desk.credit(party).outstanding == 0


def test_another_nodes_outbox_is_not_heard(desk: Any, till: Any, new_till: Any) -> None:
    party, thief = desk.customer(limit="1000"), new_till("2")
    till.upload((party, "300"))
    thief.outbox = till.outbox
    thief.upload((party, "900"))
    desk.ask(thief, thief.question(party, "900"))
    desk.rebalance()
    with desk.repo.read() as tx:
        assert {one.holder for one in tx.rights()} == {"S001-1"}


def test_a_merged_customer_counts_with_the_other(desk: Any, till: Any) -> None:
    party, other = desk.customer("C1", limit="1000"), desk.customer("C2", limit="600")
    till.upload((party, "300"), (other, "100"))
    desk.rebalance()
    till.sale(party, "50")
    till.upload()
    desk.customer("C1", limit="1000", status="merged", merged_into=other)
    assert desk.ask(till, till.question(party, "1"))["reason_codes"] == ["held_by_tills"]
    desk.rebalance()
    pool = desk.credit(other)
    assert (pool.capacity, pool.outstanding, len(pool.rights)) == (550, 1280, 2)
    for right in pool.rights:
        till.give_back(right.id, f"{right.wanted_back:f}")
    till.upload()
    desk.rebalance()
    pool = desk.credit(other)
    assert 0 < pool.outstanding <= 440
    assert pool.free + pool.outstanding == 550
    with desk.repo.read() as tx:
        assert {one.data()["party_id"] for one in tx.find_all("Right")} == {other}


def test_a_right_is_prolonged_while_it_is_needed(desk: Any, till: Any, later: Any) -> None:
    party = desk.customer(limit="1000")
    till.upload((party, "300"))
    desk.rebalance()
    first = desk.right("S001-1").expires_at
    later(days=16)
    desk.rebalance()
    assert desk.right("S001-1").expires_at > first


def test_points(desk: Any, till: Any) -> None:
    desk.points("L1", "501")
    till.upload(("L1", "5"), resource="points")
    desk.rebalance()
    right = desk.right("S001-1")
    assert right.granted == 400
    till.redeem("L1", "100", right.id)
    till.upload()
    desk.points("L1", "1000")
    desk.rebalance()  # somebody else wrote the entry: the feed tells
    pool = desk.pool(PoolName("points", account="L1"))
    assert (pool.capacity, pool.outstanding, pool.free) == (1401, 1120, 281)


def test_the_till_gets_the_row(desk: Any, till: Any, tmp_path: Any) -> None:
    store = till.store.model_copy(update={"path": tmp_path / "S001.sqlite"})
    party = desk.customer(limit="1000")
    till.upload((party, "300"))
    desk.rebalance()
    types = {offered.kind: offered for offered in hub_register_replicas()}
    summary = replicate(desk.repo, [store], types, authorizations=desk.policies)
    assert not summary.failed
    with Till(store.path) as register:
        (right,) = register.rights(till.node, till.outbox)
        assert register.rights(till.node, "another") == []
    assert (right.party_id, right.resource, right.granted, right.recalled) == (party, "credit", 800, 0)
    assert right.id == desk.right(till.node).id


def test_killed_between_two_pools_the_next_run_goes_on(desk: Any, till: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    parties = [desk.customer(f"C{number}", limit="1000") for number in range(3)]
    till.upload(*((party, "100") for party in parties))
    whole, count = Repository.retrying, [0]

    def dying(self: Repository, work: Any, attempts: int = 5) -> Any:
        count[0] += 1
        if count[0] == 4:
            raise KeyboardInterrupt
        return whole(self, work, attempts)

    monkeypatch.setattr(Repository, "retrying", dying)
    with pytest.raises(KeyboardInterrupt):
        desk.rebalance()
    monkeypatch.undo()
    assert 1 <= desk.rebalance()["pools"] <= 2
    assert all(desk.credit(party).outstanding == 800 for party in parties)
