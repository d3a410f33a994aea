"""kill -9 while a checkpoint is applied: rows and cursor agree, and the next run completes the work."""

from __future__ import annotations

import itertools
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from hub_pos import Replica

Make = Callable[..., dict[str, Any]]

WRITER = """
import sys
from hub_pos import Replica

def changes(last):
    for number in range(400):
        yield {"seq": last, "entity": "product", "id": f"p{number}", "op": "put",
               "row": {"name": str(last), "barcodes": [{"gtin": f"{number:014d}"}]}}

replica = Replica(sys.argv[1])
print("ready", flush=True)
while True:
    seq = replica.cursor()["seq"]
    seen = {"epoch": "e1", "seq": seq, "buckets": ["a"]}
    replica.apply({"epoch": "e1", "schema": 1, "from": seen, "last": seq + 1, "segments": [
        {"bucket": "a", "first": seq, "last": seq + 1, "changes": changes(seq + 1)}]})
"""


def state(path: Path) -> tuple[set[str], int, int]:
    with closing(sqlite3.connect(path)) as connection:
        names = {name for (name,) in connection.execute("SELECT DISTINCT name FROM product")}
        (rows,) = connection.execute("SELECT count(*) FROM barcode").fetchone()
        (seq,) = connection.execute("SELECT seq FROM cursor").fetchone()
    return names, rows, seq


def test_rows_and_cursor_agree_after_kills(path: Path, checkpoint: Make) -> None:
    first = Replica(path)
    rows = [
        (1, "product", f"p{number}", {"name": "1", "barcodes": [{"gtin": f"{number:014d}"}]}) for number in range(400)
    ]
    first.apply(checkpoint(0, 1, {"a": rows}, reset=("", 0)))
    first.close()
    rng = random.Random(7)
    reached = 1
    for kills in itertools.count():
        if kills >= 25 and (reached > 10 or kills == 250):  # on a busy machine it takes more of them
            break
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.06))
        writer.kill()
        writer.wait()
        writer.stdout.close()
        names, count, seq = state(path)
        assert names == {str(seq)}
        assert count == 400
        assert seq >= reached
        reached = seq
    assert reached > 10, "the kills came before any work was done"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
