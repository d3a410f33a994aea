"""The reading context of ``hub translate``, without a partner: what the benchmarks read with."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from hub.mapping.compiled import CompiledMapping
from hub.mapping.library import MappingLibrary
from hub.model.document import Document
from hub.plugins import Plugins
from hub.translation import Envelope, Limits, MessageRead


class Context:
    """``hub.translation.ReadContext`` with the hub's own mappings, or with none (``mapped=False``)."""

    def __init__(self, *, mapped: bool = True) -> None:
        self.plugins = Plugins()
        self.library = MappingLibrary(grammar_of=self.plugins.grammar, converters=self.plugins.converters.values())
        self.limits = Limits()
        self.file = "bench"
        self._mapped = mapped
        self._found: dict[tuple[str, str, str], CompiledMapping | None] = {}

    def options(self, envelope: Envelope) -> Mapping[str, Any]:
        """No agreement."""
        return {}

    def mapping(self, standard: str, message: str, version: str, envelope: Envelope) -> CompiledMapping | None:
        """The nearest mapping."""
        key = (standard, message, version)
        if key not in self._found:
            self._found[key] = self.library.find(*key) if self._mapped else None
        return self._found[key]

    def documents(self, standard: str, payload: bytes) -> list[Document]:
        """All documents of a small payload."""
        events = self.plugins.translators[standard].read(io.BytesIO(payload), self)
        return [one for event in events if isinstance(event, MessageRead) for one in event.documents]

    def read(self, standard: str, payload: bytes) -> int:
        """Read a payload to its end; the number of documents. A rejected message is an error of the benchmark."""
        documents = 0
        for event in self.plugins.translators[standard].read(io.BytesIO(payload), self):
            if isinstance(event, MessageRead):
                if not event.accepted:
                    raise ValueError(f"the benchmark's own message was rejected: {event.findings[0]}")
                documents += len(event.documents)
        return documents
