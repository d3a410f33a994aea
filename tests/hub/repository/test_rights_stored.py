"""Pools, rights and approvals as rows; migration 0009 over a database that has entries of loyalty accounts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, insert, text

from hub.repository import Repository, schema, tables
from hub.repository.rights import USED, ApprovalRecord, PoolName

AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_entries_that_are_there_are_counted_after_the_migration(database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    engine = create_engine(database_url)
    with engine.begin() as connection:
        if engine.dialect.has_table(connection, schema.VERSION_TABLE):  # the template is at the newest schema already
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
        for number, (account, points, gone) in enumerate(
            [("L1", "100.5", False), ("L1", "-20.25", False), ("L2", "7", False), ("L1", "1000", True)]
        ):
            row = {
                "id": f"d{number}", "kind": "LoyaltyEntry", "key": f"k{number}", "number": f"e{number}", "version": 1,
                "hash": "", "deleted": gone, "scopes": "[]", "created_at": AT, "updated_at": AT,
            }  # fmt: skip
            connection.execute(insert(tables.documents).values(**row))
            data = {"entry_id": f"e{number}", "account_id": account, "type": "earn", "points": points}
            version = {"document_id": f"d{number}", "version": 1, "json": json.dumps(data), "created_at": AT}
            connection.execute(insert(tables.document_versions).values(**version))
    engine.dispose()
    with Repository.open(database_url) as repo, repo.read() as tx:
        assert tx.points_of("L1") == Decimal("80.25")
        assert tx.points_of("nobody") == 0
        assert [one.number for one in tx.find_all("LoyaltyEntry", account_id="L2")] == ["e2"]


def test_what_was_used_at_the_very_moment_of_a_balance_counts(repository: Repository) -> None:
    with repository.begin() as tx:
        pool = tx.lock_pools({PoolName("credit", party="p", currency="EUR"): "p"})
        (held,) = pool.values()
        for number, at in enumerate([AT - timedelta(seconds=1), AT, AT + timedelta(seconds=1)]):
            amount = Decimal(10) ** number
            tx.save_approval(ApprovalRecord(str(number), held.id, "credit_sale", "n", "", amount, USED, at, None))
    with repository.read() as tx:
        assert tx.used_sum(held.id, AT) == 110
        assert tx.used_sum(held.id, None) == 111


def test_a_pool_keeps_its_customer_where_nobody_names_one(repository: Repository) -> None:
    name = PoolName("points", account="L1")
    with repository.begin() as tx:
        first = tx.lock_pools({name: "anna"})[name]
        assert tx.lock_pools({name: ""})[name] == first
        assert tx.lock_pools({name: "bert"})[name].owner == "bert"
        assert [one.id for one in tx.pools_of(accounts=["L1"])] == [first.id]
        assert tx.pools_of(owners=["anna"]) == []
