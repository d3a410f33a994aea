"""``hub check``: what is wrong with a payload, and the acknowledgment that would be sent for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from hub.errors import DocumentRejected
from hub.exchange.context import ExchangeReadContext, ExchangeWriteContext
from hub.exchange.judgment import judged, stores
from hub.exchange.reading import Draw, headed, translator_for
from hub.findings import Finding, error
from hub.translation import InterchangeClosed, InterchangeOpened, MessageRead, Status

if TYPE_CHECKING:
    from hub.exchange.overlays import Chosen
    from hub.exchange.session import Hub
    from hub.partners import Partner
    from hub.translation import Written


@dataclass(slots=True)
class Checked:
    """One interchange of a payload. ``messages`` lists those with findings; ``envelope_findings`` are the others."""

    file: str
    translator: str
    control: str = ""
    status: Status = Status.REJECTED
    received: int = 0
    accepted: int = 0
    findings: list[Finding] = field(default_factory=list)
    answer: Written | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "file": self.file,
            "translator": self.translator,
            "interchange": self.control,
            "status": self.status.value,
            "received": self.received,
            "accepted": self.accepted,
            "findings": [finding.as_dict() for finding in self.findings],
        }


def checked(
    hub: Hub,
    stream: BinaryIO,
    file: str,
    *,
    partner: Partner | None = None,
    chosen: Chosen | None = None,
    deep: bool = False,
    draw: Draw | None = None,
    collect: bool = True,
) -> Iterator[Finding | Checked]:
    """Every finding as soon as it is known, and each interchange when it ends. With ``draw`` (control numbers) each
    interchange comes with its acknowledgment, where one is due. ``collect`` keeps the findings in ``Checked`` too;
    without it memory does not grow with them. Never raises for what the payload holds."""
    head, whole = headed(stream)
    try:
        translator = translator_for(hub, head, file, chosen=chosen)
    except DocumentRejected as rejected:
        found = [one.at(file=file) for one in rejected.findings or (error("payload.unidentified", str(rejected)),)]
        yield from found
        yield Checked(file, "", findings=found)
        return
    context = ExchangeReadContext(hub, file, partner, chosen, extra={"deep": True} if deep else None)
    current = Checked(file, translator.name)
    for event in judged(hub, translator, whole, context):
        new = [finding.at(file=file, interchange=event.envelope.control) for finding in event.findings]
        if isinstance(event, InterchangeOpened):
            current = Checked(file, translator.name, event.envelope.control)
        elif isinstance(event, MessageRead):
            new = [finding.at(group=event.group, message=event.control) for finding in new]
        if collect:
            current.findings += new
        yield from new
        if isinstance(event, InterchangeClosed):
            current.status, current.received = event.status, event.received
            current.accepted = event.accepted if stores(event) else 0
            if draw is not None:
                envelope = event.envelope
                answering = ExchangeWriteContext(
                    hub,
                    envelope.receiver,
                    envelope.sender,
                    draw,
                    partner=context.partner(envelope),
                    options=context.options(envelope),
                    test=envelope.test,
                )
                current.answer = translator.acknowledge(event, answering)
            yield current
