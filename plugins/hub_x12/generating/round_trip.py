"""Write, read, write: what a mapping writes is read again without an error and written again to the same bytes."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from hub.errors import DocumentRejected, HubError
from hub.findings import rejects
from hub.translation import Envelope, Limits, MessageRead
from hub_x12.generating.agreed import interchanges
from hub_x12.generating.interchange import Counted
from hub_x12.translator import X12Translator

if TYPE_CHECKING:
    from hub.mapping.compiled import CompiledMapping
    from hub.model.document import Document

_X12 = X12Translator()


@dataclass
class Trips:
    """``whole`` interchanges came back as they were, out of ``total``. ``faults`` counts what went wrong with the
    others, by cause; ``examples`` has the first of each in full, and the interchange."""

    total: int = 0
    whole: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    examples: dict[str, tuple[str, bytes]] = field(default_factory=dict)


class _Fault(Exception):
    """The cause of a broken trip, and the particulars."""

    def __init__(self, cause: str, particulars: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.particulars = particulars


def round_trips(mapping: CompiledMapping, message: str, version: str, count: int, seed: str) -> Trips:
    """Draw ``count`` interchanges that the mapping reads, and make the trip with each."""
    trips = Trips()
    drawn = interchanges(message, version, seed, _Mapped(mapping), 2, incoming=True)
    for _ in range(count):
        trips.total += 1
        payload = b""
        try:
            payload = next(drawn).payload
            _trip(mapping, message, version, payload)
        except _Fault as fault:
            cause, particulars = fault.cause, fault.particulars
        except HubError as problem:
            cause, particulars = "cannot be drawn", str(problem)
        except Exception as problem:  # a fault of the mapping's, told like any other
            cause, particulars = f"raises {type(problem).__name__}", str(problem)
        else:
            trips.whole += 1
            continue
        trips.faults[cause] += 1
        trips.examples.setdefault(cause, (particulars, payload))
        if not payload:
            break
    return trips


def _trip(mapping: CompiledMapping, message: str, version: str, payload: bytes) -> None:
    documents = _documents(mapping, payload, "is read with")
    first = _written(mapping, message, version, documents, "cannot be written")
    again = _documents(mapping, first, "what was written is read with")
    second = _written(mapping, message, version, again, "what was written cannot be written again")
    if first != second:
        before, after = difference(first, second)
        raise _Fault(f"comes back changed at {(before or after)[:3].rstrip('*')}", f"{before} -> {after}")


def _documents(mapping: CompiledMapping, payload: bytes, says: str) -> list[Document]:
    out: list[Document] = []
    for event in _X12.read(io.BytesIO(payload), _Reading(mapping)):
        for one in event.findings:
            if rejects([one]):
                raise _Fault(f"{says} {one.code} {one.position.name or one.position.segment_id}", str(one))
        out += event.documents if isinstance(event, MessageRead) else []
    return out


def _written(mapping: CompiledMapping, message: str, version: str, documents: list[Document], says: str) -> bytes:
    try:
        return _X12.write(documents, message, version, _Mapped(mapping)).payload
    except DocumentRejected as problem:
        one = problem.findings[0] if problem.findings else None
        what = f"{one.code} {one.position.name or one.position.segment_id}" if one else ""
        raise _Fault(f"{says}: {what}", str(one or problem)) from problem
    except HubError as problem:
        raise _Fault(says, str(problem)) from problem


def difference(first: bytes, second: bytes) -> tuple[str, str]:
    """The first segment that differs between two interchanges, of each; '' of the one that ends before."""
    one, two = (payload.decode().split("~") for payload in (first, second))
    pairs = zip_longest(one, two, fillvalue="")
    return next((pair for pair in pairs if pair[0] != pair[1]), ("", ""))


class _Mapped(Counted):
    """Parties, a clock and numbers from 1, with one mapping."""

    def __init__(self, mapping: CompiledMapping) -> None:
        super().__init__()
        self._mapping = mapping

    def mapping(self, standard: str, message: str, version: str) -> CompiledMapping:  # type: ignore[override]
        return self._mapping


class _Reading:
    """A read context with one mapping."""

    limits = Limits()
    file = ""

    def __init__(self, mapping: CompiledMapping) -> None:
        self._mapping = mapping

    def options(self, envelope: Envelope) -> Mapping[str, Any]:
        return {}

    def mapping(self, standard: str, message: str, version: str, envelope: Envelope) -> CompiledMapping:
        return self._mapping
