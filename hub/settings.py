"""``hub.toml``: what one workspace is set to, and references to secrets.

A secret never stands in a file of the workspace: ``env:NAME`` names an environment variable, ``file:PATH`` a file
(relative to the workspace) that only the hub's user can read, such as a mounted secret.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from hub.errors import ConfigurationError
from hub.located import Located, read_toml
from hub.translation import EnvelopeParty, Limits
from hub.validation import Configured, validated

WORKSPACE_VERSION = 1
"""The layout and meaning of a workspace's files. A hub refuses a workspace of a newer version."""

_LIMITS = Limits()
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"(\d{1,6}) ?([smhd])", str(value).strip())
    if not found:
        raise ValueError(f"'{value}' is no duration; write a number and a unit: 90s, 30m, 24h, 7d")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def party_of(text: str) -> EnvelopeParty:
    """``QUALIFIER:ID`` as an envelope's party; without a colon there is no qualifier."""
    before, colon, after = text.partition(":")
    return EnvelopeParty(after.strip(), before.strip()) if colon else EnvelopeParty(before.strip())


def _identity(value: str) -> str:
    party = party_of(value)
    if not party.id:
        raise ValueError(f"'{value}' is no identity; write QUALIFIER:ID, such as ZZ:ACME or 14:4012345000009")
    return str(party)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
"""``90s``, ``30m``, ``24h``, ``7d``."""

Identity = Annotated[str, AfterValidator(_identity)]
"""``QUALIFIER:ID`` as ISA05/ISA06 or UNB S002 0007/0004 say it; ``ID`` alone where no qualifier is sent."""

Identities = Annotated[list[Identity], BeforeValidator(_listed)]
"""One identity or several; the first is the one to send with."""


class Database(Configured):
    """Where the repository is. A relative SQLite file is relative to the workspace."""

    url: str = "sqlite:///hub.db"
    idle: Duration = timedelta(minutes=5)
    """PostgreSQL ends a transaction of the hub that does nothing for so long: an open one holds up what stores get."""


class Receive(Configured):
    """How ``hub receive`` treats files and partners."""

    keep: bool = False
    """Leave files of the inbox where they are instead of moving them to ``inbox/.done``."""
    settle: Duration = timedelta(0)
    """Leave a file of the inbox alone until it has not changed for this long (uploads that take a while)."""
    chunk: int = Field(default=500, ge=1, le=100_000)
    """Messages of one interchange that are committed together."""
    answer_unknown: bool = True
    """Send an unknown sender a negative acknowledgment (it waits in ``outbox/.unknown``)."""


class Deliver(Configured):
    """How ``hub deliver`` repeats what failed."""

    attempts: int = Field(default=12, ge=1, le=1000)
    first_retry: Duration = timedelta(minutes=1)
    longest_retry: Duration = timedelta(hours=6)


class Stores(Configured):
    """How the stores that pull are served."""

    keep: Duration = timedelta(days=14)
    """How long sealed changes are kept; a store that was away longer is loaded anew, by itself."""
    token: Duration = timedelta(days=2)
    """How long a node's one-time token can be used."""
    silent: Duration = timedelta(days=1)
    """A node that was not seen for so long is an alarm."""
    unsent: Duration = timedelta(days=1)
    """So are documents that wait in an outbox for so long though its node is heard,"""
    late: Duration = timedelta(minutes=15)
    """a feed that was not sealed for so long,"""
    stalled: Duration = timedelta(minutes=1)
    """and a transaction that holds the feed back for so long (PostgreSQL)."""


class Feed(Configured):
    """How long the change feed is kept."""

    keep: Duration = timedelta(days=7)
    """Changes are kept as long even where everybody has read them: ``hub store why`` tells from them."""
    longest: Duration = timedelta(days=30)
    """Older changes go even where somebody has not read them; a store that comes back after that is loaded anew."""

    @model_validator(mode="after")
    def _ordered(self) -> Feed:
        if self.longest < self.keep:
            raise ValueError("'longest' must not be shorter than 'keep'")
        return self


class Bounds(Configured):
    """Limits on what partners send; partner files can lower or raise them for one partner."""

    segment_bytes: int = Field(default=_LIMITS.segment_bytes, ge=200)
    message_segments: int = Field(default=_LIMITS.message_segments, ge=10)
    message_bytes: int = Field(default=_LIMITS.message_bytes, ge=1000)
    elements: int = Field(default=_LIMITS.elements, ge=10)
    findings_per_message: int = Field(default=_LIMITS.findings_per_message, ge=1)
    nesting: int = Field(default=_LIMITS.nesting, ge=4)
    payload_bytes: int = Field(default=_LIMITS.payload_bytes, ge=1000)


class Settings(Configured):
    """The whole of ``hub.toml``."""

    workspace_version: int
    name: str = "hub"
    environment: Literal["production", "test"] = "production"
    database: Database = Database()
    identities: dict[str, Identities] = Field(default_factory=dict)
    receive: Receive = Receive()
    deliver: Deliver = Deliver()
    stores: Stores = Stores()
    feed: Feed = Feed()
    limits: Bounds = Bounds()


def read_settings(file: Path) -> tuple[Settings, Located]:
    """Read and check a ``hub.toml``. Raises ``ConfigurationError``; for a workspace of a newer version before
    anything else in the file is looked at, because its keys may be unknown to this hub."""
    located = read_toml(file)
    version = located.data.get("workspace_version")
    if version is None:
        raise ConfigurationError(
            "'workspace_version' is missing",
            file=file,
            hint=f"Add the line: workspace_version = {WORKSPACE_VERSION}",
        )
    if isinstance(version, int) and version > WORKSPACE_VERSION:
        raise located.error(
            ("workspace_version",),
            f"this workspace has version {version}; this hub knows versions up to {WORKSPACE_VERSION}",
            "Install a newer hub (pip install --upgrade erp-edi-hub), or use the hub that made the workspace.",
        )
    if not isinstance(version, int) or version < 1:
        raise located.error(
            ("workspace_version",), f"'workspace_version' is no version: {version!r}", f"Write {WORKSPACE_VERSION}."
        )
    return validated(Settings, located), located


def limits_of(bounds: Bounds) -> Limits:
    """The translator's limits."""
    return Limits(**bounds.model_dump())


def resolved(reference: str, folder: Path, *, file: Path | str | None = None, line: int | None = None) -> str:
    """What a reference to a secret stands for; other text is returned as it is. ``file`` and ``line`` say where the
    reference stands. Raises ``ConfigurationError`` that names the variable or file, never its content."""
    kind, colon, name = reference.partition(":")
    if not colon or kind not in ("env", "file"):
        return reference
    if kind == "env":
        value = os.environ.get(name)
        if not value:
            raise ConfigurationError(
                f"the environment variable {name} is not set",
                file=file,
                line=line,
                hint=f"Set it before the hub starts: export {name}=…",
            )
        return value
    path = folder / name
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = (getattr(error, "strerror", "") or "it is not UTF-8 text").lower()
        raise ConfigurationError(
            f"the secret's file {path} cannot be read: {reason}",
            file=file,
            line=line,
            hint="Create it, readable by the hub's user only.",
        ) from None
    if not value:
        raise ConfigurationError(f"the secret's file {path} is empty", file=file, line=line)
    return value
