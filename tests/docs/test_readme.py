"""The main README: its commands run, its links lead somewhere, its table names every command."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest


def test_first_minutes_work_as_written(reader, root):
    assert reader.follow(root / "README.md") >= 4


def test_every_chapter_exists_and_links_lead_somewhere(root):
    for readme in [root / "README.md", *root.glob("*/README.md"), *root.glob("*/*/README.md")]:
        if ".venv" in readme.parts:
            continue
        for link in re.findall(r"\]\(([^)#\s]+)", readme.read_text()):
            if "://" not in link:
                assert (readme.parent / link).exists(), f"{readme}: {link}"


def test_every_command_is_in_the_readme(root):
    helped = subprocess.run([sys.executable, "-m", "hub", "--help"], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^  ([a-z]+)  ", helped.partition("Commands:")[2], re.MULTILINE)
    assert len(commands) >= 14
    text = (root / "README.md").read_text()
    for command in commands:
        assert f"`hub {command}" in text, f"hub {command} is not in README.md"


@pytest.mark.parametrize("hook", ["hub_register_translators", "hub_validate"])
def test_hooks_are_documented(root, hook):
    assert hook in (root / "plugins" / "README.md").read_text()


def test_every_hook_has_a_heading_or_row(root):
    specs = re.findall(r"^def (hub_\w+)\(", (root / "hub" / "hookspecs.py").read_text(), re.MULTILINE)
    text = (root / "plugins" / "README.md").read_text()
    assert specs
    assert [hook for hook in specs if hook not in text] == []
