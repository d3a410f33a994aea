"""A hub that was put back to a backup gets again what stores had sent since, by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub import jobs
from hub.repository import Repository
from hub.workspace import open_workspace
from hub_pos import Register, SaleLine, Tender
from hub_pos.client import HubClient
from hub_pos.upload import Uploader


@pytest.fixture
def till(registered: Callable[[], Path]) -> Path:
    return registered()


def pull(root: Path, server: Any, till: Path) -> None:
    jobs.seal(root)
    server.service.refresh()
    with HubClient(till) as client:
        client.pull()


def copied(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def test_customers_and_sales_come_again(repo: Repository, root: Path, server: Any, till: Path, tmp_path: Path) -> None:
    pull(root, server, till)
    database = Path(open_workspace(root).database_url.removeprefix("sqlite:///"))
    copied(database, tmp_path / "backup")
    with Register(till, "1", store="S001") as desk, HubClient(till) as client:
        customer = desk.register_customer(given_name="Ada", family_name="Xanthippe")
        sale = desk.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)], customer.id)
        assert Uploader(desk.outbox, client.send).upload().acknowledged == 2
        pull(root, server, till)
        assert desk.find_customer("Xanthippe")
        copied(tmp_path / "backup", database)
        repo.new_epoch()
        pull(root, server, till)
        assert desk.find_customer("Xanthippe")[0].id == customer.id  # of the outbox again, and not of the replica
        assert [one.kind for one in desk.outbox.entries(waiting=True)] == ["Party"]
        uploader = Uploader(desk.outbox, client.send)
        while uploader.upload().resent:
            pass
        assert [one.kind for one in desk.outbox.entries()] == ["PosTransaction"]
        pull(root, server, till)
        (found,) = desk.find_customer("Xanthippe")
        assert found.id != customer.id
    with repo.read() as tx:
        assert [record.data()["key"]["sequence"] for record in tx.list("PosTransaction")] == [sale.number[-1]]
        assert len(tx.list("Party")) == 1
        assert tx.gaps() == []


def test_a_store_that_has_nothing_to_send_asks_after_a_new_epoch(
    repo: Repository, root: Path, server: Any, till: Path, tmp_path: Path
) -> None:
    pull(root, server, till)
    database = Path(open_workspace(root).database_url.removeprefix("sqlite:///"))
    copied(database, tmp_path / "backup")
    with Register(till, "1", store="S001") as desk, HubClient(till) as client:
        desk.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)])
        uploader = Uploader(desk.outbox, client.send)
        assert uploader.upload().acknowledged == 1
        copied(tmp_path / "backup", database)
        repo.new_epoch()
        assert uploader.upload().resent == 0  # it cannot know yet
        pull(root, server, till)
        report = uploader.upload()
        assert (report.resent, report.acknowledged, report.waiting) == (1, 1, 0)
    with repo.read() as tx:
        assert len(tx.list("PosTransaction")) == 1
