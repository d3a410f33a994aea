"""Interchanges as they are agreed with a partner: its version and separators, and documents that its mapping reads."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hub.errors import ConfigurationError
from hub.findings import rejects
from hub.translation import Envelope, Limits, MessageRead, WriteContext, Written
from hub_x12.envelope import release_of
from hub_x12.generating.hints import hints
from hub_x12.generating.interchange import REPEATING
from hub_x12.generating.sets import Sets
from hub_x12.grammar.release import grammar, nearest, release
from hub_x12.options import Options
from hub_x12.reading import read_payload
from hub_x12.scope import every_set
from hub_x12.writing import OutgoingGroup, OutgoingSet, Segment, write_interchange

if TYPE_CHECKING:
    from hub.mapping.compiled import CompiledMapping

USUAL = "004010"
"""The release where neither the agreement nor the mapping says one: the one that most partners use."""

TRIES = 200
"""How often a set is drawn before it is said that none can be read with the mapping."""

_SIZE = 35


def interchanges(
    message: str, version: str, seed: str, context: WriteContext, messages: int, incoming: bool
) -> Iterator[Written]:
    """See ``hub.translation.Generator.generate``."""
    return _Agreed(message, version, seed, context, incoming).draw(messages)


class _Agreed:
    """One run of ``hub generate``."""

    def __init__(self, message: str, version: str, seed: str, context: WriteContext, incoming: bool) -> None:
        given = Options.of(context.options)
        self.options = _turned(given) if incoming else given
        self.context = context
        self.mapping = context.mapping("x12", message, version or self.options.group_version or USUAL)
        self.version = version or self.options.group_version or (self.mapping.version if self.mapping else USUAL)
        self.base = release_of(self.version)
        if not self.base:
            raise ConfigurationError(
                f"'{self.version}' is no X12 version", hint="A version begins with six digits: 004010, 004010VICS."
            )
        self.kind = self._known(message)
        self.interchange_version = self.options.interchange_version or self.base[:5]
        near = nearest(self.base)
        shape = grammar(f"x12/{near}/{message}")
        assert shape is not None
        wishes = hints(self.mapping, shape) if self.mapping is not None else None
        rng = random.Random(f"{message} {self.version} {seed}")
        self.sets = Sets(rng, near, message, hints=wishes, repetition=self.interchange_version >= REPEATING)
        self.functional = release(near).sets[message].functional

    def _known(self, message: str) -> str:
        near = release(nearest(self.base))
        if message not in near.sets:
            known = "is an X12 set without a grammar" if message in every_set() else "is no X12 set"
            raise ConfigurationError(
                f"unknown set: {message} {known} in {near.name}",
                hint=f"Those that can be generated: {' '.join(sorted(near.sets))}.",
            )
        return message

    def draw(self, messages: int) -> Iterator[Written]:
        """Interchanges of so many sets each."""
        while True:
            bodies = [self._body() for _ in range(messages)]
            out = self._written(bodies, self.context)
            yield Written(out.payload, out.envelope, out.messages, f"{self.kind}-{out.envelope.control}.edi")

    def _written(self, bodies: list[list[Segment]], context: WriteContext) -> Any:
        group = OutgoingGroup(
            self.functional,
            self.options.group_version or self.version,
            self.options.application_sender or context.sender.id,
            self.options.application_receiver or context.receiver.id,
            [OutgoingSet(self.kind, body) for body in bodies],
        )
        return write_interchange([group], self.interchange_version, context, self.options)

    def _body(self) -> list[Segment]:
        """A set that reading takes without an error, with a document where there is a mapping."""
        finding = ""
        for _ in range(TRIES):
            body = self.sets.draw(_SIZE)
            finding = self._objection([list(segment) for segment in body])
            if not finding:
                return body
        raise ConfigurationError(
            f"no {self.kind} {self.version} was drawn that can be read without an error: {finding}",
            hint="Look at the mapping and the partner's overlay: hub mapping guide prints what they ask for.",
        )

    def _objection(self, body: list[Segment]) -> str:
        trial = _Trial(self.context)
        payload = self._written([body], trial).payload
        for event in read_payload(io.BytesIO(payload), _Reading(self.mapping, self.context.options)):
            if rejects(event.findings):
                return next(str(finding) for finding in event.findings if rejects([finding]))
            if isinstance(event, MessageRead) and self.mapping is not None and not event.documents:
                return "it makes no document"
        return ""


def _turned(given: Options) -> Options:
    """The agreement's options as the partner's own: what it calls itself and us is the other way round."""
    return replace(given, application_sender=given.application_receiver, application_receiver=given.application_sender)


class _Trial:
    """A write context that draws no numbers of the real one."""

    def __init__(self, context: WriteContext) -> None:
        self.sender, self.receiver = context.sender, context.receiver
        self.test, self.now, self.options = context.test, context.now, context.options

    def next_control(self, level: str) -> int:
        return 1

    def mapping(self, standard: str, message: str, version: str) -> CompiledMapping | None:
        return None


class _Reading:
    """A read context with one mapping."""

    limits = Limits()
    file = ""

    def __init__(self, mapping: CompiledMapping | None, options: Mapping[str, Any]) -> None:
        self._mapping = mapping
        self._options = options

    def options(self, envelope: Envelope) -> Mapping[str, Any]:
        return self._options

    def mapping(self, standard: str, message: str, version: str, envelope: Envelope) -> CompiledMapping | None:
        return self._mapping
