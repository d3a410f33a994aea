"""The command line: exit statuses, output for people and programs, configuration mistakes without tracebacks."""

from __future__ import annotations

import gzip
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from hub.cli import _COMMANDS, cli
from hub.mapping.library import MappingLibrary
from hub.workspace import initialize

ORDER = (
    "ISA*00*          *00*          *ZZ*GROCER         *ZZ*MYCOMPANY      *260101*1200*U*00401*000000001*0*P*>~"
    "GS*PO*GROCER*MYCOMPANY*20260101*1200*1*X*004010~ST*850*0001~BEG*00*SA*PO00000001**20260101~CUR*BY*USD~"
    "PO1*1*12*EA*9.25**UP*012345678905*VN*SKU00042~PID*F****WIDGET BLUE~CTT*1~SE*7*0001~GE*1*1~IEA*1*000000001~"
)


def hub(*arguments: object, data: bytes | str | None = None) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments], input=data)


@pytest.fixture
def order(tmp_path: Path) -> Path:
    file = tmp_path / "order.edi"
    file.write_text(ORDER)
    return file


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = initialize(tmp_path / "ws")
    (root / "partners" / "grocer.yaml").write_text(
        "identities: {x12: ZZ:GROCER}\ndocuments:\n"
        '  - {direction: in, standard: x12, message: "850", response: accept_all}\n'
        '  - {direction: out, standard: x12, message: "855", version: "004010"}\n'
    )
    monkeypatch.setenv("HUB_WORKSPACE", str(root))
    return root


def test_every_command_says_what_the_help_says() -> None:
    for name, (place, words) in _COMMANDS.items():
        module, _, function = place.partition(":")
        command = getattr(importlib.import_module(f"hub.commands.{module}"), function)
        assert isinstance(command, click.Command)
        assert command.name == name
        first = " ".join((command.help or "").split("\n\n")[0].split())
        assert first.startswith(words.rstrip(".")), name


def test_every_command_has_help() -> None:
    for name in _COMMANDS:
        result = hub(name, "--help")
        assert result.exit_code == 0, result.output
        assert "Usage:" in result.output


