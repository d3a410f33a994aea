"""``hub explain``: from a canonical field back to the element that it was read from and the mapping line that did it.

Nothing of this is stored: the payload is kept, so the message is read again, this time watched.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.errors import ConfigurationError
from hub.exchange.context import ExchangeReadContext
from hub.exchange.judgment import judged
from hub.exchange.reading import headed, opened, translator_for
from hub.mapping.compiled import CompiledMapping
from hub.mapping.plan import Leaf
from hub.mapping.runtime import Reading
from hub.mapping.tracing import Traced
from hub.translation import InterchangeClosed, MessageRead

if TYPE_CHECKING:
    from hub.exchange.overlays import Chosen
    from hub.exchange.session import Hub
    from hub.partners import Partner
    from hub.repository import DocumentRecord


@dataclass(frozen=True, slots=True)
class Explained:
    """One canonical field: its path, its value, where in the payload it stood, and the mapping's file and line."""

    path: str
    value: str
    where: str
    line: str
    document: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        named = {"document": self.document, "field": self.path, "value": self.value}
        return {**named, "from": self.where, "line": self.line}


class _Tracer:
    """Stands between translator and mapping and remembers where the fields of the last message came from."""

    def __init__(self) -> None:
        self.last: list[tuple[str, list[Traced]]] = []

    def watched(self, compiled: CompiledMapping) -> CompiledMapping:
        watched = copy.copy(compiled)
        watched.__class__ = _Watched
        assert isinstance(watched, _Watched)
        watched.tracer = self
        return watched


class _Watched(CompiledMapping):
    tracer: _Tracer

    def read(self, native: Any, places: Sequence[int] = (), first: int = 2) -> Reading:
        self.tracer.last += self.traces(native, places, first)
        return super().read(native, places, first)


def explain_file(
    hub: Hub,
    file: Path,
    field: str = "",
    *,
    position: int | None = None,
    partner: Partner | None = None,
    chosen: Chosen | None = None,
) -> list[Explained]:
    """Where the fields of a file's documents came from; ``field`` is a path or the beginning of one, ``position`` the
    message (counted through the file)."""
    tracer = _Tracer()
    out: list[Explained] = []
    with opened(file) as stream:
        head, whole = headed(stream)
        translator = translator_for(hub, head, str(file), chosen=chosen)
        context = ExchangeReadContext(hub, str(file), partner, chosen, watch=tracer.watched)
        number = 0
        for event in judged(hub, translator, whole, context):
            if not isinstance(event, MessageRead):
                continue
            number += 1
            if position in (None, number):
                out += _explained(tracer, event, field)
            tracer.last.clear()
    return out


def explain_document(hub: Hub, what: str, field: str = "") -> list[Explained]:
    """Where the fields of a stored document (its number or id) came from. Raises ``ConfigurationError`` where there is
    none, where several have the number, or where it did not come in a payload."""
    record = _document(hub, what)
    with hub.repository.read() as tx:
        exchange = tx.exchange(record.exchange_id) if record.exchange_id else None
    if exchange is None or exchange.direction != "in" or not record.message:
        raise ConfigurationError(
            f"{record.kind} {record.number} did not come in a partner's payload",
            hint="It was made by the hub or fetched from an endpoint; see its provenance.",
        )
    tracer = _Tracer()
    folder = hub.partners.by_name.get(exchange.partner) if not exchange.sender else None
    context = ExchangeReadContext(hub, exchange.filename, folder, assumed=True, watch=tracer.watched)
    translator = hub.plugins.translators[exchange.translator]
    with hub.repository.open_payload(exchange.payload.sha256) as stream:
        for event in _interchange(judged(hub, translator, stream, context), exchange.ordinal):
            if event.position == record.message:
                return [one for one in _explained(tracer, event, field) if one.document in ("", record.kind)]
            tracer.last.clear()
    raise ConfigurationError(f"message {record.message} is not in the payload of exchange {exchange.id}")


def _interchange(events: Iterator[Any], wanted: int) -> Iterator[MessageRead]:
    ordinal = 1
    for event in events:
        if isinstance(event, MessageRead) and ordinal == wanted:
            yield event
        ordinal += isinstance(event, InterchangeClosed)


def _document(hub: Hub, what: str) -> DocumentRecord:
    with hub.repository.read() as tx:
        found = tx.list(number=what, limit=20)
        if not found and len(what) == 36:
            found = [one for one in tx.list(after="", limit=1) if one.id == what] or _by_id(tx, what)
    if len(found) == 1:
        return found[0]
    if not found:
        raise ConfigurationError(
            f"there is no file and no document '{what}'", hint="Give a purchase order number, or a document's id."
        )
    listed = "\n  ".join(f"{one.id}  {one.kind} of {one.partner or 'nobody'}, version {one.version}" for one in found)
    raise ConfigurationError(f"several documents are called '{what}'; give the id of one", hint=listed)


def _by_id(tx: Any, document_id: str) -> list[DocumentRecord]:
    from hub.model import KINDS

    return [record for kind in KINDS if (record := tx.get(kind, document_id)) is not None]


def _explained(tracer: _Tracer, event: MessageRead, field: str) -> list[Explained]:
    out = []
    for kind, log in tracer.last:
        for traced in log:
            path = traced.path.removeprefix("$.").removeprefix("$")
            # lines[0].price.amount is explained by lines[0].price, where one line of the mapping makes both
            if traced.value is not None and (path.startswith(field) or _inside(field, path)):
                out.append(Explained(path, _shown(traced.value), _where(traced, event), _line(traced), kind))
    return out


def _inside(field: str, path: str) -> bool:
    return field.startswith(path) and field[len(path) :][:1] in (".", "[")


def _where(traced: Traced, event: MessageRead) -> str:
    line = traced.line
    names = ", ".join(place.ref for place in line.places[:3]) if isinstance(line, Leaf) else ""
    message = f"{event.type} {event.control}".strip()
    if isinstance(traced.at, str):
        return f"{message}: {'/'.join(part for part in (traced.at, names) if part)}"
    what = "segment" if event.envelope.control else "line"
    return f"{message}: {what} {traced.at}" + (f", {names}" if names else "")


def _line(traced: Traced) -> str:
    entry = traced.line.entry
    return f"{Path(entry.file).name}:{entry.line}" if entry is not None else ""


def _shown(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else text[:59] + "…"
