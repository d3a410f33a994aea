"""Which schema a database has, and bringing it to the one this code needs.

Revisions are four digits that count up. Alembic is imported only when there is something to do.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from hub.errors import ConfigurationError
from hub.repository.engine import WRITE

HEAD = "0012"
VERSION_TABLE = "hub_version"
MIGRATIONS = Path(__file__).parent / "migrations"
# Any constant of our own will do; it only has to differ from other users' advisory locks in the same database.
_MIGRATION_LOCK = 0x6875_625F_6D69_6772


def ensure(engine: Engine, place: str) -> None:
    """Bring the database to ``HEAD``; two processes at once do it once.

    Raises ConfigurationError where the database is newer than this code, or is not a repository.
    """
    with engine.connect() as connection:
        if _check(connection, place) == HEAD:
            return
    with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        if _check(connection, place) != HEAD:
            _upgrade(connection)


def version_of(connection: Connection) -> str:
    """The database's revision, '' for an empty database."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return ""
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    return str(found or "")


def _check(connection: Connection, place: str) -> str:
    found = version_of(connection)
    if found and not (found.isdigit() and len(found) == len(HEAD)):
        raise ConfigurationError(
            f"the table {VERSION_TABLE} says {found[:40]!r}, which is no version of a repository",
            file=place,
            hint="Name another database for the repository.",
        )
    if found > HEAD:
        raise ConfigurationError(
            f"the repository has schema {found}, this hub knows schemas up to {HEAD}",
            file=place,
            hint="Install the newer hub that wrote it, or open a backup made before the upgrade. Nothing was changed.",
        )
    if not found and connection.dialect.name == "sqlite" and (others := inspect(connection).get_table_names()):
        raise ConfigurationError(
            f"the file is an SQLite database of something else (it has the table {others[0]!r})",
            file=place,
            hint="Name another file for the repository.",
        )
    return found


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
