"""Payloads: bytes as received or to be sent, named by their SHA-256, compressed, in rows of one mebibyte.

A payload exists once its row in ``payloads`` is committed. Chunks of a large one are committed before, under an
upload id, so that no write lock is held while a slow stream is read; what a killed upload left is swept up later.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO

import zstandard
from sqlalchemy import Connection, delete, select

from hub.repository.failures import NotFound, PayloadDamaged
from hub.repository.identifiers import new_id
from hub.repository.records import PayloadRef
from hub.repository.tables import payload_chunks, payload_uploads, payloads
from hub.repository.work import Work

CHUNK = 1 << 20
_BATCH = 8
_LEVEL = 3

Connect = Callable[[], AbstractContextManager[Connection]]
Begin = Callable[[], AbstractContextManager[Work]]


def store(stream: BinaryIO, begin: Begin, read: Connect) -> PayloadRef:
    """Store a stream of any length in constant memory. Committed when it returns; the same bytes are kept once."""
    digest, size = hashlib.sha256(), 0
    batches = _batches(stream)
    batch = next(batches, [])
    following = next(batches, None)
    if following is None:
        data = b"".join(batch)
        ref = PayloadRef(hashlib.sha256(data).hexdigest(), len(data))
        if not _known(ref.sha256, read):
            with begin() as work:
                store_bytes(work, data, ref)
        return ref
    if stream.seekable() and (known := _already(stream, batch + following, read)):
        return known
    upload, number = new_id(), 0
    waiting: list[bytes] | None = following
    while batch:
        for chunk in batch:
            digest.update(chunk)
            size += len(chunk)
        with begin() as work:
            if number == 0:
                work.add(payload_uploads, {"upload": upload, "started_at": work.now})
            number = _add_chunks(work, upload, number, batch)
        batch = waiting or []
        waiting = next(batches, None)
    ref = PayloadRef(digest.hexdigest(), size)
    with begin() as work:
        _finish(work, ref, upload, number)
        work.write(delete(payload_uploads).where(payload_uploads.c.upload == upload))
    return ref


def store_bytes(work: Work, data: bytes, ref: PayloadRef | None = None) -> PayloadRef:
    """Store bytes inside a transaction that is open already."""
    ref = ref or PayloadRef(hashlib.sha256(data).hexdigest(), len(data))
    if work.one(select(payloads.c.sha256).where(payloads.c.sha256 == ref.sha256)) is None:
        upload = new_id()
        chunks = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
        _finish(work, ref, upload, _add_chunks(work, upload, 0, chunks))
    return ref


def sweep(work: Work, before: datetime) -> int:
    """Delete the chunks of uploads that began before ``before`` and never ended. Returns how many uploads."""
    found = work.rows(select(payload_uploads.c.upload).where(payload_uploads.c.started_at < before))
    for row in found:
        work.write(delete(payload_chunks).where(payload_chunks.c.upload == row.upload))
        work.write(delete(payload_uploads).where(payload_uploads.c.upload == row.upload))
    return len(found)


def open_reader(sha256: str, read: Connect) -> BinaryIO:
    """The stored bytes as a stream that can be read and positioned. Raises NotFound."""
    with read() as connection:
        row = connection.execute(select(payloads).where(payloads.c.sha256 == sha256)).first()
    if row is None:
        raise NotFound(
            f"the repository holds no payload {sha256[:64]}", hint="hub journal list shows the payloads there are."
        )
    return io.BufferedReader(PayloadReader(sha256, row.size, row.chunks, row.upload, read), 1 << 18)


class PayloadReader(io.RawIOBase):
    """Reads one chunk at a time. Every chunk carries its own checksum; a payload that is read from its start to
    its end is also checked against its SHA-256. Raises PayloadDamaged where either does not fit."""

    def __init__(self, sha256: str, size: int, chunks: int, upload: str, read: Connect) -> None:
        super().__init__()
        self._sha256, self._size, self._chunks, self._upload, self._read = sha256, size, chunks, upload, read
        self._position = 0
        self._number, self._chunk = -1, b""
        self._digest, self._digested = hashlib.sha256(), 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As for any stream; a position beyond the end reads as empty."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError(f"a position before the start of the payload: {start + offset}")
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        """The position in bytes from the start."""
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer`` with what is left of the current chunk."""
        if self._position >= self._size or not len(buffer):
            return 0
        number, start = divmod(self._position, CHUNK)
        if number != self._number:
            self._number, self._chunk = number, self._load(number)
        part = self._chunk[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)

    def _load(self, number: int) -> bytes:
        with self._read() as connection:
            stored = connection.execute(
                select(payload_chunks.c.data).where(
                    payload_chunks.c.upload == self._upload, payload_chunks.c.number == number
                )
            ).scalar()
        if stored is None:
            raise self._damaged(f"part {number + 1} of {self._chunks} is missing")
        try:
            chunk = zstandard.ZstdDecompressor().decompress(stored, max_output_size=CHUNK)
        except zstandard.ZstdError as problem:
            raise self._damaged(f"part {number + 1} of {self._chunks}: {problem}") from problem
        if len(chunk) != min(CHUNK, self._size - number * CHUNK):
            raise self._damaged(f"part {number + 1} of {self._chunks} has the wrong length")
        if number == self._digested:
            self._digest.update(chunk)
            self._digested += 1
            if self._digested == self._chunks and self._digest.hexdigest() != self._sha256:
                raise self._damaged("the SHA-256 of what is stored is another one")
        return chunk

    def _damaged(self, why: str) -> PayloadDamaged:
        return PayloadDamaged(
            f"payload {self._sha256} is damaged: {why}",
            hint="Restore the repository from a backup, or ask the partner to send the file again.",
        )


def _batches(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Batches of full chunks (only the very last may be shorter), however little the stream gives at a time."""
    batch: list[bytes] = []
    held = bytearray()
    while data := stream.read(CHUNK - len(held)):
        held += data
        if len(held) == CHUNK:
            batch.append(bytes(held))
            held.clear()
            if len(batch) == _BATCH:
                yield batch
                batch = []
    if held:
        batch.append(bytes(held))
    if batch:
        yield batch


def _add_chunks(work: Work, upload: str, number: int, chunks: list[bytes]) -> int:
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, write_content_size=False)
    for chunk in chunks:
        work.add(payload_chunks, {"upload": upload, "number": number, "data": compressor.compress(chunk)})
        number += 1
    return number


def _finish(work: Work, ref: PayloadRef, upload: str, chunks: int) -> None:
    row = {"sha256": ref.sha256, "size": ref.size, "chunks": chunks, "upload": upload, "created_at": work.now}
    if not work.add(payloads, row, unless=("sha256",)):
        # Somebody stored the same bytes in the meantime; theirs stay.
        work.write(delete(payload_chunks).where(payload_chunks.c.upload == upload))


def _known(sha256: str, read: Connect) -> bool:
    with read() as connection:
        return connection.execute(select(payloads.c.size).where(payloads.c.sha256 == sha256)).first() is not None


def _already(stream: BinaryIO, begun: list[bytes], read: Connect) -> PayloadRef | None:
    """Look through the rest of a large seekable stream: the payload's name if it is stored already, and back."""
    digest, size = hashlib.sha256(), 0
    for chunk in begun:
        digest.update(chunk)
        size += len(chunk)
    place = stream.tell()
    while data := stream.read(CHUNK):
        digest.update(data)
        size += len(data)
    stream.seek(place)
    return PayloadRef(digest.hexdigest(), size) if _known(digest.hexdigest(), read) else None
