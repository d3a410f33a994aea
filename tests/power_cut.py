"""Power cuts, made from what SQLite really does with its files.

``recorded()`` puts a layer between the SQLite of this Python and the disk that notes every write, truncation, sync,
creation and removal in order. ``after_power_cut`` makes the files as they may lie there when the power fails at some
moment of that record: what was synced is there, of everything else each sector of 512 bytes is there or not, as chance
has it. Nothing else is assumed of the disk but that a sync is one. (A ``kill -9`` shows none of this: the kernel
keeps what was written.)
"""

from __future__ import annotations

import ctypes
import os
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECTOR = 512
_OPEN_DELETES_ON_CLOSE = 0x8

_pointer, _int, _int64, _text = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64, ctypes.c_char_p
# Names as pointers: SQLite keeps the one that it gets, which must therefore be its own and not a copy.
_Open = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _pointer, _int, ctypes.POINTER(_int))
_Delete = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _int)
_Write = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _int, _int64)
_Truncate = ctypes.CFUNCTYPE(_int, _pointer, _int64)
_Sync = ctypes.CFUNCTYPE(_int, _pointer, _int)


class _Vfs(ctypes.Structure):
    """``sqlite3_vfs``, version 3 (sqlite3.h). What is not named here is copied as it is."""

    _fields_ = (
        ("version", _int), ("file_size", _int), ("path_size", _int), ("next", _pointer), ("name", _text),
        ("data", _pointer), ("open", _pointer), ("delete", _pointer), ("rest", _pointer * 14),
    )  # fmt: skip


