"""A till writes cards with a key of its own: certified over HTTP, believed everywhere, sales and chip in step."""

from __future__ import annotations

import base64
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub import jobs
from hub.cards.issuing import Issued, Wanted, issue
from hub.cards.keys import CardKeys
from hub.cli import cli
from hub.model import Party
from hub.repository import Repository
from hub_pos import Register, SaleLine, SaleRefused, Tender, Till
from hub_pos.__main__ import main
from hub_pos.card_key import key_paths, renew
from hub_pos.card_record import CardsUnavailable
from hub_pos.client import HubClient, register
from hub_pos.upload import Uploader

LINES, CASH = [SaleLine("x", 1, "1")], [Tender("cash", 1)]


@pytest.fixture
def root(root: Path) -> Path:
    file = root / "stores.toml"
    file.write_text(file.read_text().replace('id = "S001"', 'id = "S001"\ncards = 5000'))
    return root


@pytest.fixture
def card(repo: Repository, root: Path) -> Callable[..., Issued]:
    """Issues a card to a customer."""
    with repo.begin() as tx:
        customer = tx.put(Party(external_id="1", legal_name="Ada", roles=["customer"]), system="e").id

    def make(**fields: Any) -> Issued:
        with repo.begin() as tx:
            return issue(tx, CardKeys(root / "keys"), Wanted(customer, **fields))

    return make


@pytest.fixture
def pull(root: Path, server: Any) -> Callable[[Path], None]:
    """Seals, and pulls into a replica."""

    def run(till: Path) -> None:
        jobs.seal(root)
        server.service.refresh()
        with HubClient(till) as client:
            client.pull()

    return run


@pytest.fixture
def till(registered: Callable[[], Path], pull: Callable[[Path], None]) -> Path:
    """A till whose key is certified, as every replica knows that pulls from now on."""
    path = registered()
    pull(path)
    pull(path)
    return path


@pytest.fixture
def other(till: Path, server: Any, tmp_path: Path) -> Path:
    """The till of another store, which writes no cards."""
    path = tmp_path / "other" / "S002.sqlite"
    register(path, server.url, "S002-1", "of S002-1")
    server.service.refresh()
    return path


def sell(till: Path, shown: str, spend: int = 0, **more: Any) -> str:
    with Register(till, "1") as desk:
        return desk.sell(LINES, CASH, card=shown, spend=spend, **more).card


def send(till: Path) -> list[list[str]]:
    """Uploads; the findings of every sale."""
    with Register(till, "1") as desk, HubClient(till) as client:
        report = Uploader(desk.outbox, client.send).upload(force=True)
        assert report.quarantined == 0
        return [json.loads(entry.findings) for entry in desk.outbox.entries(kind="PosTransaction")]


def hub(root: Path, *arguments: object) -> str:
    done = CliRunner().invoke(cli, ["-w", str(root), *(str(one) for one in arguments)])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_card_written_at_a_till_holds_everywhere(
    repo: Repository, root: Path, till: Path, other: Path, pull: Callable[[Path], None], card: Callable[..., Issued]
) -> None:
    made = card(rights=500, tier=2)
    pull(till)
    pull(other)
    key, following = key_paths(till)
    assert (key.stat().st_mode & 0o777, following.exists()) == (0o600, False)
    id_ = "0197a000-0000-7000-8000-000000000001"
    written = sell(till, made.text, 120, id=id_)
    assert written == sell(till, made.text, 120, id=id_)  # once, however often it is asked
    for replica in (till, other):
        with Till(replica) as reader:
            reading = reader.read_card(written)
            assert (reading.refused, reading.number, reading.tier, reading.seq) == ("", 1, 2, 2)
            assert (reading.rights, reading.store, reading.customer) == (380, "S001", made.card.customer)
            assert reading.expires == made.card.expires
    assert send(till) == [[]]
    with repo.read() as tx:
        held = tx.card(1)
    assert held is not None
    assert (held.seq, held.rights) == (2, 380)
    listed = json.loads(hub(root, "card", "keys", "--json"))
    assert [(one["store"], one["node"], one["cap"]) for one in listed][1:] == [("S001", "S001-1", 5_000)]
    verdict = json.loads(hub(root, "card", "verify", written, "--json"))
    assert (verdict["holds"], verdict["store"], verdict["suspicion"]) == (True, "S001", "")


