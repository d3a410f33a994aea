"""The demonstration ERP's data are right, and its own mappings lose nothing."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from hub.mapping.library import MappingLibrary
from hub_soap.demo_erp import DemoErp, quirks
from hub_soap.demo_erp.data import seed


def digit(number: str) -> str:
    """The check digit of the GS1 keys (General Specifications §7.9): weights 3 and 1 from the right."""
    total = sum(int(one) * (3 if place % 2 == 0 else 1) for place, one in enumerate(reversed(number)))
    return str(-total % 10)


def test_the_seed_has_right_numbers() -> None:
    data = seed()
    assert [one["sku"] for one in data["products"]] == [f"SKU{n:04d}" for n in range(1, 9)]
    numbers = [one[key] for one in data["products"] for key in ("gtin", "case_gtin", "upc") if key in one]
    numbers += [one["gln"] for one in [*data["customers"], data["seller"]]]
    assert all(digit(number[:-1]) == number[-1] for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert [one["sku"] for one in data["products"] if one["stock"] == "0"] == ["SKU0007"]
    assert [one["type"] for one in data["customers"]] == ["STORE"] * 3 + ["COMPANY"] * 3


def test_the_program_writes_a_workspace_and_ends_with_its_starter(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hub_soap.demo_erp", "--workspace", str(tmp_path), "--while-stdin"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    word, url = process.stdout.readline().split()
    assert word == "ready"
    assert f'wsdl: "{url}?wsdl"' in (tmp_path / "endpoints" / "erp.yaml").read_text("utf-8")
    secret = tmp_path / "secrets" / "erp-password"
    assert secret.stat().st_mode & 0o077 == 0
    process.communicate("", timeout=10)
    assert process.returncode == 0


def test_an_unknown_quirk_is_refused() -> None:
    with DemoErp() as erp, pytest.raises(ValueError, match="no such quirk: loose"):
        erp.misbehave("createOrder", "lost", "loose")
    assert "lost" in quirks.NAMES


@pytest.mark.parametrize("name", ["customer", "product", "price", "stock", "order"])
def test_every_mapping_of_the_demo_opens(library: MappingLibrary, name: str) -> None:
    assert library.compiled(f"soap/demo-erp.{name}").shape == "tree"


def test_the_plugin_ships_its_data() -> None:
    root = Path(__file__).parents[3]
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    packages = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert "plugins/hub_soap" in packages
