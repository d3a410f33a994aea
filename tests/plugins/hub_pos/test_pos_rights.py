"""What a till may do alone: by the policy, out of its rights; approvals are used once, and rights go back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hub.findings import Severity
from hub.model import Document, review
from hub_pos import NotAuthorized, Register, Replica, ReturnLine, SaleLine, SaleRefused, Tender, Till
from hub_pos.__main__ import main
from hub_pos.book import Book, Entry
from hub_pos.errors import HubAway, HubRefused
from hub_pos.folder import exchange
from hub_pos.giving_back import give_back
from hub_pos.outbox import Outbox, outbox_path
from hub_pos.upload import Uploader

Make = Callable[..., dict[str, Any]]
Right = Callable[..., None]
Tell = Callable[..., None]
NOON = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)
RULES: dict[str, Any] = {
    "credit_sale": {"resource": "credit", "ask": "beyond", "offline": {}, "max_age_hours": 72, "expires_minutes": 15},
    "points_redeem": {"resource": "points", "ask": "beyond", "offline": {"amount": "50"}, "expires_minutes": 15},
    "price_override": {"resource": "", "ask": "never", "offline": {"percent": "30"}, "record_percent": "10"},
    "return_without_receipt": {"resource": "", "ask": "beyond", "offline": {"amount": "5", "per_day": 2}},
}


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tell(replica: Replica, shop: Path, checkpoint: Make) -> Tell:
    """The hub's next checkpoint: rules, rows of rights, customers."""

    def apply(rules: Mapping[str, Any] | None = None, as_of: datetime = NOON, rows: Any = (), **settings: Any) -> None:
        cursor = replica.cursor()
        given = {**settings, **({} if rules is None else {"authorization": {"operations": dict(rules)}})}
        last = cursor["seq"] + 1 + len(rows)
        changes = [(cursor["seq"] + 1 + at, *row) for at, row in enumerate(rows)]
        made = checkpoint(cursor["seq"], last, {"store:S001": changes}, held=cursor["buckets"], as_of=as_of.isoformat(),
                          settings=given)  # fmt: skip
        replica.apply(made)

    return apply


@pytest.fixture
def register(shop: Path, tell: Tell, clock: Clock) -> Iterator[Register]:
    tell(RULES)
    with Register(shop, "1", now=clock) as opened:
        yield opened


@pytest.fixture
def give(register: Register, tell: Tell) -> Right:
    """A right as the hub gives it to this outbox."""

    def put(granted: str, name: str = "r", **more: Any) -> None:
        row = {"right_id": name, "holder": "S001-1", "outbox": register.outbox.id, "party_id": "c2",
               "resource": "credit", "currency": "EUR", "granted": granted, "expires_at": "2026-03-31T00:00:00Z",
               **more}  # fmt: skip
        tell(rows=[("right", f"row-{name}", row)])

    return put


def documents(register: Register) -> list[tuple[str, str]]:
    """Everything written, each read as the hub reads it: its canonical text to the letter, nothing to warn of."""
    out = []
    for entry in register.outbox.entries():
        document = Document.from_json(entry.kind, entry.body)
        assert document.to_json() == entry.body
        assert [one for one in review(document) if one.severity is Severity.WARNING] == []
        out.append((entry.kind, str(getattr(document, "decision", ""))))
    return out


def left(register: Register) -> dict[str, Decimal]:
    return {one.right.id: one.available for one in register.rights()}


def on_account(register: Register, amount: int | str, customer: str = "c2", authorization: str = "") -> Any:
    lines = [SaleLine("x", 1, amount)]
    return register.sell(lines, [Tender("account", amount, authorization_id=authorization)], customer)


def test_credit_comes_out_of_a_right_in_the_sale_s_transaction(register: Register, give: Right) -> None:
    give("100.00")
    receipt = on_account(register, "30.00")
    named = receipt.body["tenders"][0]["authorization_id"]
    assert documents(register) == [("Authorization", "approved"), ("PosTransaction", "")]
    decision = json.loads(next(register.outbox.entries(kind="Authorization")).body)
    assert (decision["authorization_id"], decision["right_id"], decision["offline"]) == (named, "r", True)
    assert left(register) == {"r": Decimal("70.00")}
    with pytest.raises(NotAuthorized, match="right_short") as refused:
        on_account(register, "70.01")
    assert refused.value.reasons == ("right_short",)
    assert on_account(register, "70").number == "S001-1-2", "a declined sale uses no number"
    assert documents(register)[2:] == [("Authorization", "declined"), ("Authorization", "approved"),
                                       ("PosTransaction", "")]  # fmt: skip
    assert left(register) == {"r": 0}


