"""A till installs no hub: everything but the plugin module works with the standard library alone."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import hub_pos
from hub_pos.plugin import hub_register_replicas

FOLDER = Path(hub_pos.__file__).parent


def test_the_tills_modules_need_the_standard_library_only(tmp_path: Path) -> None:
    modules = sorted(f"hub_pos.{file.stem}" for file in FOLDER.glob("*.py") if file.stem not in ("__init__", "plugin"))
    (tmp_path / "hub_pos").symlink_to(FOLDER)
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfor name in {modules!r}: __import__(name)"
    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True)


def test_the_plugin_offers_sqlite(tmp_path: Path) -> None:
    (offered,) = hub_register_replicas()
    assert offered.kind == "sqlite"
    replica = offered.open({"id": "S1", "path": str(tmp_path / "deep" / "S1.sqlite")})
    assert replica.cursor()["seq"] == 0
    replica.close()


def test_its_own_distribution_needs_nothing() -> None:
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["dependencies"] == []
