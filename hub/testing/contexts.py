"""Contexts for translators that are tried without a workspace: real mappings, no partners, numbers from 1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hub.translation import Envelope, EnvelopeParty, Limits

if TYPE_CHECKING:
    from hub.mapping.compiled import CompiledMapping
    from hub.mapping.library import MappingLibrary
    from hub.plugins import Plugins


def library_of(plugins: Plugins) -> MappingLibrary:
    """All mappings within reach of some plugins: the hub's own and theirs, with their converters and grammars."""
    from hub.mapping.library import MappingLibrary

    return MappingLibrary(
        plugins.mapping_folders, grammar_of=plugins.grammar, converters=list(plugins.converters.values())
    )


class StandaloneReadContext:
    """A ``ReadContext`` over a mapping library; ``options`` are the same for every envelope."""

    def __init__(
        self,
        library: MappingLibrary,
        options: Mapping[str, Any] | None = None,
        *,
        file: str = "",
        limits: Limits | None = None,
    ) -> None:
        self._library = library
        self._options = dict(options or {})
        self.file = file
        self.limits = limits or Limits()

    def options(self, envelope: Envelope) -> Mapping[str, Any]:
        """See ``hub.translation.ReadContext``."""
        return self._options

    def mapping(self, standard: str, message: str, version: str, envelope: Envelope) -> CompiledMapping | None:
        """See ``hub.translation.ReadContext``."""
        return self._library.find(standard, message, version)

    def feeds(self) -> list[CompiledMapping]:
        """Every feed there is, for translators that know a file by its columns."""
        found = (self._library.compiled(name) for name in self._library.of_standard("csv"))
        return [one for one in found if one.shape == "records"]


class StandaloneWriteContext:
    """A ``WriteContext`` over a mapping library; control numbers count from 1 on every level, time stands still."""

    def __init__(self, library: MappingLibrary, options: Mapping[str, Any] | None = None) -> None:
        self._library = library
        self._drawn: dict[str, int] = {}
        self.options: Mapping[str, Any] = dict(options or {})
        self.sender = EnvelopeParty("SENDER", "ZZ")
        self.receiver = EnvelopeParty("RECEIVER", "ZZ")
        self.test = False
        self.now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def next_control(self, level: str) -> int:
        """See ``hub.translation.WriteContext``."""
        self._drawn[level] = self._drawn.get(level, 0) + 1
        return self._drawn[level]

    def mapping(self, standard: str, message: str, version: str) -> CompiledMapping | None:
        """See ``hub.translation.WriteContext``."""
        return self._library.find(standard, message, version)
