"""``hub translate``: payloads to canonical documents and back, without a repository."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from hub.errors import ConfigurationError, DocumentRejected
from hub.exchange.agreed import outgoing
from hub.exchange.context import ExchangeWriteContext, options_for
from hub.exchange.overlays import version_of
from hub.exchange.reading import Draw, counting, read_payload
from hub.findings import Finding, Position, error
from hub.partners import message_of
from hub.translation import EnvelopeParty, InterchangeOpened, MessageRead, Status

if TYPE_CHECKING:
    from hub.exchange.overlays import Chosen
    from hub.exchange.session import Hub
    from hub.model.document import Document
    from hub.partners import Partner
    from hub.translation import Envelope, Written

JSON_LINE = 64_000_000
"""The longest line of JSON that is read, in bytes."""


@dataclass(frozen=True, slots=True)
class Translated:
    """One document of a payload (None for a message or interchange without one), where it stood, what was found."""

    document: Document | None
    source: dict[str, Any]
    findings: tuple[Finding, ...]
    accepted: bool
    envelope: Envelope | None = None

    def line(self) -> str:
        """The line that ``hub translate`` prints for a document."""
        assert self.document is not None
        data = {
            "kind": self.document.kind,
            "document": self.document.canonical_dict(provenance=False),
            "source": self.source,
            "findings": [finding.as_dict() for finding in self.findings],
        }
        return json.dumps(data, ensure_ascii=False, separators=(", ", ": "))


def translated(
    hub: Hub, stream: BinaryIO, file: str, *, partner: Partner | None = None, chosen: Chosen | None = None
) -> Iterator[Translated]:
    """The documents of a payload in order, one message in memory at a time. Never raises for what it holds: a payload
    that no translator knows is one rejected item with a finding."""
    try:
        _, events = read_payload(hub, stream, file, partner=partner, chosen=chosen)
    except DocumentRejected as rejected:
        findings = rejected.findings or (error("payload.unidentified", str(rejected)),)
        yield Translated(None, {"file": file}, tuple(one.at(file=file) for one in findings), False)
        return
    for event in events:
        if isinstance(event, MessageRead):
            yield from _message(event, file)
        elif isinstance(event, InterchangeOpened):
            if event.findings:
                yield _envelope(event.envelope, file, event.findings, True)
        elif event.findings or event.status is not Status.ACCEPTED:
            yield _envelope(event.envelope, file, event.findings, event.status is Status.ACCEPTED)


def _message(event: MessageRead, file: str) -> Iterator[Translated]:
    source: dict[str, Any] = {"file": file, "interchange": event.envelope.control}
    source |= {"group": event.group, "set": event.control, "position": event.position}
    source = {name: value for name, value in source.items() if value != ""}
    findings = tuple(finding.at(file=file, interchange=event.envelope.control) for finding in event.findings)
    documents: list[Document | None] = [*event.documents] or [None]
    for document in documents:
        yield Translated(document, source, findings, event.accepted, event.envelope)
        findings = ()  # said once, also where a message holds several documents


def _envelope(envelope: Envelope, file: str, findings: Sequence[Finding], accepted: bool) -> Translated:
    source = {"file": file} | ({"interchange": envelope.control} if envelope.control else {})
    placed = tuple(finding.at(file=file, interchange=envelope.control) for finding in findings)
    return Translated(None, source, placed, accepted, envelope)


def json_lines(stream: BinaryIO, file: str) -> Iterator[Translated]:
    """Documents from lines as ``hub translate`` prints them. A line that is none is a rejected item with a finding."""
    from hub.model import Document

    number = 0
    while text := stream.readline(JSON_LINE + 1):
        number += 1
        at = Position(file=file, segment=number)
        if not text.strip():
            continue
        try:
            if len(text) > JSON_LINE:
                raise DocumentRejected("", [error("json.too_long", f"the line is longer than {JSON_LINE} bytes", at)])
            data = json.loads(text)
            document = Document.from_json(str(data["kind"]), data["document"])
        except (ValueError, KeyError, TypeError, ConfigurationError) as problem:
            finding = error("json.no_document", f"the line is no document: {problem}", at)
            yield Translated(None, {"file": file}, (finding,), False)
        except DocumentRejected as problem:
            findings = tuple(finding.at(file=file, segment=number) for finding in problem.findings)
            yield Translated(None, {"file": file}, findings, False)
        else:
            yield Translated(document, {"file": file, "position": number}, (), True)


def looks_like_json(head: bytes) -> bool:
    """Whether a payload begins like the output of ``hub translate``."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b'{"')


class Writer:
    """Writes documents as interchanges of one format, one interchange for each run of documents of one message."""

    def __init__(
        self,
        hub: Hub,
        standard: str,
        *,
        partner: Partner | None = None,
        chosen: Chosen | None = None,
        draw: Draw | None = None,
    ) -> None:
        if standard not in hub.plugins.translators:
            raise ConfigurationError(
                f"no installed plugin translates '{standard}'", hint="`hub plugins` tells what is installed."
            )
        self._hub, self._standard, self._partner, self._chosen = hub, standard, partner, chosen
        self._draw = draw or counting()
        self._targets: dict[str, tuple[str, str]] = {}

    def together(self, one: Document, other: Document) -> bool:
        """Whether two documents go into one interchange: of one kind, or of kinds that one message holds."""
        return one.kind == other.kind or self.target(one.kind) == self.target(other.kind)

    def write(self, documents: Sequence[Document], envelope: Envelope | None) -> Written:
        """One interchange of documents of one message. Sender and receiver are those of the partner's agreement, else
        of the ``envelope`` that the documents came in where it is of the same standard, else SENDER and RECEIVER.

        Raises ``DocumentRejected`` where they cannot be written, ``ConfigurationError`` where no mapping is known."""
        message, version = self.target(documents[0].kind)
        sender, receiver = EnvelopeParty("SENDER", "ZZ"), EnvelopeParty("RECEIVER", "ZZ")
        if envelope is not None and envelope.standard == self._standard and envelope.sender.id:
            sender, receiver = envelope.sender, envelope.receiver
        if self._partner is not None:
            sender = self._hub.own_identity(self._standard, self._partner)
            receiver = self._partner.identity(self._standard)
        context = ExchangeWriteContext(
            self._hub,
            sender,
            receiver,
            self._draw,
            partner=self._partner,
            chosen=self._chosen,
            options=options_for(self._partner, self._standard),
        )
        return self._hub.plugins.translators[self._standard].write(documents, message, version, context)

    def target(self, kind: str) -> tuple[str, str]:
        """Message and version to write a kind of document as: by the chosen mapping, the agreement, or the first
        mapping that the hub has for it."""
        if kind not in self._targets:
            self._targets[kind] = self._target(kind)
        return self._targets[kind]

    def _target(self, kind: str) -> tuple[str, str]:
        if self._chosen is not None and (one := self._chosen.writing(self._standard)) and kind in one.kinds:
            name = self._chosen.name_of(one)
            return message_of(name), version_of(name)
        if self._partner is not None:
            agreed = outgoing(self._hub, self._partner, kind, self._standard)
            if agreed is not None:
                return agreed.message, agreed.version
        for name in self._hub.library.of_standard(self._standard):
            if self._hub.library.release(name):  # a release that another one's file serves is nobody's first choice
                continue
            if kind in self._hub.library.compiled(name).kinds:
                return message_of(name), version_of(name)
        raise ConfigurationError(
            f"no mapping writes {kind} as {self._standard}", hint="Name one with --mapping; see `hub mapping list`."
        )
