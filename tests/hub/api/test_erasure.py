"""A customer who is erased is nowhere any more: not in the hub's files, not in a store's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import zstandard
from click.testing import CliRunner

from hub import jobs
from hub.cards.issuing import Wanted, issue
from hub.cards.keys import CardKeys
from hub.cli import cli
from hub.model import Party
from hub.repository import NotFound, Repository
from hub_pos import Register, SaleLine, Tender
from hub_pos.client import HubClient
from hub_pos.outbox import Outbox, outbox_path
from hub_pos.upload import Uploader

NAMES = (b"Xanthippe", b"xanthippe", b"+49 431 55501", b"4943155501")


def texts(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file, and what compressed segments hold."""
    for file in folder.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            yield file, data
            at = data.find(b"\x28\xb5\x2f\xfd")
            while at >= 0:  # payloads lie compressed in the database, segments in files
                with suppress(zstandard.ZstdError):
                    yield file, zstandard.ZstdDecompressor().decompressobj().decompress(data[at:])
                at = data.find(b"\x28\xb5\x2f\xfd", at + 1)


def named(folder: Path) -> set[str]:
    return {file.name for file, data in texts(folder) if any(name in data for name in NAMES)}


def erase(root: Path, name: str, status: int = 0) -> Any:
    done = CliRunner().invoke(cli, ["-w", str(root), "customer", "erase", name, "--yes", "--json"])
    assert done.exit_code == status, done.output
    return json.loads(done.stdout) if not status else done.output


@pytest.fixture
def till(root: Path, registered: Callable[[], Path]) -> Path:
    text = (root / "stores.toml").read_text()
    (root / "stores.toml").write_text(text.replace('id = "S001"\n', 'id = "S001"\nterritories = ["N"]\n'))
    return registered()


def up_to_date(root: Path, server: Any, till: Path) -> int:
    jobs.seal(root)
    server.service.refresh()
    with HubClient(till) as client:
        return client.pull().rows


def a_customer(repo: Repository, root: Path, server: Any, till: Path) -> str:
    """A customer that a till registers, who buys, gets a card, moves, and whose change loses a conflict."""
    up_to_date(root, server, till)
    with Register(till, "1", store="S001") as desk, HubClient(till) as client:
        customer = desk.register_customer(given_name="Ada", family_name="Xanthippe", phone="+49 431 55501")
        desk.register_customer(given_name="Bea", family_name="Other", email="bea@example.com")
        desk.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)], customer.id)
        assert Uploader(desk.outbox, client.send).upload().quarantined == 0
        with repo.begin() as tx:
            held = tx.find("Party", system="store:S001", external_id=customer.id)
            assert held is not None
            issue(tx, CardKeys(root / "keys"), Wanted(held.id))
        up_to_date(root, server, till)
        (known,) = desk.find_customer("Xanthippe")
        with repo.begin() as tx:
            data = {**held.data(), "legal_name": "Ada Xanthippe-Meyer"}
            tx.revise(held.id, Party.read_json(data), expected_version=held.version)
        desk.change_customer(known, name="Xanthippe Miller", email="xanthippe@example.com")
        assert Uploader(desk.outbox, client.send).upload().quarantined == 0
    up_to_date(root, server, till)
    return held.id


def test_nothing_names_the_customer_afterwards(
    repo: Repository, root: Path, server: Any, till: Path, tmp_path: Path
) -> None:
    id_ = a_customer(repo, root, server, till)
    before = named(tmp_path)
    files = {name.removesuffix("-wal") for name in before}
    assert files >= {"hub.db", "S001.sqlite", "S001-1.outbox.sqlite"}
    assert any(len(name) == 64 for name in before)  # sealed segments
    done = erase(root, id_)
    assert (done["versions"] >= 3, done["uploads"], done["payloads"], done["cards"]) == (True, 2, 2, 1)
    assert done["conflicts"] >= 1
    assert done["exchanges"] == []
    assert named(root) == set()
    up_to_date(root, server, till)
    assert named(tmp_path) == set()
    with Register(till, "1", store="S001") as desk:
        kinds = [(entry.seq, entry.kind) for entry in desk.outbox.entries()]
        assert kinds == [(2, "Party"), (3, "PosTransaction")]
        assert desk.find_customer("Xanthippe") == []
        assert [one.name for one in desk.find_customer("Other")] == ["Bea Other"]


