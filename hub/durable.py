"""Files that are on the disk when the call returns, whole or not at all, also where the power fails right after."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put a file with this content in the place of ``path``; its folder is made if it is missing. Raises OSError."""
    _make(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        _fill(handle, data)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    settle(path.parent)


def write_new(path: Path, data: bytes) -> None:
    """Make a file that only its owner may read, not even for a moment anybody else. Raises FileExistsError."""
    _make(path.parent)
    _fill(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), data)
    settle(path.parent)


def settle(folder: Path) -> None:
    """Put the names in a folder on the disk: without this a power cut could take a file that was synced with it."""
    with suppress(OSError, AttributeError):  # Windows opens no folders, and needs none
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _make(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        settle(folder.parent)


def _fill(handle: int, data: bytes) -> None:
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
