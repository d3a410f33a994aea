"""A new plugin project works as it is written, and the check of a plugin tells what is wrong with it."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from hub.errors import ConfigurationError
from hub.scaffold import check_plugin, new_plugin

ROOT = Path(__file__).parents[3]


def test_new_project_passes_its_own_tests(tmp_path: Path) -> None:
    files = new_plugin("zebra", tmp_path)
    project = tmp_path / "hub-zebra"
    assert {path.relative_to(project).as_posix() for path in files} == {
        "pyproject.toml", "README.md", "hub_zebra/__init__.py", "tests/test_zebra.py",
    }  # fmt: skip
    source = (project / "hub_zebra" / "__init__.py").read_text()
    assert len([line for line in source.splitlines() if line.strip()]) <= 12
    info = tmp_path / "site" / "hub_zebra-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hub-zebra\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[hub]\nzebra = hub_zebra\n")
    path = os.pathsep.join(map(str, (tmp_path / "site", project, ROOT, ROOT / "plugins")))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    done = subprocess.run(
        [*command, "--rootdir", str(project), "tests"], cwd=project,
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


@pytest.mark.parametrize("name", ["", "Zebra", "1x", "a-b", "class", "../x", "x" * 40])
def test_names_that_cannot_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be a plugin's name"):
        new_plugin(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_names_and_folders_that_are_taken(tmp_path: Path) -> None:
    if any(point.name == "csv" for point in metadata.entry_points(group="hub")):
        with pytest.raises(ConfigurationError, match="a plugin called 'csv' is installed already"):
            new_plugin("csv", tmp_path)
    (tmp_path / "hub-zebra").mkdir()
    with pytest.raises(ConfigurationError, match="hub-zebra: the folder is there already"):
        new_plugin("zebra", tmp_path)


def test_check_of_a_built_in_plugin_with_a_sample() -> None:
    sample = ROOT / "tests" / "samples" / "csv" / "marketplace-orders.csv"
    checks = check_plugin("csv", [sample])
    assert [check for check in checks if check.problem] == []
    assert len(checks) > 15


def test_check_tells_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "wrong_one.py").write_text("import no_such_library\n")
    hooked = "from hub.hookspecs import hookimpl\n@hookimpl\n"
    (tmp_path / "wrong_two.py").write_text(f"{hooked}def hub_register_thing(): ...\n")
    folder = tmp_path / "mappings" / "zoo"
    folder.mkdir(parents=True)
    (folder / "order.1.yaml").write_text("document: Elephant\ntree: { a: b }\n")
    (tmp_path / "wrong_three.py").write_text(
        f"import pathlib\n{hooked}def hub_register_mappings(): return [pathlib.Path(__file__).parent / 'mappings']\n"
    )
    (one,) = check_plugin("wrong_one")
    assert one.problem == "module 'no_such_library' is not installed; pip install 'no_such_library'"
    (two,) = check_plugin("wrong_two")
    assert "implements hub_register_thing, which is no hook of the hub" in two.problem
    failing = [check for check in check_plugin("wrong_three") if check.problem]
    assert [check.name for check in failing] == ["mapping zoo/order.1"]
    assert "Elephant" in failing[0].problem


def test_check_needs_something_to_check(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no plugin and no module called 'nobody'"):
        check_plugin("nobody")
    with pytest.raises(ConfigurationError, match="no such file"):
        check_plugin("csv", [tmp_path / "none.csv"])
