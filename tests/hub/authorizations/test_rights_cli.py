"""``hub rights``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hub.cli import cli
from hub.model import Party
from hub.replication import Store, scopes_of
from hub.replication.intake import take
from hub.repository import Repository
from hub.workspace import initialize, open_workspace

OUTBOX = "0197a000-0000-7000-8000-000000000001"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return initialize(tmp_path / "ws")


@pytest.fixture
def hub(root: Path) -> Iterator[Repository]:
    with Repository.open(open_workspace(root).database_url, scope_function=scopes_of) as opened:
        yield opened


def customer(repo: Repository, limit: str) -> str:
    data = {"external_id": "C1", "legal_name": "C", "credit": {"limit": {"amount": limit, "currency": "EUR"}}}
    with repo.begin() as tx:
        return tx.put(Party.from_json("Party", data), system="erp").id


def run(root: Path, *words: str) -> Any:
    return CliRunner().invoke(cli, ["-w", str(root), "rights", *words])


def test_list_share_out_and_give_up(root: Path, hub: Repository) -> None:
    assert run(root, "list").output == "No till holds a right.\n"
    party = customer(hub, "1000")
    demand = {"resource": "credit", "party_id": party, "account_id": "", "currency": "EUR", "wanted": "100"}
    upload = {"node": "S001-1", "outbox": OUTBOX, "demand": [demand], "documents": []}
    take(hub, Store(id="S001"), upload, datetime.now(UTC))
    assert run(root, "rebalance").output == "1 pools, 1 rights changed, 0 approvals lapsed, 0 pools short\n"
    assert json.loads(run(root, "rebalance", "--json").output)["pools"] == 0
    (held,) = json.loads(run(root, "list", "--customer", "C1", "--json").output)
    assert (held["node"], held["granted"], held["left"], held["short"]) == ("S001-1", "500", "500", False)
    assert "S001-1" in run(root, "list").output
    assert run(root, "list", "--node", "S001-2").output == "No till holds a right.\n"
    customer(hub, "100")
    short = run(root, "list")
    assert short.exit_code == 1
    assert short.output.splitlines()[1].endswith("short")
    assert run(root, "lost", "S001-1").exit_code == 2
    assert run(root, "lost", "S001-1", "--why", " ").exit_code == 2
    done = run(root, "lost", "S001-1", "--why", "stolen")
    assert done.exit_code == 0
    assert f"credit EUR of {party}: 500" in done.output
    assert run(root, "list").output == "No till holds a right.\n"
    unknown = run(root, "lost", "S009-1", "--why", "stolen")
    assert (unknown.exit_code, "nothing is held by node 'S009-1'" in unknown.output) == (2, True)
