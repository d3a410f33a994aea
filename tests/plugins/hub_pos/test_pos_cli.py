from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub_pos.__main__ import main


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("find muller kiel", "1001  Müller & Söhne  Kiel  ON HOLD"),
        ("product 4006381333931", "SKU1  Käse jung"),
        ("product brot", "SKU2  Brot"),
        ("price SKU1 --at 2026-03-15T09:00+01:00", "2.50 EUR per 1 (the store's price list RTL)"),
        ("price SKU1 --qty 12 --at 2026-03-15T09:00+01:00", "2.20 EUR"),
        ("price SKU1 --customer 4711 --at 2026-03-15T09:00+01:00", "2.10 EUR"),
        ("stock SKU1", "gln:0614141000012: on hand 7, available 5 EA"),
        ("orders", "PO-1  2026-02-01  accepted  Müller  2 lines  25.00 EUR"),
        ("orders --status received", "PO-2"),
        ("status", "store S001 at 17 of epoch e1"),
    ],
)
def test_an_answer(shop: Path, capsys: pytest.CaptureFixture[str], words: str, shown: str) -> None:
    assert main([str(shop), *words.split()]) == 0
    out = capsys.readouterr().out
    assert shown in out
    assert " old)" in out


def test_an_answer_for_programs(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(shop), "--json", "find", "4711"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "Müller & Söhne"


@pytest.mark.parametrize("words", ["find nobody", "product 123", "price nothing", "stock nothing", "orders --status x"])
def test_nothing_found(shop: Path, capsys: pytest.CaptureFixture[str], words: str) -> None:
    assert main([str(shop), *words.split()]) == 1
    assert "nothing found" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "problem"),
    [("price SKU1 --qty many", "--qty is a number"), ("price SKU1 --at soon", "--at a moment"),
     ("price SKU1 --at 2026-01-01", "time zone"), ("price SKU1 --customer nobody", "no customer 'nobody'")],
)  # fmt: skip
def test_wrong_use(shop: Path, capsys: pytest.CaptureFixture[str], words: str, problem: str) -> None:
    assert main([str(shop), *words.split()]) == 2
    assert problem in capsys.readouterr().err


def test_no_replica(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "x.sqlite"), "status"]) == 2
    assert "there is no replica" in capsys.readouterr().err
