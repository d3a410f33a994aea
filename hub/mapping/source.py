"""Mapping files as text with positions: every value remembers the file and line it was written on.

YAML is read as nodes, not as Python values: ``002``, ``NO`` and ``1.10`` stay the text that the standard means, and a
message about any line can say where it stands. Anchors and aliases are refused: a mapping needs none, and a bomb does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from hub.errors import ConfigurationError
from hub.located import did_you_mean, yaml_node


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, ``None`` for an explicit null."""

    value: str | None
    file: str
    line: int


@dataclass(slots=True)
class Block:
    """A YAML mapping, in file order."""

    entries: dict[str, Entry]
    file: str
    line: int

    def get(self, key: str) -> Value | None:
        """The value under ``key``."""
        entry = self.entries.get(key)
        return entry.value if entry else None

    def text(self, key: str, default: str = "") -> str:
        """The scalar under ``key``; ``ConfigurationError`` if it is something else."""
        value = self.get(key)
        if value is None:
            return default
        if not isinstance(value, Text):
            raise fault(f"{key} must be a single value", value)
        return value.value or default

    def plain(self) -> dict[str, object]:
        """Without positions: nested dicts, lists and strings."""
        return {key: plain(entry.value) for key, entry in self.entries.items()}


@dataclass(slots=True)
class Listing:
    """A YAML sequence."""

    items: list[Value]
    file: str
    line: int


Value = Text | Block | Listing


@dataclass(frozen=True, slots=True)
class Entry:
    """One ``key: value``, with the place of the key."""

    key: str
    value: Value
    file: str
    line: int = field(default=0)


def plain(value: Value) -> object:
    """A value without its positions."""
    if isinstance(value, Text):
        return value.value
    if isinstance(value, Listing):
        return [plain(item) for item in value.items]
    return value.plain()


def fault(message: str, at: Value | Entry, hint: str = "") -> ConfigurationError:
    """A ``ConfigurationError`` that points at a line of a file."""
    return ConfigurationError(message, file=at.file, line=at.line, hint=hint)


def load(path: Path) -> Block:
    """Read one YAML file whose top level is a mapping."""
    node = yaml_node(path)
    if node is None:
        return Block({}, str(path), 1)
    value = _convert(node, str(path), set())
    assert isinstance(value, Block)
    return value


def _convert(node: yaml.Node, name: str, seen: set[int]) -> Value:
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise ConfigurationError("anchors and aliases are not allowed", file=name, line=line)
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        null = not node.style and node.value in ("", "~", "null")
        return Text(None if null else node.value, name, line)
    if isinstance(node, yaml.SequenceNode):
        return Listing([_convert(item, name, seen) for item in node.value], name, line)
    entries: dict[str, Entry] = {}
    for key_node, value_node in node.value:
        at = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise ConfigurationError("a key must be a single word or reference", file=name, line=at)
        if key_node.value in entries:
            first = entries[key_node.value].line
            raise ConfigurationError(f"{key_node.value} is here twice (first on line {first})", file=name, line=at)
        entries[key_node.value] = Entry(key_node.value, _convert(value_node, name, seen), name, at)
    return Block(entries, name, line)


def overlay(base: Block, over: Block) -> Block:
    """``base`` with the lines of ``over`` laid on it: blocks merge, null removes, everything else replaces.

    Raises ``ConfigurationError`` for a null that removes nothing: the base has changed, or the name is misspelt.
    """
    entries = dict(base.entries)
    for key, entry in over.entries.items():
        value = entry.value
        if isinstance(value, Text) and value.value is None:
            if key not in entries:
                raise fault(f"removes {key}, which {base.file} does not have here", entry, did_you_mean(key, entries))
            del entries[key]
            continue
        known = entries.get(key)
        if isinstance(value, Block) and known and isinstance(known.value, Block):
            entries[key] = Entry(key, overlay(known.value, value), known.file, known.line)
        else:
            entries[key] = entry
    return Block(entries, over.file, over.line)


def walk(block: Block, prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Entry]]:
    """Every scalar entry below a block with its path of keys, in order."""
    for key, entry in block.entries.items():
        here = (*prefix, key)
        if isinstance(entry.value, Block):
            yield from walk(entry.value, here)
        elif isinstance(entry.value, Listing):
            for number, item in enumerate(entry.value.items):
                if isinstance(item, Block):
                    yield from walk(item, (*here, str(number)))
        else:
            yield here, entry
