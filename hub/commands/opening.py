"""Hubs for commands: with a workspace, or without one where none is needed."""

from __future__ import annotations

from pathlib import Path

from hub.exchange.session import Hub


def stateless(workspace: Path | None, partner: str | None) -> Hub:
    """The hub for ``hub translate`` and ``hub check``: of the workspace that was given, or in which we are, so that its
    partners and mappings are known; none is needed unless a partner is named."""
    from hub.workspace import find, open_workspace

    if partner or find(workspace) is not None:
        return Hub(open_workspace(workspace))
    return Hub()