class _Methods(ctypes.Structure):
    """``sqlite3_io_methods``, version 3 (sqlite3.h)."""

    _fields_ = (
        ("version", _int), ("close", _pointer), ("read", _pointer), ("write", _pointer), ("truncate", _pointer),
        ("sync", _pointer), ("rest", _pointer * 13),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """``kind`` is create, write, truncate, sync, delete, folder (its entries are on the disk) or mark. A ``write`` has
    ``at`` and ``data``; a ``truncate`` the new size in ``at``; a ``mark`` what the program had done by then."""

    kind: str
    file: str = ""
    at: int = 0
    data: bytes = b""
    mark: Any = None


@dataclass
class Record:
    """What was there ``before``, by name, and what happened then, in order. ``mark`` notes what must be on the disk
    from this moment on."""

    before: dict[str, bytes] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def mark(self, what: Any) -> None:
        """Note that the program has told somebody: a receipt was printed, an upload acknowledged."""
        self.events.append(Event("mark", mark=what))

    def marks(self, until: int) -> list[Any]:
        """What had been told before the event with this number."""
        return [event.mark for event in self.events[:until] if event.kind == "mark"]


class Unwatchable(Exception):
    """This Python's SQLite does not let itself be watched (linked statically, without its C interface)."""


@contextmanager
def recorded(folder: Path) -> Iterator[Record]:
    """Record what every SQLite connection that is opened inside does to files in ``folder``. Raises ``Unwatchable``."""
    layer = _Layer(folder)
    fsync = os.fsync

    def watched(handle: int) -> None:
        fsync(handle)
        if os.path.samestat(os.fstat(handle), folder.stat()):
            layer.record.events.append(Event("folder"))

    os.fsync = watched
    layer.install()
    try:
        yield layer.record
    finally:
        layer.remove()
        os.fsync = fsync


class _Layer:
    def __init__(self, folder: Path) -> None:
        import _sqlite3

        self.record = Record({file.name: file.read_bytes() for file in folder.iterdir()})
        self._folder = folder.resolve()
        self._names: dict[int, str] = {}
        self._tables: dict[int, _Methods] = {}
        try:
            self._library = ctypes.CDLL(_sqlite3.__file__)
            self._library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        except (AttributeError, OSError) as problem:
            raise Unwatchable(str(problem)) from problem
        self._real = self._library.sqlite3_vfs_find(None)
        self._ours = _Vfs.from_buffer_copy(self._real.contents)
        self._ours.name = b"recording"
        # Python's objects must live as long as SQLite calls them.
        self._keep: list[Any] = [_Open(self._open), _Delete(self._delete)]
        self._ours.open, self._ours.delete = (ctypes.cast(one, _pointer) for one in self._keep)

    def install(self) -> None:
        self._library.sqlite3_vfs_register(ctypes.byref(self._ours), 1)

    def remove(self) -> None:
        self._library.sqlite3_vfs_register(self._real, 1)
        self._library.sqlite3_vfs_unregister(ctypes.byref(self._ours))

    def _open(self, vfs: int, name: int | None, file: int, flags: int, out: Any) -> int:
        path = _path(name)
        new = path is not None and not path.exists()
        result = int(_Open(self._real.contents.open)(vfs, name, file, flags, out))
        if result == 0 and path is not None and path.parent == self._folder and not flags & _OPEN_DELETES_ON_CLOSE:
            self._names[file] = path.name
            slot = ctypes.cast(file, ctypes.POINTER(_pointer))
            slot[0] = ctypes.addressof(self._watched(int(slot[0] or 0)))
            if new:
                self.record.events.append(Event("create", path.name))
        return result

    def _watched(self, methods: int) -> _Methods:
        """The file's methods with ours in the place of those that change it."""
        if methods not in self._tables:
            real = _Methods.from_address(methods)
            ours = _Methods.from_buffer_copy(real)
            write, truncate, sync = _Write(real.write), _Truncate(real.truncate), _Sync(real.sync)
            note = self.record.events.append

            def writes(file: int, data: int, size: int, at: int) -> int:
                note(Event("write", self._names[file], at, ctypes.string_at(data, size)))
                return int(write(file, data, size, at))

            def truncates(file: int, size: int) -> int:
                note(Event("truncate", self._names[file], size))
                return int(truncate(file, size))

            def syncs(file: int, flags: int) -> int:
                result = int(sync(file, flags))
                note(Event("sync", self._names[file]))
                return result

            kept = [_Write(writes), _Truncate(truncates), _Sync(syncs)]
            ours.write, ours.truncate, ours.sync = (ctypes.cast(one, _pointer) for one in kept)
            self._keep += kept
            self._tables[methods] = ours
        return self._tables[methods]

    def _delete(self, vfs: int, name: int, sync_folder: int) -> int:
        result = int(_Delete(self._real.contents.delete)(vfs, name, sync_folder))
        path = _path(name)
        if result == 0 and path is not None and path.parent == self._folder:
            self.record.events.append(Event("delete", path.name))
            if sync_folder:
                self.record.events.append(Event("folder"))
        return result


def _path(name: int | None) -> Path | None:
    return Path(os.fsdecode(ctypes.string_at(name))).resolve() if name else None


@dataclass
class _File:
    """``content`` is certain, ``waiting`` what was done since. ``listed``: the folder certainly names it."""

    content: bytearray = field(default_factory=bytearray)
    listed: bool = False
    waiting: list[Event] = field(default_factory=list)

    def settle(self, luck: Callable[[], bool]) -> None:
        """Take over what waits: each sector, and each truncation, where ``luck`` says so."""
        for event in self.waiting:
            if event.kind == "truncate":
                if luck():
                    del self.content[event.at :]
                continue
            at, end = event.at, event.at + len(event.data)
            while at < end:
                until = min(end, at - at % SECTOR + SECTOR)
                if luck():
                    self.content.extend(bytes(max(0, until - len(self.content))))
                    self.content[at:until] = event.data[at - event.at : until - event.at]
                at = until
        self.waiting = []


class _Disk:
    """What the events of a record certainly leave."""

    def __init__(self, before: Mapping[str, bytes]) -> None:
        self.files = {name: _File(bytearray(content), listed=True) for name, content in before.items()}
        self.removed: dict[str, _File] = {}

    def take(self, event: Event) -> None:
        match event.kind:
            case "create":
                self.files[event.file] = _File()
            case "write" | "truncate":
                self.files[event.file].waiting.append(event)
            case "sync":
                file = self.files[event.file]
                file.settle(lambda: True)
                # SQLite's first sync of a journal or log also syncs the folder that holds it (os_unix.c, unixSync).
                if not file.listed and event.file.endswith(("-wal", "-journal")):
                    self._settle_folder()
            case "delete":
                self.removed[event.file] = self.files.pop(event.file)
            case "folder":
                self._settle_folder()

    def _settle_folder(self) -> None:
        self.removed = {}
        for file in self.files.values():
            file.listed = True


def after_power_cut(record: Record, until: int, rng: random.Random, folder: Path) -> None:
    """Write into the empty ``folder`` the files as a power cut before event number ``until`` may leave them."""
    disk = _Disk(record.before)
    for event in record.events[:until]:
        disk.take(event)
    kept = rng.choice((0.0, 0.5, 0.9, 1.0))
    back = {name: file for name, file in disk.removed.items() if name not in disk.files and rng.random() < 0.5}
    for name, file in {**back, **disk.files}.items():
        if file.listed or rng.random() < kept:
            file.settle(lambda: rng.random() < kept)
            (folder / name).write_bytes(file.content)
