"""Whether an interchange is processed at all: who sent it, to whom, as a test or not, and was it here before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hub.findings import Finding, Position, error, notice
from hub.repository.records import ExchangeRecord, ExchangeState

if TYPE_CHECKING:
    from hub.exchange.session import Hub
    from hub.partners import Partner
    from hub.repository import Transaction
    from hub.translation import Envelope

_TAKEN = (ExchangeState.PROCESSING, ExchangeState.ACCEPTED, ExchangeState.PARTIAL)
"""States of an interchange whose control number is used up, because something of it was taken. Where nothing was (it
was rejected as a whole), the corrected interchange may have the same number: it cannot double anything."""

_ANSWERED = (*_TAKEN, ExchangeState.REJECTED, ExchangeState.DUPLICATE)
"""States of an interchange that is answered again when it comes again unchanged. One that was quarantined is not: it
can be sent again once the reason is gone."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with an interchange. ``state`` is None where it is to be processed, else the state it ends in.
    ``refusal`` is the reason for ``Translator.refuse``, '' for no answer to the sender. ``original`` is the exchange
    whose acknowledgment is sent again."""

    state: ExchangeState | None = None
    finding: Finding | None = None
    refusal: str = ""
    original: ExchangeRecord | None = None


def verdict_on(
    hub: Hub,
    tx: Transaction,
    envelope: Envelope,
    content: str,
    *,
    partner: Partner | None,
    folder: str,
    ignored: frozenset[str],
) -> Verdict:
    """The verdict on an interchange whose own bytes have the SHA-256 ``content``. ``folder`` is the partner whose
    folder it came through, '' for none; ``ignored`` are exchanges that are no evidence (itself; one being replayed)."""
    return (
        _sender(hub, envelope, partner, folder)
        or _receiver(hub, envelope)
        or _test(hub, envelope, partner)
        or _duplicate(tx, envelope, content, partner, ignored)
        or Verdict()
    )


def _quarantined(envelope: Envelope, code: str, message: str, refusal: str = "") -> Verdict:
    finding = error(code, message, Position(interchange=envelope.control))
    return Verdict(ExchangeState.QUARANTINED, finding, refusal)


def _sender(hub: Hub, envelope: Envelope, partner: Partner | None, folder: str) -> Verdict | None:
    if partner is None:
        if not envelope.sender.id:
            return _quarantined(
                envelope,
                "partner.unknown",
                "the file does not say who sent it; put it into the partner's folder, inbox/NAME, or use --partner",
            )
        answered = hub.workspace.settings.receive.answer_unknown and envelope.receiver.id
        return _quarantined(
            envelope,
            "partner.unknown",
            f"no partner has the {envelope.standard} identity '{envelope.sender}'; "
            f"add it to a file in {hub.workspace.partners.name}/, then: hub journal replay",
            "unknown_sender" if answered else "",
        )
    if folder and partner.name != folder:
        return _quarantined(
            envelope,
            "partner.wrong_folder",
            f"the envelope names partner '{partner.name}', but the file came through the folder of '{folder}'",
        )
    return None


def _receiver(hub: Hub, envelope: Envelope) -> Verdict | None:
    if not envelope.receiver.id or hub.owns(envelope.standard, envelope.receiver):
        return None
    return _quarantined(
        envelope,
        "receiver.unknown",
        f"it is addressed to '{envelope.receiver}', which is none of our {envelope.standard} identities; if it is ours,"
        " add it under [identities] in hub.toml, then: hub journal replay",
        "unknown_receiver",
    )


def _test(hub: Hub, envelope: Envelope, partner: Partner | None) -> Verdict | None:
    if not envelope.control:
        return None
    if hub.workspace.settings.environment == "test":
        if envelope.test:
            return None
        return _quarantined(envelope, "interchange.production", "a production interchange has come to a test hub")
    policy = partner.file.test if partner is not None else "quarantine"
    if not envelope.test or policy == "process":
        return None
    refusal = "test_not_expected" if policy == "refuse" else ""
    return _quarantined(
        envelope,
        "interchange.test",
        "the interchange is flagged as a test and this hub is in production (partner file: test: process)",
        refusal,
    )


def _duplicate(
    tx: Transaction, envelope: Envelope, content: str, partner: Partner | None, ignored: frozenset[str]
) -> Verdict | None:
    if not envelope.control:
        return None
    window = partner.file.duplicates.window if partner is not None else None
    oldest = datetime.now(UTC) - window if window is not None else None
    earlier = [
        record
        for record in tx.find_interchanges(envelope.standard, envelope.sender, envelope.receiver, envelope.control)
        if record.state in _ANSWERED and record.id not in ignored and (oldest is None or record.created_at >= oldest)
    ]
    where = Position(interchange=envelope.control)
    for record in earlier:
        if record.content_sha256 == content:
            finding = notice(
                "interchange.duplicate", f"the same interchange was received before (exchange {record.id})", where
            )
            return Verdict(ExchangeState.DUPLICATE, finding, original=record)
    taken = [record for record in earlier if record.state in _TAKEN or record.accepted]
    if not taken:
        return None
    finding = error(
        "interchange.control_reused",
        f"the control number was used before, with other content (exchange {taken[0].id})",
        where,
    )
    return Verdict(ExchangeState.QUARANTINED, finding, "duplicate")
