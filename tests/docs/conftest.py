"""Runs the code blocks of a README as a reader would: files are written, commands run, their output compared."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Reader:
    """Follows a README in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def follow(self, readme: Path) -> int:
        """Write the files and run the commands of ``readme`` in order; the number of commands."""
        count = 0
        for language, file, text in FENCE.findall(readme.read_text()):
            if file:
                path = self.folder / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            elif language == "console":
                count += self._console(text)
        return count

    def _console(self, text: str) -> int:
        commands = [block.split("\n") for block in re.split(r"^\$ ", text, flags=re.MULTILINE) if block.strip()]
        for command, *shown in commands:
            output = self._run(command)
            for line in shown:
                assert line.strip() in output, f"$ {command}\ndoes not print: {line}\nbut:\n{output}"
        return len(commands)

    def _run(self, command: str) -> str:
        words = shlex.split(command)
        assert words[0] == "hub", f"only hub commands are shown in the chapters, not: {command}"
        done = subprocess.run(
            [sys.executable, "-m", "hub", *words[1:]], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"$ {command}\nexit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
