"""Files that arrive: which ones there are, whose they are, and where they go when they are in the repository.

The inbox is hostile ground: partners write into it. Names are shown and recorded but never become paths, links are
not followed, and what is still being written is left alone.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hub.errors import ConfigurationError
from hub.workspace import Workspace

UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload")
"""Endings of names that upload programs use for a file that is not whole yet."""

DONE = ".done"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file to receive. ``partner`` is the folder it came through, '' where that says nothing. ``source`` is the
    same for the same file on the next run, and another one for a file that replaced it."""

    path: Path
    filename: str
    partner: str
    source: str
    in_inbox: bool

    def changed(self) -> bool:
        """Whether the file was written to, or replaced, since it was listed."""
        try:
            return _source(self.path, self.path.stat(), self.in_inbox) != self.source
        except FileNotFoundError:
            return True


def arrivals(workspace: Workspace, paths: Sequence[Path], partners: Sequence[str]) -> Iterator[Arrival]:
    """The files of ``paths`` (files or folders, searched to the bottom), oldest first within a folder.

    Raises ``ConfigurationError`` for a path that does not exist."""
    settle = workspace.settings.receive.settle.total_seconds()
    inbox = workspace.inbox.resolve()
    for path in paths:
        if path.is_dir():
            found = [(file, info) for file in _walk(path) if (info := _regular(file))]
            found.sort(key=lambda item: (item[1].st_mtime_ns, item[0]))
        elif path.exists():
            found = [(path, path.stat())]
        else:
            raise ConfigurationError("there is no such file or folder", file=path, hint="Check the path.")
        for file, info in found:
            place = _inside(inbox, file)
            if place is not None and time.time() - info.st_mtime < settle:
                continue
            folder = file.absolute().parent.name if place is None else place[0] if len(place) > 1 else ""
            if place is None and folder not in partners:
                folder = ""
            name = file.name.encode("utf-8", "replace").decode()  # a name on the disk may be any bytes
            yield Arrival(file, name, folder, _source(file, info, place is not None), place is not None)


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith(".") and not name.lower().endswith(UNFINISHED):
                yield Path(root) / name


def _regular(file: Path) -> os.stat_result | None:
    """What ``lstat`` says of a regular file; None for links, pipes, and files that are gone by now."""
    try:
        info = file.lstat()
    except FileNotFoundError:
        return None
    return info if stat.S_ISREG(info.st_mode) else None


def _inside(inbox: Path, file: Path) -> tuple[str, ...] | None:
    """The parts of a file's path below the inbox, or None for a file elsewhere."""
    try:
        return (file.parent.resolve() / file.name).relative_to(inbox).parts
    except ValueError:
        return None


def _source(file: Path, info: os.stat_result, in_inbox: bool) -> str:
    # The inode tells a file that was moved in under an old name from the one that had it before.
    name = str(file.absolute()).encode("utf-8", "replace").decode()
    return f"{'inbox' if in_inbox else 'file'}:{name[-120:]}:{info.st_ino}:{info.st_mtime_ns}:{info.st_size}"


@contextmanager
def claimed(arrival: Arrival) -> Iterator[BinaryIO | None]:
    """The file, opened and locked against another ``hub receive`` on this machine; None where another has it, or it
    is gone. The lock ends with the process, however that ends. It only spares work: what keeps two runs on two
    machines apart is the repository."""
    flags = os.O_RDONLY | (os.O_NOFOLLOW if arrival.in_inbox else 0)
    try:
        descriptor = os.open(arrival.path, flags)
    except FileNotFoundError:
        yield None
        return
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(
            f"the file cannot be read: {reason}", file=arrival.path, hint="Give the hub's user the right to read it."
        ) from None
    with os.fdopen(descriptor, "rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield None
            return
        yield stream


def put_away(workspace: Workspace, arrival: Arrival, exchange_id: str) -> None:
    """Move a file of the inbox to ``inbox/.done``, named after its exchange; nothing where files are kept, the file
    is not in the inbox, or it was replaced meanwhile."""
    if not arrival.in_inbox or workspace.settings.receive.keep or arrival.changed():
        return
    folder = workspace.inbox / DONE
    folder.mkdir(exist_ok=True)
    name = arrival.filename.encode()[-180:].decode(errors="ignore")
    try:
        arrival.path.rename(folder / f"{exchange_id}-{name}")
    except FileNotFoundError:
        return  # another run put it away a moment ago
