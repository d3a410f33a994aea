"""What can go wrong, sorted by what happens next: try again, quarantine, or ask a person.

``TemporaryError``      try again later; nothing is wrong with the document or the configuration.
``DocumentRejected``    never try again as it is; quarantine it and answer with a negative acknowledgment.
``ConfigurationError``  a person must change a file, a credential or an installation first.

Plugins may subclass these three, never invent another root, and translate the exceptions of the libraries they
use in one place. A message says what is wrong, where, and what to do; it never holds a document's content or a secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.findings import Finding


class HubError(Exception):
    """Root of everything the hub raises on purpose."""


class TemporaryError(HubError):
    """The same call may succeed later: an endpoint is away, a lock is held, a limit per minute is reached."""


class DocumentRejected(HubError):
    """A payload or document cannot be accepted; ``findings`` say why and where."""

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class ConfigurationError(HubError):
    """A person must act. ``file`` and ``line`` (1-based) name the place, ``hint`` what to do there."""

    def __init__(
        self, message: str, *, file: Path | str | None = None, line: int | None = None, hint: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = str(file) if file is not None else None
        self.line = line
        self.hint = hint

    def __str__(self) -> str:
        place = "" if self.file is None else self.file + (f":{self.line}" if self.line else "") + ": "
        return place + self.message + (f"\n  {self.hint}" if self.hint else "")


class PluginError(ConfigurationError):
    """A plugin cannot be used: two of one name, a missing extra, a hook that does not fit its specification."""
