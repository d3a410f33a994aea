"""Uploads at the hub: stored before judged, quarantined and acknowledged, answered alike however often they come."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.errors import ConfigurationError, DocumentRejected
from hub.model import Document
from hub.replication import Store
from hub.replication.intake import retry, take
from hub.replication.policies import load_policies, shipped
from hub.replication.upload import MAX_DOCUMENTS
from hub.repository import Repository

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
Entry = dict[str, Any]


def uuid(number: int) -> str:
    return f"0197a000-0000-7000-8000-{number:012x}"


def sale(seq: int, number: int | None = None, amount: str = "2.00", node: str = "NORTH-1", **more: Any) -> Entry:
    store, _, terminal = node.partition("-")
    body = {
        "key": {"store": store, "workstation": terminal, "sequence": str(number or seq), "business_day": "2026-03-15"},
        "type": "sale", "currency": "EUR",
        "lines": [{"line_id": "1", "type": "sale", "quantity": {"value": "1", "unit": "EA"},
                   "amount": {"amount": amount, "currency": "EUR"}}],
        "tenders": [{"type": "cash", "amount": {"amount": amount, "currency": "EUR"}}],
        "total": {"amount": amount, "currency": "EUR"}, **more,
    }  # fmt: skip
    return entry(seq, "PosTransaction", body)


def entry(seq: int, kind: str, body: Any) -> Entry:
    return {"seq": seq, "id": uuid(seq), "kind": kind, "created_at": "2026-03-15T11:00:00Z",
            "clock": f"2026-03-15T11:00:00.{seq:03d}Z-0000-NORTH-1", "body": body}  # fmt: skip


def upload(*entries: Any, node: str = "NORTH-1") -> bytes:
    return json.dumps({"node": node, "documents": list(entries)}).encode()


@pytest.fixture
def north(stores: tuple[Store, Store]) -> Store:
    return stores[0]


def states(answer: dict[str, Any]) -> list[tuple[int, str]]:
    return [(one["seq"], one["status"]) for one in answer["results"]]


def sales(repo: Repository) -> int:
    with repo.read() as tx:
        return len(tx.list("PosTransaction"))


def test_sales_come_in_once_however_often_they_are_sent(repo: Repository, north: Store) -> None:
    first = take(repo, north, upload(sale(1), sale(2)), NOW)
    assert (states(first), first["next"], first["missing"]) == ([(1, "accepted"), (2, "accepted")], 3, [])
    assert take(repo, north, upload(sale(1), sale(2)), NOW) == first
    more = take(repo, north, upload(sale(2), sale(3), sale(2)), NOW)
    assert more["results"][0] == more["results"][2] == first["results"][1]
    assert sales(repo) == 3
    with repo.read() as tx:
        record = tx.get("PosTransaction", first["results"][0]["document_id"])
        assert record is not None
        assert record.document.to_json() == Document.from_json("PosTransaction", sale(1)["body"]).to_json()
    changes = [(change.entity, change.op) for change in repo.feed()]
    assert changes == [("PosTransaction", "PUT")] * 3


def test_an_upload_without_documents_says_where_the_node_stands(repo: Repository, north: Store) -> None:
    assert take(repo, north, upload(), NOW) == {"node": "NORTH-1", "results": [], "next": 1, "missing": []}
    take(repo, north, upload(sale(2)), NOW)
    assert take(repo, north, upload(), NOW) == {"node": "NORTH-1", "results": [], "next": 3, "missing": [[1, 1]]}


def test_gaps_are_known_and_filled(repo: Repository, north: Store) -> None:
    assert take(repo, north, upload(sale(3)), NOW)["missing"] == [[1, 2]]
    assert take(repo, north, upload(sale(9), sale(5)), NOW)["missing"] == [[1, 2], [4, 4], [6, 8]]
    answer = take(repo, north, upload(sale(7), sale(4), sale(1)), NOW)
    assert (answer["missing"], answer["next"]) == ([[2, 2], [6, 6], [8, 8]], 10)
    with repo.read() as tx:
        found = {gap.first: gap.since for gap in tx.gaps(store="NORTH")}
        assert found[6] == found[8] > found[2]
    assert take(repo, north, upload(sale(2), sale(6), sale(8)), NOW)["missing"] == []


def test_the_same_place_with_other_content_is_kept_beside_the_first(repo: Repository, north: Store) -> None:
    take(repo, north, upload(sale(1)), NOW)
    answer = take(repo, north, upload(sale(1, number=77, amount="9.00")), NOW)
    assert states(answer) == [(1, "quarantined")]
    assert answer["results"][0]["findings"][0].startswith("return.seq_reused: error: place 1 came before")
    assert sales(repo) == 1
    with repo.read() as tx:
        (first, second) = tx.uploads_at("NORTH-1", 1)
    assert (first.state, second.code) == ("accepted", "return.seq_reused")
    (done,) = retry(repo, north, [second], NOW)  # a person looked: it is a sale of its own
    assert (done.state, sales(repo)) == ("accepted", 2)


def test_one_receipt_number_twice(repo: Repository, north: Store) -> None:
    answer = take(repo, north, upload(sale(1), sale(2, number=1), sale(3, number=1, amount="7.00"), sale(4)), NOW)
    assert states(answer) == [(1, "accepted"), (2, "duplicate"), (3, "quarantined"), (4, "accepted")]
    assert answer["results"][1]["document_id"] == answer["results"][0]["document_id"]
    assert "return.conflict" in answer["results"][2]["findings"][0]


BAD: list[tuple[Entry, str]] = [
    (entry(2, "Invoice", {}), "return.kind"),
    (entry(2, "InventorySnapshot", {}), "return.kind"),
    (entry(2, "", {}), "return.kind"),
    (entry(2, "PosTransaction", {"key": 7}), "model.invalid"),
    (entry(2, "PosTransaction", "text"), "return.body"),
    (entry(2, "PosTransaction", None), "return.body"),
    ({**sale(2), "id": "17"}, "return.id"),
    (sale(2, node="SOUTH-1"), "return.store"),
    (sale(2, node="NORTH-2"), "return.workstation"),
    (sale(2, total={"amount": 1.5}), "model."),
    (sale(2, nonsense="x"), "model."),
    (sale(2, operator="\ud800"), "model."),
    (entry(2, "LoyaltyEntry", {"entry_id": "e", "account_id": "a", "type": "redeem", "points": "-1",
                               "at": "2026-03-15T11:00:00Z", "pos_id": "SOUTH"}), "return.store"),
    (entry(2, "InventoryMovement", {"movement_id": "m", "quantity": {"value": "1"}, "location_id": "K9",
                                    "at": "2026-03-15T11:00:00Z"}), "return.location"),
    (entry(2, "Order", {"buyer_order_id": "O1", "purpose": "original", "pos_id": "SOUTH", "lines": []}),
     "return.store"),
    (entry(2, "Party", {"external_id": uuid(2), "legal_name": "A", "merged_into": "x"}), "return.field"),
    (entry(2, "Party", {"external_id": uuid(2), "legal_name": "A", "roles": ["supplier"]}), "return.role"),
    (entry(2, "Party", {"external_id": uuid(2), "legal_name": "A", "status": "erased"}), "return.status"),
    (entry(2, "Party", {"external_id": "other", "legal_name": "A"}), "return.external_id"),
    (entry(2, "Party", {"external_id": uuid(2)}), "return.nameless"),
    (entry(2, "Party", {"party_id": "p", "extensions": {"changed": {"rank": "x"}}}), "return.change"),
    (entry(2, "Party", {"party_id": "p", "extensions": {"changed": {"email": None}}}), "return.unknown_customer"),
]  # fmt: skip


def test_bad_documents_are_quarantined_acknowledged_and_block_nothing(repo: Repository, north: Store) -> None:
    entries = [sale(1)]
    for bad, _ in BAD:
        seq = len(entries) + 1
        moved = json.loads(json.dumps(bad).replace(uuid(2), uuid(seq)))
        entries += [{**moved, "seq": seq}, sale(seq + 1)]
    answer = take(repo, north, upload(*entries), NOW)
    assert [status for _, status in states(answer)] == ["accepted", *["quarantined", "accepted"] * len(BAD)]
    for (bad, code), told in zip(BAD, answer["results"][1::2], strict=True):
        assert told["findings"][0].startswith(code), (bad, told["findings"])
    assert take(repo, north, upload(*entries), NOW) == answer
    with repo.read() as tx:
        held = tx.uploads(state="quarantined")
    assert [record.data() for record in held] == [one["body"] for one in entries[1::2]]
    with repo.open_payload(held[0].payload) as stream:
        assert stream.read() == upload(*entries)


def test_an_entry_without_a_place_is_kept_too(repo: Repository, north: Store) -> None:
    bad = [7, None, [], {"id": "a"}, {"seq": "1"}, {"seq": -4, "kind": "x"}, {"seq": 2**60, "id": "b"}, {"seq": True}]
    answer = take(repo, north, upload(*bad, sale(1)), NOW)
    assert states(answer) == [*[(0, "quarantined")] * len(bad), (1, "accepted")]
    assert (answer["next"], answer["missing"]) == (2, [])


def test_a_nul_character_fits_every_database(repo: Repository, north: Store) -> None:
    answer = take(repo, north, upload(sale(1, operator="a\0b")), NOW)
    assert states(answer) == [(1, "accepted")]


NO_UPLOAD = [
    b"", b"{", b"[]", b"\xff", b'{"node": 1, "documents": []}', b'{"node": "NORTH-1"}', b"[" * 100_000,
    upload(node="SOUTH-1"), upload(node="NORTH-"), upload(*range(MAX_DOCUMENTS + 1)),
]  # fmt: skip


def test_what_is_no_upload_of_this_store_is_refused_whole(repo: Repository, north: Store) -> None:
    for data in NO_UPLOAD:
        with pytest.raises(DocumentRejected):
            take(repo, north, data, NOW)
    with repo.read() as tx:
        assert tx.uploads() == []


def test_nodes_are_counted_apart(repo: Repository, north: Store) -> None:
    take(repo, north, upload(sale(1)), NOW)
    assert take(repo, north, upload(sale(1, node="NORTH-2"), node="NORTH-2"), NOW)["next"] == 2
    own = take(repo, north, upload(sale(1, number=5, node="NORTH-7"), node="NORTH"), NOW)
    assert states(own) == [(1, "accepted")]  # the store's server speaks for all its tills
    assert sales(repo) == 3


def test_what_a_kill_left_unjudged_is_taken_with_the_next_upload(
    repo: Repository, north: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("hub.replication.intake._decide_waiting", _killed)
        with pytest.raises(KeyboardInterrupt):
            take(repo, north, upload(sale(1), sale(2)), NOW)
    with repo.read() as tx:
        assert [record.state for record in tx.uploads()] == ["received", "received"]
    assert take(repo, north, upload(sale(3)), NOW)["next"] == 4
    assert sales(repo) == 3


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_fault_of_the_hub_itself_quarantines_one_document(
    repo: Repository, north: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.replication import intake

    real = intake.accepted

    def failing(entry: Any, *rest: Any) -> Any:
        if entry.seq == 2:
            raise ZeroDivisionError
        return real(entry, *rest)

    monkeypatch.setattr(intake, "accepted", failing)
    answer = take(repo, north, upload(sale(1), sale(2), sale(3)), NOW)
    assert states(answer) == [(1, "accepted"), (2, "quarantined"), (3, "accepted")]
    monkeypatch.undo()
    with repo.read() as tx:
        held = tx.uploads(state="quarantined")
    assert [record.state for record in retry(repo, north, held, NOW)] == ["accepted"]
    assert take(repo, north, upload(sale(2)), NOW)["results"][0]["status"] == "accepted"


def test_uploads_of_many_nodes_and_of_one_node_at_once(repo: Repository, north: Store) -> None:
    problems: list[BaseException] = []

    def send(node: str) -> None:
        try:
            for first in range(1, 9, 2):
                take(repo, north, upload(sale(first, node=node), sale(first + 1, node=node), node=node), NOW)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=send, args=(node,)) for node in ("NORTH-1", "NORTH-2", "NORTH-1")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sales(repo) == 16
    with repo.read() as tx:
        assert tx.gaps() == []
        assert {record.state for record in tx.uploads()} == {"accepted"}


def test_the_policy_of_a_workspace(tmp_path: Path, repo: Repository, north: Store) -> None:
    assert load_policies(tmp_path) == shipped()
    (tmp_path / "conflicts.toml").write_text('[kinds]\nOrder = "hub_wins"\n[fields.Party]\ntax_exempt = "newest"\n')
    policies = load_policies(tmp_path)
    assert (policies.field("Party", "tax_exempt"), policies.field("Party", "email")) == ("newest", "newest")
    assert policies.field("Party", "credit_limit") == policies.field("Party", "unheard") == "hub_wins"
    order = {"buyer_order_id": "O1", "purpose": "original", "pos_id": "NORTH", "lines": []}
    assert states(take(repo, north, upload(entry(1, "Order", order)), NOW, policies)) == [(1, "quarantined")]
    assert states(take(repo, north, upload(entry(2, "Order", order)), NOW)) == [(2, "accepted")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("skew = 1", "unknown key 'skew'"),
        ("skew_minutes = -1", "skew_minutes"),
        ('[kinds]\nPosTransaction = "newest"', "must be one of"),
        ('[kinds]\nProduct = "append_only"', "cannot be taken in as append_only"),
        ('[fields.Order]\nstatus = "newest"', "is not changed field by field"),
        ('[fields.Party]\nemial = "newest"', "no field 'emial'"),
        ('[fields.Party]\nemail = "most_restrictive"', "none is stricter"),
    ],
)
def test_a_policy_that_cannot_be(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "conflicts.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=problem) as caught:
        load_policies(tmp_path)
    assert str(tmp_path / "conflicts.toml") in str(caught.value)


def test_other_documents_of_a_store(repo: Repository, north: Store, put: Callable[..., None]) -> None:
    order = {"buyer_order_id": "O1", "purpose": "original", "pos_id": "NORTH", "lines": []}
    consent = {"consent_id": uuid(2), "party_id": "p", "purpose": "marketing", "state": "withdrawn",
               "given_at": "2026-03-15T11:00:00Z"}  # fmt: skip
    points = {"entry_id": uuid(3), "account_id": "a", "type": "redeem", "points": "-5", "at": "2026-03-15T11:00:00Z",
              "pos_id": "NORTH-1"}  # fmt: skip
    moved = {"movement_id": uuid(4), "kind": "adjustment", "location_id": "K1", "product_id": "p1",
             "quantity": {"value": "-1", "unit": "EA"}, "at": "2026-03-15T11:00:00Z"}  # fmt: skip
    entries = [entry(1, "Order", order), entry(2, "Consent", consent), entry(3, "LoyaltyEntry", points),
               entry(4, "InventoryMovement", moved)]  # fmt: skip
    assert {status for _, status in states(take(repo, north, upload(*entries), NOW))} == {"accepted"}
    (placed,) = (change for change in repo.feed() if change.entity == "Order")
    assert "store:NORTH" in placed.new_scopes