def test_what_is_left_is_right(repo: Repository, root: Path, server: Any, till: Path) -> None:
    id_ = a_customer(repo, root, server, till)
    with repo.read() as tx:
        before = {one.id: (one.entry.seq, one.entry.digest, one.state) for one in tx.uploads()}
    erase(root, id_)
    with repo.read() as tx:
        after = {one.id: (one.entry.seq, one.entry.digest, one.state) for one in tx.uploads()}
        assert after == before
        assert tx.gaps() == []
        bodies = [one.data() for one in tx.uploads() if one.document_id == id_]
        assert bodies == [{"status": "erased"}, {"status": "erased"}]
        record = tx.get("Party", id_)
        assert record is not None
        assert (record.deleted, record.data(), record.number) == (True, {"status": "erased"}, "")
        card = tx.card(1)
        assert card is not None
        assert (card.customer_id, card.revoked_at is not None) == ("", True)
        assert len(tx.list("PosTransaction")) == 1
    # A store that was away all the time reads the feed from its beginning.
    assert [change.op for change in repo.feed() if change.id == id_][-1] == "DEL"
    assert up_to_date(root, server, till) == 2  # the customer, and the list of revoked cards
    # Again: nothing more to do, and nothing wrong.
    again = erase(root, id_)
    assert (again["uploads"], again["cards"]) == (2, 0)
    with pytest.raises(NotFound), repo.begin() as tx:
        tx.erase_customer("nobody")
    assert "there is no customer 'nobody'" in erase(root, "nobody", 2)


def test_stores_that_are_up_to_date_are_not_loaded_anew(repo: Repository, root: Path, server: Any, till: Path) -> None:
    id_ = a_customer(repo, root, server, till)
    erase(root, id_)
    server.service.refresh()
    with HubClient(till) as client:
        done = client.pull()
    assert (done.loaded, done.rows) == (False, 2)


def test_a_store_that_was_away_gets_the_customer_out_as_well(
    repo: Repository, root: Path, server: Any, till: Path, tmp_path: Path
) -> None:
    id_ = a_customer(repo, root, server, till)
    with repo.begin() as tx:
        tx.put(Party(external_id="9", legal_name="Later", roles=["customer"], territory="N"), system="e")
    erase(root, id_)
    with repo.begin() as tx:
        tx.put(Party(external_id="8", legal_name="Latest", roles=["customer"], territory="N"), system="e")
    up_to_date(root, server, till)
    assert named(till.parent) == set()


def test_a_replica_that_is_a_file_of_the_workspace(repo: Repository, root: Path, server: Any, till: Path) -> None:
    id_ = a_customer(repo, root, server, till)
    jobs.replicate(root)
    assert "S001.sqlite" in {name.removesuffix("-wal") for name in named(root / "stores")}
    with repo.begin() as tx:  # behind: its cursor lies before the customer's last versions
        held = tx.get("Party", id_)
        assert held is not None
        tx.revise(id_, Party.read_json({**held.data(), "country": "DE"}), expected_version=held.version)
    erase(root, id_)
    jobs.replicate(root)
    assert named(root) == set()


def test_what_the_hub_has_not_acknowledged_stays_at_the_till(
    repo: Repository, root: Path, server: Any, till: Path
) -> None:
    id_ = a_customer(repo, root, server, till)
    with Register(till, "1", store="S001") as desk:
        (known,) = desk.find_customer("Xanthippe")
        desk.change_customer(known, email="new@example.com")
    erase(root, id_)
    up_to_date(root, server, till)
    with Register(till, "1", store="S001") as desk, HubClient(till) as client:
        assert [entry.kind for entry in desk.outbox.entries(waiting=True)] == ["Party"]
        report = Uploader(desk.outbox, client.send).upload(force=True)
        assert (report.acknowledged, report.quarantined) == (1, 1)
    with repo.read() as tx:
        (late,) = tx.uploads(state="quarantined")
    assert late.code == "return.gone"
    erase(root, id_)  # once more, for what came late
    with repo.read() as tx:
        assert tx.upload(late.id).data() == {"status": "erased"}


def test_an_erp_that_still_has_the_customer_is_named(repo: Repository, root: Path) -> None:
    with repo.begin() as tx:
        payload = tx.store_payload(b"customer Xanthippe")
        exchange = tx.open_exchange(direction="in", payload=payload, filename="c.csv", partner="erp")
        party = Party(external_id="77", legal_name="Xanthippe", roles=["customer"])
        tx.put(party, exchange_id=exchange, system="erp")
        id_ = tx.find_all("Party", name="Xanthippe")[0].id
    assert erase(root, id_)["exchanges"] == [exchange]
    with repo.begin() as tx:  # a new one, not the old one come back to life
        assert tx.put(party, system="erp").id != id_


def test_a_damaged_outbox_does_not_hold_up_the_replica(repo: Repository, root: Path, server: Any, till: Path) -> None:
    id_ = a_customer(repo, root, server, till)
    broken = till.with_name("S001-2.outbox.sqlite")
    broken.write_bytes(b"no database" * 1_000)
    erase(root, id_)
    assert up_to_date(root, server, till) == 2  # the customer, and the list of revoked cards
    assert broken.read_bytes().startswith(b"no database")
    assert Outbox(outbox_path(till, "1")).find(number="S001-1-1") is not None
