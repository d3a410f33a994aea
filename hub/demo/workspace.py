"""The demo's workspace and its ERP."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path

from hub.errors import ConfigurationError
from hub.workspace import FOLDERS

FILES = Path(__file__).with_name("files")
ARRIVAL = ("northgate", "hagedorn", "marktfalke")
"""Whose files arrive first; the stock is promised in this order."""


def prepare(root: Path) -> Path:
    """Fill ``root`` (new or empty) with the demo's settings, partners, stores and incoming files."""
    if root.exists() and any(root.iterdir()):
        raise ConfigurationError("the folder is not empty", file=root, hint="Name a new one: hub demo --keep DIR")
    shutil.copytree(FILES, root, dirs_exist_ok=True)
    for name in FOLDERS:
        (root / name).mkdir(exist_ok=True)
    arrived = [path for name in ARRIVAL for path in sorted((root / "inbox" / name).iterdir())]
    for second, path in enumerate(arrived, int(time.time()) - len(arrived)):
        os.utime(path, (second, second))
    return root


def program(name: str) -> str:
    """The module that plays a part of the demo (``erp``, ``till``), as a plugin offers it in the group ``hub.demo``."""
    for point in entry_points(group="hub.demo", name=name):
        return point.value
    raise ConfigurationError(
        f"no installed plugin plays the {name} of the demo", hint="pip install 'erp-edi-hub[x12,soap]'"
    )


@contextmanager
def erp(root: Path) -> Iterator[str]:
    """Run the ERP while the block lasts; its address. It writes its endpoint file and credentials into ``root``, and
    ends by itself if this process dies."""
    command = [sys.executable, "-m", program("erp"), "--workspace", str(root), "--while-stdin"]
    with subprocess.Popen(
        [*command, "--orders", str(root / "erp-orders.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        word, _, address = process.stdout.readline().strip().partition(" ")
        if word != "ready":
            process.kill()
            raise ConfigurationError("the demo's ERP did not start", hint="pip install 'erp-edi-hub[x12,soap]'")
        try:
            yield address
        finally:
            process.stdin.close()
            process.wait(timeout=10)


def till(root: Path, store: str, *words: str) -> str:
    """Ask a store's replica, as its till does; the answer as text."""
    replica = root / "stores" / f"{store}.sqlite"
    done = subprocess.run(
        [sys.executable, "-m", program("till"), str(replica), *words], check=False, capture_output=True, text=True
    )
    return (done.stdout or done.stderr).strip()
