"""Customers from stores: kept beside those that look alike, changed field by field, every loss recorded, and back at
the store under their canonical id."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from hub.model import Party
from hub.replication import Store, replicate
from hub.replication.customer_fields import FIELDS, values, write
from hub.replication.intake import retry, take
from hub.replication.policies import Policies, shipped
from hub.repository import Repository
from hub_pos import Register, Tender, Till
from hub_pos.sale import SaleLine
from hub_pos.upload import Uploader

NOW = datetime(2030, 3, 15, 12, 0, tzinfo=UTC)
Put = Callable[..., None]


def uuid(number: int) -> str:
    return f"0197a000-0000-7000-8000-{number:012x}"


def clock(second: int, node: str = "NORTH-1") -> str:
    return f"2030-03-15T11:{second // 60:02d}:{second % 60:02d}.000Z-0000-{node}"


def change(seq: int, who: str, seen: dict[str, Any], at: int, node: str = "NORTH-1", **body: Any) -> dict[str, Any]:
    return {"seq": seq, "id": uuid(seq), "kind": "Party", "clock": clock(at, node),
            "body": {"extensions": {"changed": seen}, "party_id": who, **body}}  # fmt: skip


def email(value: str) -> dict[str, Any]:
    return {"contact_points": [{"kind": "email", "value": value}]}


def new(seq: int, **body: Any) -> dict[str, Any]:
    whole = {"external_id": uuid(seq), "kind": "person", **body}
    return {"seq": seq, "id": uuid(seq), "kind": "Party", "clock": clock(seq), "body": whole}


@pytest.fixture
def send(repo: Repository, stores: tuple[Store, Store]) -> Callable[..., list[dict[str, Any]]]:
    def take_in(
        *entries: dict[str, Any], node: str = "NORTH-1", now: datetime = NOW, policies: Policies | None = None
    ) -> list[dict[str, Any]]:
        (store,) = (one for one in stores if node.startswith(one.id))
        upload = json.dumps({"node": node, "documents": entries}).encode()
        results: list[dict[str, Any]] = take(repo, store, upload, now, policies)["results"]
        return results

    return take_in


@pytest.fixture
def known(repo: Repository, put: Put, shop: Any) -> str:
    """A customer of the ERP; its id."""
    put(shop.customer("1001", "N", contact_points=[{"kind": "email", "value": "old@x.example"}]))
    with repo.read() as tx:
        record = tx.find("Party", system="erp", external_id="1001")
    assert record is not None
    return record.id


def fields(repo: Repository, id_: str) -> dict[str, Any]:
    with repo.read() as tx:
        record = tx.get("Party", id_)
    assert record is not None
    return values(record.data())


def losses(repo: Repository) -> list[tuple[str, Any, Any, str, str]]:
    with repo.read() as tx:
        found = [(one.field, one.ours, one.theirs, one.policy, one.winner) for one in tx.conflicts()]
    return found[::-1]


def test_a_change_reaches_the_erp_s_customer_and_no_second_one_is_made(
    repo: Repository, send: Any, known: str, put: Put, shop: Any
) -> None:
    (told,) = send(change(1, known, {"email": "old@x.example", "city": None}, 5, **email("new@x.example"),
                          addresses=[{"city": "Kiel"}]))  # fmt: skip
    assert (told["status"], told["document_id"]) == ("accepted", known)
    assert {name: fields(repo, known)[name] for name in ("email", "city", "name")} == {
        "email": "new@x.example", "city": "Kiel", "name": "Customer 1001",
    }  # fmt: skip
    assert losses(repo) == []
    put(shop.customer("1001", "N", currency="EUR"))  # the ERP still knows it as its own
    with repo.read() as tx:
        assert len(tx.list("Party")) == 1


def test_the_later_change_wins_in_whatever_order_they_come(repo: Repository, send: Any, put: Put, shop: Any) -> None:
    changes = [
        (10, "NORTH-1", "ten@x.example"),
        (20, "SOUTH-1", "twenty@x.example"),
        (30, "NORTH-2", "thirty@x.example"),
    ]
    for number, order in enumerate(permutations(changes)):
        put(shop.customer(f"c{number}", "N", contact_points=[{"kind": "email", "value": "old@x.example"}]))
        with repo.read() as tx:
            record = tx.find("Party", system="erp", external_id=f"c{number}")
        assert record is not None
        for at, node, value in order:
            seen = {"email": "old@x.example"}
            send(change(number + 1, record.id, seen, at, node, **email(value)), node=node)
        assert fields(repo, record.id)["email"] == "thirty@x.example", order
        with repo.read() as tx:
            lost = {one.ours if one.winner == "store" else one.theirs for one in tx.conflicts(id_=record.id)}
        assert lost == {"ten@x.example", "twenty@x.example"}, order


def test_the_hub_s_own_change_counts_by_its_time(repo: Repository, send: Any, known: str) -> None:
    early = "2020-01-01T00:00:00.000Z-0000-NORTH-1"
    (told,) = send({**change(1, known, {"email": "older@x.example"}, 5, **email("n@x.example")), "clock": early})
    assert (told["status"], fields(repo, known)["email"]) == ("duplicate", "old@x.example")
    assert "the hub's value stays: email" in told["findings"][0]
    assert losses(repo) == [("email", "old@x.example", "n@x.example", "newest", "hub")]


def test_a_clock_that_runs_ahead_proves_nothing(repo: Repository, send: Any, known: str) -> None:
    ahead = f"{(NOW + timedelta(minutes=6)).strftime('%Y-%m-%dT%H:%M:%S')}.000Z-0000-NORTH-1"
    send({**change(1, known, {"email": "seen@x.example"}, 5, **email("ahead@x.example")), "clock": ahead})
    assert fields(repo, known)["email"] == "old@x.example"
    # Nobody else had changed this one: it is taken, but not with its own clock.
    send({**change(2, known, {"phone": None}, 5, contact_points=[{"kind": "phone", "value": "1"}]), "clock": ahead})
    later = NOW + timedelta(minutes=1)
    at = f"{later.strftime('%Y-%m-%dT%H:%M:%S')}.000Z-0000-SOUTH-1"
    body = {"contact_points": [{"kind": "phone", "value": "2"}]}
    send({**change(1, known, {"phone": None}, 5, **body), "clock": at}, node="SOUTH-1", now=later)
    assert fields(repo, known)["phone"] == "2"


def test_a_node_s_own_earlier_word_is_superseded_not_lost(repo: Repository, send: Any, known: str) -> None:
    send(change(2, known, {"email": "a@x.example"}, 20, **email("b@x.example")))
    before = losses(repo)
    send(change(1, known, {"email": "old@x.example"}, 10, **email("a@x.example")))
    assert fields(repo, known)["email"] == "b@x.example"
    assert losses(repo) == before


def test_the_stricter_value_wins_whoever_was_later(repo: Repository, send: Any, known: str) -> None:
    send(change(1, known, {"on_hold": None, "status": None}, 5, credit={"on_hold": True}, status="blocked"))
    assert (fields(repo, known)["on_hold"], fields(repo, known)["status"]) == (True, "blocked")
    send(change(2, known, {"on_hold": True, "status": "blocked"}, 9, credit={"on_hold": False}, status="active"))
    assert (fields(repo, known)["on_hold"], fields(repo, known)["status"]) == (True, "blocked")
    assert [one[-1] for one in losses(repo)] == ["hub", "hub"]


def test_what_is_the_hub_s_stays_the_hub_s_unless_the_policy_says_otherwise(
    repo: Repository, send: Any, known: str
) -> None:
    entry = change(1, known, {"territory": "N", "price_list": None}, 5, territory="S", price_list_id="VIP")
    send(entry)
    assert (fields(repo, known)["territory"], "price_list" in fields(repo, known)) == ("N", False)
    assert {one[0] for one in losses(repo)} == {"territory", "price_list"}
    theirs = shipped().model_copy(update={"fields": {"Party": {"price_list": "newest"}}})
    send({**entry, "seq": 2}, policies=theirs)
    assert fields(repo, known)["price_list"] == "VIP"


def test_a_new_customer_is_the_store_s_own_territory_and_grants_itself_nothing(repo: Repository, send: Any) -> None:
    (told,) = send(new(1, legal_name="Ada", tax_exempt=True, credit={"limit": {"amount": "9999"}}, territory="S"))
    assert told["status"] == "accepted"
    assert fields(repo, told["document_id"]) == {"name": "Ada", "territory": "N"}
    assert {one[0] for one in losses(repo)} == {"tax_exempt", "credit_limit", "territory"}
    (again,) = send({**new(1, legal_name="Ada"), "seq": 2})
    assert (again["status"], again["document_id"]) == ("duplicate", told["document_id"])


def test_two_stores_register_the_same_person(repo: Repository, send: Any, put: Put) -> None:
    gln = {"identifiers": [{"scheme": "gln", "value": "0614141000012"}]}
    put(Party(external_id="9", legal_name="Erp GmbH", **gln))
    ada = {"given_name": "Ada", "family_name": "King", **email("ada@x.example")}
    (first,) = send(new(1, **ada))
    (second,) = send(new(2, **ada), node="SOUTH-1")
    (third,) = send(new(3, legal_name="Other name", **gln))
    (fourth,) = send(new(4, given_name="Ada", family_name="King"))
    assert len({one["document_id"] for one in (first, second, third, fourth)}) == 4
    with repo.read() as tx:
        proposed = [(one.ours, one.theirs, one.winner) for one in tx.conflicts(policy="keep_both")]
        erp = tx.find("Party", system="erp", external_id="9")
        assert erp is not None
        assert erp.document.legal_name == "Erp GmbH"
    assert (first["document_id"], second["document_id"], "both") in proposed
    assert (erp.id, third["document_id"], "both") in proposed
    assert len(proposed) == 2


def test_a_change_may_come_before_its_customer_and_after_a_merge(
    repo: Repository, send: Any, known: str, put: Put, shop: Any
) -> None:
    (waits,) = send(change(2, uuid(1), {"email": None}, 9, **email("ada@x.example")))
    assert waits["status"] == "quarantined"
    (told,) = send(new(1, legal_name="Ada"))
    assert fields(repo, told["document_id"])["email"] == "ada@x.example"
    with repo.begin() as tx:
        record = tx.get("Party", told["document_id"])
        assert record is not None
        merged = Party.read_json({**record.data(), "status": "merged", "merged_into": known})
        tx.revise(record.id, merged, expected_version=record.version)
    send(change(3, uuid(1), {"phone": None}, 20, contact_points=[{"kind": "phone", "value": "7"}]))
    assert fields(repo, known)["phone"] == "7"


def test_a_customer_that_is_gone_is_not_changed(repo: Repository, send: Any, known: str, stores: Any) -> None:
    with repo.begin() as tx:
        tx.remove("Party", known)
    (told,) = send(change(1, known, {"email": None}, 9, **email("ada@x.example")))
    assert told["findings"][0].startswith("return.gone")
    with repo.read() as tx:
        held = tx.uploads(state="quarantined")
    assert [one.state for one in retry(repo, stores[0], held, NOW)] == ["quarantined"]


def test_it_comes_back_to_its_store_under_its_canonical_id(
    repo: Repository, stores: tuple[Store, Store], types: Mapping[str, Any]
) -> None:
    north, south = stores
    replicate(repo, stores, types)
    assert north.path is not None
    assert south.path is not None
    with Register(north.path, "1") as register:
        new_customer = register.register_customer(name="Ada", card_no="99", email="ada@x.example")
        register.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)], new_customer)
        uploader = Uploader(register.outbox, lambda data: json.dumps(take(repo, north, data, NOW)).encode())
        report = uploader.upload()
        assert (report.acknowledged, report.quarantined) == (2, 0)
        (registered, _) = register.outbox.entries()
        replicate(repo, stores, types)
        with Till(north.path) as till, Till(south.path) as other:
            (row,) = till.find_customer("99")
            assert till.find_customer(new_customer.id) == [row]  # the receipt's customer, by the till's own id
            assert row.id == registered.document_id
            assert ("id", new_customer.id) in row.keys
            assert other.find_customer("99") == []  # not in its scope
        register.change_customer(row, phone="+49 431 1")
        uploader.upload()
        replicate(repo, stores, types)
        with Till(north.path) as till:
            assert [one.phone for one in till.find_customer("99")] == ["+49 431 1"]
    with repo.read() as tx:
        assert len(tx.list("Party")) == 1
    origins = {change.origin for change in repo.feed()}
    assert origins == {"NORTH-1"}


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_written_where_it_is_read(name: str) -> None:
    full = {
        "legal_name": "A",
        "addresses": [{"usage": "legal", "city": "K"}, {"default": True, "city": "H", "lines": ["S 1"]}],
        "contacts": [{"contact_points": [{"kind": "email", "value": "desk@x.example"}]}],
        "contact_points": [{"kind": "mobile", "value": "5"}], "credit": {"limit": {"amount": "5", "currency": "EUR"}},
    }  # fmt: skip
    new_value: Any = {"on_hold": True, "tax_exempt": True, "status": "blocked", "credit_limit": "7"}.get(name, "W")
    for start in ({"names": ["x"]}, full):
        party = json.loads(json.dumps(start))
        before = values(party)
        write(party, name, new_value)
        after = values(Party.read_json(party).canonical_dict())
        assert after == {**before, name: new_value}
        if name not in ("name", "on_hold"):
            write(party, name, None)
            left = values(Party.read_json(party).canonical_dict())
            assert left.get(name) != new_value
