"""``hub generate``: random valid interchanges as a partner sends or gets them, by translators that can make some."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from hub.errors import ConfigurationError
from hub.exchange.context import ExchangeReadContext, ExchangeWriteContext, options_for
from hub.exchange.overlays import version_of
from hub.exchange.reading import counting
from hub.translation import Envelope, Generator

if TYPE_CHECKING:
    from hub.exchange.session import Hub
    from hub.mapping.compiled import CompiledMapping
    from hub.partners import Agreement, Partner
    from hub.translation import Written

_NOW = datetime(2026, 1, 5, 8, 15, tzinfo=UTC)
"""The clock of all generated envelopes, so that a seed gives the same bytes on any day."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to generate. ``direction`` is ``in`` (the partner sends it), ``out`` (the partner gets it) or '' for what
    is agreed; ``standard`` and ``version`` '' for what is agreed; ``messages`` how many each interchange holds."""

    message: str
    count: int
    seed: str
    direction: str = ""
    standard: str = ""
    version: str = ""
    messages: int = 1


class _Incoming(ExchangeWriteContext):
    """What the partner sends is read with the mapping for reading."""

    reading: ExchangeReadContext

    def mapping(self, standard: str, message: str, version: str) -> CompiledMapping | None:
        return self.reading.mapping(standard, message, version, Envelope(standard, self.sender, self.receiver))


def generated(hub: Hub, partner: Partner, wanted: Wanted) -> Iterator[Written]:
    """The interchanges. Raises ``ConfigurationError`` for a message that is unknown or that nothing here generates."""
    direction, agreement = agreed_as(partner, wanted)
    translator = _generator(hub, partner, wanted, agreement)
    standard, incoming = translator.name, direction == "in"
    ours, theirs = hub.own_identity(standard, partner), partner.identity(standard)
    kind = _Incoming if incoming else ExchangeWriteContext
    context = kind(
        hub,
        theirs if incoming else ours,
        ours if incoming else theirs,
        counting(),
        partner=partner,
        options=options_for(partner, standard, agreement),
        test=hub.workspace.settings.environment == "test",
        now=_NOW,
    )
    if isinstance(context, _Incoming):
        context.reading = ExchangeReadContext(hub, "", partner)
    version = wanted.version or (agreement.version or version_of(agreement.mapping) if agreement else "")
    made = translator.generate(
        wanted.message, version, wanted.seed, context, messages=wanted.messages, incoming=incoming
    )
    return islice(made, wanted.count)


def agreed_as(partner: Partner, wanted: Wanted) -> tuple[str, Agreement | None]:
    """The direction, and what is agreed about the message in it: what was asked for, else what is agreed, else the
    partner sends it."""
    for direction in [wanted.direction] if wanted.direction else ["in", "out"]:
        named = [
            (len(agreement.version), -index, agreement)
            for index, agreement in partner.agreements(direction, wanted.standard)
            if agreement.covers(wanted.message)
            and wanted.version.startswith(agreement.version if wanted.version else "")
            and (agreement.message or agreement.mapping)
        ]
        if named:
            return direction, max(named, key=lambda item: item[:2])[2]
    return wanted.direction or "in", None


def _generator(hub: Hub, partner: Partner, wanted: Wanted, agreement: Agreement | None) -> Generator:
    """The translator that generates: of the standard asked for or agreed, else of one that the partner is known by."""
    known = {name: one for name, one in hub.plugins.translators.items() if isinstance(one, Generator)}
    standard = wanted.standard or (agreement.standard if agreement else "")
    if not standard:
        standard = next((name for name in sorted(known) if name in partner.file.identities), "")
    if standard in known:
        return known[standard]
    listed = ", ".join(sorted(known)) or "none that is installed"
    if standard:
        raise ConfigurationError(f"messages of '{standard}' cannot be generated", hint=f"Those that can: {listed}.")
    raise partner.error(
        ("identities",),
        f"the partner '{partner.name}' is not known by a standard that can be generated ({listed})",
        "Give it an identity, or name the standard with --standard.",
    )
