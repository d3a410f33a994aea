"""The main job from partners' files to the stores' tills, on both databases, and the demo that shows it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from hub import jobs
from hub.demo.workspace import erp, prepare, till


@pytest.fixture
def workspace(tmp_path, database_url):
    """The demo's workspace, its repository in each kind of database."""
    root = prepare(tmp_path / "workspace")
    settings = root / "hub.toml"
    settings.write_text(settings.read_text().replace("sqlite:///hub.db", database_url))
    return root


def test_main_job_end_to_end_and_nothing_twice(workspace):
    with erp(workspace):
        pulled = jobs.sync("erp", workspace, push=False)
        assert pulled["pulled"] == {"Party": 6, "Product": 8, "Price": 16, "InventorySnapshot": 8}
        received = jobs.receive(workspace)
        assert received["exchanges"] == 4
        assert received["documents"] == {"Order": 6}
        assert received["states"] == {"partial": 2, "duplicate": 1, "accepted": 1}
        assert jobs.deliver(workspace)["failed"] == 0
        assert jobs.sync("erp", workspace)["pushed"] == 6
        replicated = jobs.replicate(workspace)
        assert replicated["rows"] > 60
        assert not replicated["failed"]

        assert jobs.receive(workspace)["exchanges"] == 0
        assert jobs.deliver(workspace)["delivered"] == 0
        again = jobs.sync("erp", workspace)
        assert (again["pushed"], sum(again["changed"].values())) == (0, 0)
        assert jobs.replicate(workspace)["rows"] == 0
    with sqlite3.connect(workspace / "erp-orders.db") as orders:
        tables = [name for (name,) in orders.execute("select name from sqlite_master where type='table'")]
        assert sum(orders.execute(f"select count(*) from {name}").fetchone()[0] for name in tables[:1]) == 6
    orders.close()


def test_answers_say_what_became_of_each_order(workspace):
    with erp(workspace):
        jobs.sync("erp", workspace, push=False)
    jobs.receive(workspace)
    jobs.deliver(workspace)
    sent = {path.name.partition("-")[0].partition("_")[0]: path for path in (workspace / "outbox").rglob("*.*")}
    acknowledgment = sent["997"].read_text()
    assert "AK2*850*0001~AK5*A~" in acknowledgment
    assert "AK4*5*373*8*20261340~" in acknowledgment
    assert "AK4*2*330*6*TWELVE~AK5*R*5~AK9*P*3*3*2~" in acknowledgment
    response = sent["855"].read_text()
    assert "ACK*IP*6*EA" in response, "the price was too low"
    assert "ACK*IB*" in response, "one item is out of stock"
    assert "UCI+HH0000417+4012345900026:14+4012345999990:14+7'" in sent["CONTRL"].read_text()
    confirmed = sent["ORDRSP"].read_text("latin-1")
    assert "QTY+83:" in confirmed, "part of the second order is on backorder"
    assert "MF-2026-220483" in next((workspace / "outbox" / "marktfalke").glob("*result*")).read_text("utf-8-sig")


def test_each_store_sees_its_scope(workspace):
    with erp(workspace):
        jobs.sync("erp", workspace, push=False)
    jobs.receive(workspace)
    jobs.replicate(workspace)
    assert "9.25 USD" in till(workspace, "0102", "price", "4012345000108")
    assert "8.49 EUR" in till(workspace, "hamburg", "price", "4012345000108")
    assert "NG-4502" in till(workspace, "0102", "orders")
    assert "NG-4501" not in till(workspace, "0102", "orders")
    assert "HH-77031" in till(workspace, "hamburg", "orders")
    assert "NG-450" not in till(workspace, "hamburg", "orders")


def _demo(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hub", "demo", "--keep", str(folder)], capture_output=True, text=True, check=False
    )


def _spent() -> float:
    """Processor seconds of finished child processes: what else runs on the machine does not count."""
    times = os.times()
    return times.children_user + times.children_system


def test_demo_tells_the_story_in_ten_seconds(tmp_path):
    start = _spent()
    result = _demo(tmp_path / "demo")
    assert result.returncode == 0, result.stderr
    assert _spent() - start < 10
    for line in (
        "orders-20261120.edi: northgate x12 000000101 partial 2 of 3 messages: 2 Order",
        "orders-20261120.sent-again.edi: northgate x12 000000101 duplicate",
        "Order NG-4502 for Northgate Foods Store 0102, wanted 2026-11-28",
        "850 0003 rejected",
        "pushed 6 orders; a second run pushed 0",
        "a second run changed 0 rows",
        str(tmp_path / "demo" / "outbox"),
    ):
        assert line in result.stdout


def test_demo_refuses_a_folder_that_is_in_use(tmp_path):
    (tmp_path / "file").write_text("mine")
    result = _demo(tmp_path)
    assert result.returncode == 2
    assert "is not empty" in result.stderr
    assert (tmp_path / "file").read_text() == "mine"
