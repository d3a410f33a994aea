"""The translator: what the core calls (see ``hub.translation.Translator``)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from hub.errors import ConfigurationError, DocumentRejected
from hub.findings import Finding, Severity
from hub.translation import Envelope, Event, InterchangeClosed, Limits, ReadContext, WriteContext, Written
from hub_edifact import acknowledgment
from hub_edifact.envelope import STANDARD
from hub_edifact.reader import PayloadReader
from hub_edifact.segments import Segment
from hub_edifact.writer import Letterhead, qualified, write_interchange

if TYPE_CHECKING:
    from hub.mapping.compiled import CompiledMapping
    from hub.model.document import Document
    from hub.outline import Line

_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x00]*(?:UNA[^A-Za-z0-9]|U(?:N[BGH]|IB)[^A-Za-z0-9\s])")
_INSIDE = re.compile(rb"UN[BH][+\x1d][^\r\n]{0,200}[:\x1f][^\r\n]{0,200}['\x1c\r\n]")
_OTHERS = re.compile(rb"[\s\xef\xbb\xbf]*(?:ISA|STX|[<{\[])")


class EdifactTranslator:
    """UN/EDIFACT batch interchanges, syntax versions 1 to 4. Stateless."""

    name = STANDARD

    def identify(self, head: bytes, filename: str) -> bool:
        """A payload that begins with UNA, UNB, or a message without its interchange (which is then rejected with a
        finding that says so); or that holds a UNB or UNH after other data."""
        if _HEAD.match(head):
            return True
        return not _OTHERS.match(head) and _INSIDE.search(head) is not None

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Event]:
        """The events of a payload."""
        return PayloadReader(stream, context).events()

    def outline(self, stream: BinaryIO, context: ReadContext) -> Iterator[Event | Line]:
        """See ``hub.outline.Outliner``."""
        from hub_edifact.outline import outline

        return outline(stream, context)

    def write(self, documents: Sequence[Document], message: str, version: str, context: WriteContext) -> Written:
        """One interchange with one message per document, in the directory ``version`` (``D96A``)."""
        mapping = context.mapping(STANDARD, message, version)
        if mapping is None:
            raise ConfigurationError(
                f"there is no mapping to write EDIFACT {message} {version}",
                hint=f"mappings/edifact/{message}.{version}.yaml would be it; see 'hub mapping list'",
            )
        options = context.options
        identifier = [message, version[:1], version[1:], str(options.get("agency", "UN"))]
        if association := str(options.get("association", "")):
            identifier.append(association)
        written: list[tuple[list[str], list[Segment]]] = []
        findings: list[Finding] = []
        for body in mapping.messages(documents, findings):
            written.append((identifier, qualified(body)))
        letterhead = Letterhead(
            sender=_address(context.sender.id, context.sender.qualifier, str(options.get("sender_routing", ""))),
            recipient=_address(
                context.receiver.id, context.receiver.qualifier, str(options.get("receiver_routing", ""))
            ),
            syntax=str(options.get("syntax", "UNOC")),
            version=_syntax_version(options),
            test=context.test,
            acknowledge=options.get("request_acknowledgment") is True,
            application=str(options.get("application_reference", "")),
            agreement=str(options.get("agreement", "")),
        )
        made = write_interchange(written, letterhead, context, message, mapping.grammar.segments)
        _self_check(made.payload, mapping)
        return replace(made, findings=(*made.findings, *findings))

    def acknowledge(self, closed: InterchangeClosed, context: WriteContext) -> Written | None:
        """The CONTRL that is due, or None."""
        return acknowledgment.acknowledge(closed, context)

    def refuse(self, envelope: Envelope, reason: str, context: WriteContext) -> Written | None:
        """The CONTRL that rejects an interchange as a whole."""
        return acknowledgment.refuse(envelope, reason, context)


def _address(identifier: str, qualifier: str, routing: str) -> tuple[str, ...]:
    return (identifier, qualifier, routing)


def _syntax_version(options: Mapping[str, Any]) -> int:
    version = str(options.get("syntax_version", "3"))
    if version not in ("1", "2", "3", "4"):
        raise ConfigurationError(f"the option syntax_version is 1, 2, 3 or 4, not {version!r}")
    return int(version)


@dataclass(slots=True)
class _CheckContext:
    """Reads back what was written, with the mapping's own grammar."""

    compiled: CompiledMapping
    limits: Limits = field(default_factory=Limits)
    file: str = ""

    def options(self, envelope: Envelope) -> Mapping[str, Any]:
        """No tolerances: what we write has to be right."""
        return {}

    def mapping(self, standard: str, message: str, version: str, envelope: Envelope) -> CompiledMapping | None:
        """The mapping it was written with."""
        return self.compiled


def _self_check(payload: bytes, mapping: CompiledMapping) -> None:
    """Raise ``DocumentRejected`` if what was written would be rejected when it is read."""
    wrong: list[Finding] = []
    for event in PayloadReader(io.BytesIO(payload), _CheckContext(mapping)).events():
        wrong += [one for one in event.findings if one.severity is Severity.ERROR]
    if wrong:
        raise DocumentRejected(f"what was written does not pass its own check: {wrong[0]}", wrong)
