"""Bytes of sealed segments beside JSON lines and beside the entropy that nothing can go below; what a till needs to
apply them beside a bare ``executemany``."""

from __future__ import annotations

import json
import math
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import zstandard

from hub.replication.sealed import Contents, Put, Set, seal
from hub.repository.identifiers import new_id
from hub_pos import Replica
from hub_pos.manifest import checkpoint_of
from tests.bench.timing import say

ROWS = 100_000
PART = 10_000
CHANGED = 5_000
ROUNDS = 3


def _price(rng: random.Random) -> dict[str, Any]:
    sku = f"{rng.randrange(10**8):08d}"
    gtin = f"{rng.randrange(10**12, 10**13):014d}"
    return {
        "item": f"gtin:{gtin}", "items": [{"item": f"own:{sku}"}], "price_list": "RTL",
        "amount": f"{rng.randrange(10, 99_999) / 100:.2f}", "currency": "EUR", "basis": "retail", "tax_included": True,
        "valid_from": f"2026-{rng.randrange(1, 13):02d}-01",
    }  # fmt: skip


def _lines(changes: list[dict[str, Any]]) -> int:
    """Bytes of the same changes as JSON lines, zstd level 3."""
    text = "\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in changes)
    return len(zstandard.ZstdCompressor(level=3).compress(text.encode()))


def _plain(seq: int, id_: str, row: dict[str, Any]) -> dict[str, Any]:
    return {"seq": seq, "entity": "price", "id": id_, "op": "put", "row": row}


def _checkpoint(parts: list[Any], first: int, last: int, *, snapshot: bool) -> dict[str, Any]:
    listed = [
        {"bucket": "zone:RTL", "first": 0 if snapshot else first, "last": last, "snapshot": snapshot,
         "digest": one.digest, "bytes": len(one.data)}
        for one in parts
    ]  # fmt: skip
    origin = {"epoch": "" if snapshot else "e", "seq": first, "buckets": [] if snapshot else ["zone:RTL"]}
    manifest = {"epoch": "e", "schema": 1, "last": last, "reset": snapshot, "from": origin, "segments": listed}
    data = {one.digest: one.data for one in parts}
    return checkpoint_of(manifest, data.__getitem__)


def main() -> None:
    """Print bytes a row and seconds, each with its ratio."""
    rng = random.Random(1)
    rows = [(number, new_id(), _price(rng)) for number in range(1, ROWS + 1)]
    parts = [
        seal(
            "zone:RTL", 0, ROWS, Contents(puts=[Put(n, "price", id_, row) for n, id_, row in rows[at : at + PART]]),
            snapshot=True,
        )
        for at in range(0, ROWS, PART)
    ]  # fmt: skip
    lines = sum(_lines([_plain(n, id_, row) for n, id_, row in rows[at : at + PART]]) for at in range(0, ROWS, PART))
    ours = sum(len(one.data) for one in parts)
    say(f"an inserted row: {ours / ROWS:.1f} B, as JSON lines {lines / ROWS:.1f} B: {ours / lines:.2f} (target 0.75)")
    chosen = sorted(rng.sample(rows, CHANGED))
    changed = [(n, id_, {**row, "amount": f"{rng.randrange(10, 99_999) / 100:.2f}"}) for n, id_, row in chosen]
    update = seal("zone:RTL", ROWS, ROWS + 1, Contents(sets=[Set(n, "price", ("amount",), r) for n, _, r in changed]))
    whole = _lines([_plain(ROWS + 1, id_, row) for _, id_, row in changed])
    share = CHANGED / ROWS
    which = (-share * math.log2(share) - (1 - share) * math.log2(1 - share)) / share / 8
    floor = which + math.log2(99_989) / 8
    bytes_ = len(update.data) / CHANGED
    say(f"a price change: {bytes_:.2f} B (target 8), whole row as JSON lines {whole / CHANGED:.1f} B")
    shares = f"with numbers {floor:.2f} B, {bytes_ / floor:.2f} x; with UUIDs 18 B, {bytes_ / 18:.2f} x (target 1.25)"
    say(f"  floor {shares}")
    with tempfile.TemporaryDirectory() as name:
        _apply(Path(name), rows, changed, parts)


def _apply(folder: Path, rows: list[Any], changed: list[Any], parts: list[Any]) -> None:
    """Both loads and both kinds of changes in turn, the best of several rounds, processor time."""
    load, bare_load, change, bare_change = ([] for _ in range(4))
    for number in range(ROUNDS):
        path = folder / f"{number}.sqlite"
        with closing(Replica(path)) as replica:
            load.append(_seconds(lambda: replica.apply(_checkpoint(parts, 0, ROWS, snapshot=True))))
        with closing(_bare(folder / f"bare{number}.sqlite")) as connection:
            bare_load.append(_seconds(lambda: _write(connection, rows, ROWS, lists=True)))
            for turn in range(1, ROUNDS + 1):
                last = ROWS + turn
                sets = Contents(sets=[Set(n, "price", ("amount",), row) for n, _, row in changed])
                made = seal("zone:RTL", last - 1, last, sets)
                with closing(Replica(path)) as replica:
                    wanted = _checkpoint([made], last - 1, last, snapshot=False)
                    change.append(_seconds(partial(replica.apply, wanted)))
                bare_change.append(_seconds(partial(_write, connection, changed, last, lists=False)))
    _ratio("first load", ROWS, min(load), min(bare_load), "0.55")
    _ratio("price changes, beside whole rows", CHANGED, min(change), min(bare_change), "1.5")


def _ratio(what: str, count: int, seconds: float, bare: float, target: str) -> None:
    say(f"{what}: {count / seconds:,.0f} rows/s, bare {count / bare:,.0f}: {bare / seconds:.2f} (target {target})")


def _seconds(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


_NAMES = ("item", "price_list", "amount", "currency", "basis", "tax_included", "valid_from")
_UPSERT = (
    f"INSERT INTO price (id, seq, row_no, {', '.join(_NAMES)}) VALUES ({', '.join('?' * (len(_NAMES) + 3))})"
    f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in (*_NAMES, 'seq'))}"
)


def _bare(path: Path) -> sqlite3.Connection:
    """The same tables and indexes, without anything around."""
    Replica(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA wal_autocheckpoint = 16000")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _write(connection: sqlite3.Connection, many: list[Any], seq: int, *, lists: bool) -> None:
    """Whole rows with ``executemany``; with ``lists`` their items and memberships too."""
    connection.execute("BEGIN")
    connection.executemany(_UPSERT, [(id_, seq, n, *(row[one] for one in _NAMES)) for n, id_, row in many])
    if lists:
        items = [(id_, one["item"]) for _, id_, row in many for one in row["items"]]
        connection.executemany("INSERT INTO price_item VALUES (?, ?)", items)
        connection.executemany("INSERT INTO membership VALUES ('price', ?, 1)", [(id_,) for _, id_, _ in many])
    connection.execute("COMMIT")
