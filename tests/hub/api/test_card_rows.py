"""Card keys and the list of revoked cards on their way to tills, as rows; the cards of sales on their way back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hub import jobs
from hub.cards import cose
from hub.cards.issuing import Issued, Wanted, issue
from hub.cards.issuing import revoke as revoke_cards
from hub.cards.keys import CardKeys
from hub.cards.publishing import publish
from hub.cards.records import text_of
from hub.cli import cli
from hub.model import Party
from hub.replication import Store, replicate
from hub.repository import Repository
from hub_pos import Register, Replica, SaleLine, Tender, Till
from hub_pos.__main__ import main
from hub_pos.card import CardReading
from hub_pos.client import HubClient, pull_from
from hub_pos.folder import exchange
from hub_pos.plugin import SqliteReplicas, open_replica
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
def till(registered: Callable[[], Path]) -> Path:
    return registered()


@pytest.fixture
def pull(root: Path, server: Any, till: Path) -> Callable[[], int]:
    """Seals and pulls; the number of rows that came."""

    def run() -> int:
        jobs.seal(root)
        server.service.refresh()
        with HubClient(till) as client:
            return client.pull().rows

    return run


def read(till: Path, text: str) -> CardReading:
    with Till(till) as reader:
        return reader.read_card(text)


def revoke(repo: Repository, root: Path, *numbers: int) -> None:
    repo.retrying(lambda tx: revoke_cards(tx, CardKeys(root / "keys"), numbers))


def hub(root: Path, *arguments: object) -> str:
    done = CliRunner().invoke(cli, ["-w", str(root), *(str(one) for one in arguments)])
    assert done.exit_code == 0, done.output
    return done.output


def test_keys_and_revoked_cards_come_with_a_pull(
    repo: Repository, root: Path, till: Path, pull: Callable[[], int], card: Callable[..., Issued]
) -> None:
    pull()
    first, second = card(), card(store="S001", rights=5)
    assert [read(till, one.text).refused for one in (first, second)] == ["unknown_key"] * 2
    assert pull() == 3  # two keys, an empty list
    readings = [read(till, one.text) for one in (first, second)]
    assert [one.refused for one in readings] == ["", ""]
    assert pull() == 0
    revoke(repo, root, second.card.number)
    assert pull() == 1
    assert [read(till, one.text).refused for one in (first, second)] == ["", "revoked"]
    assert not list(till.parent.glob("*card*"))


def test_a_card_is_checked_as_of_the_last_pull(
    till: Path, pull: Callable[[], int], card: Callable[..., Issued]
) -> None:
    made = card()
    pull()
    first = read(till, made.text).list_of
    time.sleep(1.1)
    pull()  # nothing was revoked, and the till knows that by now
    second = read(till, made.text).list_of
    assert first is not None
    assert second is not None
    assert first < second
    with closing(Replica(till)) as replica:
        assert second == datetime.fromisoformat(replica.cursor()["as_of"])


def test_a_key_that_was_retired_does_not_count_after_the_next_pull(
    root: Path, till: Path, pull: Callable[[], int], card: Callable[..., Issued]
) -> None:
    made, other = card(store="S001"), card()
    pull()
    hub(root, "card", "keys", "--retire", made.key_id)
    pull()
    assert [read(till, one.text).refused for one in (made, other)] == ["unknown_key", ""]
    # The hub's own key: all that hangs on it goes, and the list comes anew, by a new key.
    hub(root, "card", "keys", "--retire", other.key_id)
    new = card()
    pull()
    assert [read(till, one.text).refused for one in (other, new)] == ["unknown_key", ""]
    assert read(till, new.text).list_of is not None


def test_a_till_without_a_list_that_counts_says_so(
    root: Path, till: Path, pull: Callable[[], int], card: Callable[..., Issued], capsys: pytest.CaptureFixture[str]
) -> None:
    made = card(tier=2, rights=7)
    pull()
    assert main([str(till), "card", made.text]) == 0
    told = capsys.readouterr().out
    assert told.startswith("the card holds\ncard 1 of ")
    assert "tier 2, rights 7\nlist of revoked cards: " in told
    assert " seconds old" in told
    with closing(Replica(till)) as replica:
        replica._connection.execute("UPDATE card_revocations SET list = ''")
    assert main([str(till), "card", made.text]) == 0
    assert "none came yet: nobody knows whether it was revoked" in capsys.readouterr().out
    assert main([str(till), "card", "HUBC1:NONSENSE"]) == 1
    assert capsys.readouterr().out.startswith("REFUSED (unreadable)")
    with closing(Replica(till)) as replica:
        replica._connection.execute("UPDATE card_key SET certificate = '?'")
    assert main([str(till), "card", made.text]) == 2
    assert "is damaged" in capsys.readouterr().err


def test_by_hand(
    repo: Repository,
    root: Path,
    till: Path,
    pull: Callable[[], int],
    card: Callable[..., Issued],
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = card()
    hub(root, "card", "revoke", 1)
    pull()
    assert main([str(till), "--json", "card", made.text]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["holds"], data["refused"], 0 <= data["list_age_seconds"] < 60) == (False, "revoked", True)


def test_a_till_without_the_extra_pulls_all_the_same(
    root: Path, server: Any, till: Path, card: Callable[..., Issued]
) -> None:
    made = card()
    jobs.seal(root)
    server.service.refresh()
    program = "import sys; sys.modules['cbor2'] = None; from hub_pos.__main__ import main; sys.exit(main(sys.argv[1:]))"

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", program, str(till), *words], capture_output=True, text=True)

    assert run("pull").returncode == 0
    refused = run("card", made.text)
    assert (refused.returncode, "erp-edi-hub-pos[card]" in refused.stderr) == (2, True)
    assert read(till, made.text).holds


def test_a_stick_brings_both(
    repo: Repository, root: Path, till: Path, card: Callable[..., Issued], tmp_path: Path
) -> None:
    made, other = card(), card(store="S001")
    revoke(repo, root, made.card.number)
    jobs.seal(root)
    stick = tmp_path / "stick"
    hub(root, "store", "export", "S001-1", stick, "--full")
    assert {file.name for file in stick.iterdir()} == {"S001-1.manifest.json", "segments"}
    pull_from(till, stick)
    assert [read(till, one.text).refused for one in (made, other)] == ["revoked", ""]


def test_a_store_that_the_hub_writes_itself(
    repo: Repository, root: Path, card: Callable[..., Issued], tmp_path: Path
) -> None:
    made, other = card(), card(store="S001")
    file = tmp_path / "files" / "S003.sqlite"
    stores = [Store(id="S003", path=file)]
    types = {"sqlite": SqliteReplicas("sqlite", open_replica)}
    replicate(repo, stores, types)
    assert [read(file, one.text).refused for one in (made, other)] == ["", ""]
    revoke(repo, root, other.card.number)
    CardKeys(root / "keys").retire(made.key_id)
    repo.retrying(lambda tx: publish(tx, CardKeys(root / "keys")))
    replicate(repo, stores, types)
    assert read(file, made.text).refused == "unknown_key"


def test_the_cards_of_an_erased_customer_are_refused_at_the_till(
    root: Path, till: Path, pull: Callable[[], int], card: Callable[..., Issued], customer: str
) -> None:
    made = card()
    pull()
    hub(root, "customer", "erase", customer, "--yes")
    pull()
    assert read(till, made.text).refused == "revoked"


def test_keys_of_before_and_keys_of_a_backup_come_with_the_next_seal(
    repo: Repository, root: Path, till: Path, pull: Callable[[], int], card: Callable[..., Issued], tmp_path: Path
) -> None:
    first = card(store="S001")
    with repo.begin() as tx:  # a workspace of before has keys and cards, but no documents of them
        for kind in ("CardKey", "CardRevocations"):
            for record in tx.list(kind):
                tx.remove(kind, record.id)
    pull()
    assert read(till, first.text).holds
    backup = shutil.copytree(root / "keys", tmp_path / "backup")
    second = card(store="S002")
    pull()
    assert read(till, second.text).holds
    shutil.rmtree(root / "keys")
    backup.rename(root / "keys")
    pull()
    assert [read(till, one.text).refused for one in (first, second)] == ["", "unknown_key"]


def test_a_sealer_that_stays_sees_other_keys(
    repo: Repository, root: Path, till: Path, card: Callable[..., Issued]
) -> None:
    made = card(store="S001")
    command = [sys.executable, "-m", "hub", "-w", str(root), "store", "seal", "--every", "0.1"]
    sealer = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        time.sleep(1.0)
        (root / "keys" / "card-store-S001-0001.cert").unlink()
        for _ in range(100):
            time.sleep(0.1)
            with repo.read() as tx:
                if tx.find("CardKey", number=made.key_id) is None:
                    break
        else:
            raise AssertionError("the sealer does not see that a key is gone")
    finally:
        sealer.send_signal(signal.SIGKILL)
        sealer.wait()


def test_a_certificate_that_cannot_be_read_stops_no_sealing(
    root: Path, till: Path, pull: Callable[[], int], card: Callable[..., Issued], caplog: pytest.LogCaptureFixture
) -> None:
    made = card()
    (root / "keys" / "card-store-S009-0001.cert").write_bytes(b"?")
    assert pull() > 0
    assert read(till, made.text).holds
    assert "card-store-S009-0001.cert" in caplog.text


def findings(repo: Repository) -> list[list[str]]:
    with repo.read() as tx:
        records = tx.uploads(node="S001-1")
    assert {one.state for one in records} == {"accepted"}
    return [[finding.code for finding in one.findings if finding.code.startswith("card.")] for one in records]


def test_the_hub_sees_cards_that_went_back_in_the_sales_they_were_shown_for(
    repo: Repository, root: Path, till: Path, pull: Callable[[], int], card: Callable[..., Issued]
) -> None:
    first = card(rights=100)
    pull()
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
    made = card(store="S001")
    revoke(repo, root, 1)
    stick = tmp_path / "stick"
    stick.mkdir()
    with Register(tmp_path / "S001.sqlite", "1", store="S001") as till_register:
        till_register.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)], card=made.text)
        exchange(till_register.outbox, stick)
        assert "1 accepted" in hub(root, "uploads", "take", stick)
    assert findings(repo) == [["card.revoked"]]


def test_with_thousands_of_keys_a_sale_with_a_card_asks_for_its_own_only(
    repo: Repository, root: Path, card: Callable[..., Issued], monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.cards.shown import card_shown

    made = card(store="S001")
    keys = CardKeys(root / "keys")
    for number in range(20):
        keys.rotate(f"T{number:03}", datetime.now(UTC))
    repo.retrying(lambda tx: publish(tx, keys))
    read_certificates: list[bytes] = []
    true_read = cose.read
    monkeypatch.setattr(cose, "read", lambda data: (read_certificates.append(data), true_read(data))[1])
    monkeypatch.setattr(os, "scandir", lambda *_: pytest.fail("a folder is looked through"))
    with repo.begin() as tx:
        assert card_shown(tx, made.text, "", "S001", datetime.now(UTC)) == ()
    assert len(set(read_certificates)) == 3  # the card, the store's key, the hub's
