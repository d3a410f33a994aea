"""Snapshots of buckets on disk: made in one pass over the documents, read by any number of stores."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import zstandard

_ROWS_IN_MEMORY = 20_000


class Spool:
    """Rows by bucket, zstd JSON lines in a temporary folder that is removed at the end.

    Memory stays bounded whatever the number of rows and buckets: rows wait until they are many, then every bucket's
    share is appended to its file as one zstd frame.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="hub-snapshot-")
        self._waiting: dict[str, list[str]] = {}
        self._rows = 0
        self._files: dict[str, Path] = {}
        self._sizes: dict[str, int] = {}

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def add(self, buckets: frozenset[str], change: dict[str, Any]) -> None:
        """Put one row into each of ``buckets``."""
        line = json.dumps(change, ensure_ascii=False, separators=(",", ":"))
        for bucket in buckets:
            self._waiting.setdefault(bucket, []).append(line)
            self._rows += 1
        if self._rows >= _ROWS_IN_MEMORY:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        compressor = zstandard.ZstdCompressor(level=3)
        for bucket, lines in self._waiting.items():
            file = self._files.setdefault(bucket, Path(self._folder.name, f"{len(self._files)}.zst"))
            frame = compressor.compress(("\n".join(lines) + "\n").encode())
            with file.open("ab") as stream:
                stream.write(frame)
            self._sizes[bucket] = self.size(bucket) + len(frame)
        self._waiting.clear()
        self._rows = 0

    def size(self, bucket: str) -> int:
        """Bytes of a bucket as it would travel; 0 for an empty one."""
        return self._sizes.get(bucket, 0)

    def rows(self, bucket: str) -> Iterator[dict[str, Any]]:
        """The rows of a bucket, streamed."""
        file = self._files.get(bucket)
        if file is None:
            return
        with file.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as stream:
            rest = b""
            while block := stream.read(1 << 16):
                *lines, rest = (rest + block).split(b"\n")
                for line in lines:
                    yield json.loads(line)
