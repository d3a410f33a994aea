"""Reading for form alone: an agreement's options, no mapping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hub.translation import Envelope, Limits

if TYPE_CHECKING:
    from hub.mapping.compiled import CompiledMapping


class FormOnly:
    """``hub.translation.ReadContext`` for payloads of which only the form is looked at: our own output before it is
    sent, and what pyx12 is asked about."""

    limits = Limits()
    file = ""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options

    def options(self, envelope: Envelope) -> Mapping[str, Any]:
        """The agreement's options, whoever the envelope names."""
        return self._options

    def mapping(self, standard: str, message: str, version: str, envelope: Envelope) -> CompiledMapping | None:
        """None."""
        return None