def test_what_a_till_refuses_writes_nothing(
    till: Path, other: Path, pull: Callable[[Path], None], card: Callable[..., Issued]
) -> None:
    made, large = card(rights=100), card(rights=20_000)
    pull(till)
    pull(other)
    for shown, spend, words in (
        (made.text, 101, "100 left"),
        (large.text, 1, "at most 5000"),
        ("HUBC1:", 1, "refused"),
        (made.text, -5, "whole number"),
    ):
        with pytest.raises(SaleRefused, match=words):
            sell(till, shown, spend)
    with pytest.raises(SaleRefused, match="training"):
        sell(till, made.text, 1, training=True)
    with pytest.raises(CardsUnavailable, match="certified no key"):
        sell(other, made.text, 1)
    with Register(till, "1") as desk:
        assert list(desk.outbox.entries()) == []
    assert not key_paths(other)[0].exists()
    assert not key_paths(other)[1].exists()


def test_by_hand(
    till: Path, pull: Callable[[Path], None], card: Callable[..., Issued], capsys: pytest.CaptureFixture[str]
) -> None:
    made = card(rights=100)
    pull(till)
    assert main([str(till), "--json", "card", made.text, "--spend", "30"]) == 0
    written = json.loads(capsys.readouterr().out)["written"]
    assert main([str(till), "card", written]) == 0
    assert "rights 70" in capsys.readouterr().out
    assert main([str(till), "--json", "sell", "x@1", "--tender", "cash=1", "--card", made.text, "--spend", "40"]) == 0
    sold = json.loads(capsys.readouterr().out)
    assert main([str(till), "card", sold["card"]]) == 0
    assert "rights 60" in capsys.readouterr().out
    assert main([str(till), "card", made.text, "--spend", "101"]) == 2


def test_a_till_that_was_killed_before_the_chip_was_written_goes_on_from_what_it_wrote(
    till: Path, pull: Callable[[Path], None], card: Callable[..., Issued]
) -> None:
    made = card(rights=100_000 - 95_000)
    pull(till)
    program = """
import os, sys
from hub_pos import Register, SaleLine, Tender
with Register(sys.argv[1], "1") as desk:
    desk.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)], card=sys.argv[2], spend=100)
    os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", program, str(till), made.text], check=False)
    assert done.returncode == -signal.SIGKILL
    written = sell(till, made.text, 200)
    with Till(till) as reader:
        reading = reader.read_card(written)
    assert (reading.seq, reading.rights) == (3, 4_700)
    # The true chip and a copy look alike: a person is told, and decides.
    assert [["copied or restored, or writing it failed" in one for one in found] for found in send(till)] == [
        [],
        [True],
    ]


def test_killed_at_any_moment_every_image_follows_from_the_one_before(
    till: Path, pull: Callable[[Path], None], card: Callable[..., Issued]
) -> None:
    made = card(rights=5_000)
    pull(till)
    program = """
import sys
from hub_pos import Register, SaleLine, Tender
with Register(sys.argv[1], "1") as desk:
    print("ready", flush=True)
    while True:
        chip = desk.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)], card=sys.argv[2], spend=1).card
        print(chip, flush=True)
