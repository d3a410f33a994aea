"""The journal as a person asks it: one exchange with all that belongs to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub.errors import ConfigurationError
from hub.repository.records import DocumentRecord, ExchangeRecord, LedgerEntry, MessageRecord, OutboxItem

if TYPE_CHECKING:
    from hub.exchange.session import Hub

MESSAGES = 1000
"""Messages of one exchange that are shown."""


def record_dict(record: ExchangeRecord) -> dict[str, Any]:
    """An exchange as JSON; empty parts left out."""
    data: dict[str, Any] = {
        name: getattr(record, name)
        for name in (
            "id", "direction", "filename", "partner", "translator", "source", "parent", "ordinal", "standard", "sender",
            "receiver", "control", "version", "test", "position", "received", "accepted", "acknowledgment_filename",
            "error",
        )
    }  # fmt: skip
    data = {name: value for name, value in data.items() if value not in ("", None)}
    data |= {
        "state": record.state.value,
        "payload": record.payload.sha256,
        "size": record.payload.size,
        "created_at": record.created_at.isoformat(),
        "updated_at": record.updated_at.isoformat(),
    }
    if record.summary:
        data["summary"] = dict(record.summary)
    if record.findings:
        data["findings"] = [finding.as_dict() for finding in record.findings]
    return data


def entry_dict(entry: LedgerEntry) -> dict[str, Any]:
    """A line of the acknowledgment ledger as JSON; empty parts left out."""
    data = {name: getattr(entry, name) for name in entry.__slots__ if "findings" not in name}
    data = {name: value for name, value in data.items() if value not in ("", None)}
    data |= {"state": entry.state.value, "functional": entry.functional.value}
    for name in ("findings", "application_findings"):
        if found := getattr(entry, name):
            data[name] = [finding.as_dict() for finding in found]
    return data


def resolve(hub: Hub, text: str) -> ExchangeRecord:
    """The one exchange that ``text`` means: its id, or a part of it that no other has. Raises ``ConfigurationError``
    where there is none, or more than one."""
    wanted = text.strip().lower()
    with hub.repository.read() as tx:
        found = [one for one in tx.search(wanted, 1000) if one.id.startswith(wanted)]
        if not found:
            found = [one for one in tx.exchanges(limit=10_000) if one.id.endswith(wanted)] if len(wanted) >= 4 else []
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigurationError(f"'{text}' begins {len(found)} exchanges", hint="Give more of the id.")
    raise ConfigurationError(f"the journal has no exchange '{text}'", hint="`hub journal list` shows those there are.")


@dataclass(frozen=True, slots=True)
class Details:
    """An exchange with its messages, documents, what was sent because of it, and what the partner said to it."""

    record: ExchangeRecord
    messages: list[MessageRecord]
    documents: list[DocumentRecord]
    answers: list[ExchangeRecord]
    outbox: list[OutboxItem]
    ledger: list[LedgerEntry]

    def facts(self) -> Iterator[tuple[str, str]]:
        """What is known of the exchange, name and value, in the order in which a person wants it."""
        one = self.record
        route = f"{one.sender or '?'} -> {one.receiver or '?'}" if one.sender or one.receiver else ""
        for name, value in (
            ("file", one.filename),
            ("payload", f"{one.payload.sha256} ({one.payload.size:,} bytes)"),
            ("direction", one.direction),
            ("partner", one.partner),
            ("interchange", f"{one.standard} {one.version} {one.control}".strip().replace("  ", " ")),
            ("envelope", route + (" test" if one.test else "")),
            ("received", f"{one.created_at:%Y-%m-%d %H:%M:%S} UTC"),
            ("messages", f"{one.accepted} of {one.received} accepted"),
            ("answered", one.acknowledgment_filename),
            ("error", one.error),
        ):
            if value:
                yield name, value

    def lines(self) -> Iterator[str]:
        """What belongs to the exchange, a line each."""
        for document in self.documents:
            yield f"document: {document.kind} {document.number} version {document.version} ({document.id})"
        for answer in self.answers:
            yield f"answered with: {answer.filename} (exchange {answer.id})"
        for item in self.outbox:
            yield f"outbox: {item.filename} {item.state.value}" + (f": {item.error}" if item.error else "")
        for entry in self.ledger:
            yield f"acknowledgment of {entry.type} {entry.message}: {entry.state.value}"

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            **record_dict(self.record),
            "messages": [
                {
                    "position": one.position, "type": one.type, "version": one.version, "control": one.control,
                    "group": one.group, "accepted": one.accepted, "mapping": one.mapping,
                    "findings": [finding.as_dict() for finding in one.findings],
                }
                for one in self.messages
            ],
            "documents": [
                {"kind": one.kind, "id": one.id, "number": one.number, "version": one.version}
                for one in self.documents
            ],
            "answers": [one.id for one in self.answers],
            "outbox": [{"file": one.filename, "state": one.state.value, "error": one.error} for one in self.outbox],
            "acknowledgments": [entry_dict(entry) for entry in self.ledger],
        }  # fmt: skip


def exchange_details(hub: Hub, text: str) -> Details:
    """Everything that belongs to the exchange ``text`` (see ``resolve``)."""
    record = resolve(hub, text)
    with hub.repository.read() as tx:
        since = tx.exchanges(direction="out", partner=record.partner, since=record.created_at, limit=100_000)
        return Details(
            record,
            tx.messages(record.id, limit=MESSAGES),
            tx.list(exchange_id=record.id, limit=MESSAGES),
            [one for one in since if one.source == f"exchange:{record.id}"],
            tx.outbox(exchange_id=record.id),
            tx.acknowledgments(exchange_id=record.id, limit=MESSAGES),
        )
