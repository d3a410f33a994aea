"""``hub card``: what a person at a desk does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cards import cose
from hub.cards.keys import CardKeys
from hub.cards.records import bytes_of, text_of
from hub.cli import cli
from hub.exchange.session import Hub
from hub.model import Document
from hub.workspace import initialize


def hub(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = initialize(tmp_path / "ws")
    (root / "stores.toml").write_text('[[store]]\nid = "S001"\n')
    monkeypatch.setenv("HUB_WORKSPACE", str(root))
    customers = [
        {"legal_name": "Anna", "external_id": "4711", "identifiers": [{"scheme": "gln", "value": "4006381333931"}]},
        {"legal_name": "Bert", "external_id": "4712"},
        {"legal_name": "Cora", "external_id": "4713", "roles": ["supplier"]},
    ]
    with Hub.open(root) as opened, opened.repository.begin() as tx:
        for customer in customers:
            tx.put(Document.from_json("Party", {"roles": ["customer"], **customer}))
    return root


def issued(*arguments: object) -> dict[str, object]:
    done = hub("card", "issue", *arguments, "--json")
    assert done.exit_code == 0, done.output
    made: dict[str, object] = json.loads(done.output)
    return made


def test_a_card_from_issue_to_revocation(workspace, tmp_path):
    made = issued("4711", "--store", "S001", "--tier", "2", "--rights", "500")
    assert hub("card", "verify", made["text"]).exit_code == 0
    file = tmp_path / "card.txt"
    file.write_text(f"{made['text']}\n")
    verdict = json.loads(hub("card", "verify", file, "--json").output)
    assert (verdict["holds"], verdict["store"], verdict["card"]["rights"]) == (True, "S001", 500)
    late = hub("card", "verify", file, "--at", "2199-01-01")
    assert (late.exit_code, "refused (expired)" in late.output) == (1, True)

    assert "card 1 is revoked" in hub("card", "revoke", "1").output
    assert "revoked already" in hub("card", "revoke", "1").output
    refused = hub("card", "verify", file)
    assert (refused.exit_code, "refused (revoked)" in refused.output) == (1, True)
    listed = json.loads(hub("card", "list", "--customer", "gln:4006381333931", "--json").output)
    assert [(one["number"], bool(one["revoked_at"])) for one in listed] == [(1, True)]
    for _ in range(2):
        issued("4711")
    assert [one["number"] for one in json.loads(hub("card", "revoke", "--customer", "4711", "--json").output)] == [3, 2]
    assert "no card that is not revoked" in hub("card", "revoke", "--customer", "4711").output
    done = hub("card", "revocations", tmp_path / "revoked")
    assert ", 3 cards, " in done.output
    assert (tmp_path / "revoked").read_bytes()[:1] == b"\xd2"


def test_a_card_that_was_written_anew_makes_the_old_image_suspicious(workspace):
    old = issued("4711", "--rights", "100")
    new = issued("4711", "--rights", "20", "--number", "1")
    assert (new["number"], new["seq"]) == (1, 2)
    shown = hub("card", "verify", old["text"])
    assert (shown.exit_code, "suspicious (went_back)" in shown.output) == (0, True)
    assert "suspicious" not in hub("card", "verify", new["text"]).output


def test_a_card_that_was_seen_makes_older_images_suspicious(workspace, tmp_path):
    first = issued("4711", "--rights", "100")
    # What a store would write onto the card's chip after a purchase: the same card, one seq later.
    with Hub.open(workspace) as opened:
        key = CardKeys(opened.workspace.root / "keys").newest("")
        fields = cose.fields_of(cose.read(bytes_of(str(first["text"]))).payload)
        later = text_of(cose.sign({**fields, 4: 60, 5: 2}, cose.CARD, key.private()))
        stolen = text_of(cose.sign({**fields, 4: 60, 5: 9, 7: fields[7] + 2 * 10**8}, cose.CARD, key.private()))
    assert json.loads(hub("card", "verify", stolen, "--seen", "--json").output)["refused"] == "outside_key"
    assert "suspicious" not in hub("card", "verify", later, "--seen").output
    assert "suspicious (went_back)" in hub("card", "verify", first["text"], "--seen").output
    assert "suspicious" not in hub("card", "verify", later, "--seen").output


def test_an_altered_text_does_not_hold(workspace):
    text = str(issued("4711")["text"])
    for place in range(0, len(text), 7):
        other = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        assert hub("card", "verify", other).exit_code == 1


def test_cards_of_a_customer_who_was_removed_can_be_revoked(workspace):
    made = issued("4712")
    with Hub.open(workspace) as opened, opened.repository.begin() as tx:
        tx.remove("Party", str(made["customer"]))
    assert hub("card", "issue", made["customer"]).exit_code == 2
    assert "card 1 is revoked" in hub("card", "revoke", "--customer", made["customer"]).output


@pytest.mark.parametrize(("name", "begins"), [("card.svg", b"<?xml"), ("card.png", b"\x89PNG")])
def test_pictures(workspace, tmp_path, name, begins):
    issued("4711", "--qr", tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_the_code_is_in_the_small_alphabet_and_is_drawn_in_a_terminal(workspace):
    import segno

    made = hub("card", "issue", "4711", "--qr", "-")
    assert made.exit_code == 0, made.output
    text = next(line for line in made.output.splitlines() if line.startswith("HUBC1:"))
    code = segno.make_qr(text, error="m", boost_error=False)
    assert (code.mode, code.version) == ("alphanumeric", 8)
    assert "█" in made.output


def test_mistakes(workspace, tmp_path):
    for arguments, status, words in (
        (("issue", "nobody"), 2, "there is no customer 'nobody'"),
        (("issue", "4711", "--store", "S01"), 2, "no store 'S01'"),
        (("issue", "4711", "--expires", "91", "--store", "S001"), 2, "at most 90 days"),
        (("issue", "4711", "--qr", tmp_path / "card.gif"), 2, "SVG or PNG"),
        (("issue", "4711", "--number", "7"), 2, "no card 7"),
        (("issue", "4713"), 2, "no customer in use"),
        (("verify", "HUBC1:" + "A" * 2_000), 1, "unreadable"),
        (("revoke",), 2, "name cards"),
        (("revoke", "--customer", "nobody"), 2, "there is no customer 'nobody'"),
        (("revoke", "1"), 2, "there is no card 1"),
        (("verify", "HUBC1:"), 1, "unreadable"),
        (("verify", "x", "--at", "noon"), 2, "--at is a time"),
        (("keys", "--cap", "5"), 2, "--cap is for"),
        (("keys", "--retire", "00"), 2, "no card key"),
        (("revocations", tmp_path / "no" / "file"), 2, "cannot be written"),
    ):
        done = hub("card", *arguments)
        assert (done.exit_code, words in done.output) == (status, True), done.output
    assert "No cards." in hub("card", "list").output


def test_keys(workspace, tmp_path):
    assert "No card keys yet" in hub("card", "keys").output
    first = issued("4711", "--store", "S001")
    rotated = json.loads(hub("card", "keys", "--rotate", "--store", "S001", "--cap", "50", "--json").output)
    assert [(one["key"] == first["key"], one["cap"]) for one in rotated] == [(True, 10_000), (False, 50)]
    assert issued("4712", "--store", "S001")["key"] == rotated[1]["key"]
    file = tmp_path / "keys.json"
    assert hub("card", "keys", "--write", file, "--retire", first["key"]).exit_code == 0
    assert [len(part) for part in json.loads(file.read_text()).values()] == [1, 1]
    assert hub("card", "verify", first["text"]).exit_code == 1


def test_without_the_extra_the_message_says_what_to_install(workspace):
    block = "import sys; sys.modules['cbor2'] = None; from hub.cli import main; sys.argv[0] = 'hub'; main()"
    done = subprocess.run(
        [sys.executable, "-c", block, "card", "issue", "4711"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "erp-edi-hub[cards]" in done.stderr) == (2, True), done.stderr
