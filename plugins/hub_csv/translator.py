"""The translator ``csv``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from hub.translation import Envelope, Written
from hub_csv.feeds import STANDARD

if TYPE_CHECKING:
    from hub.model.document import Document
    from hub.translation import Event, InterchangeClosed, ReadContext, WriteContext
    from hub_csv.results import Results

_REFUSALS = {
    "duplicate": "this file was received before and was not processed again",
    "unknown_sender": "the sender is not known here",
    "unknown_receiver": "the receiver is not known here",
    "test_not_expected": "no test files are expected from this sender",
}


class CsvTranslator:
    """Delimited text, in the dialect that each feed's mapping declares. ``generic``: it takes what looks like a table
    only where no other translator knows the payload."""

    name = STANDARD
    generic = True

    def identify(self, head: bytes, filename: str) -> bool:
        """See ``hub.translation.Translator``."""
        from hub_csv.identify import looks_like_table

        return looks_like_table(head, filename)

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Event]:
        """See ``hub.translation.Translator``; the option ``feed`` names the mapping, else the header tells."""
        from hub_csv.reading import read

        return read(stream, context)

    def write(self, documents: Sequence[Document], message: str, version: str, context: WriteContext) -> Written:
        """See ``hub.translation.Translator``; ``message`` is a feed's name."""
        from hub_csv.writing import write

        return write(documents, message, version, context)

    def acknowledge(self, closed: InterchangeClosed, context: WriteContext) -> Written | None:
        """The result table of a file that was read; None where the option ``result`` is ``none``."""
        from hub_csv.reading import result_policy
        from hub_csv.results import Results

        if not closed.wants_acknowledgment or result_policy(context.options) == "none":
            return None
        results = closed.state
        if not isinstance(results, Results):
            results = _bare(closed.envelope)
            results.refused("; ".join(finding.message for finding in closed.findings) or "the file cannot be read")
        return _answer(results, closed.envelope, context)

    def refuse(self, envelope: Envelope, reason: str, context: WriteContext) -> Written | None:
        """A result table with one row that says why the file was not processed."""
        from hub_csv.reading import result_policy

        if result_policy(context.options) == "none":
            return None
        results = _bare(envelope)
        results.refused(_REFUSALS.get(reason, reason))
        return _answer(results, envelope, context)


def _bare(envelope: Envelope) -> Results:
    """An empty result table, in the form of the file that it answers as far as that is known."""
    from hub_csv.dialect import Dialect
    from hub_csv.results import Results

    form = {key: str(envelope.extra[key]) for key in ("encoding", "delimiter", "quote") if key in envelope.extra}
    return Results(Dialect(**form), str(envelope.extra.get("feed", "")))  # type: ignore[arg-type]


def _answer(results: Results, envelope: Envelope, context: WriteContext) -> Written:
    control = str(context.next_control("interchange"))
    answer = Envelope(STANDARD, context.sender, context.receiver, control, test=context.test, extra={"feed": "result"})
    name = str(envelope.extra.get("file") or "feed").replace("\\", "/").rpartition("/")[2]
    return Written(results.payload(), answer, (), f"{name.removesuffix('.csv')}-result-{control}.csv")