@pytest.mark.parametrize(
    ("more", "customer", "why"),
    [
        ({"outbox": "another"}, "c2", "right_none"),
        ({"holder": "S001-2"}, "c2", "right_none"),
        ({"currency": "USD"}, "c2", "right_none"),
        ({"resource": "points"}, "c2", "right_none"),
        ({"expires_at": "2026-03-01T12:59:59Z"}, "c2", "right_expired"),
        ({"expires_at": "soon"}, "c2", "right_expired"),
        ({"recalled": "71"}, "c2", "right_short"),
        ({"party_id": "c1"}, "c1", "on_hold"),
        ({}, "", "customer_needed, right_none"),
        ({"party_id": "new"}, "new", "customer_unknown"),
    ],
)
def test_a_right_that_is_not_for_this(register: Register, give: Right, more: Any, customer: str, why: str) -> None:
    give("100", **more)
    with pytest.raises(NotAuthorized) as refused:
        on_account(register, 30, customer)
    assert str(refused.value) == f"credit_sale was declined: {why}"
    assert documents(register) == [("Authorization", "declined")]


def test_what_is_old_or_away_decides_nothing(register: Register, give: Right, clock: Clock, shop: Path) -> None:
    give("100")
    clock.time = NOON + timedelta(hours=72, seconds=1)
    assert register.authorize("credit_sale", "c2", amount=1).reasons == ("replica_old",)
    clock.time = NOON
    shop.rename(shop.with_name("away"))
    decision = register.authorize("credit_sale", "c2", amount=1)
    assert (decision.approved, decision.reasons) == (False, ("replica_away", "right_none"))
    assert register.authorize("points_redeem", "c2", points=1, account="a").reasons[0] == "replica_away"
    # Its book and the policy are in the outbox; what needs no replica is decided.
    assert register.authorize("return_without_receipt", amount=1).approved


def test_an_approval_is_used_once_for_what_it_was_given_for(register: Register, give: Right, clock: Clock) -> None:
    give("100")
    decision = register.authorize("credit_sale", "c2", amount="40")
    assert (decision.approved, decision.right, decision.offline) == (True, "r", True)
    assert left(register) == {"r": 60}
    for amount, customer, problem in ((41, "c2", "40.00, not 41.00"), (40, "c1", "customer c2, not c1")):
        with pytest.raises(SaleRefused, match=problem):
            on_account(register, amount, customer, decision.id)
    with pytest.raises(SaleRefused, match="operation 'credit_sale', not 'points_redeem'"):
        register.redeem_points("a", 1, customer="c2", authorization_id=decision.id)
    assert on_account(register, 39, "c2", decision.id).number == "S001-1-1"
    with pytest.raises(SaleRefused, match="was used before"):
        on_account(register, 1, "c2", decision.id)
    with pytest.raises(SaleRefused, match="was used by"):
        register.void_authorization(decision.id)
    with pytest.raises(SaleRefused, match="was not approved here"):
        on_account(register, 1, "c2", "0197a000-0000-7000-8000-000000000011")
    late = register.authorize("credit_sale", "c2", amount="10")
    clock.time += timedelta(minutes=15)
    with pytest.raises(SaleRefused, match="expired at 2026-03-01T13:15:00Z"):
        on_account(register, 10, "c2", late.id)
    assert left(register) == {"r": 50}


def test_what_is_not_used_is_free_again(register: Register, give: Right, clock: Clock) -> None:
    give("100")
    decision = register.authorize("credit_sale", "c2", amount=40)
    voided = register.void_authorization(decision.id)
    assert (voided.body["decision"], voided.body["reverses"], voided.body["right_id"]) == ("reversed", decision.id, "r")
    assert register.void_authorization(decision.id).id == voided.id
    with pytest.raises(SaleRefused, match="was set free before"):
        on_account(register, 40, "c2", decision.id)
    forgotten = register.authorize("credit_sale", "c2", amount=100)
    assert left(register) == {"r": 0}
    clock.time += timedelta(minutes=14)
    assert give_back(register.outbox, clock()) == 0
    assert left(register) == {"r": 0}
    clock.time += timedelta(minutes=1)
    give_back(register.outbox, clock())
    give_back(register.outbox, clock())
    assert left(register) == {"r": 100}
    assert documents(register) == [("Authorization", word) for word in ("approved", "reversed") * 2]
    last = json.loads([*register.outbox.entries()][-1].body)
    assert (last["reverses"], last["reason_codes"]) == (forgotten.id, ["expired"])
    assert Book(register.outbox).entry("r") == Entry(Decimal("140.00"), Decimal("140.00"), Decimal(0))


