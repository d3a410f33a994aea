"""Sealed segments on disk: ``segments/ab/<digest>`` in the workspace, files that never change."""

from __future__ import annotations

import re
import time
from collections.abc import Container
from pathlib import Path

from hub.durable import write_whole
from hub.replication.sealed import Sealed

FOLDER = "segments"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Shelf:
    """The folder of one workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Where a segment lies. Raises ``ValueError`` for what is no digest: names from outside never become paths."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError("this is no digest")
        return self.folder / digest[:2] / digest

    def put(self, sealed: Sealed) -> None:
        """Keep a segment; it is on the disk when this returns."""
        path = self.path(sealed.digest)
        if path.exists():
            return
        write_whole(path, sealed.data)

    def sweep(self, kept: Container[str], grace: float = 86_400) -> int:
        """Delete the files that are not in ``kept`` and are older than ``grace`` seconds: what a killed sealer left,
        and what retention has dropped. Returns how many."""
        deleted = 0
        for path in self.folder.glob("??/*"):
            try:
                if path.name not in kept and time.time() - path.stat().st_mtime > grace:
                    path.unlink()
                    deleted += 1
            except FileNotFoundError:
                continue
        return deleted
