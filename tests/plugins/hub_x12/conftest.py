"""Interchanges made on the spot, and the translator with the mappings of this repository."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from hub.findings import Finding
from hub.mapping.library import MappingLibrary
from hub.translation import (
    Envelope,
    EnvelopeParty,
    InterchangeClosed,
    InterchangeOpened,
    Limits,
    MessageRead,
)
from hub_x12 import hub_register_converters
from hub_x12.grammar import grammar
from hub_x12.translator import X12Translator

ORDER = (
    "BEG*00*SA*PO1**20260105",
    "CUR*BY*USD",
    "N1*ST*STORE*92*0117",
    "PO1*1*12*EA*2.49**UP*012345678905",
    "CTT*1",
)


@pytest.fixture(scope="session")
def library() -> MappingLibrary:
    return MappingLibrary(grammar_of=grammar, converters=hub_register_converters())


@pytest.fixture(scope="session")
def samples() -> Path:
    return Path(__file__).parents[2] / "samples" / "x12"


@pytest.fixture(scope="session")
def real_files() -> list[Path]:
    """Files of other people, where they are at hand."""
    folder = Path(__file__).parents[4] / "shared" / "samples"
    return sorted([*folder.glob("x12/*.edi"), *folder.glob("bad/*.edi")])


class Context:
    """Reading and writing at once."""

    file = ""
    sender = EnvelopeParty("AUERBACH", "ZZ")
    receiver = EnvelopeParty("NORTHGATE", "ZZ")
    test = False
    now = datetime(2026, 1, 5, 8, 15, tzinfo=UTC)

    def __init__(self, library: MappingLibrary, given: Mapping[str, Any], limits: Limits) -> None:
        self.library = library
        self.options: Any = _Options(given)  # a method for reading, a mapping for writing
        self.limits = limits
        self.drawn: dict[str, int] = {}
        self.start = 0

    def mapping(self, standard: str, message: str, version: str, envelope: Envelope | None = None) -> Any:
        return self.library.find(standard, message, version)

    def next_control(self, level: str) -> int:
        self.drawn[level] = self.drawn.get(level, self.start) + 1
        return self.drawn[level]


class _Options(dict[str, Any]):
    def __call__(self, envelope: Envelope) -> Mapping[str, Any]:
        return self


class Read:
    """Everything that came out of one payload."""

    def __init__(self, events: list[Any]) -> None:
        self.events = events
        self.opened = [event for event in events if isinstance(event, InterchangeOpened)]
        self.messages = [event for event in events if isinstance(event, MessageRead)]
        self.closed = [event for event in events if isinstance(event, InterchangeClosed)]
        self.findings: list[Finding] = [finding for event in events for finding in event.findings]
        self.codes = [finding.code for finding in self.findings]
        self.accepted = [message.accepted for message in self.messages]

    def shown(self) -> list[Any]:
        return [
            (type(event).__name__, [str(finding) for finding in event.findings], getattr(event, "accepted", None),
             getattr(event, "control", None), getattr(event, "offset", None), getattr(event, "length", None),
             [one.to_json() for one in getattr(event, "documents", [])])
            for event in self.events
        ]  # fmt: skip


class X12:
    """What the tests work with: ``read``, ``acknowledge``, ``interchange``."""

    order = ORDER

    def __init__(self, library: MappingLibrary) -> None:
        self.library = library
        self.translator = X12Translator()

    def context(self, limits: Limits | None = None, **options: Any) -> Context:
        return Context(self.library, options, limits or Limits())

    def read(self, payload: bytes | str, limits: Limits | None = None, chunk: int = 0, **options: Any) -> Read:
        data = payload.encode("latin-1") if isinstance(payload, str) else payload
        stream: Any = Drip(data, chunk) if chunk else BytesIO(data)
        return Read(list(self.translator.read(stream, self.context(limits, **options))))

    def acknowledge(self, payload: bytes | str, **options: Any) -> str | None:
        """The answer to the first interchange, a segment a line; None where none is due."""
        written = self.translator.acknowledge(self.read(payload, **options).closed[0], self.context(**options))
        return None if written is None else written.payload.decode().replace("~", "~\n")

    def isa(self, control: str = "000000001", version: str = "00401", standard: str = "U", wants: str = "0") -> str:
        return (
            f"ISA*00*{'':10}*00*{'':10}*ZZ*{'NORTHGATE':15}*ZZ*{'AUERBACH':15}*260105*0815*{standard}*{version}"
            f"*{control}*{wants}*P*>~"
        )

    def set(self, *body: str, control: str = "0001", kind: str = "850", count: int | None = None) -> str:
        lines = [f"ST*{kind}*{control}", *(body or self.order)]
        return "~".join([*lines, f"SE*{count if count is not None else len(lines) + 1}*{control}"]) + "~"

    def group(self, *sets: str, control: str = "1", version: str = "004010", kind: str = "PO", **more: Any) -> str:
        count = more.get("count", len(sets))
        date = "20260105" if version >= "004010" else "260105"
        head = f"GS*{kind}*NORTHGATE*AUERBACH*{date}*0815*{control}*X*{version}~"
        return f"{head}{''.join(sets)}GE*{count}*{more.get('end', control)}~"

    def interchange(self, *groups: str, control: str = "000000001", **more: Any) -> str:
        """A whole interchange; without groups, one order."""
        content = groups or (self.group(self.set()),)
        header = self.isa(control, **more)
        return f"{header}{''.join(content)}IEA*{len(content)}*{control}~"

    def order_of(self, *body: str) -> str:
        """An interchange of one set with this body."""
        return self.interchange(self.group(self.set(*body)))


class Drip:
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._stream = BytesIO(data)
        self._size = size

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(self._size if size < 0 else min(size, self._size))


@pytest.fixture(scope="session")
def x12(library: MappingLibrary) -> X12:
    return X12(library)


@pytest.fixture
def has() -> Callable[[Read, str], bool]:
    return lambda read, code: code in read.codes