"""
    dice, chip, printed = random.Random(7), made.text, []
    for _ in range(4):
        running = subprocess.Popen([sys.executable, "-c", program, str(till), chip], stdout=subprocess.PIPE, text=True)
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        printed.append(running.stdout.readline().strip())
        time.sleep(dice.uniform(0.05, 0.4))
        os.kill(running.pid, signal.SIGKILL)
        printed += [line.strip() for line in running.stdout if line.endswith("\n")]
        running.wait()
        running.stdout.close()
        chip = dice.choice([made.text, *printed])  # whatever the chip took
    with Register(till, "1") as desk, Till(till) as reader:
        texts = [json.loads(one.body)["extensions"]["card_written"] for one in desk.outbox.entries()]
        assert set(printed) <= set(texts)
        readings = [reader.read_card(text) for text in texts]
        assert [(one.seq, one.rights) for one in readings] == [(at + 2, 4_999 - at) for at in range(len(texts))]
        assert desk.outbox.rows("SELECT text FROM card") == [(texts[-1],)]
    assert len(texts) > 3


def test_who_gets_a_certificate(till: Path, other: Path, root: Path, server: Any) -> None:
    def ask(replica: Path, node: str, public: object) -> httpx.Response:
        with HubClient(replica) as client:
            body = json.dumps({"node": node, "public": public}).encode()
            headers = client.identity.sign("POST", "/cards/certificate", body)
            return httpx.post(server.url + "/cards/certificate", content=body, headers=dict(headers))

    public = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    first = ask(till, "S001-1", public)
    assert first.status_code == 200
    assert ask(till, "S001-1", public).json() == first.json()
    for replica, node, key, status, code in (
        (other, "S002-1", public, 403, "cards"),
        (till, "S001-2", public, 403, "node"),
        (till, "S001-1", "AA==", 400, "key"),
        (till, "S001-1", "?", 400, "key"),
        (till, "S001-1", 5, 400, "key"),
    ):
        answer = ask(replica, node, key)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    unsigned = httpx.post(server.url + "/cards/certificate", json={"node": "S001-1", "public": public})
    assert unsigned.status_code == 401


def test_a_key_that_ends_soon_is_replaced_when_everybody_can_know_the_new_one(
    till: Path, pull: Callable[[Path], None], card: Callable[..., Issued]
) -> None:
    made = card(rights=100)
    pull(till)
    with Till(till) as reader:
        first = reader.writing_key().certificate
    assert not renew(till, datetime.now(UTC) + timedelta(days=59), lambda _key: pytest.fail("asked too early"))
    asked: list[bytes] = []

    def ask(public: bytes) -> None:
        asked.append(public)
        with HubClient(till) as client:
            client._ask_certificate(public)

    for _ in range(2):  # asked again until it has come, always for the same key
        assert renew(till, datetime.now(UTC) + timedelta(days=61), ask)
    with Till(till) as reader:
        assert reader.writing_key().certificate == first
    pull(till)
    with Till(till) as reader:
        assert reader.writing_key().certificate.public == asked[0] == asked[1] != first.public
        written = sell(till, made.text, 1)
        assert reader.read_card(written).holds
    assert not key_paths(till)[1].exists()


def test_cards_of_a_revoked_node_and_of_a_retired_key_are_void(
    root: Path, till: Path, other: Path, pull: Callable[[Path], None], card: Callable[..., Issued]
) -> None:
    made, fresh = card(rights=100), card(rights=100)
    pull(till)
    written = sell(till, made.text, 1)
    (_, mine) = json.loads(hub(root, "card", "keys", "--json"))
    hub(root, "card", "keys", "--retire", mine["key"])
    pull(other)
    with Till(other) as reader:
        assert reader.read_card(written).refused == "unknown_key"
    pull(till)  # asks for another one
    pull(till)
    with pytest.raises(SaleRefused, match="not know"):  # its image of this card is void, and the older one was spent
        sell(till, made.text, 1)
    again = sell(till, fresh.text, 1)
    pull(other)
    with Till(other) as reader:
        assert reader.read_card(again).holds
    hub(root, "store", "revoke", "S001-1")
    pull(other)
    with Till(other) as reader:
        assert reader.read_card(again).refused == "unknown_key"
        assert reader.read_card(made.text).holds
