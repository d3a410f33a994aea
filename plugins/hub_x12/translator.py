"""The X12 translator as the hub sees it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from hub.errors import ConfigurationError, DocumentRejected
from hub.findings import Finding, Severity, rejects
from hub.translation import Envelope, Event, InterchangeClosed, ReadContext, WriteContext, Written
from hub_x12.acknowledgment import (
    answer_party,
    due,
    functional_groups,
    interchange_acknowledgment,
    interchange_version,
    ta1,
)
from hub_x12.catalog import TA1_NOTES
from hub_x12.codes import meaning
from hub_x12.decimals import shorten
from hub_x12.deviations import DEVIATIONS
from hub_x12.elements import note_in_words
from hub_x12.envelope import release_of
from hub_x12.form import FormOnly
from hub_x12.grammar.release import nearest, release
from hub_x12.header import START, foreign
from hub_x12.options import Options
from hub_x12.reading import read_payload
from hub_x12.source import BLANKS
from hub_x12.verdicts import InterchangeVerdict
from hub_x12.writing import Outgoing, OutgoingGroup, OutgoingSet, write_interchange

if TYPE_CHECKING:
    from hub.grammar import ElementDef
    from hub.model.document import Document
    from hub.outline import Line


_ISA = re.compile(rb"(?<![A-Za-z0-9])ISA([^A-Za-z0-9\s])[0-9]{2}\1[^\r\n]{0,10}\1[0-9]{2}\1")
"""An ISA that something else stands before: stricter than at the start, for a table may hold VISA,12,34."""


class X12Translator:
    """Interchanges of ANSI ASC X12. Stateless."""

    name = "x12"
    deviations = tuple(DEVIATIONS.values())

    def identify(self, head: bytes, filename: str) -> bool:
        """Whether an ISA stands at the start of ``head``, or near it after bytes that mean nothing; also one in an
        encoding that is not read, for that is what there is to tell."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip(BLANKS)
        return START.match(start) is not None or _ISA.search(head) is not None or foreign(head) != ""

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Event]:
        """See ``hub.translation.Translator.read``."""
        return read_payload(stream, context)

    def write(self, documents: Sequence[Document], message: str, version: str, context: WriteContext) -> Written:
        """See ``hub.translation.Translator.write``. ``version`` is GS08 (``004010``, ``004010VICS``)."""
        options = Options.of(context.options)
        mapping = context.mapping("x12", message, version)
        base = release_of(version)
        known = release(nearest(base)).sets.get(message) if base else None
        if mapping is None or known is None:
            what = "mapping" if known else "grammar"
            raise ConfigurationError(
                f"X12 {message} {version} cannot be written: there is no {what} for it",
                hint="`hub mapping list` shows the messages that can be written.",
            )
        group = OutgoingGroup(
            known.functional,
            options.group_version or version,
            options.application_sender or context.sender.id,
            options.application_receiver or context.receiver.id,
        )
        findings: list[Finding] = []
        group.sets = [OutgoingSet(message, body) for body in mapping.messages(documents, findings, complete=True)]
        for one in group.sets:
            shorten(one.body, release(nearest(base)).segments)
        if rejects(findings):
            raise DocumentRejected(f"a document cannot be written as X12 {message}: {findings[0].message}", findings)
        out = write_interchange([group], options.interchange_version or base[:5], context, options)
        self._check(out, context.options)
        written = _written(out, f"{message}-{out.envelope.control}.edi")
        return replace(written, findings=(*findings, *written.findings))

    def acknowledge(self, closed: InterchangeClosed, context: WriteContext) -> Written | None:
        """See ``hub.translation.Translator.acknowledge``: TA1 as agreed, and a 997 or 999 per functional group."""
        verdict: InterchangeVerdict | None = closed.state
        if verdict is None or not closed.wants_acknowledgment or not verdict.elements:
            return None
        options = Options.of(context.options)
        groups, unnamed = functional_groups(verdict, options)
        leading = []
        if due(verdict, closed.envelope.acknowledge, options) or (unnamed and options.ta1 != "never"):
            leading.append(interchange_acknowledgment(verdict, options))
        if not groups and not leading:
            return None
        lenient = replace(options, separators_in_data="replace")
        version = interchange_version(verdict, groups, options)
        parties = (answer_party(context.sender), answer_party(context.receiver))
        out = write_interchange(groups, version, context, lenient, leading, parties)
        self._check(out, {**context.options, "deviations": {}})
        kind = groups[0].sets[0].type if groups else "TA1"
        return replace(_written(out, f"{kind}-{out.envelope.control}.edi"), messages=(), findings=())

    def refuse(self, envelope: Envelope, reason: str, context: WriteContext) -> Written | None:
        """See ``hub.translation.Translator.refuse``: a TA1 with the reason (025 for a duplicate), always R."""
        options = Options.of(context.options)
        elements = tuple(envelope.extra.get("isa", ()))
        if options.ta1 == "never" or not elements:
            return None
        segment = ta1(elements, "R", TA1_NOTES.get(reason, "024"))
        version = interchange_version(InterchangeVerdict(elements), [], options)
        parties = (answer_party(context.sender), answer_party(context.receiver))
        out = write_interchange([], version, context, options, [segment], parties)
        return replace(_written(out, f"TA1-{out.envelope.control}.edi"), messages=())

    def generate(
        self, message: str, version: str, seed: str, context: WriteContext, *, messages: int, incoming: bool
    ) -> Iterator[Written]:
        """See ``hub.translation.Generator.generate``. ``version`` is GS08."""
        from hub_x12.generating.agreed import interchanges

        return interchanges(message, version, seed, context, messages, incoming)

    def outline(self, stream: BinaryIO, context: ReadContext) -> Iterator[Event | Line]:
        """See ``hub.outline.Outliner.outline``."""
        from hub_x12.outline import outline

        return outline(stream, context)

    def title(self, message: str, version: str) -> str:
        """See ``hub.outline.Wording.title``."""
        known = release(nearest(release_of(version) or version)).sets.get(message)
        return known.name if known else ""

    def meaning(self, version: str, number: str, value: str) -> str:
        """See ``hub.outline.Wording.meaning``."""
        return meaning(nearest(version), number, value)

    def note(self, note: str, elements: Sequence[ElementDef]) -> str:
        """See ``hub.outline.Wording.note``."""
        return note_in_words(note, elements)

    def _check(self, out: Outgoing, options: Mapping[str, Any]) -> None:
        """Read what was written; refuse to send what this translator itself would not accept."""
        found: list[Finding] = []
        for event in self.read(io.BytesIO(out.payload), FormOnly(options)):
            found += [finding for finding in event.findings if finding.severity is Severity.ERROR]
        if found:
            raise DocumentRejected(
                f"the interchange that was written would not be accepted: {found[0].message}; nothing is sent", found
            )


def _written(out: Outgoing, filename: str) -> Written:
    return Written(out.payload, out.envelope, out.messages, filename, out.findings)