def test_the_same_question_again(register: Register, give: Right) -> None:
    give("100")
    id_ = "0197a000-0000-7000-8000-000000000011"
    first = register.authorize("credit_sale", "c2", amount=40, id=id_)
    assert register.authorize("credit_sale", "c2", amount="40.00", id=id_) == first
    assert left(register) == {"r": 60}
    with pytest.raises(SaleRefused, match="belongs to something else"):
        register.authorize("credit_sale", "c2", amount=41, id=id_)
    sale = on_account(register, 5)
    with pytest.raises(SaleRefused, match="belongs to something else"):
        register.authorize("credit_sale", "c2", amount=5, id=sale.id)
    # The same sale again decides nothing again.
    lines, tenders = [SaleLine("x", 1, 5)], [Tender("account", 5)]
    one = register.sell(lines, tenders, "c2", id="0197a000-0000-7000-8000-000000000012")
    assert register.sell(lines, tenders, "c2", id=one.id) == one
    assert left(register) == {"r": 50}


def test_points_come_out_of_the_account_s_right(register: Register, give: Right) -> None:
    give("80", "p", resource="points", account_id="acc", party_id="", currency="")
    entry = register.redeem_points("acc", 30, "S001-1-1", "c2")
    approved = json.loads(next(register.outbox.entries(kind="Authorization")).body)
    assert entry.body["extensions"] == {"authorization": approved["authorization_id"]}
    assert (approved["points"], approved["account_id"], approved["right_id"]) == ("30", "acc", "p")
    for points, account, why in ((51, "acc", "amount_limit, right_short"), (1, "other", "right_none")):
        with pytest.raises(NotAuthorized, match=why):
            register.redeem_points(account, points, customer="c2")
    given = register.authorize("points_redeem", "c2", points=50, account="acc")
    register.redeem_points("acc", 50, customer="c2", authorization_id=given.id)
    assert left(register) == {"p": 0}
    documents(register)


def test_a_price_below_the_list_price(register: Register) -> None:
    def sell(*lines: SaleLine) -> Any:
        return register.sell(lines, [Tender("cash", 100)])

    sell(SaleLine("SKU1", 2, "2.26"))  # 9.6 % below 2.50
    sell(SaleLine("SKU1", 2, "9.00"), SaleLine("x", 1, "0.01"))
    assert documents(register) == [("PosTransaction", "")] * 2
    sale = sell(SaleLine("SKU1", 2, "2.25"), SaleLine("SKU1", 1, discount="0.75", discount_reason="dent"))
    first, second = (json.loads(one.body) for one in register.outbox.entries(kind="Authorization"))
    assert first["extensions"] == {"item": "p1", "list_price": "5.00", "percent": "10.00", "price": "4.50"}
    assert (first["amount"]["amount"], second["extensions"]["percent"]) == ("0.50", "30.00")
    assert [line["extensions"]["authorization"] for line in sale.body["lines"]] == [
        first["authorization_id"], second["authorization_id"],
    ]  # fmt: skip
    with pytest.raises(NotAuthorized, match="percent_limit"):
        sell(SaleLine("SKU1", 2, "2.25"), SaleLine("SKU1", 1, "1.74"))
    assert documents(register)[-1] == ("Authorization", "declined"), "nothing is left of the line that was approved"
    assert len(documents(register)) == 6
    given = register.authorize("price_override", line=SaleLine("SKU1", 1, "2.00"))
    with pytest.raises(SaleRefused, match=r"0\.50, not 0\.51"):
        sell(SaleLine("SKU1", 1, "1.99", authorization_id=given.id))
    with pytest.raises(SaleRefused, match="item 'p1', not 'p2'"):
        sell(SaleLine("4011", 1, "0.9", authorization_id=given.id))
    sell(SaleLine("SKU1", 1, "2.00", authorization_id=given.id))
    assert register.authorize("price_override", line=SaleLine("SKU1", 1, "2.49")).id == ""
    documents(register)


