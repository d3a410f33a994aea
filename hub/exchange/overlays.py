"""Mappings that somebody named: on the command line, or in an agreement as an overlay file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hub.located import read_yaml
from hub.partners import message_of

if TYPE_CHECKING:
    from hub.mapping.compiled import CompiledMapping
    from hub.mapping.library import MappingLibrary


def extended(file: Path) -> str:
    """The name of the mapping that an overlay file ``extends``. Raises ``ConfigurationError`` where it says none."""
    located = read_yaml(file)
    base = located.data.get("extends")
    if not isinstance(base, str):
        raise located.error((), "the file does not say which mapping it changes", "Add a line: extends: x12/850.004010")
    return base


def standard_of(name: str) -> str:
    """``x12`` of ``x12/850.004010``."""
    return name.partition("/")[0]


def version_of(name: str) -> str:
    """``004010`` of ``x12/850.004010``."""
    return name.partition("/")[2].partition(".")[2]


class Chosen:
    """Mappings named by the user (``--mapping``): names, or files of overlays and of whole mappings.

    Each serves reading where its standard and message fit, and writing where its standard does. Raises
    ``ConfigurationError`` for a name or file that there is not."""

    def __init__(self, library: MappingLibrary, names: Sequence[str]) -> None:
        self._named = [_compiled(library, name) for name in names]

    @property
    def mappings(self) -> list[CompiledMapping]:
        """The chosen mappings, compiled."""
        return [mapping for _, mapping in self._named]

    def name_of(self, mapping: CompiledMapping) -> str:
        """The library's name of a chosen mapping (an overlay has its base's)."""
        return next(name for name, one in self._named if one is mapping)

    def reading(self, standard: str, message: str) -> CompiledMapping | None:
        """The mapping for a message (any, if it is '') of a standard that is read, or None."""
        for name, mapping in self._named:
            if standard_of(name) == standard and message in ("", message_of(name)):
                return mapping
        return None

    def writing(self, standard: str, message: str = "") -> CompiledMapping | None:
        """The mapping for a message that is written, or None."""
        return self.reading(standard, message)


def _compiled(library: MappingLibrary, name: str) -> tuple[str, CompiledMapping]:
    path = Path(name)
    if path.suffix in (".yaml", ".yml") and name not in library.names():
        base = extended(path)
        return base, library.compiled(base, path)
    return name, library.compiled(name)
