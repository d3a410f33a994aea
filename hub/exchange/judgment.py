"""The core's own say about each message: what was agreed, what the plugins' validation finds, all or nothing.

A translator folds a message into its acknowledgment after it yielded it. So whatever the core finds is added to the
event at once, before the translator goes on, and the acknowledgment that comes out is about both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from hub.errors import DocumentRejected
from hub.findings import Finding, error, rejects
from hub.translation import Event, InterchangeClosed, InterchangeOpened, MessageRead, Status

if TYPE_CHECKING:
    from typing import BinaryIO

    from hub.exchange.context import ExchangeReadContext
    from hub.exchange.session import Hub
    from hub.partners import Partner
    from hub.translation import Translator

Item = TypeVar("Item")

NOT_AGREED = "agreement.message_not_agreed"
ALL_OR_NOTHING = "agreement.all_or_nothing"


def judged(
    hub: Hub,
    translator: Translator,
    stream: BinaryIO,
    context: ExchangeReadContext,
    *,
    refused: frozenset[int] = frozenset(),
) -> Iterator[Event]:
    """The events of a payload, messages judged by the core too. ``refused`` are interchanges (counted from 1) of which
    every message is rejected because another one of it was (all or nothing)."""
    return judged_events(hub, translator.read(stream, context), context, refused=refused)


def judged_events(
    hub: Hub,
    events: Iterator[Item],
    context: ExchangeReadContext,
    *,
    refused: frozenset[int] = frozenset(),
) -> Iterator[Item]:
    """The same for events that are read already; whatever else stands between them is passed on."""
    ordinal = 0
    partner: Partner | None = None
    for event in events:
        if isinstance(event, InterchangeOpened):
            ordinal += 1
            partner = context.partner(event.envelope)
        elif isinstance(event, MessageRead):
            _judge(hub, event, partner, context)
            if ordinal in refused and event.accepted and not event.acknowledged:
                _reject(event, ALL_OR_NOTHING, "rejected because another message of this interchange was")
        yield event


def _judge(hub: Hub, event: MessageRead, partner: Partner | None, context: ExchangeReadContext) -> None:
    if not event.accepted:
        event.documents = []
        return
    standard = event.envelope.standard
    bound = partner is not None and partner.listed(standard) and not event.acknowledged
    name = context.pattern_name
    if partner is not None and bound and not partner.agreement("in", standard, event.type, event.version, name):
        what = f"{event.type} {event.version}".strip()
        _reject(event, NOT_AGREED, f"{what} is not agreed with partner '{partner.name}'")
        return
    name = partner.name if partner is not None else ""
    for document in event.documents:
        try:
            found = hub.plugins.validate(document, name)
        except DocumentRejected as problem:
            found = list(problem.findings) or [error("plugin.rejected", str(problem))]
        event.findings.extend(_placed(event, found))
    if rejects(event.findings):
        event.accepted = False
        event.documents = []


def _placed(event: MessageRead, findings: list[Finding]) -> list[Finding]:
    known = {"interchange": event.envelope.control, "group": event.group, "message": event.control}
    return [finding.at(**known) for finding in findings]


def _reject(event: MessageRead, code: str, message: str) -> None:
    event.findings.extend(_placed(event, [error(code, message)]))
    event.accepted = False
    event.documents = []


def stores(closed: InterchangeClosed) -> bool:
    """Whether an interchange's accepted messages may be kept. Where the acknowledgment rejects the interchange as a
    whole, the partner sends all of it again: then nothing of it is kept."""
    return closed.status is not Status.REJECTED
