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
        ("profile 4711", "marketing: granted since 2026-01-01T08:00:00Z, by email, sms\naccount A-1: 120 points"),
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


@pytest.mark.parametrize(
    "words", ["find nobody", "profile nobody", "product 123", "price nothing", "stock nothing", "orders --status x"]
)
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


def test_a_day_by_hand(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(words: str) -> str:
        assert main([str(shop), *words.split()]) == 0
        return capsys.readouterr().out

    assert run("sell 4006381333931*2@2.50%19 SKU2@1 --tender cash=10") == "S001-1-1  6.00 EUR, change 4.00\n"
    assert run("return S001-1-1 1*1 --reason broken") == "S001-1-2  -2.50 EUR\n"
    assert run("sell x@1 --tender card=1 --terminal 2").startswith("S001-2-1 ")
    assert "Ada" in run("customer name=Ada email=ada@x.example")
    assert run("customer --change 4711 phone=+49431").startswith("Party ")
    assert run("count SKU1 5").startswith("InventoryMovement ")
    assert run("outbox").count("waiting") == 5
    assert "outbox: 6 waiting" in run("status")
    assert run(f"outbox --folder {tmp_path}") == "0 acknowledged, 0 of them quarantined, 5 waiting\n"
    assert (tmp_path / "S001-1.1-5.upload.json").is_file()
    listed = json.loads(run("--json outbox --waiting --terminal 2"))
    assert [(one["seq"], one["number"]) for one in listed] == [(1, "S001-2-1")]
    assert run("outbox --waiting --terminal 3") == "nothing waits\n"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("sell SKU1 --tender cash", "is no tender"),
        ("sell SKU1*2@1 --tender card=1", "still to be paid"),
        ("sell nothing --tender card=1", "no price holds for 'nothing'"),
        ("sell x@1 --tender card=1 --terminal a/b", "is no terminal"),
        ("return S001-1-99 1", "is in no outbox here"),
        ("customer Ada", "is no field"),
        ("customer --change nobody city=Kiel", "is no customer here"),
        ("customer email=x@y.example", "a customer has a name"),
        ("count nothing 3", "has no product"),
        ("outbox --folder no/such", "is no folder"),
    ],
)
def test_what_cannot_be_written(shop: Path, capsys: pytest.CaptureFixture[str], words: str, problem: str) -> None:
    assert main([str(shop), *words.split()]) == 2
    assert problem in capsys.readouterr().err
