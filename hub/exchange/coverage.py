"""``hub mapping coverage``: which elements of sample files the mappings read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hub.errors import DocumentRejected
from hub.exchange.context import ExchangeReadContext
from hub.exchange.judgment import judged
from hub.exchange.reading import headed, opened, translator_for
from hub.findings import Finding, rejects
from hub.mapping.report import Coverage

if TYPE_CHECKING:
    from hub.exchange.overlays import Chosen
    from hub.exchange.session import Hub
    from hub.partners import Partner


def covered(
    hub: Hub, samples: Sequence[Path], *, partner: Partner | None = None, chosen: Chosen | None = None
) -> tuple[Coverage, list[Finding]]:
    """Read sample files and count, element by element, what was sent and what was read; with the errors found on the
    way, since a message with errors may not be counted whole."""
    counts = Coverage()
    findings: list[Finding] = []
    for sample in samples:
        with opened(sample) as stream:
            head, whole = headed(stream)
            try:
                translator = translator_for(hub, head, str(sample), chosen=chosen)
            except DocumentRejected as rejected:
                findings += [finding.at(file=str(sample)) for finding in rejected.findings]
                continue
            context = ExchangeReadContext(hub, str(sample), partner, chosen, watch=counts.watched)
            for event in judged(hub, translator, whole, context):
                findings += [finding.at(file=str(sample)) for finding in event.findings if rejects([finding])]
    return counts, findings
