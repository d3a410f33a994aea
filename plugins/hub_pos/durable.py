"""Files that are on the disk when the call returns, whole or not at all, also where the power fails right after."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put a file with this content in the place of ``path``. One process at a time writes it. Raises OSError."""
    half = path.with_name(path.name + ".new")
    half.unlink(missing_ok=True)
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    half.replace(path)
    settle(path.parent)


def settle(folder: Path) -> None:
    """Put the names in a folder on the disk: without this a power cut could take a file that was synced with it."""
    with suppress(OSError, AttributeError):  # Windows opens no folders, and needs none
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
