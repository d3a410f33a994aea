"""Card keys and the list of revoked cards on their way to a till, and the cards of sales on their way back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hub.api.cards import CardFiles
from hub.cards import cose
from hub.cards.issuing import Issued, Wanted, issue
from hub.cards.keys import CardKeys
from hub.cards.records import text_of
from hub.cli import cli
from hub.model import Party
from hub.replication.signing import HubKeys
from hub.repository import Repository
from hub_pos import Register, SaleLine, Tender
from hub_pos.__main__ import main
from hub_pos.card import read_card
from hub_pos.card_files import KEYS, LIST, carried, kept
from hub_pos.card_record import CardsUnavailable
from hub_pos.client import HubClient, pull_from
from hub_pos.errors import SignatureRefused
from hub_pos.folder import exchange
from hub_pos.identity import Identity, identity_path
from hub_pos.upload import Uploader


@pytest.fixture
def customer(repo: Repository) -> str:
    with repo.begin() as tx:
        return tx.put(Party(external_id="1", legal_name="Ada", roles=["customer"]), system="e").id


@pytest.fixture
def card(repo: Repository, root: Path, customer: str) -> Callable[..., Issued]:
    """Issues a card to the customer, or writes one anew."""

    def make(**fields: Any) -> Issued:
        with repo.begin() as tx:
            return issue(tx, CardKeys(root / "keys"), Wanted(customer, **fields))

    return make


@pytest.fixture
def till(registered: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("hub.api.cards.LOOK_SECONDS", 0.0)
    return registered()


def pull(till: Path) -> None:
    with HubClient(till) as client:
        client.pull()


def revoke(repo: Repository, number: int) -> None:
    repo.retrying(lambda tx: tx.revoke_card(number))


def test_a_till_has_keys_and_list_after_every_pull(repo: Repository, till: Path, card: Callable[..., Issued]) -> None:
    pull(till)
    with pytest.raises(CardsUnavailable, match="come with the next pull"):
        kept(till)
    first, second = card(), card(store="S001", rights=5)
    pull(till)
    now = datetime.now(UTC)
    keys, revoked = kept(till)
    assert revoked is not None
    assert [read_card(one.text, keys, revoked, now).refused for one in (first, second)] == ["", ""]
    times = [till.with_name(f"S001.{name}").stat().st_mtime_ns for name in (KEYS, LIST)]
    pull(till)
    assert [till.with_name(f"S001.{name}").stat().st_mtime_ns for name in (KEYS, LIST)] == times
    revoke(repo, second.card.number)
    pull(till)
    keys, newer = kept(till)
    assert newer is not None
    assert newer.seq == revoked.seq + 1
    assert [read_card(one.text, keys, newer, now).refused for one in (first, second)] == ["", "revoked"]


def test_a_key_that_was_retired_does_not_count_after_the_next_pull(
    root: Path, till: Path, card: Callable[..., Issued]
) -> None:
    made = card(store="S001")
    pull(till)
    CardKeys(root / "keys").retire(made.key_id)
    pull(till)
    assert read_card(made.text, *kept(till), datetime.now(UTC)).refused == "unknown_key"


def test_the_answers_may_be_kept_for_a_minute_and_need_a_signature(
    till: Path, server: Any, card: Callable[..., Issued]
) -> None:
    import httpx

    identity = Identity.load(identity_path(till))

    def get(target: str, **more: str) -> httpx.Response:
        return httpx.get(server.url + target, headers={**identity.sign("GET", target, b""), **more})

    assert (get("/cards/keys").status_code, get("/cards/keys").json()["error"]["code"]) == (404, "cards")
    card()
    for target in ("/cards/keys", "/cards/revocations"):
        answer = get(target)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=60")
        again = get(target, **{"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])
        assert httpx.get(server.url + target).status_code == 401


def test_a_list_is_made_anew_every_hour(
    repo: Repository, root: Path, card: Callable[..., Issued], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.api.cards.LOOK_SECONDS", 0.0)
    files = CardFiles(repo, HubKeys(root / "keys"))
    assert files.keys() is files.revocations() is None
    card()
    first = files.revocations()
    assert files.revocations() == first
    monkeypatch.setattr("hub.api.cards.LIST_SECONDS", 0.0)
    assert files.revocations() != first


def test_older_and_forged_files_do_not_replace_what_is_kept(
    repo: Repository, root: Path, till: Path, card: Callable[..., Issued], tmp_path: Path
) -> None:
    made = card()
    stick, foreign = tmp_path / "stick", tmp_path / "foreign"
    stick.mkdir(), foreign.mkdir()
    pull(till)
    files = [till.with_name(f"S001.{name}") for name in (KEYS, LIST)]
    old = [file.read_bytes() for file in files]
    (stick / KEYS).write_bytes(old[0])
    (stick / LIST).write_bytes(old[1])
    revoke(repo, made.card.number)
    CardKeys(root / "keys").rotate("S001", datetime.now(UTC))
    pull(till)
    new = [file.read_bytes() for file in files]
    assert new[0] != old[0]
    assert new[1] != old[1]
    known = Identity.load(identity_path(till)).hub_keys
    carried(till, known, stick)
    assert [file.read_bytes() for file in files] == new
    # Somebody else's hub: keys that are not signed with ours, and a list that none of our keys signed.
    other = CardKeys(foreign)
    other.rotate("", datetime.now(UTC))
    strange = CardFiles(repo, HubKeys(foreign))
    (stick / KEYS).write_bytes(strange.keys() or b"")
    with pytest.raises(SignatureRefused, match="not signed with a key of this hub"):
        carried(till, known, stick)
    (stick / KEYS).write_bytes(old[0].replace(b'\\"seq\\":1', b'\\"seq\\":9', 1))
    with pytest.raises(SignatureRefused, match="not the hub's"):
        carried(till, known, stick)
    (stick / KEYS).unlink()
    (stick / LIST).write_bytes(strange.revocations() or b"")
    with pytest.raises(SignatureRefused, match="not the hub's"):
        carried(till, known, stick)
    assert [file.read_bytes() for file in files] == new


def test_a_stick_brings_both(
    repo: Repository, root: Path, till: Path, card: Callable[..., Issued], tmp_path: Path
) -> None:
    made = card()
    revoke(repo, made.card.number)
    stick = tmp_path / "stick"
    done = CliRunner().invoke(cli, ["-w", str(root), "store", "export", "S001-1", str(stick), "--full"])
    assert done.exit_code == 0, done.output
    pull_from(till, stick)
    assert read_card(made.text, *kept(till), datetime.now(UTC)).refused == "revoked"


def test_a_card_at_the_till(
    repo: Repository, root: Path, server: Any, till: Path, card: Callable[..., Issued], capsys: Any
) -> None:
    pull(till)
    made = card(tier=2, rights=7)
    assert main([str(till), "card", made.text]) == 2
    assert "come with the next pull" in capsys.readouterr().err
    pull(till)
    assert main([str(till), "card", made.text]) == 0
    told = capsys.readouterr().out
    assert told.startswith("the card holds\ncard 1 of ")
    assert "tier 2, rights 7\nlist of revoked cards: no. 1, 0 seconds old" in told
    revoke(repo, 1)
    pull(till)
    assert main([str(till), "--json", "card", made.text]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["holds"], data["refused"], data["list_age_seconds"] < 60) == (False, "revoked", True)
    assert main([str(till), "card", "HUBC1:NONSENSE"]) == 1
    assert capsys.readouterr().out.startswith("REFUSED (unreadable)")
    till.with_name(f"S001.{LIST}").unlink()
    assert main([str(till), "card", made.text]) == 0
    assert "none came yet: nobody knows whether it was revoked" in capsys.readouterr().out


def findings(repo: Repository) -> list[list[str]]:
    with repo.read() as tx:
        records = tx.uploads(node="S001-1")
    assert {one.state for one in records} == {"accepted"}
    return [[finding.code for finding in one.findings if finding.code.startswith("card.")] for one in records]


def test_the_hub_sees_cards_that_went_back_in_the_sales_they_were_shown_for(
    repo: Repository, root: Path, till: Path, card: Callable[..., Issued]
) -> None:
    first = card(rights=100)
    key = CardKeys(root / "keys").newest("")
    assert key is not None
    # What a chip would hold after a purchase.
    later = text_of(cose.sign({**first.card.fields(), 4: 60, 5: 2}, cose.CARD, key.private()))
    other = CardKeys(root / "other")
    other.rotate("", datetime.now(UTC) - timedelta(1))
    strange = cose.sign(first.card.fields(), cose.CARD, other.newest("").private())  # type: ignore[union-attr]
    with Register(till, "1", store="S001") as till_register, HubClient(till) as client:
        for text in (first.text, later, first.text, text_of(strange), "not a card", ""):
            till_register.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)], card=text)
        report = Uploader(till_register.outbox, client.send).upload()
        assert (report.acknowledged, report.quarantined) == (6, 0)
        answers = [json.loads(entry.findings) for entry in till_register.outbox.entries()]
    assert findings(repo) == [[], [], ["card.went_back"], ["card.unknown_key"], ["card.unreadable"], []]
    assert any("copied or restored" in one for one in answers[2])
    with repo.read() as tx:
        held = tx.card(1)
    assert held is not None
    assert (held.seq, held.rights, held.revoked_at) == (2, 60, None)


def test_a_card_that_was_revoked_before_the_sale_is_a_warning(
    repo: Repository, root: Path, card: Callable[..., Issued], tmp_path: Path
) -> None:
    made = card()
    revoke(repo, 1)
    stick = tmp_path / "stick"
    stick.mkdir()
    with Register(tmp_path / "S001.sqlite", "1", store="S001") as till_register:
        till_register.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)], card=made.text)
        exchange(till_register.outbox, stick)
        done = CliRunner().invoke(cli, ["-w", str(root), "uploads", "take", str(stick)])
        assert "1 accepted" in done.output, done.output
    assert findings(repo) == [["card.revoked"]]


def test_killed_while_writing_the_list_a_till_keeps_the_one_it_had(
    repo: Repository, till: Path, card: Callable[..., Issued], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = card()
    pull(till)
    revoke(repo, made.card.number)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="space"):
            pull(till)
    assert kept(till)[1] is not None
    pull(till)
    assert read_card(made.text, *kept(till), datetime.now(UTC)).refused == "revoked"
