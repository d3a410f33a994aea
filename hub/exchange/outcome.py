"""What became of an incoming interchange, for the command line, jobs and plugins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.findings import Finding, Severity
from hub.repository.records import ExchangeRecord, ExchangeState

SHOWN = 100
"""Findings that an outcome and the exchange's own record hold; the messages' records hold all of theirs."""

REFUSED = (ExchangeState.PARTIAL, ExchangeState.REJECTED, ExchangeState.QUARANTINED)
"""States in which something was not accepted."""


@dataclass(slots=True)
class Outcome:
    """One interchange. ``sent`` are file names that went into the outbox because of it, ``already`` says that an
    earlier run had finished it and this one did nothing."""

    exchange_id: str
    filename: str
    state: ExchangeState
    partner: str = ""
    standard: str = ""
    control: str = ""
    received: int = 0
    accepted: int = 0
    documents: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    already: bool = False

    @property
    def refused(self) -> bool:
        """Whether something of it was not accepted."""
        return self.state in REFUSED and not self.already

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "exchange": self.exchange_id,
            "file": self.filename,
            "state": self.state.value,
            "partner": self.partner,
            "standard": self.standard,
            "interchange": self.control,
            "received": self.received,
            "accepted": self.accepted,
            "documents": self.documents,
            "findings": [finding.as_dict() for finding in self.findings],
            "sent": self.sent,
            "already": self.already,
        }


def outcome_of(record: ExchangeRecord) -> Outcome:
    """The outcome of an exchange that an earlier run finished."""
    return Outcome(
        record.id,
        record.filename,
        record.state,
        record.partner,
        record.standard,
        record.control,
        record.received,
        record.accepted,
        dict(record.summary.get("documents", {})),
        list(record.findings),
        already=True,
    )


def shown(findings: Sequence[Finding]) -> list[Finding]:
    """The gravest findings, at most ``SHOWN``, in their order."""
    if len(findings) <= SHOWN:
        return list(findings)
    ranks = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}
    order = sorted(range(len(findings)), key=lambda index: (ranks[findings[index].severity], index))[:SHOWN]
    return [findings[index] for index in sorted(order)]