def test_help_answers_at_once() -> None:
    best = 9.0
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, "-m", "hub", "--help"], check=True, capture_output=True)
        after = os.times()
        spent = after.children_user - before.children_user + after.children_system - before.children_system
        best = min(best, spent)
    assert best < 0.3


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, hub.cli; print({'pydantic', 'sqlalchemy', 'yaml', 'pluggy'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout == b"set()\n"


def test_a_wrong_command_is_told_with_the_nearest() -> None:
    result = hub("recieve")
    assert result.exit_code == 2
    assert "Did you mean 'receive'?" in result.output


def test_init_makes_a_workspace_once(tmp_path: Path) -> None:
    assert hub("init", tmp_path / "new").exit_code == 0
    again = hub("init", tmp_path / "new")
    assert again.exit_code == 2
    assert "a workspace here already" in again.output


def test_translate_prints_documents_as_json_lines(order: Path) -> None:
    result = hub("translate", order)
    assert result.exit_code == 0, result.output
    (line,) = result.stdout.splitlines()
    data = json.loads(line)
    assert data["kind"] == "Order"
    document = data["document"]
    assert document["buyer_order_id"] == "PO00000001"
    assert document["issued_at"] == "2026-01-01"
    assert document["lines"][0]["quantity"] == {"value": "12", "unit": "EA"}
    assert document["lines"][0]["price"]["amount"] == "9.25"
    assert "provenance" not in document
    source = data["source"]
    assert source == {
        "file": str(order), "interchange": "000000001", "group": "1", "set": "0001", "position": source["position"],
    }  # fmt: skip


def test_translate_reads_standard_input(order: Path) -> None:
    result = hub("translate", "-", data=ORDER.encode())
    assert result.exit_code == 0
    assert json.loads(result.stdout)["source"]["file"] == "stdin"


def test_translate_of_a_bad_message_is_1_with_findings_on_stderr(tmp_path: Path) -> None:
    file = tmp_path / "bad.edi"
    file.write_text(ORDER.replace("*12*EA*", "*twelve*EA*"))
    result = hub("translate", file)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "PO102" in result.stderr
    assert "bad.edi" in result.stderr


def test_translate_goes_there_and_back(order: Path, tmp_path: Path) -> None:
    first = hub("translate", order)
    lines = tmp_path / "orders.jsonl"
    lines.write_text(first.stdout)
    written = hub("translate", lines, "--to", "x12", "--mapping", "x12/850.004010")
    assert written.exit_code == 0, written.stderr
    assert written.stdout.startswith("ISA*")
    back = tmp_path / "back.edi"
    back.write_text(written.stdout)
    again = hub("translate", back)
    assert json.loads(again.stdout)["document"] == json.loads(first.stdout)["document"]


def test_translate_between_formats(order: Path) -> None:
    result = hub("translate", order, "--to", "edifact", "--mapping", "edifact/ORDERS.D96A")
    assert result.exit_code == 0, result.stderr
    assert "UNH+" in result.stdout
    assert "BGM+220" in result.stdout
    assert "PO00000001" in result.stdout


def test_translate_of_what_is_nothing_is_1(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"\xff\xd8\xff\xe0")
    result = hub("translate", file)
    assert result.exit_code == 1
    assert "no translator knows this format" in result.stderr


def test_a_packed_file_is_named(tmp_path: Path) -> None:
    packed = tmp_path / "orders.edi.gz"
    packed.write_bytes(gzip.compress(b"ISA*00*"))
    result = hub("translate", packed)
    assert result.exit_code == 1
    assert "the payload is compressed (gzip): unpack it first" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["translate", "nothing.edi"], "there is no such file|no such file"),
        (["translate", "{order}", "--mapping", "x12/850.00410"], "[Dd]id you mean '?x12/850.004010"),
        (["translate", "{order}", "--to", "edifcat"], "no installed plugin translates 'edifcat'"),
        (["translate", "{order}", "--partner", "nobody"], "needs a workspace"),
        (["receive"], "needs a workspace"),
        (["--workspace", "{tmp}", "receive"], "no workspace here"),
        (["mapping", "show", "x12/999"], "there is no mapping"),
        (["model", "schema", "Ordr"], "there is no kind of document"),
    ],
)
def test_usage_mistakes_are_2_without_a_traceback(
    order: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    import re

    monkeypatch.delenv("HUB_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    result = hub(*(one.format(order=order, tmp=tmp_path / "none") for one in arguments))
    assert result.exit_code == 2, result.output
    assert re.search(said, result.output)
    assert "Traceback" not in result.output


def test_check_shows_findings_and_writes_the_acknowledgment(order: Path, tmp_path: Path) -> None:
    good = hub("check", order, "--ack", tmp_path / "good.997")
    assert good.exit_code == 0, good.output
    assert "accepted, 1 of 1 messages" in good.stdout
    assert "AK9*A*1*1*1" in (tmp_path / "good.997").read_text()
    order.write_text(ORDER.replace("SE*7*", "SE*9*"))
    bad = hub("check", order, "--ack", "-")
    assert bad.exit_code == 1
    assert "SE01" in bad.stderr
    assert bad.stdout.startswith("ISA*")
    assert "AK5*R*4" in bad.stdout
    lines = [json.loads(line) for line in hub("check", order, "--json").stdout.splitlines()]
    assert lines[0]["status"] == "rejected"
    assert lines[0]["findings"][0]["position"]["interchange"] == "000000001"


def test_receive_deliver_and_journal(workspace: Path, order: Path) -> None:
    nothing = hub("receive")
    assert (nothing.exit_code, nothing.stdout) == (0, "Nothing to receive.\n")
    result = hub("receive", order, "--json")
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert data["documents"] == {"Order": 1}
    (outcome,) = data["outcomes"]
    delivered = json.loads(hub("deliver", "--json").stdout)
    assert (delivered["delivered"], delivered["failed"]) == (2, 0)
    assert len(list((workspace / "outbox" / "grocer").iterdir())) == 2
    listed = json.loads(hub("journal", "list", "--json").stdout)
    assert {one["direction"] for one in listed} == {"in", "out"}
    shown = hub("journal", "show", outcome["exchange"])
    assert "document: Order PO00000001" in shown.stdout
    assert json.loads(hub("journal", "show", outcome["exchange"], "--json").stdout)["documents"][0]["kind"] == "Order"
    found = json.loads(hub("journal", "search", "PO00000001", "--json").stdout)
    assert outcome["exchange"] in {one["id"] for one in found}
    assert hub("journal", "payload", outcome["exchange"]).stdout_bytes == order.read_bytes()
    waiting = json.loads(hub("journal", "acknowledgments", "--json").stdout)
    assert [one["state"] for one in waiting] == ["waiting"]
    assert hub("journal", "show", "nothing").exit_code == 2
    replayed = hub("journal", "replay", outcome["exchange"])
    assert replayed.exit_code == 0, replayed.output


def test_receive_is_1_where_something_was_quarantined(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "unknown.edi"
    file.write_text(ORDER.replace("GROCER         ", "STRANGER       "))
    result = hub("receive", file)
    assert result.exit_code == 1
    assert "no partner has the x12 identity 'ZZ:STRANGER'" in result.output
    assert hub("receive", "-", data=b"nonsense").exit_code == 1


def test_explain_names_element_and_mapping_line(workspace: Path, order: Path) -> None:
    result = hub("explain", order, "lines[0].price", "--json")
    assert result.exit_code == 0, result.output
    (found,) = json.loads(result.stdout)
    assert "9.25" in found["value"]
    assert "PO104" in found["from"]
    assert found["line"].startswith("850.004010.yaml:")
    hub("receive", order)
    stored = json.loads(hub("explain", "PO00000001", "lines[0].price", "--json").stdout)
    assert found in stored
    assert hub("explain", "PO-NONE").exit_code == 2


def test_mapping_commands(order: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {one["name"] for one in json.loads(hub("mapping", "list", "--json").stdout)}
    some = {"x12/850.004010", "x12/846.003060", "edifact/ORDERS.D96A", "csv/marketplace-orders", "soap/demo-erp.order"}
    assert some < names
    with monkeypatch.context() as patch:  # every one is compiled in tests/hub/mapping/test_every_mapping.py
        patch.setattr(MappingLibrary, "names", lambda library: sorted(some))
        checked = hub("mapping", "check")
    assert checked.exit_code == 0, checked.output
    assert "5 of 5 mappings are right" in checked.output
    assert "BEG" in hub("mapping", "guide", "x12/850.004010").stdout
    shown = hub("mapping", "show", "x12/850.004010")
    assert "BEG03: buyer_order_id" in shown.stdout
    coverage = json.loads(hub("mapping", "coverage", order, "--json").stdout)
    assert coverage["messages"] == 1
    assert {"element": "BEG03", "sent": 1, "read": 1} in coverage["elements"]


def test_model_plugins_and_partner_commands(workspace: Path) -> None:
    schema = json.loads(hub("model", "schema", "Order").stdout)
    assert "buyer_order_id" in schema["required"]
    assert "OrderResponse" in hub("model", "kinds").stdout
    found = {one["name"]: one for one in json.loads(hub("plugins", "--json").stdout)}
    assert found["x12"]["state"] == "loaded"
    assert "edifact" in hub("plugins").stdout
    assert "grocer" in hub("partner", "list").stdout
    assert json.loads(hub("partner", "show", "grocer", "--json").stdout)["identities"] == {"x12": ["ZZ:GROCER"]}
    assert hub("partner", "show", "grocre").exit_code == 2


def test_replicate_and_sync_without_anything_to_do(workspace: Path) -> None:
    assert hub("replicate").exit_code == 0
    result = hub("sync", "erp")
    assert result.exit_code == 2
    assert "there is no endpoint 'erp'" in result.output


def test_replicate_takes_the_stores_of_a_group(workspace: Path) -> None:
    (workspace / "stores.toml").write_text('[[store]]\nid = "N"\ngroup = "north"\n[[store]]\nid = "S"\n', "utf-8")
    summary = json.loads(hub("replicate", "--group", "north", "--json").stdout)
    assert [one["store"] for one in summary["stores"]] == ["N"]
    unknown = hub("replicate", "--group", "nord")
    assert unknown.exit_code == 2
    assert "no store is in group 'nord'" in unknown.output


def test_explain_falls_back_to_fields_where_a_format_has_no_tree(tmp_path: Path) -> None:
    feed = tmp_path / "orders.csv"
    columns = "Bestellnummer;Bestelldatum;Währung;Kundennummer;Pos;EAN;Menge;Einheit;Einzelpreis"
    feed.write_text(f"{columns}\nPO-1;05.01.2026;EUR;K1;1;4012345678901;12;Stk;2,49\n", "utf-8")
    result = hub("explain", feed, "-m", "csv/marketplace-orders")
    assert result.exit_code == 0, result.output
    assert "cannot be shown as a tree" in result.stderr
    assert "buyer_order_id" in result.stdout
    page = hub("explain", feed, "-m", "csv/marketplace-orders", "--html", tmp_path / "page.html")
    assert page.exit_code == 2
    assert "--fields" in page.output
