"""A complete third-party plugin is installed by pip and used, as anybody's would be."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent / "acme_hub"
ROOT = Path(__file__).parents[2]

TRANSLATE = """
import json, sys
from hub.plugins import Plugins
from hub.testing.contexts import StandaloneReadContext, library_of
plugins = Plugins(strict=False)
library = library_of(plugins)
path = sys.argv[1]
with open(path, "rb") as stream:
    translator = plugins.identify(stream.read(4096), path)
    stream.seek(0)
    for event in translator.read(stream, StandaloneReadContext(library, file=path)):
        for document in getattr(event, "documents", ()):
            found = [str(one) for one in plugins.validate(document, "acme")]
            print(json.dumps({"translator": translator.name, "document": document.canonical_dict(), "found": found}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that pip installed the project into, with nothing from an index."""
    source = tmp_path_factory.mktemp("source") / "acme_hub"
    shutil.copytree(PROJECT, source, ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "--target", str(target), str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(installed), str(ROOT), str(ROOT / "plugins")])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment, cwd=installed
    )


def test_plugin_is_installed_and_translates(installed: Path) -> None:
    done = run(installed, "-c", TRANSLATE, str(PROJECT / "samples" / "orders.jsonl"))
    assert done.returncode == 0, done.stderr
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["translator"] == "acme"
    assert first["document"]["buyer_order_id"] == "4711"
    assert first["document"]["lines"][1] == {
        "line_id": "2",
        "item": {"identifiers": [{"scheme": "seller_assigned", "value": "SKU0003"}]},
        "quantity": {"value": "2", "unit": "XCS"},
        "price": {"amount": "13.80", "currency": "USD", "per": {"value": "1", "unit": "XCS"}},
    }
    assert second["document"]["buyer_order_id"] == "4712"
    assert first["found"] == []


def test_its_validation_is_asked(installed: Path, tmp_path: Path) -> None:
    text = (PROJECT / "samples" / "orders.jsonl").read_text().replace('"wanted": "2026-12-10", ', "")
    file = tmp_path / "late.jsonl"
    file.write_text(text)
    done = run(installed, "-c", TRANSLATE, str(file))
    assert done.returncode == 0, done.stderr
    found = [json.loads(line)["found"] for line in done.stdout.splitlines()]
    assert found == [["error: $.requested_delivery: ACME's orders must say when the goods are wanted"], []]


def test_its_own_tests_pass(installed: Path, tmp_path: Path) -> None:
    for folder in ("tests", "samples"):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    arguments = ("-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(tmp_path), str(tmp_path / "tests"))
    done = run(installed, "-m", "pytest", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


def test_plugin_check_finds_nothing_to_complain_about(installed: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from hub.testing.checking import check_plugin; "
        "print([one for one in check_plugin('acme', [Path(sys.argv[1])]) if one.problem])"
    )
    done = run(installed, "-c", code, str(PROJECT / "samples" / "orders.jsonl"))
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
