"""Running the server: uvicorn, one process, loopback unless told otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from hub.api.service import Service
    from hub.replication.watching import Limits
    from hub.repository import Repository

EXTRA = "pip install 'erp-edi-hub[stores]'"


def service_of(repo: Repository, root: Path, limits: Limits | None = None) -> Service:
    """The service of the workspace at ``root``; ``limits`` say what is an alarm. Raises ``ConfigurationError`` where
    the extra is not installed."""
    try:
        from hub.api.service import Service
        from hub.replication.signing import FOLDER as KEYS
        from hub.replication.signing import HubKeys
    except ImportError as problem:
        raise missing(problem) from problem
    from hub.replication.shelf import FOLDER, Shelf
    from hub.replication.watching import Limits

    try:
        keys = HubKeys(root / KEYS)
    except ImportError as problem:
        raise missing(problem) from problem
    return Service(repo, root / "stores.toml", Shelf(root / FOLDER), keys, limits=limits or Limits())


def missing(problem: ImportError) -> ConfigurationError:
    """What to say where a library of the extra is not there."""
    return ConfigurationError(f"the stores' server needs {problem.name}", hint=f"Install it: {EXTRA}")


def serve(repo: Repository, root: Path, host: str, port: int, limits: Limits | None = None) -> None:
    """Serve until the process is told to end (SIGINT, SIGTERM)."""
    service = service_of(repo, root, limits)
    try:
        import uvicorn

        from hub.api.app import application
    except ImportError as problem:
        raise missing(problem) from problem
    uvicorn.run(
        application(service),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=2_000,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
    )
