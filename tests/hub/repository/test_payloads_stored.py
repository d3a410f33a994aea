"""Payloads: any bytes, once, verified."""

from __future__ import annotations

import hashlib
import io
import random
import tracemalloc
from datetime import timedelta

import pytest
import zstandard
from sqlalchemy import Executable, delete, text, update

from hub.repository import NotFound, PayloadDamaged, Repository
from hub.repository.payloads import CHUNK
from hub.repository.tables import payload_chunks

_OTHER_CHUNK = zstandard.compress(bytes(CHUNK))


class Dripping(io.RawIOBase):
    """A stream that cannot be positioned and gives little at a time, like a socket."""

    def __init__(self, size: int, fail_at: int | None = None) -> None:
        super().__init__()
        self.left, self.given, self.fail_at = size, 0, fail_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        if self.fail_at is not None and self.given >= self.fail_at:
            raise OSError("connection reset")
        count = min(len(buffer), self.left, 300_007)
        buffer[:count] = (b"%08d" % self.given * (count // 8 + 1))[:count]
        self.left -= count
        self.given += count
        return count


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 8 * CHUNK, 8 * CHUNK + 1, 17 * CHUNK + 5])
def test_what_is_stored_is_what_is_read(repository: Repository, size: int) -> None:
    data = random.Random(size).randbytes(size)
    ref = repository.store_payload(data)
    assert (ref.sha256, ref.size) == (hashlib.sha256(data).hexdigest(), size)
    assert repository.store_payload(io.BytesIO(data)) == ref
    with repository.open_payload(ref.sha256) as stream:
        assert stream.read() == data
        for place in (size // 2, 0, max(0, size - 3), size + 10):
            stream.seek(place)
            assert stream.read(10) == data[place : place + 10]


def test_the_same_bytes_are_kept_once(repository: Repository) -> None:
    data = b"UNB+UNOC:3'" * 1_200_000
    for source in (data, io.BytesIO(data), Dripping(0)):
        repository.store_payload(source)  # type: ignore[arg-type]
    with repository.read() as tx:
        assert tx.connection.execute(text("SELECT count(*) FROM payloads")).scalar() == 2
        assert tx.connection.execute(text("SELECT count(*) FROM payload_uploads")).scalar() == 0
        chunks = tx.connection.execute(text("SELECT count(*) FROM payload_chunks")).scalar()
    assert chunks == -(-len(data) // CHUNK)


def test_a_stream_of_any_length_needs_little_memory(repository: Repository) -> None:
    tracemalloc.start()
    try:
        ref = repository.store_payload(Dripping(60 * CHUNK))  # type: ignore[arg-type]
        digest = hashlib.sha256()
        with repository.open_payload(ref.sha256) as stream:
            while part := stream.read(100_000):
                digest.update(part)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert digest.hexdigest() == ref.sha256
    assert peak < 30 * CHUNK


def test_an_upload_that_fails_leaves_nothing_after_the_sweep(repository: Repository) -> None:
    with pytest.raises(OSError, match="connection reset"):
        repository.store_payload(Dripping(30 * CHUNK, fail_at=20 * CHUNK))  # type: ignore[arg-type]
    assert repository.sweep() == 0
    assert repository.sweep(timedelta(0)) == 1
    with repository.read() as tx:
        for table in ("payloads", "payload_chunks", "payload_uploads"):
            assert tx.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


@pytest.mark.parametrize(
    "harm",
    [
        update(payload_chunks).where(payload_chunks.c.number == 1).values(data=b"\0"),
        update(payload_chunks).where(payload_chunks.c.number == 1).values(data=_OTHER_CHUNK),
        update(payload_chunks).where(payload_chunks.c.number == 2).values(number=-1),
        delete(payload_chunks).where(payload_chunks.c.number == 1),
    ],
)
def test_damage_is_noticed(repository: Repository, harm: Executable) -> None:
    ref = repository.store_payload(random.Random(1).randbytes(2 * CHUNK + 5))
    with repository.begin() as tx:
        tx.connection.execute(harm)
    with repository.open_payload(ref.sha256) as stream, pytest.raises(PayloadDamaged, match="Restore the repository"):
        stream.read()


def test_an_unknown_payload_is_named(repository: Repository) -> None:
    with pytest.raises(NotFound, match="no payload abc"):
        repository.open_payload("abc")


def test_storing_inside_a_transaction_is_refused_rather_than_waiting_for_itself(repository: Repository) -> None:
    with repository.begin() as tx:
        with pytest.raises(RuntimeError, match="wait for itself"):
            repository.store_payload(b"x")
        ref = tx.store_payload(b"x")
    assert repository.open_payload(ref.sha256).read() == b"x"
