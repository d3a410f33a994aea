"""Bad configuration: one clear message with file and line and what to do, exit status 2, no traceback."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from hub.workspace import initialize


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return initialize(tmp_path / "ws")


def run(workspace: Path, *arguments: str, **environment: str) -> str:
    """Run the real program; returns what it says on stderr, after checking status 2 and that there is no traceback."""
    import os

    found = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    result = subprocess.run(
        [sys.executable, "-m", "hub", "--workspace", str(workspace), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**found, **environment},
    )
    assert result.returncode == 2, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("error: ")
    return result.stderr


def test_an_unknown_mapping(workspace: Path) -> None:
    file = workspace / "partners" / "acme.yaml"
    file.write_text("documents:\n  - direction: in\n    standard: x12\n    mapping: x12/850.04010\n")
    said = run(workspace, "receive")
    assert f"{file}:4: there is no mapping 'x12/850.04010'" in said
    assert "Did you mean 'x12/850.004010'?" in said


def test_a_wrong_field_name_in_an_overlay(workspace: Path, tmp_path: Path) -> None:
    overlay = workspace / "mappings" / "acme-850.yaml"
    overlay.write_text("extends: x12/850.004010\nBEG:\n  BEG03: buyer_ordr_id\n")
    file = workspace / "partners" / "acme.yaml"
    file.write_text(
        "identities: {x12: ZZ:ACME}\n"
        'documents:\n  - {direction: in, standard: x12, message: "850", overlay: acme-850.yaml}\n'
    )
    said = run(workspace, "partner", "list")
    assert f"{overlay}:3: " in said
    assert "buyer_ordr_id" in said
    assert "buyer_order_id" in said


def test_a_missing_credential(workspace: Path) -> None:
    endpoint = workspace / "endpoints" / "erp.yaml"
    endpoint.write_text(
        "type: soap\nwsdl: http://127.0.0.1:9/erp?wsdl\ncredentials:\n  password: env:HUB_TEST_NO_SUCH_SECRET\n"
    )
    said = run(workspace, "sync", "erp")
    assert f"{endpoint}:4: " in said
    assert "HUB_TEST_NO_SUCH_SECRET" in said
    file = workspace / "hub.toml"
    file.write_text(file.read_text().replace('"sqlite:///hub.db"', '"env:HUB_TEST_NO_DATABASE"'))
    said = run(workspace, "receive")
    assert "HUB_TEST_NO_DATABASE is not set" in said
    assert f"{file}:" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"title: \xff\xfe\n", "acme.yaml:1: the file is not UTF-8"),
        (b"title: [a, b\ndocuments:\n", "not valid YAML"),
        (b"title: Acme\ndocumets: []\n", "acme.yaml:2: unknown key 'documets'"),
    ],
)
def test_an_unreadable_partner_file(workspace: Path, content: bytes, said: str) -> None:
    (workspace / "partners" / "acme.yaml").write_bytes(content)
    assert said in run(workspace, "receive")


def test_two_partners_with_one_identity(workspace: Path) -> None:
    for name in ("acme", "beta"):
        (workspace / "partners" / f"{name}.yaml").write_text("identities:\n  x12: ZZ:SAME\n")
    said = run(workspace, "partner", "list")
    assert "beta.yaml:2" in said
    assert "acme.yaml:2" in said


def test_a_workspace_of_a_newer_version(workspace: Path) -> None:
    file = workspace / "hub.toml"
    file.write_text(file.read_text().replace("workspace_version = 1", "workspace_version = 7"))
    said = run(workspace, "receive")
    assert f"{file}:2: this workspace has version 7" in said
    assert "Install a newer hub" in said


def test_two_plugins_of_one_name(workspace: Path, tmp_path: Path) -> None:
    """Two distributions that declare a plugin of one name, as pip would leave them behind."""
    for number in ("one", "two"):
        info = tmp_path / f"clash_{number}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: clash-{number}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[hub]\nclash = clash_{number}\n")
        (tmp_path / f"clash_{number}.py").write_text("")
    assert metadata.version("erp-edi-hub")
    said = run(workspace, "plugins", PYTHONPATH=str(tmp_path))
    assert "two plugins are called 'clash'" in said
    assert "clash-one" in said
    assert "pip uninstall clash-two" in said


def test_a_database_that_is_none(workspace: Path) -> None:
    (workspace / "hub.db").write_bytes(b"this is no database, whatever its name says" * 100)
    assert "hub.db" in run(workspace, "receive")


def test_answers_without_a_message_to_send_them_in(workspace: Path) -> None:
    file = workspace / "partners" / "grocer.yaml"
    file.write_text(
        "identities: {x12: ZZ:GROCER}\ndocuments:\n  - direction: in\n    standard: x12\n"
        '    message: "850"\n    response: accept_all\n'
    )
    (workspace / "inbox" / "a.edi").write_text(
        "ISA*00*          *00*          *ZZ*GROCER         *ZZ*MYCOMPANY      *260101*1200*U*00401*000000001*0*P*>~"
        "GS*PO*GROCER*MYCOMPANY*20260101*1200*1*X*004010~ST*850*0001~BEG*00*SA*PO1**20260101~"
        "PO1*1*12*EA*9.25**UP*012345678905~CTT*1~SE*5*0001~GE*1*1~IEA*1*000000001~"
    )
    said = run(workspace, "receive")
    assert f"{file}:6: orders are to be answered" in said
    assert (workspace / "inbox" / "a.edi").exists()
