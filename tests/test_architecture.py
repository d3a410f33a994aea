"""What the import contracts cannot say: names, sizes, and that built-ins have no way in of their own."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLUGINS = sorted(path.name for path in (ROOT / "plugins").iterdir() if (path / "__init__.py").is_file())
CODE = sorted(path for folder in ("hub", "plugins", "dags") for path in (ROOT / folder).rglob("*.py"))
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_core_names_no_built_in_plugin():
    for path in (ROOT / "hub").rglob("*.py"):
        text = path.read_text()
        for name in PLUGINS:
            assert not re.search(rf"[\"'\s]{name}[\"'.\s]", text), f"{path} names {name}"


def test_every_plugin_is_under_the_contracts_and_declared():
    importlinter = SETTINGS["tool"]["importlinter"]
    assert set(PLUGINS) <= set(importlinter["root_packages"])
    independence = next(one for one in importlinter["contracts"] if one["type"] == "independence")
    assert sorted(independence["modules"]) == PLUGINS
    modules = {value.partition(".")[0] for value in SETTINGS["project"]["entry-points"]["hub"].values()}
    assert sorted(modules) == PLUGINS
    packages = SETTINGS["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert sorted(packages) == ["hub", *(f"plugins/{name}" for name in PLUGINS)]


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "manager", "misc", "base"])
def test_no_module_has_a_name_that_says_nothing(name):
    assert [path for path in CODE if path.stem == name] == []


def test_modules_and_functions_are_small():
    long = [f"{path}: {count}" for path in CODE if (count := len(path.read_text().splitlines())) > 400]
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                size = node.end_lineno - node.lineno + 1
                if size > 60:
                    long.append(f"{path}:{node.lineno} {node.name}: {size}")
    assert long == []


def test_every_chapter_is_there():
    for folder in ("mappings", "dags", "tests", "plugins", "hub/model", "hub/exchange", "hub/repository"):
        assert (ROOT / folder / "README.md").is_file(), folder
    for folder in (*PLUGINS, "../hub/replication", "../hub/cards", "../hub/testing"):
        assert (ROOT / "plugins" / folder / "README.md").is_file(), folder


def test_lock_holds_versions_and_no_addresses():
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[^\s;]+( ; .+)?", line), line
        assert "://" not in line
