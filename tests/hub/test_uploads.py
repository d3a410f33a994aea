"""``hub uploads``: a stick goes to the hub and back, and what is wrong can be seen and put right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hub.cli import cli
from hub.workspace import initialize
from hub_pos import Register, SaleLine, Tender
from hub_pos.folder import exchange


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = initialize(tmp_path / "hub")
    (root / "stores.toml").write_text('[[store]]\nid = "S001"\nlocations = ["K1"]\n')
    return root


def run(workspace: Path, *words: str, status: int = 0) -> Result:
    done = CliRunner().invoke(cli, ["-w", str(workspace), "uploads", *words])
    assert done.exit_code == status, done.output
    return done


def data(workspace: Path, *words: str, status: int = 0) -> Any:
    return json.loads(run(workspace, *words, "--json", status=status).stdout)


@pytest.fixture
def register(tmp_path: Path) -> Any:
    with Register(tmp_path / "S001.sqlite", "1", store="S001") as opened:
        yield opened


def test_a_stick_goes_to_the_hub_and_back(workspace: Path, tmp_path: Path, register: Register) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    assert run(workspace, "take", str(stick)).output == "Nothing to take.\n"
    for _ in range(3):
        register.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)])
    exchange(register.outbox, stick)
    assert run(workspace, "take", str(stick)).output == "S001-1.1-3.upload.json: 3 accepted\n"
    assert run(workspace, "take", str(stick)).output == "Nothing to take.\n"  # it has its answer
    report = exchange(register.outbox, stick)
    assert (report.acknowledged, report.waiting, list(stick.iterdir())) == (3, 0, [])
    assert run(workspace, "gaps").output == "No gaps.\n"
    assert run(workspace, "conflicts").output == "No conflicts.\n"
    listed = run(workspace, "list").output.splitlines()
    assert len(listed) == 4
    assert listed[1].split()[:4] == ["S001-1", "1", "PosTransaction", "accepted"]


def test_files_that_are_no_uploads_are_named_and_left(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "a.upload.json").write_text("{")
    (tmp_path / "b.upload.json").write_text('{"node": "S009-1", "documents": []}')
    (tmp_path / "c.upload.json").symlink_to(tmp_path / "a.upload.json")
    (tmp_path / "notes.txt").write_text("not ours")
    done = data(workspace, "take", str(tmp_path), status=1)
    assert [(one["file"], "no node of any store" in one["error"]) for one in done] == [
        ("a.upload.json", False), ("b.upload.json", True),
    ]  # fmt: skip
    assert not list(tmp_path.glob("*.answer.json"))
    run(workspace, "take", str(tmp_path / "none"), status=2)


def test_quarantine_and_gaps_are_alarms_and_can_be_put_right(
    workspace: Path, tmp_path: Path, register: Register
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    for quantity in (1, 2):
        register.sell([SaleLine("x", quantity, "1")], [Tender("cash", 5)])
    exchange(register.outbox, stick)
    (file,) = stick.iterdir()
    upload = json.loads(file.read_text())
    _, second = upload["documents"]
    second["kind"], second["seq"] = "InventoryMovement", 4
    second["body"] = {"movement_id": second["id"], "quantity": {"value": "1"}, "at": second["created_at"],
                      "location_id": "K2"}  # fmt: skip
    file.write_text(json.dumps(upload))
    assert run(workspace, "take", str(stick), status=1).output.endswith("1 accepted, 1 quarantined\n")
    assert "S001-1  2      3" in run(workspace, "gaps", status=1).output
    (gap,) = data(workspace, "gaps", "--store", "S001", status=1)
    assert (gap["node"], gap["first"], gap["last"]) == ("S001-1", 2, 3)
    assert data(workspace, "gaps", "--node", "S001-2") == []
    (held,) = data(workspace, "list", "--state", "quarantined")
    assert (held["seq"], held["code"]) == (4, "return.location")
    (shown,) = data(workspace, "show", "S001-1:4")
    assert shown["body"] == second["body"]
    text = run(workspace, "show", held["id"]).output
    assert "S001-1:4" in text
    assert "a location that is not this store's" in text
    assert "quarantined" in run(workspace, "retry", "--all", status=1).output
    (workspace / "stores.toml").write_text('[[store]]\nid = "S001"\nlocations = ["K1", "K2"]\n')
    assert run(workspace, "retry", "S001-1:4").output == "S001-1:4 InventoryMovement accepted\n"
    assert run(workspace, "retry", "--all").output == "Nothing is quarantined.\n"
    run(workspace, "retry", status=2)
    assert "there is no upload 'nothing'" in run(workspace, "show", "nothing", status=2).output


def test_conflicts_are_listed(workspace: Path, tmp_path: Path, register: Register) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    for _ in range(2):
        register.register_customer(name="Ada", email="ada@x.example")
    exchange(register.outbox, stick)
    run(workspace, "take", str(stick))
    (one,) = data(workspace, "conflicts", "--merge")
    assert (one["policy"], one["winner"], one["node"], one["seq"]) == ("keep_both", "both", "S001-1", 2)
    assert "keep_both" in run(workspace, "conflicts").output
    assert data(workspace, "conflicts", "--node", "S001-2") == []


def test_the_workspace_s_policy_holds(workspace: Path, tmp_path: Path, register: Register) -> None:
    (workspace / "conflicts.toml").write_text('[kinds]\nPosTransaction = "hub_wins"\n')
    register.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)])
    exchange(register.outbox, tmp_path)
    assert "1 quarantined" in run(workspace, "take", str(tmp_path), status=1).output
    (workspace / "conflicts.toml").unlink()
    run(workspace, "retry", "--all")


def test_old_uploads_are_purged_and_lost_places_given_up(workspace: Path, tmp_path: Path, register: Register) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    for _ in range(5):
        register.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)])
    with register.outbox.transaction():
        register.outbox.run("DELETE FROM outbox WHERE origin_seq IN (2, 3)")
    exchange(register.outbox, stick)
    run(workspace, "take", str(stick))
    assert data(workspace, "purge", "--before", "1") == {"uploads": 0, "payloads": 0}
    assert run(workspace, "purge", "--before", "30").output == "0 uploaded documents emptied, 0 payloads removed\n"
    run(workspace, "gaps", status=1)
    assert "are missing" in run(workspace, "lost", "S001-1", "1-3", "--why", "disk", status=2).output
    assert "FIRST-LAST" in run(workspace, "lost", "S001-1", "x", "--why", "disk", status=2).output
    run(workspace, "lost", "S001-1", "2-3", status=2)
    assert run(workspace, "lost", "S001-1", "2-3", "--why", "disk").output == "S001-1: places 2 to 3 are given up\n"
    assert run(workspace, "gaps").output == "No gaps.\n"
    assert "disk" in run(workspace, "gaps", "--all").output
    (one,) = data(workspace, "gaps", "--all")
    assert (one["first"], one["last"], one["why"], bool(one["who"])) == (2, 3, "disk", True)
