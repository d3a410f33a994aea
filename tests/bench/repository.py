"""Documents stored with journal, feed and acknowledgment, brought to the disk, beside the same rows written bare."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from hub.model import Order
from hub.repository import Repository
from hub.repository.records import MessageRecord
from hub.translation import MessageRead
from tests.bench.contexts import Context
from tests.bench.orders import x12_parts
from tests.bench.timing import compare, say

COUNT = 500


def _orders() -> list[Order]:
    import io

    context = Context()
    payload = "".join(x12_parts(COUNT)).encode()
    events = context.plugins.translators["x12"].read(io.BytesIO(payload), context)
    return [document for event in events if isinstance(event, MessageRead) for document in event.documents]  # type: ignore[misc]


def _rows(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row that the repository wrote, by table, to be written again without it."""
    with sqlite3.connect(database) as source:
        names = [name for (name,) in source.execute("select name from sqlite_master where type='table'")]
        kept = [name for name in names if not name.startswith("sqlite_")]
        return {name: source.execute(f'select * from "{name}"').fetchall() for name in kept}


def _schema(database: Path) -> list[str]:
    with sqlite3.connect(database) as source:
        rows = source.execute("select sql from sqlite_master where sql is not null and name not like 'sqlite_%'")
        return [sql for (sql,) in rows]


def main() -> None:
    """Print documents per second."""
    orders = _orders()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        turn = iter(range(1_000_000))

        def store() -> Path:
            database = folder / f"hub{next(turn)}.db"
            repo = Repository.open(f"sqlite:///{database}")
            try:
                payload = repo.store_payload(b"bench")
                with repo.begin() as tx:
                    exchange = tx.open_exchange(direction="in", payload=payload, filename="bench.edi", partner="bench")
                    for number, order in enumerate(orders, 1):
                        tx.add_message(exchange, MessageRecord(position=number, type="850", version="004010"))
                        tx.put(order, exchange_id=exchange, message=number, partner="bench")
                    tx.enqueue(
                        partner="bench",
                        channel="folder",
                        payload=b"997",
                        filename="997.edi",
                        idempotency_key="997",
                        exchange_id=exchange,
                    )
            finally:
                repo.close()
            return database

        model = store()
        rows, schema = _rows(model), _schema(model)
        total = sum(len(table) for table in rows.values())

        def bare() -> None:
            with sqlite3.connect(folder / f"bare{next(turn)}.db") as target:
                target.execute("pragma journal_mode=wal")
                target.execute("pragma synchronous=full")
                for sql in schema:
                    target.execute(sql)
                for table, values in rows.items():
                    if values:
                        marks = ",".join("?" * len(values[0]))
                        target.executemany(f'insert into "{table}" values ({marks})', values)
            target.close()

        say(f"{COUNT} orders, {total} rows in all; the first is the baseline")
        compare({"raw executemany of the same rows": bare, "repository": store}, COUNT, "orders", rounds=4)
        say("target: 0.4 of the baseline")
