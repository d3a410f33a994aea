"""Files with odd names, and disks that fail."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import pytest

from hub.errors import ConfigurationError, TemporaryError
from hub.exchange import reading
from hub.exchange.receive import receive
from hub.exchange.session import Hub
from hub.repository import PayloadRef
from hub.repository.records import ExchangeState


def test_a_file_name_that_is_no_text(hub: Hub, workspace: Path, interchange) -> None:
    file = workspace / "inbox" / "grocer" / os.fsdecode(b"\xff\xfe.edi")
    file.write_bytes(interchange(1, ["PO1"]))
    (outcome,) = receive(hub)
    assert (outcome.filename, outcome.state) == ("??.edi", ExchangeState.ACCEPTED)
    assert not file.exists()


def test_a_file_that_the_disk_does_not_give_waits_and_the_others_do_not(
    hub: Hub, workspace: Path, interchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, number in (("a.edi", 1), ("b.edi", 2)):
        (workspace / "inbox" / "grocer" / name).write_bytes(interchange(number, [f"PO{number}"]))
    store = hub.repository.store_payload

    def failing(stream: BinaryIO) -> PayloadRef:
        if b"000000001" in stream.read(200):
            raise OSError(5, "Input/output error")
        stream.seek(0)
        return store(stream)

    monkeypatch.setattr(hub.repository, "store_payload", failing)
    with pytest.raises(TemporaryError, match=r"a\.edi: the file cannot be read: input/output error"):
        list(receive(hub))
    with hub.repository.read() as tx:
        assert [one.control for one in tx.exchanges(direction="in")] == ["000000002"]
    assert [file.name for file in (workspace / "inbox" / "grocer").iterdir()] == ["a.edi"]


def test_a_stream_that_fails_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="input/output error"):
        reading.headed(_Failing())  # type: ignore[arg-type]


class _Failing:
    def read(self, size: int) -> bytes:
        raise OSError(5, "Input/output error")
