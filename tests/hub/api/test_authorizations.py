"""``POST /authorizations`` with a real server and the till's own client."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub import jobs
from hub.model import Authorization, Party
from hub.repository import Repository
from hub_pos.client import HubClient, register
from hub_pos.errors import HubRefused, SignatureRefused
from hub_pos.till import Till


@pytest.fixture
def party(repo: Repository) -> str:
    data = {"external_id": "C1", "legal_name": "C", "credit": {"limit": {"amount": "500", "currency": "EUR"}}}
    with repo.begin() as tx:
        return tx.put(Party.from_json("Party", data), system="erp").id


@pytest.fixture
def client(repo: Repository, server: Any, tmp_path: Path) -> Iterator[HubClient]:
    """Registered as S001-1."""
    repo.retrying(lambda tx: tx.invite_node("S001-1", "S001", "one-time", timedelta(minutes=1)))
    path = tmp_path / "S001.sqlite"
    register(path, server.url, "S001-1", "one-time")
    with HubClient(path) as opened:
        yield opened


def question(party: str, amount: str = "400.00") -> dict[str, Any]:
    return {
        "authorization_id": str(uuid.uuid4()), "operation": "credit_sale", "party_id": party, "pos_id": "S001-1",
        "amount": {"amount": amount, "currency": "EUR"}, "requested_at": "2026-03-01T12:00:00Z",
    }  # fmt: skip


def test_a_signed_decision_that_is_stored(repo: Repository, client: HubClient, party: str) -> None:
    asked = question(party)
    outbox = str(uuid.uuid4())
    text = client.authorize(asked, outbox)
    decision = Authorization.read_json(text)
    assert (decision.decision, decision.to_json()) == ("approved", text)
    assert client.authorize(asked, outbox) == text
    assert json.loads(client.authorize(question(party)))["reason_codes"] == ["over_limit"]
    with repo.read() as tx:
        assert tx.find_all("Authorization", number=asked["authorization_id"])[0].json == text
        assert [one.node for one in tx.outboxes().values()] == ["S001-1"]
    with pytest.raises(HubRefused, match="another question"):
        client.authorize({**asked, "amount": {"amount": "1", "currency": "EUR"}})


def test_questions_that_are_none(client: HubClient, party: str) -> None:
    for wrong in [{}, {**question(party), "operation": "fly"}, {**question(party), "pos_id": "S001-2"}]:
        with pytest.raises(HubRefused):
            client.authorize(wrong)
    ask = client._ask
    for body in [b"[]", b"{", b'{"node":"S001-1","keys":1}', b'{"node":"S001-1","outbox":1}', b'{"node":"S002-1"}']:
        with pytest.raises(HubRefused):
            ask("POST", "/authorizations", body)


def test_an_answer_to_another_question_is_not_believed(
    client: HubClient, party: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client._ask(
        "POST", "/authorizations", json.dumps({"node": "S001-1", "authorization": question(party)}).encode()
    )
    monkeypatch.setattr(client, "_ask", lambda *_: first)
    with pytest.raises(SignatureRefused):
        client.authorize(question(party))


def test_what_tills_are_told_is_the_workspaces(
    repo: Repository, root: Path, client: HubClient, server: Any, party: str, tmp_path: Path
) -> None:
    jobs.seal(root)
    server.service.refresh()
    client.pull()
    with Till(tmp_path / "S001.sqlite") as till:
        told = till.settings()["authorization"]
        assert told["operations"]["credit_sale"]["ask"] == "beyond"
    (root / "authorizations.toml").write_text('[operations.credit_sale]\nask = { distributed = "always" }\n')
    server.service.refresh()
    client.pull()
    with Till(tmp_path / "S001.sqlite") as till:
        assert till.settings()["authorization"]["operations"]["credit_sale"]["ask"] == "always"
    (root / "authorizations.toml").write_text("enabled = false\n")
    server.service.refresh()
    client.pull()
    with Till(tmp_path / "S001.sqlite") as till:
        assert till.settings()["authorization"] == {"operations": {}}
    with pytest.raises(HubRefused, match="decides nothing"):
        client.authorize(question(party))