def test_a_return_without_a_receipt(register: Register, clock: Clock) -> None:
    goods = ReturnLine("", 1, "SKU1", "2.50", "19")
    back = register.take_back("", [goods], "no receipt")
    assert "return_of" not in back.body["lines"][0]
    approved = json.loads(next(register.outbox.entries(kind="Authorization")).body)
    assert (approved["amount"]["amount"], "extensions" in approved) == ("2.50", False)
    with pytest.raises(NotAuthorized, match="amount_limit"):
        register.take_back("", [ReturnLine("", 3, "SKU1", "2.50")], "no receipt")
    key = {"store": "S9", "workstation": "1", "sequence": "7", "business_day": "2026-02-01"}
    other = register.take_back(key, [ReturnLine("1", 1, "SKU1", "2.50")], "of another store")
    named = [*register.outbox.entries(kind="Authorization")][-1]
    assert json.loads(named.body)["extensions"] == {"receipt": "S9/1/7/2026-02-01"}
    assert other.body["extensions"] == {"authorization": named.id}
    with pytest.raises(NotAuthorized, match="day_limit"):
        register.take_back("", [goods], "no receipt")
    clock.time += timedelta(days=1)
    register.take_back("", [goods], "no receipt")
    sold = register.sell([SaleLine("SKU1")], [Tender("cash", 5)])
    register.take_back(sold.number, [ReturnLine("1")], "broken")  # with a receipt nobody is asked
    documents(register)


class Hub:
    """Answers questions as the test says, and keeps them."""

    def __init__(self, answer: str | Exception = "approved") -> None:
        self.answer, self.asked = answer, list[dict[str, Any]]()

    def __call__(self, question: Mapping[str, Any], outbox: str) -> str:
        assert len(outbox) == 36
        self.asked.append(dict(question))
        if isinstance(self.answer, Exception):
            raise self.answer
        end = {"decision": self.answer, "offline": False, "decided_at": question["requested_at"]}
        if self.answer == "approved":
            end["expires_at"] = "2026-03-01T13:15:00Z"
        else:
            end["reason_codes"] = ["over_limit"]
        return Document.from_json("Authorization", json.dumps({**question, **end})).to_json()


def test_the_hub_is_asked_where_the_till_may_not(register: Register, give: Right, tell: Tell) -> None:
    give("10")
    hub = Hub()
    assert register.authorize("credit_sale", "c2", amount=10, ask=hub).offline
    assert hub.asked == [], "inside of its rights the till asks nobody"
    decision = register.authorize("credit_sale", "c2", amount=500, operator="op", ask=hub)
    assert (decision.approved, decision.offline, decision.right) == (True, False, "")
    (asked,) = hub.asked
    assert asked == {
        "authorization_id": decision.id, "operation": "credit_sale", "party_id": "c2", "pos_id": "S001-1",
        "amount": {"amount": "500.00", "currency": "EUR"}, "operator": "op", "requested_at": "2026-03-01T13:00:00Z",
    }  # fmt: skip
    on_account(register, 500, "c2", decision.id)
    with pytest.raises(SaleRefused, match="was used before"):
        on_account(register, 1, "c2", decision.id)
    for word in ("declined", "referred"):
        said = register.authorize("credit_sale", "c2", amount=500, ask=Hub(word))
        assert (said.approved, said.word, said.reasons) == (False, word, ("over_limit",))
    assert not register.authorize("price_override", line=SaleLine("SKU1", 1, "1"), ask=hub).approved
    assert len(hub.asked) == 1, "a policy that never asks"
    tell({**RULES, "credit_sale": {**RULES["credit_sale"], "ask": "always"}})
    with pytest.raises(NotAuthorized, match="hub_needed"):
        on_account(register, 1)
    assert not register.authorize("credit_sale", "c2", amount=1, ask=hub).offline
    documents(register)


def test_a_hub_that_does_not_answer(register: Register, give: Right) -> None:
    give("10")
    for problem, why in ((HubAway("down"), "hub_away"), (HubRefused("no"), "hub_refused")):
        hub = Hub(problem)
        decision = register.authorize("credit_sale", "c2", amount=11, ask=hub)
        assert (decision.approved, decision.offline, decision.reasons) == (False, True, ("right_short", why))
        assert decision.id != hub.asked[0]["authorization_id"], "the hub may have decided under that one"
    assert left(register) == {"r": 10}
    documents(register)


