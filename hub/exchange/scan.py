"""A payload as a series of interchanges, each read to its end before anything of it is stored.

Only its end tells what an interchange is worth: a wrong trailer may reject all of it. Interchanges of up to ``chunk``
messages are held in memory; of a larger one only the end is kept, and its messages are read a second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from hub.findings import Finding
from hub.translation import Acknowledged, Envelope, Event, InterchangeClosed, InterchangeOpened, MessageRead

if TYPE_CHECKING:
    from hub.repository import PayloadRef, Repository

_BLOCK = 1 << 20
_SPACE = b" \t\r\n\x1a\x00"


@dataclass(slots=True)
class Interchange:
    """One interchange. ``messages`` is None for a large one. ``end`` is where the next one begins, or the payload
    ends; ``last`` says that nothing follows."""

    ordinal: int
    envelope: Envelope
    closed: InterchangeClosed
    findings: list[Finding]
    acknowledged: list[Acknowledged]
    messages: list[MessageRead] | None
    end: int = 0
    last: bool = True

    @property
    def start(self) -> int:
        """Where its bytes begin; the first one has what stands before it too."""
        return 0 if self.ordinal == 1 else self.envelope.offset


@dataclass(slots=True)
class _Open:
    ordinal: int
    findings: list[Finding] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    messages: list[MessageRead] | None = field(default_factory=list)


def interchanges(events: Iterator[Event], size: int, chunk: int) -> Iterator[Interchange]:
    """The interchanges of a payload of ``size`` bytes. An interchange is handed out when the next one begins."""
    current = _Open(1)
    done: Interchange | None = None
    for event in events:
        if isinstance(event, InterchangeOpened):
            if done is not None:
                done.end, done.last = event.envelope.offset, False
                yield done
                done = None
            current.findings += event.findings
            current.acknowledged += event.acknowledged
        elif isinstance(event, MessageRead):
            if current.messages is not None:
                current.messages.append(event)
                if len(current.messages) > chunk:
                    current.messages = None
        else:
            if done is not None:
                done.end, done.last = event.envelope.offset, False
                yield done
            done = Interchange(
                current.ordinal, event.envelope, event, current.findings, current.acknowledged, current.messages
            )
            current = _Open(current.ordinal + 1)
    if done is not None:
        done.end = size
        yield done


def content_digest(repository: Repository, payload: PayloadRef, start: int, end: int) -> str:
    """SHA-256 of an interchange's own bytes: those of the payload from ``start`` to ``end`` without white space at
    either side, so that the same interchange is known again beside others and after a line end was added."""
    digest = hashlib.sha256()
    settled = digest.copy()  # up to the last byte that is no white space: what follows may be the end
    begun = False
    with repository.open_payload(payload.sha256) as stream:
        stream.seek(start)
        for block in _blocks(stream, end - start):
            data = block if begun else block.lstrip(_SPACE)
            if kept := data.rstrip(_SPACE):
                begun = True
                digest.update(kept)
                settled = digest.copy()
            digest.update(data[len(kept) :])
    return settled.hexdigest()


def _blocks(stream: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0 and (block := stream.read(min(_BLOCK, length))):
        length -= len(block)
        yield block
