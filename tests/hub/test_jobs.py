"""Jobs: plain functions with small summaries, run twice without doing anything twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub import jobs
from hub.errors import ConfigurationError
from hub.workspace import initialize

ORDER = (
    "ISA*00*          *00*          *ZZ*GROCER         *ZZ*MYCOMPANY      *260101*1200*U*00401*000000001*0*P*>~"
    "GS*PO*GROCER*MYCOMPANY*20260101*1200*1*X*004010~ST*850*0001~BEG*00*SA*PO1**20260101~CUR*BY*USD~"
    "PO1*1*12*EA*9.25**UP*012345678905~CTT*1~SE*6*0001~GE*1*1~IEA*1*000000001~"
)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = initialize(tmp_path / "ws")
    (root / "partners" / "grocer.yaml").write_text(
        "identities: {x12: ZZ:GROCER}\ndue: 1s\ndocuments:\n"
        '  - {direction: in, standard: x12, message: "850", response: accept_all}\n'
        '  - {direction: out, standard: x12, message: "855", version: "004010"}\n'
    )
    (root / "stores.toml").write_text(
        "".join(f'[[store]]\nid = "S{number}"\npath = "stores/S{number}.sqlite"\n' for number in range(5))
    )
    (root / "inbox" / "a.edi").write_text(ORDER)
    monkeypatch.setenv("HUB_WORKSPACE", str(root))
    return root


def test_the_whole_day_twice_does_nothing_twice(workspace: Path) -> None:
    first = [jobs.receive(), jobs.deliver(), jobs.replicate(stores=jobs.store_groups()[0])]
    json.dumps(first)
    assert first[0] == {
        "exchanges": 1, "states": {"accepted": 1}, "documents": {"Order": 1}, "sent": 2, "refused": 0,
        "refused_ids": [],
    }  # fmt: skip
    assert first[1] == {"delivered": 2, "failed": 0, "given_up": 0}
    assert first[2]["failed"] == 0
    assert first[2]["rows"] > 0
    second = [jobs.receive(), jobs.deliver(), jobs.replicate(stores=jobs.store_groups()[0])]
    assert second[0]["exchanges"] == 0
    assert second[1]["delivered"] == 0
    assert second[2]["rows"] == 0


def test_stores_come_in_groups(workspace: Path) -> None:
    assert jobs.store_groups(size=2) == [["S0", "S1"], ["S2", "S3"], ["S4"]]
    assert jobs.replicate(store="S1")["stores"][0]["store"] == "S1"
    with pytest.raises(ConfigurationError, match="no store 'S9'"):
        jobs.replicate(stores=["S9"])


def test_late_acknowledgments_are_seen(workspace: Path) -> None:
    import time

    jobs.receive(workspace)
    time.sleep(1.1)
    found = jobs.watch_acknowledgments(workspace)
    assert (found["waiting"], found["late"]) == (0, 1)
    assert len(found["late_ids"]) == 1
    assert jobs.watch_acknowledgments(workspace) == found


def test_endpoints_are_listed(workspace: Path) -> None:
    assert jobs.endpoints() == []
    (workspace / "endpoints" / "erp.yaml").write_text("type: soap\n")
    (workspace / "endpoints" / ".hidden.yaml").write_text("")
    assert jobs.endpoints() == ["erp"]


def test_a_job_without_a_workspace_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="needs a workspace"):
        jobs.receive()