def test_rights_go_back_before_an_upload(register: Register, give: Right, clock: Clock) -> None:
    give("100")
    on_account(register, 30)
    give("100", recalled="50")
    with pytest.raises(NotAuthorized, match="right_short"):
        on_account(register, 21)
    sent: list[dict[str, Any]] = []

    def send(data: bytes) -> bytes:
        upload = json.loads(data)
        sent.append(upload)
        results = [{"seq": one["seq"], "id": one["id"], "status": "accepted"} for one in upload["documents"]]
        return json.dumps({"node": upload["node"], "results": results, "next": 1 + register.outbox.last()}).encode()

    uploader = Uploader(register.outbox, send, now=clock)
    assert uploader.upload().waiting == 0
    (back,) = [one["body"] for one in sent[0]["documents"] if one["kind"] == "RightReturn"]
    assert (back["right_id"], back["amount"], back["pos_id"]) == ("r", "50", "S001-1")
    assert left(register) == {"r": 20}
    assert [one.get("outbox") for one in sent] == [None, register.outbox.id], "the hub may have known another one"
    assert sent[1]["demand"] == [
        {"resource": "credit", "party_id": "c2", "account_id": "", "currency": "EUR", "wanted": "51.00"}
    ]
    assert uploader.upload().waiting == 0
    assert len(sent) == 2, "nothing new, nothing sent"
    give("100", recalled="500")  # more than there is
    uploader.upload()
    assert left(register) == {"r": 0}
    give("160", recalled="500", expires_at="2026-03-01T12:00:00Z")
    uploader.upload()
    assert left(register) == {"r": 0}, "its time is over, all of it goes back"
    assert Book(register.outbox).entry("r") == Entry(Decimal("30.00"), Decimal(0), Decimal("130.00"))
    assert len(documents(register)) == 3 + 1 + 1 + 1
    # Kept for ever: also when the documents are gone.
    clock.time += timedelta(days=31)
    uploader.upload()
    assert documents(register) == []
    assert left(register) == {"r": 0}
    assert register.outbox.rows("SELECT count(*) FROM approval") == [(0,)]


def test_a_stick_carries_them_too(register: Register, give: Right, clock: Clock, tmp_path: Path) -> None:
    give("100")
    on_account(register, 30)
    give("100", recalled="100")
    stick = tmp_path / "stick"
    stick.mkdir()
    exchange(register.outbox, stick, now=clock)
    (file,) = stick.iterdir()
    upload = json.loads(file.read_text())
    assert [one["kind"] for one in upload["documents"]] == ["Authorization", "PosTransaction", "RightReturn"]
    assert "outbox" not in upload
    results = [{"seq": one["seq"], "id": one["id"], "status": "accepted"} for one in upload["documents"]]
    answer = {"node": "S001-1", "results": results, "next": 4}
    (stick / file.name.replace("upload", "answer")).write_text(json.dumps(answer))
    exchange(register.outbox, stick, now=clock)
    assert [*stick.iterdir()] == []
    register.register_customer(name="Ada")
    exchange(register.outbox, stick, now=clock)
    (file,) = stick.iterdir()
    upload = json.loads(file.read_text())
    assert (upload["outbox"], upload["demand"][0]["wanted"]) == (register.outbox.id, "30.00")


@pytest.mark.parametrize("answer", [{"next": 9}, {"findings": ["return.seq_reused: place 1 came before"]}])
def test_an_outbox_that_was_restored_spends_nothing_any_more(
    register: Register, give: Right, clock: Clock, answer: dict[str, Any]
) -> None:
    give("100")
    on_account(register, 30)
    before = register.outbox.id

    def send(data: bytes) -> bytes:
        upload = json.loads(data)
        status, findings = ("quarantined" if "findings" in answer else "accepted"), answer.get("findings", [])
        results = [
            {"seq": one["seq"], "id": one["id"], "status": status, "findings": findings} for one in upload["documents"]
        ]
        return json.dumps({"node": upload["node"], "results": results, "next": answer.get("next", 3)}).encode()

    Uploader(register.outbox, send, now=clock).upload()
    assert register.outbox.id != before
    with pytest.raises(NotAuthorized, match="right_none"):
        on_account(register, 1)


