"""Hubs for commands: with a workspace, or without one where none is needed."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import IO, Any

import click

from hub.errors import ConfigurationError
from hub.exchange.session import Hub


def written_to(path: Path) -> IO[Any]:
    """The file that a payload goes to, standard output for ``-``. Raises ``ConfigurationError`` where it cannot be
    written."""
    try:
        return click.open_file(str(path), "wb")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"the file cannot be written: {reason}", file=path) from None


def stateless(workspace: Path | None, partner: str | None) -> Hub:
    """The hub for ``hub translate`` and ``hub check``: of the workspace that was given, or in which we are, so that its
    partners and mappings are known; none is needed unless a partner is named."""
    from hub.workspace import find, open_workspace

    if partner or find(workspace) is not None:
        return Hub(open_workspace(workspace))
    return Hub()


def settle() -> None:
    """For a command that reads a stream: what is loaded now stays loaded, so the garbage collector need not look at it
    again, and messages make no cycles that it would find. Looking all the same costs one part in twenty."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
