"""Reading and acknowledging EDIFACT in one line each."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from hub.mapping.library import MappingLibrary
from hub.testing.contexts import StandaloneReadContext, StandaloneWriteContext
from hub.translation import Event, InterchangeClosed, Limits
from hub_edifact.converters import CONVERTERS
from hub_edifact.directories import load_grammar
from hub_edifact.translator import EdifactTranslator

UNB = "UNB+UNOC:3+4012345000016:14+4019999000010:14+260115:0715+R1'"
BODY = "BGM+220+PO1+9'DTM+137:20260115:102'LIN+1++4019999001017:EN'QTY+21:5'UNS+S'CNT+2:1'"


@pytest.fixture(scope="session")
def library() -> MappingLibrary:
    return MappingLibrary(grammar_of=load_grammar, converters=CONVERTERS)


@pytest.fixture
def read(library: MappingLibrary) -> Callable[..., list[Event]]:
    """``read(payload, limits=…, **options)``: all events."""

    def run(payload: bytes | str, limits: Limits | None = None, **options: Any) -> list[Event]:
        data = payload.encode("latin-1") if isinstance(payload, str) else payload
        context = StandaloneReadContext(library, options, limits=limits)
        return list(EdifactTranslator().read(BytesIO(data), context))

    return run


@pytest.fixture
def answer(library: MappingLibrary, read: Callable[..., list[Event]]) -> Callable[..., list[str]]:
    """``answer(payload, **options)``: the text between UNH and UNT of the CONTRL for each interchange ('' if none)."""

    def run(payload: bytes | str, **options: Any) -> list[str]:
        out = []
        for event in read(payload, **options):
            if isinstance(event, InterchangeClosed):
                made = EdifactTranslator().acknowledge(event, StandaloneWriteContext(library, options))
                text = made.payload.decode("utf-8") if made else ""
                wrong = [one.code for one in _findings(read(text)) if one.severity == "error"] if text else []
                assert set(wrong) <= {"edifact.element.too_long"}, wrong  # a reference of the partner, copied as it is
                out.append(text[text.find("UCI") : text.rfind("UNT+")])
        return out

    return run


def _findings(events: list[Event]) -> list[Any]:
    return [finding for event in events for finding in event.findings]


@pytest.fixture
def message() -> Callable[..., str]:
    """``message(ref, body=…, count=…, trailer=…)``: one ORDERS D.96A with a right UNT unless told otherwise."""

    def make(ref: str = "1", body: str = BODY, count: int | None = None, trailer: str | None = None) -> str:
        segments = body.count("'") - body.count("?'") + 2
        return f"UNH+{ref}+ORDERS:D:96A:UN'{body}UNT+{count or segments}+{trailer or ref}'"

    return make


@pytest.fixture
def interchange() -> Callable[..., str]:
    """``interchange(*messages, unb=…, count=…, ref=…)``: an interchange with a right UNZ unless told otherwise."""

    def make(*messages: str, unb: str = UNB, count: int | None = None, ref: str = "R1") -> str:
        return f"{unb}{''.join(messages)}UNZ+{len(messages) if count is None else count}+{ref}'"

    return make


@pytest.fixture
def codes() -> Callable[[list[Event]], list[str]]:
    """``codes(events)``: severity letter, code and segment position of every finding that is not a notice."""

    def run(events: list[Event]) -> list[str]:
        return [
            f"{one.severity[0]} {one.code.removeprefix('edifact.')} {one.position.segment or ''}".strip()
            for one in _findings(events)
            if one.severity != "notice" and one.code.startswith("edifact.")
        ]

    return run
