"""A context and a mapping small enough to see through, so that what is tested is the table and not the mapping."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest

from hub.findings import Position, error
from hub.translation import EnvelopeParty, InterchangeClosed, InterchangeOpened, Limits, MessageRead
from hub_csv.translator import CsvTranslator


@dataclass
class Row:
    """What the fake mapping makes of a group of rows."""

    records: list[dict[str, str]]
    kind: str = "Order"


@dataclass
class FakeMapping:
    """Keeps records as they are; a record with BAD in a value is a finding."""

    name: str = "csv/orders"
    columns: tuple[str, ...] = ("No", "Item", "Qty")
    group_by: str = "No"
    options: Mapping[str, Any] = field(default_factory=dict)
    shape: str = "records"
    document: str = "Order"
    version: str = "1"

    @property
    def plan(self) -> FakeMapping:
        return self

    def read(self, records: list[dict[str, str]], lines: list[int]) -> Any:
        assert len(records) == len(lines)
        findings = [
            error("fake.bad", "value is bad", Position(line=line, name=name), value=value)
            for record, line in zip(records, lines, strict=True)
            for name, value in record.items()
            if value == "BAD"
        ]
        return SimpleNamespace(documents=[] if findings else [Row(records, self.document)], findings=findings)

    def write(self, document: Any, findings: list[Any]) -> list[dict[str, str]]:
        records: list[dict[str, str]] = document.records
        return records


class FakeContext:
    """Reading and writing at once."""

    def __init__(
        self, *mappings: Any, options: Mapping[str, Any] | None = None, limits: Limits | None = None, known: bool = True
    ) -> None:
        self._mappings = {mapping.name: mapping for mapping in mappings}
        self.option = dict(options if options is not None else {"feed": mappings[0].name if mappings else ""})
        self.options: Any = lambda envelope: self.option
        self.limits = limits or Limits()
        self.file = "f.csv"
        self.sender = EnvelopeParty("US")
        self.receiver = EnvelopeParty("THEM")
        self.test = False
        self.now = datetime(2026, 1, 2, tzinfo=UTC)
        self.drawn = 0
        if known:
            self.feeds = lambda: list(self._mappings.values())

    def mapping(self, standard: str, message: str, version: str, envelope: Any = None) -> Any:
        assert standard == "csv"
        return self._mappings.get(f"csv/{message}" + (f".{version}" if version else ""))

    def next_control(self, level: str) -> int:
        self.drawn += 1
        return self.drawn

    def writing(self, **options: Any) -> FakeContext:
        """The same as a context for writing: its options are a mapping there."""
        self.options = options
        return self


@dataclass
class Read:
    """Everything that came out of one file."""

    opened: InterchangeOpened
    messages: list[MessageRead]
    closed: InterchangeClosed

    @property
    def records(self) -> list[list[dict[str, str]]]:
        return [message.documents[0].records for message in self.messages if message.documents]  # type: ignore[attr-defined]

    @property
    def said(self) -> list[str]:
        """Every finding as text."""
        found = [*self.opened.findings, *(one for m in self.messages for one in m.findings), *self.closed.findings]
        return [str(finding) for finding in found]


@pytest.fixture
def mapping() -> type[FakeMapping]:
    return FakeMapping


@pytest.fixture
def context() -> type[FakeContext]:
    return FakeContext


@pytest.fixture
def read() -> Callable[..., Read]:
    """Read bytes (or UTF-8 text) with a fake mapping of the given ``format``."""

    def run(payload: bytes | str, context: Any = None, chunk: int = 0, **format: Any) -> Read:
        data = payload if isinstance(payload, bytes) else payload.encode()
        stream: Any = Dripping(data, chunk) if chunk else BytesIO(data)
        events = list(CsvTranslator().read(stream, context or FakeContext(FakeMapping(options=format))))
        assert isinstance(events[0], InterchangeOpened)
        assert isinstance(events[-1], InterchangeClosed)
        assert all(isinstance(event, MessageRead) for event in events[1:-1])
        return Read(events[0], events[1:-1], events[-1])  # type: ignore[arg-type]

    return run


class Dripping:
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._stream = BytesIO(data)
        self._size = size

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(self._size)


@pytest.fixture
def rows_of() -> Callable[[Sequence[str]], str]:
    """A table with header No,Item,Qty."""
    return lambda lines: "\n".join(["No,Item,Qty", *lines]) + "\n"
