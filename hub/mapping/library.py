"""All mapping files within reach: found by name, checked, compiled once, kept."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hub.errors import ConfigurationError
from hub.grammar import Grammar
from hub.located import did_you_mean
from hub.mapping import head, source
from hub.mapping.build import Builder
from hub.mapping.codes import CodeLists
from hub.mapping.compiled import CompiledMapping
from hub.mapping.converters import registry
from hub.mapping.forms import Function, divided
from hub.mapping.parts import Parts, is_parts
from hub.mapping.plan import Plan

MAX_DEPTH = 8
"""How many files may extend one another."""


_RELEASES = re.compile(rb"^releases:[ \t]*[\"']?([0-9A-Za-z \t]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Served:
    """What makes a mapping: its file, and the release it is read for (empty: the one the file is written for)."""

    file: Path
    release: str = ""


def shipped_folder() -> Path:
    """The mappings that come with the hub: ``mappings/`` of a checkout, or their copy in an installed package."""
    inside = Path(__file__).parent.parent / "_mappings"
    return inside if inside.is_dir() else Path(__file__).parent.parent.parent / "mappings"


class MappingLibrary:
    """Mapping files by name (``x12/850.004010``) in several folders; a later folder's file replaces an earlier one's.

    ``grammar_of`` finds grammars (the plugins' loaders), ``converters`` adds plugins' functions (converters and forms)
    to the built-in ones.
    """

    def __init__(
        self,
        folders: Iterable[Path] = (),
        *,
        grammar_of: Callable[[str], Grammar | None] = lambda name: None,
        converters: Iterable[Function] = (),
    ) -> None:
        self.folders = [shipped_folder(), *folders]
        self.grammar_of = grammar_of
        added, self.forms = divided(converters)
        self.converters = registry(added)
        self.codes = CodeLists([folder / "codes" for folder in self.folders])
        self.parts = Parts(self.folders)
        self._files = dict(self._scan())
        self._compiled: dict[tuple[str, str], CompiledMapping] = {}
        self._lock = threading.Lock()

    def _scan(self) -> Iterator[tuple[str, Served]]:
        """Every name and its file, in the order in which later ones replace earlier ones: a file of this very release
        goes before one that serves it beside others, and a later folder before an earlier one."""
        for folder in self.folders:
            own: list[tuple[str, Served]] = []
            for path in sorted(folder.glob("*/*.yaml")):
                if path.parent.name == "codes" or is_parts(path):
                    continue
                message, _, _ = path.name.removesuffix(".yaml").partition(".")
                own.append((f"{path.parent.name}/{path.name.removesuffix('.yaml')}", Served(path)))
                for release in _releases(path):
                    own.insert(0, (f"{path.parent.name}/{message}.{release}", Served(path, release)))
            yield from own

    def names(self) -> list[str]:
        """Names of all mappings, one for each release that a file serves."""
        return sorted(self._files)

    def release(self, name: str) -> str:
        """The release that a mapping is read for, where its file is written for another one; else empty."""
        self.path(name)
        return self._files[name].release

    def path(self, name: str) -> Path:
        """The file of a mapping; ``ConfigurationError`` with the nearest names if there is none."""
        if name not in self._files:
            hint = did_you_mean(name, self._files) or "see 'hub mapping list'"
            raise ConfigurationError(f"there is no mapping '{name}'", hint=hint)
        return self._files[name].file

    def effective(self, name: str, overlay: Path | None = None) -> source.Block:
        """The whole text of a mapping with everything it extends, and an overlay file laid on it."""
        block = self._extended(self._load(self.path(name)), 0)
        if overlay is None:
            return block
        over = self._load(overlay)
        base = over.text("extends")
        if base and base != name:
            block = self._extended(self._load(self._base(over)), 0)
        return source.overlay(block, _without(over, "extends"))

    def _load(self, path: Path) -> source.Block:
        return self.parts.expand(source.load(path))

    def _base(self, block: source.Block) -> Path:
        entry = block.entries["extends"]
        name = block.text("extends")
        if name not in self._files:
            hint = did_you_mean(name, self._files) or "see 'hub mapping list'"
            raise source.fault(f"extends '{name}', which does not exist", entry, hint)
        return self._files[name].file

    def _extended(self, block: source.Block, depth: int) -> source.Block:
        if "extends" not in block.entries:
            return block
        path = self._base(block)
        if self.release(block.text("extends")):
            message = f"{path.name} serves this release beside others"
            hint = "extend the release that it is written for, and name a grammar of your own"
            raise source.fault(message, block.entries["extends"], hint)
        if depth >= MAX_DEPTH:
            raise source.fault("the files extend each other in a circle", block.entries["extends"])
        base = self._extended(self._load(path), depth + 1)
        whole = source.overlay(_without(base, "releases"), _without(block, "extends"))
        if "grammar" in block.entries and "grammar" in base.entries:
            # what the other grammar lacks of the inherited lines is left out, as in a listed release
            whole.entries.setdefault(head.WRITTEN_FOR, base.entries["grammar"])
        return whole

    def compiled(self, name: str, overlay: Path | None = None) -> CompiledMapping:
        """The mapping ``name``, with a partner's overlay if given. Raises ``ConfigurationError`` with file and line."""
        key = (name, str(overlay or ""))
        with self._lock:
            if key not in self._compiled:
                self._compiled[key] = self._compile(name, overlay)
            return self._compiled[key]

    def _compile(self, name: str, overlay: Path | None) -> CompiledMapping:
        return CompiledMapping(self.plan(name, self.effective(name, overlay), overlay))

    def plan(self, name: str, block: source.Block, overlay: Path | None = None) -> Plan:
        """The plan of a mapping whose whole text is ``block``. Raises ``ConfigurationError`` with file and line."""
        from hub.model import KINDS

        builder = Builder(
            name if overlay is None else f"{name}+{overlay.name.removesuffix('.yaml')}",
            block,
            kinds=KINDS,
            converters=self.converters,
            forms=self.forms,
            codes=self.codes,
            grammar_of=self.grammar_of,
            release=self.release(name),
        )
        return builder.build()

    def find(self, standard: str, message: str, version: str, overlay: Path | None = None) -> CompiledMapping | None:
        """The mapping for a message: of exactly this version, else of the version its name begins with
        (``004010VICS``), else of the nearest version there is, else the one without version (feeds have none). None if
        the message has no mapping at all."""
        prefix = f"{standard}/{message}."
        versions = sorted(name[len(prefix) :] for name in self._files if name.startswith(prefix))
        if not versions:
            return self.compiled(prefix[:-1], overlay) if prefix[:-1] in self._files else None
        return self.compiled(prefix + nearest(version, versions), overlay)

    def in_release(self, name: str, version: str) -> str:
        """The name under which the file of mapping ``name`` serves ``version`` (``004010VICS`` too), or ``name`` where
        it does not."""
        file, prefix = self.path(name), name.rpartition(".")[0] + "."
        served = [one for one, found in self._files.items() if found.file == file and one.startswith(prefix)]
        fitting = [one for one in served if version.startswith(one.removeprefix(prefix))]
        return fitting[0] if fitting else name

    def of_standard(self, standard: str) -> list[str]:
        """Names of all mappings of a standard."""
        return [name for name in self.names() if name.startswith(standard + "/")]


def _releases(path: Path) -> list[str]:
    """The further releases that the head of a file names. Read without parsing: a library has many files, and a hub
    that starts needs few of them. A file that cannot be read has its error when it is used."""
    try:
        found = _RELEASES.search(path.read_bytes())
    except OSError:
        return []
    return found[1].decode("ascii").split() if found else []


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
