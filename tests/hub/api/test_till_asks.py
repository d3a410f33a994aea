"""A till asks the hub over the line: what it believes of the answers, and what it does without one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub import jobs
from hub.model import Party
from hub.repository import Repository
from hub_pos import NotAuthorized, Register, SaleLine, Tender
from hub_pos.__main__ import main
from hub_pos.client import HubClient, register
from hub_pos.errors import HubAway, SignatureRefused
from hub_pos.upload import Uploader


@pytest.fixture
def till(repo: Repository, root: Path, server: Any, tmp_path: Path) -> Path:
    stores = root / "stores.toml"
    stores.write_text(stores.read_text().replace('price_lists = ["RTL"]', 'price_lists = ["RTL"]\nterritories = ["N"]'))
    credit = {"limit": {"amount": "100", "currency": "EUR"}}
    number = [{"scheme": "seller_assigned", "value": "1001"}]
    with repo.begin() as tx:
        tx.put(
            Party(external_id="1", legal_name="Cole", roles=["customer"], territory="N", credit=credit,
                  identifiers=number), system="e",
        )  # fmt: skip
    jobs.seal(root)
    server.service.refresh()
    path = tmp_path / "S001.sqlite"
    register(path, server.url, "S001-1", "of S001-1")
    return path


@pytest.fixture
def client(till: Path) -> Iterator[HubClient]:
    with HubClient(till) as opened:
        opened.pull()
        yield opened


def on_account(desk: Register, amount: int, authorization: str) -> Any:
    return desk.sell([SaleLine("x", 1, amount)], [Tender("account", amount, authorization_id=authorization)], "1001")


def test_what_the_hub_approves_is_sold_once_and_counted(client: HubClient, till: Path) -> None:
    with Register(till) as desk:
        decision = desk.authorize("credit_sale", "1001", amount=60, ask=client.authorize)
        assert (decision.approved, decision.offline) == (True, False)
        on_account(desk, 60, decision.id)
        second = desk.authorize("credit_sale", "1001", amount=50, ask=client.authorize)
        assert (second.word, second.reasons) == ("declined", ("over_limit",))
        with pytest.raises(NotAuthorized, match="right_none"):
            on_account(desk, 50, "")
        report = Uploader(desk.outbox, client.send).upload()
        assert (report.waiting, report.errors, report.quarantined) == (0, [], 0)
        answered = {one.id: one.status for one in desk.outbox.entries(kind="Authorization")}
        assert [answered.pop(decision.id), answered.pop(second.id)] == ["duplicate", "duplicate"]
        assert [*answered.values()] == ["accepted"]
        assert desk.authorize("credit_sale", "1001", amount=40, ask=client.authorize).approved


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda data: {**data, "decision": data["decision"].replace('"declined"', '"approved"')}, "was changed"),
        (lambda data: {**data, "key": "0" * 16}, "not signed with a key of this hub"),
        (lambda data: {**data, "decision": "[]"}, "was changed"),
        (lambda data: {}, "not signed"),
    ],
)
def test_an_answer_that_was_changed_is_not_believed(
    client: HubClient, till: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], Any], problem: str
) -> None:
    ask = client._ask

    def changed(method: str, target: str, body: bytes) -> bytes:
        return json.dumps(change(json.loads(ask(method, target, body)))).encode()

    monkeypatch.setattr(client, "_ask", changed)
    with Register(till) as desk:
        with pytest.raises(SignatureRefused, match=problem):
            desk.authorize("credit_sale", "1001", amount=500, ask=client.authorize)
        assert [*desk.outbox.entries()] == [], "who sits on the line decides nothing"


def test_an_answer_to_another_question_is_not_believed(
    client: HubClient, till: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, heard = client._ask, list[bytes]()

    def replaying(method: str, target: str, body: bytes) -> bytes:
        heard.append(ask(method, target, body))
        return heard[0]

    monkeypatch.setattr(client, "_ask", replaying)
    with Register(till) as desk:
        assert desk.authorize("credit_sale", "1001", amount=1, ask=client.authorize).approved
        with pytest.raises(SignatureRefused, match="another authorization_id"):
            desk.authorize("credit_sale", "1001", amount=500, ask=client.authorize)


def test_no_answer(client: HubClient, till: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = client._ask

    def lost(method: str, target: str, body: bytes) -> bytes:
        ask(method, target, body)
        raise HubAway("the answer was lost")

    with Register(till) as desk:
        id_ = "0197a000-0000-7000-8000-000000000011"
        with monkeypatch.context() as patched:
            patched.setattr(client, "_ask", lost)
            decision = desk.authorize("credit_sale", "1001", amount=60, ask=client.authorize, id=id_)
            assert (decision.reasons, decision.id != id_) == (("right_none", "hub_away"), True)
            patched.setattr(client, "_ask", lambda *_: b"<html>")
            assert desk.authorize("credit_sale", "1001", amount=60, ask=client.authorize).reasons[-1] == "hub_away"
        again = desk.authorize("credit_sale", "1001", amount=60, ask=client.authorize, id=id_)
        assert (again.approved, again.id) == (True, id_), "the hub had decided, and reserved it once"
        on_account(desk, 60, id_)
        report = Uploader(desk.outbox, client.send).upload()
        assert (report.waiting, report.quarantined) == (0, 0)


def test_by_hand(client: HubClient, till: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["authorize", "credit_sale", "--customer", "1001", "--ask", "--amount"]
    assert main([str(till), *asked, "60"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("approved by the hub until ")
    assert main([str(till), "sell", "x*1@60", "--tender", f"account=60:{shown.split()[-1]}", "--customer", "1001"]) == 0
    capsys.readouterr()
    assert main([str(till), *asked, "41"]) == 1
    assert capsys.readouterr().out.startswith("declined by the hub: over_limit")
    assert main([str(till), "sell", "x*1@60", "--tender", "account=60", "--customer", "1001"]) == 1
    assert "credit_sale was declined: right_none" in capsys.readouterr().err
