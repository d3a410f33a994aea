"""Decisions on line: approved and reserved, declined with a reason, the same question answered once."""

from __future__ import annotations

from typing import Any

import pytest

from hub.authorizations.policies import Policies, Rule, shipped
from hub.errors import DocumentRejected


def decided(answer: dict[str, Any]) -> tuple[str, list[str]]:
    return answer["decision"], answer.get("reason_codes", [])


def test_what_is_approved_is_reserved(desk: Any, till: Any) -> None:
    party = desk.customer(limit="1000")
    answer = desk.ask(till, till.question(party, "600"))
    assert decided(answer) == ("approved", [])
    assert answer["limit"] == {"amount": "600", "currency": "EUR"}
    assert answer["expires_at"] == "2026-03-01T12:15:00Z"
    assert answer["offline"] is False
    assert answer["pos_id"] == "S001-1"
    second = desk.ask(till, till.question(party, "401"))
    assert decided(second) == ("declined", ["over_limit"])
    assert second["limit"] == {"amount": "400", "currency": "EUR"}
    assert decided(desk.ask(till, till.question(party, "400"))) == ("approved", [])
    assert desk.credit(party).free == 0


def test_the_same_question_gets_the_same_answer_and_reserves_once(desk: Any, till: Any, later: Any) -> None:
    party = desk.customer(limit="1000")
    question = till.question(party, "600")
    first = desk.ask(till, question)
    later(minutes=3)
    assert desk.ask(till, question) == first
    assert desk.credit(party).free == 400
    with pytest.raises(DocumentRejected) as caught:
        desk.ask(till, {**question, "amount": {"amount": "1", "currency": "EUR"}})
    assert caught.value.findings[0].code == "authorization.reused"


REASONS: list[tuple[dict[str, Any], str]] = [
    ({"credit": {"on_hold": True}}, "on_hold"),
    ({"status": "blocked"}, "blocked"),
    ({"status": "archived"}, "unknown_customer"),
    ({"limit": ""}, "no_limit"),
    ({"credit": {"limit": {"amount": "1000", "currency": "CHF"}}}, "currency"),
    ({"credit": {"balance": {"amount": "999.50", "currency": "EUR"}}}, "over_limit"),
    ({"limit": "0.99"}, "over_limit"),
]


def test_reasons(desk: Any, till: Any) -> None:
    for number, (customer, reason) in enumerate(REASONS):
        party = desk.customer(f"C{number}", **customer)
        assert decided(desk.ask(till, till.question(party, "1"))) == ("declined", [reason])


def test_a_customer_that_nobody_knows(desk: Any, till: Any) -> None:
    assert decided(desk.ask(till, till.question("nobody", "1"))) == ("declined", ["unknown_customer"])
    with desk.repo.read() as tx:
        assert tx.every_pool() == []


def test_a_customer_by_the_id_that_the_till_gave_it(desk: Any, till: Any) -> None:
    id_ = "0197a000-0000-7000-8000-00000000000a"
    till.write("Party", id_, external_id=id_, legal_name="New")
    till.upload()
    assert decided(desk.ask(till, till.question(id_, "1"))) == ("declined", ["no_limit"])


def test_points_are_one_pool_whoever_asks(desk: Any, till: Any, new_till: Any) -> None:
    desk.points("L1", "500")
    asked = {name: value for name, value in till.question("", "1").items() if name != "amount"}
    first = desk.ask(till, {**asked, "operation": "points_redeem", "account_id": "L1", "points": "300"})
    assert decided(first) == ("approved", [])
    party, other = desk.customer(), new_till("2")
    asked = {name: value for name, value in other.question(party, "1").items() if name != "amount"}
    second = desk.ask(other, {**asked, "operation": "points_redeem", "account_id": "L1", "points": "201"})
    assert decided(second) == ("declined", ["not_enough_points"])


def test_limits_of_what_the_hub_approves(desk: Any, till: Any) -> None:
    rule = Rule(online={"percent": 20, "per_day": 2, "amount": 50}, beyond="referred")
    desk.policies = Policies(operations={"price_override": rule})
    asked = till.question("", "10", operation="price_override")
    prices = {"extensions": {"list_price": "10.00", "price": "7.99"}}
    assert decided(desk.ask(till, {**asked, **prices})) == ("referred", ["percent"])
    asked = till.question("", "51", operation="price_override", extensions={"list_price": "10", "price": "8"})
    assert decided(desk.ask(till, asked)) == ("referred", ["amount"])
    for expected in [("approved", []), ("approved", []), ("referred", ["per_day"])]:
        asked = till.question("", "10", operation="price_override", extensions={"list_price": "10", "price": "8"})
        assert decided(desk.ask(till, asked)) == expected


WRONG = [
    None,
    [],
    {"authorization_id": "1"},
    {"operation": "fly"},
    {"amount": {"amount": "-1", "currency": "EUR"}},
    {"decision": "approved"},
    {"pos_id": "S002-1"},
    {"operation": "points_redeem", "points": "0"},
]


def test_what_is_no_question(desk: Any, till: Any) -> None:
    for wrong in WRONG:
        question = {**till.question("", "1"), **wrong} if isinstance(wrong, dict) else wrong
        with pytest.raises(DocumentRejected):
            desk.ask(till, question)


def test_switched_off(desk: Any, till: Any) -> None:
    desk.policies = shipped().model_copy(update={"enabled": False})
    with pytest.raises(DocumentRejected, match="decides nothing"):
        desk.ask(till, till.question("", "1"))
