"""The hooks a plugin can implement. Every hook returns a value; none does input or output while it is collected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from hub.findings import Finding
    from hub.mapping.forms import Function
    from hub.model.document import Document
    from hub.translation import ConnectorType, GrammarLoader, ReplicaType, Translator

hookspec = pluggy.HookspecMarker("hub")
hookimpl = pluggy.HookimplMarker("hub")


@hookspec
def hub_register_translators() -> Sequence[Translator]:  # type: ignore[empty-body]
    """Translators this plugin offers. Called once, at start."""


@hookspec
def hub_register_grammars() -> GrammarLoader:  # type: ignore[empty-body]
    """A function from a grammar's name (``x12/004010/850``) to the grammar, or None for a name it does not know.
    The hub asks for a grammar when a mapping needs it, and keeps it."""


@hookspec
def hub_register_mappings() -> Sequence[Path]:  # type: ignore[empty-body]
    """Folders with mapping files and code lists that this plugin brings. Called once, at start."""


@hookspec
def hub_register_converters() -> Sequence[Function]:  # type: ignore[empty-body]
    """Named functions that mapping files may use: converters of values, each a pair for both directions or declared
    one-way, and forms of messages that are not shaped as their documents."""


@hookspec
def hub_register_connectors() -> Sequence[ConnectorType]:  # type: ignore[empty-body]
    """Kinds of endpoint this plugin can open from an endpoint file."""


@hookspec
def hub_register_replicas() -> Sequence[ReplicaType]:  # type: ignore[empty-body]
    """Kinds of store replica this plugin can feed."""


@hookspec
def hub_validate(document: Document, partner: str) -> Sequence[Finding]:  # type: ignore[empty-body]
    """Findings about a decoded document of a partner (its name, '' if unknown); an error rejects the message.
    Called for every document after it is mapped and before it is stored."""


@hookspec
def hub_exchange_finished(exchange: dict[str, Any]) -> None:
    """Called after every exchange, good or bad, once its transaction is committed, with its journal record."""
