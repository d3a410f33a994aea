"""All mapping files within reach: found by name, checked, compiled once, kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from hub.errors import ConfigurationError
from hub.grammar import Grammar
from hub.located import did_you_mean
from hub.mapping import source
from hub.mapping.build import Builder
from hub.mapping.codes import CodeLists
from hub.mapping.compiled import CompiledMapping
from hub.mapping.converters import Converter, registry

MAX_DEPTH = 8
"""How many files may extend one another."""


def shipped_folder() -> Path:
    """The mappings that come with the hub: ``mappings/`` of a checkout, or their copy in an installed package."""
    inside = Path(__file__).parent.parent / "_mappings"
    return inside if inside.is_dir() else Path(__file__).parent.parent.parent / "mappings"


class MappingLibrary:
    """Mapping files by name (``x12/850.004010``) in several folders; a later folder's file replaces an earlier one's.

    ``grammar_of`` finds grammars (the plugins' loaders), ``converters`` adds plugins' functions to the built-in ones.
    """

    def __init__(
        self,
        folders: Iterable[Path] = (),
        *,
        grammar_of: Callable[[str], Grammar | None] = lambda name: None,
        converters: Iterable[Converter] = (),
    ) -> None:
        self.folders = [shipped_folder(), *folders]
        self.grammar_of = grammar_of
        self.converters = registry(converters)
        self.codes = CodeLists([folder / "codes" for folder in self.folders])
        self._files = dict(self._scan())
        self._compiled: dict[tuple[str, str], CompiledMapping] = {}
        self._lock = threading.Lock()

    def _scan(self) -> Iterator[tuple[str, Path]]:
        for folder in self.folders:
            for path in sorted(folder.glob("*/*.yaml")):
                if path.parent.name != "codes":
                    yield f"{path.parent.name}/{path.name.removesuffix('.yaml')}", path

    def names(self) -> list[str]:
        """Names of all mappings."""
        return sorted(self._files)

    def path(self, name: str) -> Path:
        """The file of a mapping; ``ConfigurationError`` with the nearest names if there is none."""
        if name not in self._files:
            hint = did_you_mean(name, self._files) or "see 'hub mapping list'"
            raise ConfigurationError(f"there is no mapping '{name}'", hint=hint)
        return self._files[name]

    def effective(self, name: str, overlay: Path | None = None) -> source.Block:
        """The whole text of a mapping with everything it extends, and an overlay file laid on it."""
        block = self._extended(source.load(self.path(name)), 0)
        if overlay is None:
            return block
        over = source.load(overlay)
        base = over.text("extends")
        if base and base != name:
            block = self._extended(source.load(self._base(over)), 0)
        return source.overlay(block, _without(over, "extends"))

    def _base(self, block: source.Block) -> Path:
        entry = block.entries["extends"]
        name = block.text("extends")
        if name not in self._files:
            hint = did_you_mean(name, self._files) or "see 'hub mapping list'"
            raise source.fault(f"extends '{name}', which does not exist", entry, hint)
        return self._files[name]

    def _extended(self, block: source.Block, depth: int) -> source.Block:
        if "extends" not in block.entries:
            return block
        if depth >= MAX_DEPTH:
            raise source.fault("the files extend each other in a circle", block.entries["extends"])
        base = self._extended(source.load(self._base(block)), depth + 1)
        return source.overlay(base, _without(block, "extends"))

    def compiled(self, name: str, overlay: Path | None = None) -> CompiledMapping:
        """The mapping ``name``, with a partner's overlay if given. Raises ``ConfigurationError`` with file and line."""
        key = (name, str(overlay or ""))
        with self._lock:
            if key not in self._compiled:
                self._compiled[key] = self._compile(name, overlay)
            return self._compiled[key]

    def _compile(self, name: str, overlay: Path | None) -> CompiledMapping:
        from hub.model import KINDS

        builder = Builder(
            name if overlay is None else f"{name}+{overlay.name.removesuffix('.yaml')}",
            self.effective(name, overlay),
            kinds=KINDS,
            converters=self.converters,
            codes=self.codes,
            grammar_of=self.grammar_of,
        )
        return CompiledMapping(builder.build())

    def find(self, standard: str, message: str, version: str, overlay: Path | None = None) -> CompiledMapping | None:
        """The mapping for a message: of exactly this version, else of the version its name begins with
        (``004010VICS``), else of the nearest version there is, else the one without version (feeds have none). None if
        the message has no mapping at all."""
        prefix = f"{standard}/{message}."
        versions = sorted(name[len(prefix) :] for name in self._files if name.startswith(prefix))
        if not versions:
            return self.compiled(prefix[:-1], overlay) if prefix[:-1] in self._files else None
        return self.compiled(prefix + nearest(version, versions), overlay)

    def of_standard(self, standard: str) -> list[str]:
        """Names of all mappings of a standard."""
        return [name for name in self.names() if name.startswith(standard + "/")]


def nearest(version: str, known: list[str]) -> str:
    """The known version to read ``version`` with: itself, the one it begins with, else the last one not later, else
    the first. EDIFACT directories are ordered by year (``D96A`` before ``D01B``)."""
    for one in known:
        if version == one or version.startswith(one):
            return one
    order = {one: _order(one) for one in known}
    wanted = _order(version)
    earlier = [one for one in known if order[one] <= wanted]
    return max(earlier, key=order.__getitem__) if earlier else min(known, key=order.__getitem__)


def _order(version: str) -> tuple[int, str]:
    if version[:1] == "D" and version[1:3].isdigit():
        year = int(version[1:3])
        return (1900 + year if year >= 80 else 2000 + year), version[3:4]
    return (0, version)


def _without(block: source.Block, key: str) -> source.Block:
    return source.Block({one: entry for one, entry in block.entries.items() if one != key}, block.file, block.line)
