"""``hub explain`` of EDIFACT files: groups, loops, components with names, and every finding once."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli import cli

ORDER = (
    "UNA:+.? '\nUNB+UNOC:3+5412345000013:14+4012345000009:14+261120:0930+77'\nUNG+ORDERS+A+B+261120:0930+5+UN+D:96A'\n"
    "UNH+1+ORDERS:D:96A:UN'\nBGM+220+PO-77+9'\nDTM+137:20261120:102'\nNAD+BY+5412345000013::9'\nNAD+SU+4012345000009::9'\n"
    "CUX+2:EUR:9'\nLIN+1++4012345678901:EN'\nIMD+F++:::Rye ?'n? bread'\nQTY+21:12'\nPRI+AAA:2.49'\nUNS+S'\nUNT+12+1'\n"
    "UNE+1+5'\nUNZ+1+77'\n"
)


def hub(*arguments: object) -> Result:
    result = CliRunner().invoke(cli, [str(one) for one in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def write(tmp_path: Path):
    def written(data: str | bytes) -> Path:
        file = tmp_path / "file.edi"
        file.write_bytes(data.encode("latin-1") if isinstance(data, str) else data)
        return file

    return written


def test_tree_of_an_order(write):
    result = hub("explain", write(ORDER))
    shown = result.stdout.splitlines()
    assert result.exit_code == 0, result.output
    assert shown[0] == "interchange 77  EDIFACT, from 14:5412345000013 to 14:4012345000009, syntax UNOC:3"
    assert "    UNB05  control reference: 77" in shown
    assert "  group ORDERS 5" in shown
    assert "    message ORDERS 1  D96A, read by edifact/ORDERS.D96A  accepted" in shown
    assert "        1004  document number: PO-77" in shown
    assert "          C507.2380  date, time or period: 20261120" in shown
    assert "      loop SG25  line item" in shown
    assert any("Rye 'n bread" in line and "7008" in line for line in shown)
    where = [next(at for at, line in enumerate(shown) if one in line) for one in ("UNT  ", "UNE  ", "UNZ  ")]
    assert where == sorted(where)


def test_findings_stand_at_their_element_and_one_message_can_be_chosen(write):
    second = "UNH+2+ORDERS:D:96A:UN'\nBGM+220+PO-78+9'\nDTM+137:20261120:102'\nLIN+x'\nQTY+21:many'\nUNS+S'\nUNT+7+2'\n"
    file = write(ORDER.replace("UNE+1+5", f"{second}UNE+2+5"))
    result = hub("explain", file)
    assert result.exit_code == 1
    shown = result.stdout.splitlines()
    at = shown.index("            C186.6060  quantity: many")
    assert "! error:" in shown[at + 1]
    only = hub("explain", file, "--set", 2).stdout
    assert "PO-78" in only
    assert "PO-77" not in only
    assert "UNB01" in only


def test_every_finding_of_check_is_told_once(write):
    chooser = random.Random(11)
    data = ORDER.encode()
    told = 0
    for turn in range(60):
        changed = bytearray(data[: chooser.randrange(20, len(data))] if turn % 4 == 0 else data)
        for _ in range(chooser.randint(0, 6)):
            changed[chooser.randrange(len(changed))] = chooser.randrange(32, 127)
        file = write(bytes(changed))
        explained, checked = hub("explain", file, "--json"), hub("check", file, "--json")
        assert explained.exit_code == checked.exit_code
        rows = [json.loads(line) for line in explained.stdout.split("\n") if line]
        found = sorted(one["code"] for row in rows[:-1] for one in row.get("findings", ()))
        known = [json.loads(line) for line in checked.stdout.split("\n") if line]
        assert found == sorted(one["code"] for row in known for one in row["findings"])
        told += len(found)
    assert told > 60


def test_page(write, tmp_path):
    out = tmp_path / "page.html"
    hub("explain", write(ORDER.replace("PO-77", "<i>PO</i>")), "--html", out)
    html = out.read_text("utf-8")
    assert "&lt;i&gt;PO&lt;/i&gt;" in html
    assert "<i>" not in html
    assert html.count("<details") == html.count("</details>")
