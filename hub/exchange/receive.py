"""``hub receive``: files and folders into the repository."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from hub.errors import ConfigurationError, HubError, TemporaryError
from hub.exchange.inbound import Inbound
from hub.exchange.inbox import Arrival, arrivals, claimed, put_away
from hub.exchange.outcome import Outcome
from hub.repository.records import ExchangeRecord

if TYPE_CHECKING:
    from hub.exchange.session import Hub

_log = logging.getLogger(__name__)

Tick = Callable[[int], None]


def receive(
    hub: Hub, paths: Sequence[Path] = (), *, partner: str = "", tick: Tick = lambda count: None
) -> Iterator[Outcome]:
    """Receive files and folders (the inbox, if none is given), and tell what became of each interchange.

    ``partner`` is whose files they are, where folder and envelope do not say. A file of the inbox is put away once its
    last transaction is committed; one that another run has is passed over. Raises ``ConfigurationError`` for a path
    that does not exist, and for whatever is wrong in the workspace, before any file is touched; ``TemporaryError``
    after the last file, where one has to be tried again."""
    known, repository = hub.partners, hub.repository
    if partner:
        known.named(partner)
    later: TemporaryError | None = None
    for arrival in arrivals(hub.workspace, paths or [hub.workspace.inbox], list(known.by_name)):
        with claimed(arrival) as stream:
            if stream is None:
                continue
            try:
                payload = repository.store_payload(stream)
            except OSError as error:
                later = later or _unreadable(arrival, error)
                continue
            if arrival.changed():
                continue  # it is still being written; what was read of it is swept up later
            folder = partner or (arrival.partner if arrival.partner in known.by_name else "")
            inbound = Inbound(hub, payload, arrival.filename, arrival.source, folder=folder, tick=tick)
            try:
                outcomes = inbound.run(once=arrival.in_inbox)
            except TemporaryError as error:
                later = later or error
                continue
            except HubError:
                raise
            except Exception as error:
                # One payload that finds a mistake of ours must not keep back everybody else's.
                _log.exception("processing %s failed", arrival.filename)
                outcomes = [inbound.failed(error)]
            put_away(hub.workspace, arrival, outcomes[0].exchange_id)
        yield from outcomes
    if later is not None:
        raise later


def _unreadable(arrival: Arrival, error: OSError) -> TemporaryError:
    """A disk or network folder that fails in the middle of one file must not keep back the others."""
    return TemporaryError(f"{arrival.path}: the file cannot be read: {(error.strerror or str(error)).lower()}")


def receive_stream(hub: Hub, stream: BinaryIO, filename: str, *, partner: str = "") -> list[Outcome]:
    """Receive one payload from a stream (a pipe, an upload). Every call is an arrival of its own."""
    if partner:
        hub.partners.named(partner)
    payload = hub.repository.store_payload(stream)
    return Inbound(hub, payload, filename, f"stream:{uuid.uuid4()}", folder=partner).run()


def replay(hub: Hub, exchange_id: str) -> list[Outcome]:
    """Process the payload of an exchange again, after a mapping or partner was put right: as a new exchange, under
    today's agreement. Documents that are known already are not stored twice and not answered twice, and an interchange
    that was acknowledged is not acknowledged again. Raises ``ConfigurationError`` for an exchange that cannot be."""
    with hub.repository.read() as tx:
        record: ExchangeRecord = tx.exchange(exchange_id)
        root = tx.exchange(record.parent) if record.parent else record
    if root.direction != "in":
        raise ConfigurationError(
            f"exchange {exchange_id} is outgoing", hint="Only what came in can be processed again; see `hub deliver`."
        )
    inbound = Inbound(
        hub,
        root.payload,
        root.filename,
        f"replay:{root.id}:{uuid.uuid4()}",
        folder=_folder(hub, root),
        replayed=root,
    )
    return inbound.run()


def _folder(hub: Hub, root: ExchangeRecord) -> str:
    """The folder that a payload came through, as far as the journal tells: a standard with envelopes needs none."""
    named = root.partner if not root.sender else ""
    return named if named in hub.partners.by_name else ""


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Counts of a run, small enough for a scheduler: exchanges by state, documents by kind, files that went out."""
    states: dict[str, int] = {}
    documents: dict[str, int] = {}
    for outcome in outcomes:
        if outcome.already:
            continue
        states[outcome.state.value] = states.get(outcome.state.value, 0) + 1
        for kind, count in outcome.documents.items():
            documents[kind] = documents.get(kind, 0) + count
    return {
        "exchanges": sum(states.values()),
        "states": states,
        "documents": documents,
        "sent": sum(len(outcome.sent) for outcome in outcomes if not outcome.already),
        "refused": sum(outcome.refused for outcome in outcomes),
    }
