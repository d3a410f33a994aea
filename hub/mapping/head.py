"""The head of a mapping file: which document it makes, by which form, and its options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from hub.errors import ConfigurationError
from hub.located import did_you_mean
from hub.mapping.forms import FormSource, MessageForm
from hub.mapping.source import Block, fault

HEADER = frozenset(
    {"document", "form", "grammar", "written-for", "version", "releases", "extends", "title", "format", "operation"}
    | {"group-by", "columns", "rows", "tree"}
)
"""Keys of a file's top level that are no segments."""
WRITTEN_FOR = "written-for"
"""Put into the head of a whole mapping: the grammar that inherited lines were written for."""


def kind(block: Block, kinds: Mapping[str, type[BaseModel]]) -> tuple[str, type[BaseModel]]:
    """The canonical class that a mapping makes, with its name."""
    name = block.text("document")
    if name not in kinds:
        at = block.entries.get("document")
        raise ConfigurationError(
            f"there is no canonical document '{name}'" if at else "the file does not say which document it makes",
            file=block.file,
            line=at.line if at else 1,
            hint=did_you_mean(name, kinds) or "write: document: Order",
        )
    return name, kinds[name]


def form(block: Block, forms: Mapping[str, MessageForm | FormSource], wanted: str) -> MessageForm | None:
    """The form that the lines fill, None where they fill the document (of kind ``wanted``) itself."""
    entry = block.entries.get("form")
    if entry is None:
        return None
    name = block.text("form")
    if name not in forms:
        hint = did_you_mean(name, forms) or "a plugin registers it by hub_register_converters"
        raise fault(f"there is no form '{name}'", entry, hint)
    known = forms[name]
    found = known.load() if isinstance(known, FormSource) else known
    if wanted != found.kinds[0]:
        raise fault(f"form {name} makes {found.kinds[0]}, not {wanted}", entry, f"write: document: {found.kinds[0]}")
    return found


def options(block: Block) -> dict[str, Any]:
    """The entries of ``format``, and ``operation``."""
    found: dict[str, Any] = {}
    for key in ("format", "operation"):
        value = block.get(key)
        if isinstance(value, Block):
            found |= value.plain() if key == "format" else {key: value.plain()}
        elif value is not None:
            raise fault(f"{key} must be 'name: value' lines", value)
    return found
