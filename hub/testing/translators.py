"""What every translator must do, on its own samples and on everything that can be made of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, cast

from hub.errors import DocumentRejected, HubError
from hub.findings import Finding
from hub.testing.contexts import StandaloneReadContext, StandaloneWriteContext, library_of
from hub.testing.expect import NotConforming, expect, only_hub_errors
from hub.translation import Event, InterchangeClosed, InterchangeOpened, Limits, MessageRead, Translator, Written

if TYPE_CHECKING:
    from hub.mapping.library import MappingLibrary
    from hub.model.document import Document

GARBAGE = (
    *(b"", b"\x00" * 5_000, b"\xff\xfe\xfd" * 999, b"A" * 70_000, b"~" * 300, b"\r\n" * 300),
    bytes(range(256)) * 40,
)
REASONS = ("duplicate", "unknown_sender", "unknown_receiver", "test_not_expected")


class Dripping:
    """A stream that gives at most ``size`` bytes at a time, as pipes and sockets do."""

    def __init__(self, data: bytes, size: int) -> None:
        self._stream = BytesIO(data)
        self._size = size

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, b"" at the end."""
        return self._stream.read(self._size if size < 0 else min(size, self._size))


class TranslatorConformance:
    """Subclass it and set ``translator`` and ``samples`` (files that are accepted as a whole).

    ``options`` are the agreement's translator options. ``writes`` names, for a kind of document that the samples
    hold, the message and version to write it as; what is written must be read as the same document.
    """

    translator: Translator
    samples: ClassVar[Sequence[Path]] = ()
    options: ClassVar[Mapping[str, Any]] = {}
    writes: ClassVar[Mapping[str, tuple[str, str]]] = {}

    @cached_property
    def library(self) -> MappingLibrary:
        """The mappings to read with: the hub's and those of all installed plugins."""
        from hub.plugins import Plugins

        return library_of(Plugins())

    # -- tools -------------------------------------------------------------------------------------------------

    def read(self, data: bytes, name: str = "sample", chunk: int = 0, limits: Limits | None = None) -> list[Event]:
        """Every event of a payload; raises ``NotConforming`` where reading raises or the events are out of order."""
        context = StandaloneReadContext(self.library, self.options, file=name, limits=limits)
        stream = cast(BinaryIO, Dripping(data, chunk) if chunk else BytesIO(data))
        try:
            events = list(self.translator.read(stream, context))
        except Exception as exc:
            raise NotConforming(
                f"reading {name} raised {type(exc).__name__}: {exc}; what a partner sends ends in findings"
            ) from exc
        self._in_order(events, name)
        expect(dict(context.options(None)) == dict(self.options), f"reading {name} changed the options")  # type: ignore[arg-type]
        return events

    def _in_order(self, events: Sequence[Event], name: str) -> None:
        closed = None
        messages: list[MessageRead] = []
        opened = False
        for event in events:
            if isinstance(event, InterchangeOpened):
                expect(not opened, f"{name}: an interchange is opened inside another")
                opened, messages = True, []
            elif isinstance(event, MessageRead):
                expect(opened, f"{name}: a message outside of an interchange")
                messages.append(event)
            else:
                self._counts(event, messages, name)
                opened, messages, closed = False, [], event
        expect(closed is not None and not opened, f"{name}: the events do not end in InterchangeClosed")

    def _counts(self, closed: InterchangeClosed, messages: Sequence[MessageRead], name: str) -> None:
        accepted = sum(message.accepted for message in messages)
        expect(
            closed.received == len(messages) and closed.accepted == accepted,
            f"{name}: closed with {closed.received} received and {closed.accepted} accepted, but there were "
            f"{len(messages)} messages, {accepted} of them accepted; the acknowledgment would be wrong",
        )

    def _contents(self) -> Iterator[tuple[str, bytes]]:
        for path in self.samples:
            yield path.name, path.read_bytes()

    def _mutated(self, change: Callable[[bytes, random.Random], bytes], times: int) -> None:
        for name, data in self._contents():
            rng = random.Random(name)  # the same every time: a failure can be looked at
            for _ in range(times):
                self.read(change(data, rng), name)

    def _write_context(self) -> StandaloneWriteContext:
        return StandaloneWriteContext(self.library, self.options)

    # -- what is checked ---------------------------------------------------------------------------------------

    def test_samples_are_identified(self) -> None:
        """Each sample is known by its beginning, and by no more of it than 4 KB."""
        for name, data in self._contents():
            expect(self.translator.identify(data[:4096], name) is True, f"{name} is not identified")

    def test_garbage_is_not_identified(self) -> None:
        """Bytes that are nothing are not claimed, and looking at them raises nothing."""
        for data in GARBAGE:
            found = only_hub_errors("identify", self.translator.identify, data[:4096], "unknown.bin")
            expect(found is False, f"identify answers {found!r} for {data[:12]!r}…; it must be False")

    def test_samples_are_accepted(self) -> None:
        """Each sample gives documents, and all of it is accepted."""
        for name, data in self._contents():
            events = self.read(data, name)
            errors = [str(one) for event in events for one in event.findings if one.severity == "error"]
            expect(not errors, f"{name}: {'; '.join(errors)}")
            expect(bool(_documents(events)), f"{name} gives no document")

    def test_output_is_stable(self) -> None:
        """Reading twice gives equal documents and findings."""
        for name, data in self._contents():
            expect(_shown(self.read(data, name)) == _shown(self.read(data, name)), f"{name} is read differently again")

    def test_any_chunking(self) -> None:
        """It makes no difference how many bytes the stream gives at a time."""
        for name, data in self._contents():
            whole = _shown(self.read(data, name))
            for chunk in (1, 2, 7, 1000):
                expect(_shown(self.read(data, name, chunk)) == whole, f"{name} read {chunk} bytes at a time differs")

    def test_truncated_input(self) -> None:
        """A sample cut off anywhere ends in findings, and gives no more documents than the whole."""
        for name, data in self._contents():
            count = len(_documents(self.read(data, name)))
            for part in range(1, 24):
                cut = self.read(data[: len(data) * part // 24], name)
                expect(len(_documents(cut)) <= count, f"{name} cut off gives more documents than the whole")

    def test_damaged_input(self) -> None:
        """Changed, lost and added bytes end in findings."""

        def change(data: bytes, rng: random.Random) -> bytes:
            at = rng.randrange(len(data) + 1)
            return data[:at] + rng.randbytes(rng.randrange(4)) + data[at + rng.randrange(4) :]

        self._mutated(change, 40)

    def test_garbage_is_refused(self) -> None:
        """Bytes that are nothing give no document and at least one finding."""
        for data in GARBAGE:
            events = self.read(data, "garbage")
            expect(not _documents(events), f"{data[:12]!r}… gives a document")
            expect(any(event.findings for event in events), f"{data[:12]!r}… is refused without a reason")

    def test_doubled_input(self) -> None:
        """Two copies in one payload end in documents or findings, never in silence."""
        for name, data in self._contents():
            once, twice = self.read(data, name), self.read(data + data, name)
            said = len(_documents(twice)) + sum(len(event.findings) for event in twice)
            before = len(_documents(once)) + sum(len(event.findings) for event in once)
            expect(said > before, f"{name} sent twice in one payload: the second copy was lost without a word")

    def test_oversized_input(self) -> None:
        """What is longer than a limit is refused with a finding."""
        for name, data in self._contents():
            tight = Limits(segment_bytes=8, elements=2, message_segments=1, payload_bytes=min(64, len(data) // 2))
            events = self.read(data, name, limits=tight)
            expect(any(event.findings for event in events), f"{name} is accepted although it is over every limit")

    def test_thread_use(self) -> None:
        """One translator serves many threads."""
        for name, data in self._contents():
            alone = _shown(self.read(data, name))
            with ThreadPoolExecutor(4) as pool:
                for again in pool.map(lambda _, d=data, n=name: _shown(self.read(d, n)), range(8)):
                    expect(again == alone, f"{name} is read differently in several threads at once")

    def test_closing_early(self) -> None:
        """Reading may be given up after any event."""
        for name, data in self._contents():
            for taken in range(3):
                context = StandaloneReadContext(self.library, self.options, file=name)
                events = self.translator.read(BytesIO(data), context)
                for _ in zip(range(taken), events, strict=False):
                    pass
                close = getattr(events, "close", lambda: None)
                only_hub_errors("closing the events early", close)

    def test_acknowledgments(self) -> None:
        """An interchange can be acknowledged, accepted or not, and the same numbers give the same bytes."""
        for name, data in self._contents():
            for payload in (data, data[: len(data) // 2], data[:-1] + b"\x00"):
                for closed in (one for one in self.read(payload, name) if isinstance(one, InterchangeClosed)):
                    one, two = (self._acknowledged(closed) for _ in range(2))
                    expect(one == two, f"{name}: acknowledging the same interchange twice gives different bytes")

    def _acknowledged(self, closed: InterchangeClosed) -> bytes | None:
        answer = only_hub_errors("acknowledge", self.translator.acknowledge, closed, self._write_context())
        if isinstance(answer, HubError):
            raise NotConforming(f"acknowledge raised {answer}; an interchange that was read can be answered")
        expect(answer is None or isinstance(answer, Written), "acknowledge returned neither Written nor None")
        expect(answer is None or bool(answer.payload), "acknowledge returned an empty payload")
        return answer.payload if answer is not None else None

    def test_refusals(self) -> None:
        """A whole interchange can be refused for every reason there is."""
        for name, data in self._contents():
            envelope = self.read(data, name)[0].envelope
            for reason in REASONS:
                answer = only_hub_errors("refuse", self.translator.refuse, envelope, reason, self._write_context())
                expect(answer is None or isinstance(answer, Written), f"refuse({reason}) returned {answer!r}")

    def test_round_trip(self) -> None:
        """What is written is read as the same documents; writing changes none of them."""
        for name, data in self._contents():
            for kind, (message, version) in self.writes.items():
                documents = [one for one in _documents(self.read(data, name)) if one.kind == kind]
                before = [_content(one) for one in documents]
                if not documents:
                    continue
                written = self.translator.write(documents, message, version, self._write_context())
                expect([_content(one) for one in documents] == before, f"{name}: writing {kind} changed the documents")
                again = [one for one in _documents(self.read(written.payload, name)) if one.kind == kind]
                expect([_content(one) for one in again] == before, f"{name}: {kind} is not what was written when read")

    def test_writing_without_mapping(self) -> None:
        """A message that nobody knows is our mistake, said with an error of the hub."""
        for name, data in self._contents():
            documents = _documents(self.read(data, name))[:1]
            answer = only_hub_errors(
                "write", self.translator.write, documents, "no-such-message", "0", self._write_context()
            )
            expect(
                isinstance(answer, HubError) and not isinstance(answer, DocumentRejected),
                "writing a message that has no mapping must raise ConfigurationError",
            )


def _documents(events: Sequence[Event]) -> list[Document]:
    return [one for event in events if isinstance(event, MessageRead) and event.accepted for one in event.documents]


def _content(document: Document) -> Any:
    """Content for comparing: without provenance, extensions (they are not written) and spellings of identifiers."""
    return _plain(document.canonical_dict(provenance=False))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        left_out = {"raw", "extensions"} if "scheme" in value else {"extensions"}
        return {key: _plain(one) for key, one in value.items() if key not in left_out}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _shown(events: Sequence[Event]) -> list[Any]:
    shown: list[Any] = []
    for event in events:
        findings: list[Finding] = event.findings
        more = (event.accepted, [one.to_json() for one in event.documents]) if isinstance(event, MessageRead) else ()
        shown.append((type(event).__name__, [str(one) for one in findings], more))
    return shown