def test_a_hub_that_decides_nothing(register: Register, tell: Tell) -> None:
    for off in ({"authorization": {}}, {"authorization": None}, {"authorization": {"operations": {"credit_sale": 1}}}):
        tell(**off)
        on_account(register, 1_000, "anybody")
        register.take_back("", [ReturnLine("", 1, "SKU1", "99")], "x")
        register.redeem_points("a", 1)
        assert register.authorize("credit_sale", "c2", amount=1).id == ""
    assert {kind for kind, _ in documents(register)} == {"PosTransaction", "LoyaltyEntry"}


def test_training_decides_nothing(register: Register) -> None:
    register.sell([SaleLine("SKU1", 1, "0.01")], [Tender("account", "0.01")], "c2", training=True)
    assert documents(register) == [("PosTransaction", "")]


def test_an_outbox_of_the_version_before_gets_its_book(shop: Path, tell: Tell) -> None:
    with Register(shop, "1") as register:
        register.sell([SaleLine("SKU1")], [Tender("cash", 5)])
    path = outbox_path(shop, "1")
    old = Outbox(path)
    for table in ("book", "approval", "demand", "card"):
        old.run(f"DROP TABLE {table}")
    old.run("DELETE FROM state WHERE name = 'id'")
    old.run("PRAGMA user_version = 1")
    old.close()
    tell(RULES)
    with Register(shop, "1", now=lambda: NOON) as register:
        assert len(register.outbox.id) == 36
        assert register.sell([SaleLine("SKU1")], [Tender("cash", 5)]).number == "S001-1-2"
        assert register.authorize("return_without_receipt", amount=1).approved
        first = register.outbox.id
    with Register(shop, "1") as register:
        assert register.outbox.id == first


def test_by_hand(register: Register, give: Right, shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    give("100", expires_at="2999-01-01T00:00:00Z")
    give("9", "p", resource="points", account_id="acc", party_id="", currency="", expires_at="2999-01-01T00:00:00Z")

    def run(*words: str) -> tuple[int, str]:
        status = main([str(shop), *words])
        return status, capsys.readouterr().out

    assert run("rights") == (
        0,
        "points  acc  9  until 2999-01-01T00:00:00Z\ncredit  c2  100 EUR  until 2999-01-01T00:00:00Z\n",
    )
    status, shown = run("authorize", "points_redeem", "--account", "acc", "--points", "5")
    assert (status, shown.startswith("approved by this till until ")) == (0, True)
    given = shown.split()[-1]
    assert run("redeem", "acc", "5", "--authorization", given)[0] == 0
    status, shown = run("authorize", "points_redeem", "--account", "acc", "--points", "5")
    assert (status, shown.startswith("declined by this till: right_short")) == (1, True)
    given = run("authorize", "points_redeem", "--account", "acc", "--points", "4")[1].split()[-1]
    assert run("void", given) == (0, f"{given} is set free\n")
    assert run("return", "-", "SKU1*1@2.50", "--reason", "none")[0] == 0
    given = run("authorize", "return_without_receipt", "--amount", "3")[1].split()[-1]
    assert run("return", "-", "SKU1*1@3", "--authorization", given)[0] == 0
    assert main([str(shop), "return", "-", "SKU1*1@3"]) == 1
    assert "return_without_receipt was declined: day_limit" in capsys.readouterr().err
    status, shown = run("authorize", "price_override", "--line", "SKU1@2.00")
    assert (status, shown.split()[0]) == (0, "approved")
    given = json.loads(run("--json", "rights")[1])[1]["right"]["id"]
    assert given == "r"


def test_a_till_without_a_replica_knows_no_rights(tmp_path: Path) -> None:
    with Register(tmp_path / "S1.sqlite", store="S1") as register:
        assert register.rights() == []
        assert give_back(register.outbox, NOON) == 0


def test_rights_are_read_by_holder_and_outbox(register: Register, give: Right, shop: Path) -> None:
    give("1")
    with Till(shop) as till:
        assert [one.id for one in till.rights("S001-1", register.outbox.id)] == ["r"]
        assert till.rights("S001-2", register.outbox.id) == []


def test_a_hub_that_forgot_what_it_gave(register: Register, give: Right, clock: Clock) -> None:
    give("100")
    on_account(register, 80)
    give("50", recalled="10")  # it was restored from a backup
    assert left(register) == {"r": -30}
    assert register.rights()[0].spendable == 0
    with pytest.raises(NotAuthorized, match="right_short"):
        on_account(register, 1)
    assert give_back(register.outbox, clock()) == 0
    clock.time = datetime(2026, 4, 1, tzinfo=UTC)
    assert give_back(register.outbox, clock()) == 0
