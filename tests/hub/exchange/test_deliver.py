"""The outbox into the partners' folders: whole files, stable names, retries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.errors import DocumentRejected
from hub.exchange.deliver import deliver, folder_of
from hub.exchange.sending import key_of, safe_name, undone
from hub.exchange.session import Hub
from hub.repository import Transaction
from hub.repository.records import ExchangeState


def test_what_waits_is_delivered_once(run, hub: Hub, workspace: Path, interchange) -> None:
    run(interchange(1))
    done = list(deliver(hub))
    assert {one.path.parent for one in done} == {workspace / "outbox" / "grocer"}
    assert all(not one.error for one in done)
    assert list(deliver(hub)) == []
    assert not [file for file in (workspace / "outbox" / "grocer").iterdir() if file.name.startswith(".")]
    with hub.repository.read() as tx:
        assert {one.state for one in tx.exchanges(direction="out")} == {ExchangeState.ACCEPTED}


def test_the_agreement_says_which_folder(hub: Hub, workspace: Path) -> None:
    file = workspace / "partners" / "grocer.yaml"
    file.write_text(file.read_text() + "delivery: {folder: elsewhere/for-grocer}\n")
    assert folder_of(hub, "grocer") == workspace / "elsewhere" / "for-grocer"
    assert folder_of(hub, "") == workspace / "outbox" / ".unknown"
    assert folder_of(hub, "../gone") == workspace / "outbox" / "gone"


def test_a_failure_is_tried_again_later_and_given_up_in_the_end(run, workspace: Path, interchange) -> None:
    file = workspace / "hub.toml"
    file.write_text(file.read_text() + '\n[deliver]\nattempts = 2\nfirst_retry = "5m"\n')
    run(interchange(1))
    (workspace / "outbox" / "grocer").write_text("a file where the folder should be")
    with Hub.open(workspace) as hub:
        first = list(deliver(hub))
        assert all(one.error for one in first)
        assert all(timedelta(minutes=4) < one.again_at - datetime.now(UTC) <= timedelta(minutes=5) for one in first)
        assert list(deliver(hub)) == []
        second = list(deliver(hub, everything=True))
        assert all(one.again_at is None for one in second)
        with hub.repository.read() as tx:
            assert len(tx.outbox(state="failed")) == len(second)


def test_a_name_that_is_taken_by_other_content_gets_another(run, hub: Hub, workspace: Path, interchange) -> None:
    run(interchange(1))
    folder = workspace / "outbox" / "grocer"
    folder.mkdir()
    (folder / "997-000000002.edi").write_text("something else")
    (folder / "997-000000001.edi").write_text("something else")
    done = [one.path.name for one in deliver(hub)]
    assert len(set(done)) == len(done) == 2
    assert (folder / "997-000000001.edi").read_text() == "something else"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("997-000000001.edi", "997-000000001.edi"),
        ("../../etc/passwd", "passwd"),
        ("-rf", "rf"),
        ("..", "payload"),
        ("a b\n$(c).csv", "a_b_c_.csv"),
        ("C:\\x\\y.edi", "y.edi"),
        ("", "payload"),
        ("x" * 300, "x" * 120),
    ],
)
def test_file_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_counter_names_hold_anything(hub: Hub) -> None:
    assert key_of("x12", "ZZ:A>ZZ:B", "group") == "x12:ZZ:A>ZZ:B:group"
    for odd in ("x" * 500, "a\x00b", "\ud800"):
        with hub.repository.begin() as tx:
            assert tx.next_control(key_of("x12", odd, "interchange")) == 1


def test_numbers_of_what_could_not_be_written_are_not_lost(hub: Hub) -> None:
    def attempt(tx: Transaction) -> None:
        with undone(tx):
            assert tx.next_control("x") == 1
            raise DocumentRejected("it cannot be written")

    with hub.repository.begin() as tx:
        with pytest.raises(DocumentRejected):
            attempt(tx)
        assert tx.next_control("x") == 1
