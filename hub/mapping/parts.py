"""Parts: named blocks that many mappings share, taken in by ``like: x12/parts.party``.

A parts file (``parts.yaml``, ``grocery.parts.yaml``) stands in a mapping folder beside the mappings and is none itself.
The lines beside a ``like:`` lie over the part as an overlay lies over a mapping; every line keeps its file and line.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hub.located import did_you_mean
from hub.mapping import source
from hub.mapping.source import Block, Entry, Listing, Text, Value, fault

LIKE = "like"


def is_parts(path: Path) -> bool:
    """Whether a file of a mapping folder holds parts and is no mapping."""
    return path.name == "parts.yaml" or path.name.endswith(".parts.yaml")


class Parts:
    """The parts of some folders by name (``x12/parts.party``); a later folder's block replaces one of the same name."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._files: dict[str, list[Path]] = {}
        for folder in folders:
            for path in sorted(folder.glob("*/*.yaml")):
                if is_parts(path) and path.parent.name != "codes":
                    name = f"{path.parent.name}/{path.name.removesuffix('.yaml')}"
                    self._files.setdefault(name, []).insert(0, path)
        self._loaded: dict[Path, Block] = {}

    def expand(self, block: Block) -> Block:
        """``block`` with every ``like:`` in it replaced by what it names. Raises ``ConfigurationError``."""
        whole = self._block(block, ())
        if isinstance(whole, Listing):
            raise fault("a whole mapping cannot be like a list of alternatives", block.entries[LIKE])
        return whole

    def _value(self, value: Value, taken: tuple[str, ...]) -> Value:
        if isinstance(value, Block):
            return self._block(value, taken)
        if isinstance(value, Listing):
            items: list[Value] = []
            for item in value.items:
                made = self._value(item, taken)
                items += made.items if isinstance(made, Listing) and isinstance(item, Block) else [made]
            return Listing(items, value.file, value.line)
        return value

    def _block(self, block: Block, taken: tuple[str, ...]) -> Block | Listing:
        own = {key: self._entry(entry, taken) for key, entry in block.entries.items() if key != LIKE}
        lines = Block(own, block.file, block.line)
        if LIKE not in block.entries:
            return lines
        entry = block.entries[LIKE]
        parts = [self._part(name, entry, taken) for name in _names(entry)]
        if len(parts) == 1 and not own:
            return parts[0]
        base = Block({}, block.file, block.line)
        for part in parts:
            if isinstance(part, Listing):
                raise fault("the part is a list of alternatives, and no line can lie over it", entry)
            base = source.overlay(base, part)
        return source.overlay(base, lines)

    def _entry(self, entry: Entry, taken: tuple[str, ...]) -> Entry:
        return Entry(entry.key, self._value(entry.value, taken), entry.file, entry.line)

    def _part(self, name: str, entry: Entry, taken: tuple[str, ...]) -> Block | Listing:
        """The part as new objects: the same part may stand twice in one mapping, and each use is a line of its own."""
        if name in taken:
            raise fault(f"{name} is like itself: {' → '.join([*taken, name])}", entry)
        value = self._find(name, entry)
        if isinstance(value, Text):
            raise fault(f"{name} holds no lines", entry)
        made = self._value(value, (*taken, name))
        assert isinstance(made, (Block, Listing))
        return made

    def _find(self, name: str, entry: Entry) -> Value:
        file, _, block = name.rpartition(".")
        if file not in self._files:
            hint = did_you_mean(file, self._files) or "write: like: x12/parts.party"
            raise fault(f"there is no parts file '{file}'", entry, hint)
        known: dict[str, Entry] = {}
        for path in self._files[file]:
            if path not in self._loaded:
                self._loaded[path] = source.load(path)
            known = {**self._loaded[path].entries, **known}
        if block not in known:
            raise fault(f"{file} has no part '{block}'", entry, did_you_mean(block, known))
        return known[block].value


def _names(entry: Entry) -> list[str]:
    names = (entry.value.value or "").split() if isinstance(entry.value, Text) else []
    if not names:
        raise fault("'like' must name a part, as in: like: x12/parts.party", entry)
    return names
