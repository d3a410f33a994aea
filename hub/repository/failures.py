"""The one place where the database's exceptions become the hub's.

Locked, deadlocked, serialization, lost connection, unique key taken by a neighbour a moment ago: ``TemporaryError``.
Full disk, read-only file, not a database, wrong password, no such database: ``ConfigurationError``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hub.errors import ConfigurationError, TemporaryError


class RepositoryBusy(TemporaryError):
    """Another process holds what this call needs; the transaction was rolled back and may be repeated as a whole."""


class VersionConflict(TemporaryError):
    """A document changed between reading and writing it; read it again and decide again."""


class NotFound(ConfigurationError):
    """Somebody asked by id for something that the repository does not hold."""


class PayloadDamaged(ConfigurationError):
    """Stored bytes are not those that were stored; a person must restore them from a backup or ask the partner."""


class FeedCursorLost(TemporaryError):
    """A feed cursor is of another epoch, beyond the head, or purged: the reader must load everything again."""


# PostgreSQL SQLSTATE: class 40 rolls back (serialization, deadlock), 08 connection, 53 resources, 55 in use,
# 57 operator intervention; 25P03: ended by idle_in_transaction_session_timeout.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_AGAIN = ("40", "08", "53", "55", "57", "25P03")
_PERSON = {
    "28": "the server refused the user or the password",
    "3D": "the database does not exist on the server",
    "42": "the schema is not the one this version of the hub made, or the user may not touch it",
}
_SQLITE_PERSON = {
    "SQLITE_READONLY": "the file or its folder cannot be written",
    "SQLITE_NOTADB": "the file is not an SQLite database",
    "SQLITE_CORRUPT": "the file is damaged; restore it from a backup",
    "SQLITE_CANTOPEN": "the file cannot be opened; its folder must exist and be writable",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR": "the disk reported an error",
    "SQLITE_PERM": "access to the file was refused",
    "SQLITE_AUTH": "access to the file was refused",
}


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn what SQLAlchemy raises inside into the hub's errors. ``place`` names the database, password masked.

    The statement's values never reach the message: they are a partner's data.
    """
    try:
        yield
    except PoolTimeout as problem:
        raise RepositoryBusy(f"{place}: all connections are in use; try again") from problem
    except IntegrityError as problem:
        raise _integrity(place, problem) from None
    except DBAPIError as problem:
        raise _database(place, problem) from problem.orig
    except SQLAlchemyError as problem:
        raise ConfigurationError(
            f"the repository cannot be used: {type(problem).__name__}: {problem}", file=place
        ) from problem


def _integrity(place: str, problem: IntegrityError) -> TemporaryError | ConfigurationError:
    state = getattr(problem.orig, "sqlstate", "") or getattr(problem.orig, "sqlite_errorname", "")
    if state in ("23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"):
        return RepositoryBusy(f"{place}: another process stored the same key at the same moment; try again")
    return ConfigurationError(
        f"the repository refused a row that breaks a rule of its schema ({state})",
        file=place,
        hint="This is an error in the program that wrote it; nothing of the transaction was stored.",
    )


def _database(place: str, problem: DBAPIError) -> TemporaryError | ConfigurationError:
    state = getattr(problem.orig, "sqlstate", None)
    name = getattr(problem.orig, "sqlite_errorname", "")
    if name:
        for prefix, meaning in _SQLITE_PERSON.items():
            if name.startswith(prefix):
                return ConfigurationError(f"{meaning} ({name})", file=place)
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL", "SQLITE_INTERRUPT")):
            return RepositoryBusy(f"{place}: another process is writing ({name}); try again")
        return ConfigurationError(f"SQLite refused: {problem.orig} ({name})", file=place)
    if state:
        if state.startswith(_AGAIN):
            return RepositoryBusy(f"{place}: the server asks to try again (SQLSTATE {state})")
        meaning = _PERSON.get(state[:2], "PostgreSQL refused a statement")
        return ConfigurationError(f"{meaning} (SQLSTATE {state})", file=place)
    text = str(problem.orig).strip().splitlines()
    if problem.connection_invalidated or type(problem.orig).__name__ == "OperationalError":
        return TemporaryError(f"{place}: no connection: {text[0] if text else 'no reason given'}")
    return ConfigurationError(f"the database driver refused: {type(problem.orig).__name__}", file=place)
