"""Opening: migrations, databases that are newer, damaged, or something else."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.dialects import postgresql

from hub.errors import ConfigurationError, TemporaryError
from hub.repository import Repository, schema
from hub.repository.tables import metadata
from hub.repository.types import Xid8


def test_the_migrations_build_the_tables(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgresql.base.ischema_names, "xid8", Xid8)
    with repository.read() as tx:
        unlike = set() if tx.postgresql else {"ix_changes_xid_seq"}
        options = {
            "version_table": schema.VERSION_TABLE,
            "include_object": lambda _object, name, *_: name not in unlike,
            "compare_type": True,
        }
        context = MigrationContext.configure(tx.connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_the_newest_migration_is_the_version_of_the_code() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_current_head() == schema.HEAD
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert revisions == sorted(revisions, reverse=True)


def test_a_newer_database_is_refused_and_left_alone(database_url: str) -> None:
    with Repository.open(database_url) as repository, repository.begin() as tx:
        tx.connection.execute(text("UPDATE hub_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match=r"has schema 9999, this hub knows schemas up to \d{4}") as caught:
        Repository.open(database_url)
    assert "Install the newer hub" in str(caught.value)
    assert caught.value.file is not None
    assert "hub.sqlite" in caught.value.file or "test_" in caught.value.file


def test_a_version_that_is_none(database_url: str) -> None:
    with Repository.open(database_url) as repository, repository.begin() as tx:
        tx.connection.execute(text("UPDATE hub_version SET version_num = 'ae1027a6acf'"))
    with pytest.raises(ConfigurationError, match="no version of a repository"):
        Repository.open(database_url)


def test_files_that_are_something_else(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE sales (id INTEGER)")
    connection.close()
    with pytest.raises(ConfigurationError, match=r"database of something else \(it has the table 'sales'\)"):
        Repository.open(f"sqlite:///{other}")
    prose = tmp_path / "prose.txt"
    prose.write_text("not a database at all, " * 100)
    with pytest.raises(ConfigurationError, match="not an SQLite database"):
        Repository.open(f"sqlite:///{prose}")
    with pytest.raises(ConfigurationError, match="folder does not exist"):
        Repository.open(f"sqlite:///{tmp_path}/no/such/hub.sqlite")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("mysql://root@localhost/hub", "cannot live in 'mysql'"),
        ("nonsense", "cannot be read"),
    ],
)
def test_addresses_that_will_not_do(url: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Repository.open(url)


def test_a_server_that_is_away_is_temporary_and_the_password_stays_secret() -> None:
    with pytest.raises(TemporaryError) as caught:
        Repository.open("postgresql+psycopg://hub:s3cret@127.0.0.1:1/hub")
    assert "s3cret" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_a_database_that_does_not_exist(postgresql_url: str) -> None:
    with pytest.raises((ConfigurationError, TemporaryError), match=r"does not exist|no connection"):
        Repository.open(postgresql_url.replace("/postgres?", "/absent?"))


def test_opening_what_is_up_to_date_is_fast_and_does_not_load_alembic(sqlite_database: str) -> None:
    Repository.open(sqlite_database).close()
    program = (
        "import sys\nfrom hub.repository import Repository\n"
        f"with Repository.open({sqlite_database!r}) as r, r.read() as tx: assert tx.list('Order') == []\n"
        "assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=_environment())
    times = []
    for _ in range(5):
        start = time.perf_counter()
        Repository.open(sqlite_database).close()
        times.append(time.perf_counter() - start)
    assert min(times) < 0.03


def test_two_processes_may_open_a_new_database_at_once(database_url: str) -> None:
    program = f"from hub.repository import Repository\nRepository.open({database_url!r}).close()"
    running = [subprocess.Popen([sys.executable, "-c", program], env=_environment()) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    with Repository.open(database_url) as repository, repository.read() as tx:
        assert schema.version_of(tx.connection) == schema.HEAD


def test_the_settings_that_keep_data_safe(sqlite_database: str) -> None:
    with Repository.open(sqlite_database) as repository, repository.read() as tx:
        found = {
            name: tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def _environment() -> dict[str, str]:
    root = str(Path(schema.__file__).parents[2])
    return {**os.environ, "PYTHONPATH": root}


def test_a_repository_of_the_first_schema_is_brought_up(database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    engine = create_engine(database_url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO acknowledgments (id, partner, standard, state, exchange_id, message, late, created_at)"
                " VALUES ('a1', 'acme', 'x12', 'waiting', 'e1', '1', :late, :now)"
            ),
            {"late": False, "now": "2026-01-01 00:00:00" if engine.dialect.name == "sqlite" else datetime.now(UTC)},
        )
    engine.dispose()
    with Repository.open(database_url) as repository, repository.begin() as tx:
        tx.count_deviations("acme", "x12", {"wrapped": 2}, "e2")
        tx.count_deviations("acme", "x12", {"wrapped": 1}, "e2")
        tx.count_deviations("acme", "x12", {"wrapped": 4, "unpadded": 1}, "e3")
        assert [(one.name, one.count, one.exchanges) for one in tx.deviations("acme")] == [
            ("unpadded", 1, 1),
            ("wrapped", 7, 2),
        ]
        assert tx.connection.execute(text("SELECT application, reference FROM acknowledgments")).all() == [("", "")]


def test_moves_of_an_older_feed_are_told_from_new_versions(database_url: str) -> None:
    """Until 0008 a move was written as a PUT of the version that was there; the log that told them apart may be purged
    from now on."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    engine = create_engine(database_url)
    with engine.begin() as connection:
        fresh = not engine.dialect.has_table(connection, schema.VERSION_TABLE)
        if not fresh:  # the template is at the newest schema already
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
        told = [("a", "PUT", 1), ("b", "PUT", 1), ("a", "PUT", 1), ("a", "PUT", 2), ("a", "DEL", 3), ("b", "PUT", 1)]
        for row_id, op, version in told:
            connection.execute(
                text(
                    "INSERT INTO changes (xid, entity, row_id, op, version, old_scopes, new_scopes)"
                    " VALUES ('1', 'Party', :row, :op, :version, '[]', '[]')"
                ),
                {"row": row_id, "op": op, "version": version},
            )
    engine.dispose()
    with Repository.open(database_url) as repository, repository.read() as tx:
        found = tx.connection.execute(text("SELECT op FROM changes ORDER BY seq")).scalars().all()
    assert found == ["PUT", "PUT", "MOV", "PUT", "DEL", "MOV"]
