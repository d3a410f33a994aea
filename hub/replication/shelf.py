"""Sealed segments on disk: ``segments/ab/<digest>`` in the workspace, files that never change."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Container
from pathlib import Path

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
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(sealed.data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

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
