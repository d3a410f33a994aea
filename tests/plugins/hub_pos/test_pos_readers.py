"""Tills read while the hub writes: never blocked, always one checkpoint."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hub_pos import Replica, Till

Make = Callable[..., dict[str, Any]]
ROWS = 300


def _version(number: int) -> list[tuple[int, str, str, Any]]:
    return [
        (number, "product", f"p{row}", {"name": f"v{number}", "barcodes": [{"gtin": f"{row:014d}"}]})
        for row in range(ROWS)
    ]


def test_a_reader_sees_whole_checkpoints_only(replica: Replica, path: Path, checkpoint: Make) -> None:
    replica.apply(checkpoint(0, 1, {"a": _version(1)}, reset=("", 0)))
    seen: list[tuple[set[str], int]] = []
    done = threading.Event()

    def read() -> None:
        with Till(path) as till:
            while not done.is_set():
                products = till.find_product("v", limit=ROWS)
                seen.append(({product.name for product in products}, len(products)))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(2, 12):
        replica.apply(checkpoint(number - 1, number, {"a": _version(number)}, held=["a"]))
    done.set()
    for reader in readers:
        reader.join(timeout=30)
    assert len(seen) > 2
    assert all(len(names) == 1 and count == ROWS for names, count in seen)


def test_a_reader_does_not_wait_for_a_long_checkpoint(replica: Replica, path: Path, checkpoint: Make) -> None:
    replica.apply(checkpoint(0, 1, {"a": _version(1)}, reset=("", 0)))
    inside, release = threading.Event(), threading.Event()

    def slow() -> Iterator[dict[str, Any]]:
        for row in range(2_500):
            yield {"seq": 2, "entity": "product", "id": f"p{row}", "op": "put", "row": {"name": "v2"}}
        inside.set()
        release.wait(30)

    sent = checkpoint(1, 2, {"a": []}, held=["a"])
    sent["segments"][0]["changes"] = slow()
    errors: list[BaseException] = []

    def write() -> None:
        try:
            writer = Replica(path)
            writer.apply(sent)
            writer.close()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    assert inside.wait(30)
    started = time.monotonic()
    with Till(path) as till:
        found = till.product_by_barcode("00000000000017")
        assert till.status().seq == 1
    assert time.monotonic() - started < 5
    assert found is not None
    assert found.name == "v1"
    release.set()
    thread.join(timeout=30)
    assert errors == []
    with Till(path) as till:
        assert till.status().seq == 2
