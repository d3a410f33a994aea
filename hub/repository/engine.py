"""Opening the database: SQLite as a durable single file, or PostgreSQL."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from hub.errors import ConfigurationError, TemporaryError

IDLE_SECONDS = 300.0
"""After so long the server ends a transaction of ours that does nothing: one that has written holds back the change
feed of every store (the snapshot horizon)."""

_SQLITE_MINIMUM = (3, 35, 0)  # RETURNING
_POSTGRESQL_MINIMUM = 130000  # xid8 and pg_current_xact_id()
WRITE = "hub_write"


def open_engine(url: str, busy_seconds: float, idle_seconds: float = IDLE_SECONDS) -> Engine:
    """An engine with the repository's settings. Connects to nothing yet.

    Raises ConfigurationError for a URL that is not SQLite in a file or PostgreSQL, or whose driver is missing.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as problem:
        raise ConfigurationError(
            "the repository's URL cannot be read",
            hint="Write sqlite:///folder/hub.sqlite or postgresql+psycopg://user@host/database",
        ) from problem
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _sqlite(parsed, busy_seconds)
    if backend == "postgresql":
        return _postgresql(parsed, busy_seconds, idle_seconds)
    raise ConfigurationError(
        f"the repository cannot live in {backend!r}",
        file=place_of(parsed),
        hint="Use sqlite:///folder/hub.sqlite or postgresql+psycopg://user@host/database",
    )


def place_of(url: URL) -> str:
    """What to call the database in a message: the file's path, or the URL with its password masked."""
    if url.get_backend_name() == "sqlite":
        return url.database or "sqlite in memory"
    return url.render_as_string(hide_password=True)


def _sqlite(url: URL, busy_seconds: float) -> Engine:
    if sqlite3.sqlite_version_info < _SQLITE_MINIMUM:
        raise ConfigurationError(
            f"Python's SQLite is {sqlite3.sqlite_version}; the repository needs 3.35 or later",
            hint="Install a newer Python, or use PostgreSQL.",
        )
    if not url.database or url.database == ":memory:" or "mode" in url.query:
        raise ConfigurationError(
            "a repository in memory would lose what partners sent",
            hint="Name a file: sqlite:///folder/hub.sqlite",
        )
    folder = Path(url.database).resolve().parent
    if not folder.is_dir():
        raise ConfigurationError(
            "the repository's folder does not exist", file=folder, hint="Make the folder, or run: hub init DIR"
        )
    engine = create_engine(
        url,
        connect_args={"timeout": busy_seconds},
        pool_size=10,
        pool_timeout=busy_seconds,
        hide_parameters=True,  # a partner's data stays out of error messages
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by itself: it would begin deferred ones, which fail when they upgrade.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        "cache_size = -32000",
        "wal_autocheckpoint = 4000",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def compact(engine: Engine, place: str) -> None:
    """Write the SQLite file anew, without what was deleted, and empty its log. Raises TemporaryError where others hold
    it too long."""
    connection = engine.raw_connection()
    try:
        # Not in memory, where everything else that is temporary lies: it is as large as the file.
        for statement in ("temp_store = FILE", "VACUUM", "wal_checkpoint(TRUNCATE)", "temp_store = MEMORY"):
            cursor = connection.cursor()
            cursor.execute(statement if statement == "VACUUM" else f"PRAGMA {statement}")
            cursor.fetchall()
            cursor.close()
    except sqlite3.OperationalError as problem:
        raise TemporaryError(f"{place} cannot be written anew now: {problem}") from problem
    finally:
        connection.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL, busy_seconds: float, idle_seconds: float) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    options = (
        f"-c lock_timeout={int(busy_seconds * 1000)} "
        f"-c idle_in_transaction_session_timeout={int(idle_seconds * 1000)} "
        r"-c default_transaction_isolation=read\ committed "
        "-c timezone=UTC -c client_min_messages=warning"
    )
    try:
        engine = create_engine(
            url,
            connect_args={"options": options, "application_name": "hub", "connect_timeout": 10},
            pool_size=10,
            pool_timeout=busy_seconds,
            pool_pre_ping=True,
            hide_parameters=True,
        )
    except (NoSuchModuleError, ImportError) as problem:
        raise ConfigurationError(
            f"the driver for {url.drivername} is not installed",
            file=place_of(url),
            hint="Install it: pip install 'erp-edi-hub[postgresql]'",
        ) from problem
    event.listen(engine, "first_connect", _check_postgresql)
    return engine


def _check_postgresql(connection: Any, _record: Any) -> None:
    version = connection.info.server_version
    if version < _POSTGRESQL_MINIMUM:
        raise ConfigurationError(
            f"the PostgreSQL server is version {version // 10000}; the repository needs 13 or later"
        )
