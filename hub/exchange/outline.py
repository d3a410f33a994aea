"""``hub explain FILE``: a payload as a tree of named lines, with the verdict of ``hub check`` at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from hub.errors import ConfigurationError, DocumentRejected
from hub.exchange.context import ExchangeReadContext
from hub.exchange.judgment import judged_events, stores
from hub.exchange.reading import headed, translator_for
from hub.findings import Finding, error
from hub.outline import Kind, Line, Outliner
from hub.translation import InterchangeClosed, MessageRead, Status

if TYPE_CHECKING:
    from hub.exchange.overlays import Chosen
    from hub.exchange.session import Hub
    from hub.partners import Partner
    from hub.translation import Translator

KEPT = 100
"""Findings and interchanges that a summary lists; the others are only counted."""


class NoOutline(ConfigurationError):
    """The format of a payload has no tree; its fields can still be explained."""


@dataclass(slots=True)
class Summary:
    """The whole payload in a few words. ``severities`` counts findings; ``findings`` are the first, and
    ``interchanges`` the first as ``(control, status, accepted, received)``."""

    file: str
    translator: str = ""
    interchanges: list[tuple[str, str, int, int]] = field(default_factory=list)
    severities: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    received: int = 0
    accepted: int = 0
    states: Counter[str] = field(default_factory=Counter)
    shown: int = 0

    @property
    def status(self) -> Status:
        """The verdict on all of it: accepted only where every interchange was."""
        if set(self.states) == {Status.ACCEPTED.value}:
            return Status.ACCEPTED
        return Status.PARTIAL if self.states.keys() - {Status.REJECTED.value} else Status.REJECTED

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "kind": "summary",
            "file": self.file,
            "translator": self.translator,
            "status": self.status.value,
            "received": self.received,
            "accepted": self.accepted,
            "findings": dict(self.severities),
        }

    def note(self, event: Any) -> None:
        """Count what an event brings."""
        self.severities.update(finding.severity.value for finding in event.findings)
        self.findings += event.findings[: max(KEPT - len(self.findings), 0)]
        if isinstance(event, InterchangeClosed):
            accepted = event.accepted if stores(event) else 0
            self.states[event.status.value] += 1
            self.received += event.received
            self.accepted += accepted
            if len(self.interchanges) < KEPT:
                one = (event.envelope.control, event.status.value, accepted, event.received)
                self.interchanges.append(one)


def outlined(
    hub: Hub,
    stream: BinaryIO,
    file: str,
    *,
    partner: Partner | None = None,
    chosen: Chosen | None = None,
    position: int | None = None,
    control: str = "",
) -> Iterator[Line | Summary]:
    """The lines of a payload, and at the end its summary. ``position`` is a message counted through the file,
    ``control`` the control number of an interchange, a group or a message: only what they name is shown, in its
    envelope. Raises ``NoOutline`` for a format without a tree, ``ConfigurationError`` where nothing has that number;
    never for what the payload holds."""
    summary = Summary(file)
    head, whole = headed(stream)
    try:
        translator = translator_for(hub, head, file, chosen=chosen)
    except DocumentRejected as rejected:
        found = rejected.findings or [error("payload.unidentified", str(rejected))]
        yield Line(0, Kind.NOTE, "payload", findings=tuple(found))
        summary.findings, summary.severities = list(found), Counter(one.severity.value for one in found)
        yield summary
        return
    summary.translator = translator.name
    outliner = _outliner(translator)
    context = ExchangeReadContext(hub, file, partner, chosen)
    choice = _Choice(position, control)
    for item in judged_events(hub, outliner.outline(whole, context), context):
        if isinstance(item, Line):
            for line in choice.of(item):
                summary.shown += 1
                yield line
        else:
            summary.note(item)
            choice.number += isinstance(item, MessageRead)
    if choice.asked and not summary.shown:
        what = f"message {position}" if position is not None else f"control number {control}"
        raise ConfigurationError(
            f"there is no {what} in {file}", hint=f"It holds {summary.received} messages; leave the option out."
        )
    yield summary


def _outliner(translator: Translator) -> Outliner:
    if not isinstance(translator, Outliner):
        raise NoOutline(
            f"payloads of '{translator.name}' cannot be shown as a tree",
            hint="`hub explain FILE --fields` shows which fields of documents they become.",
        )
    return translator


class _Choice:
    """Lets pass what was asked for, inside the envelope that it stands in."""

    def __init__(self, position: int | None, control: str) -> None:
        self.asked = position is not None or bool(control)
        self.number = 0
        self._position, self._control = position, control.lstrip("0") or control
        self._heads: list[Line] = []
        self._inside: int | None = None
        self._skipped: int | None = None

    def of(self, line: Line) -> list[Line]:
        """What is to be shown now, of this line and of headers before it."""
        if not self.asked:
            return [line]
        if self._inside is not None and line.depth > self._inside:
            return [line]
        self._inside = None
        if self._skipped is not None and line.depth > self._skipped:
            return []
        self._skipped = None
        if line.kind not in (Kind.INTERCHANGE, Kind.GROUP, Kind.MESSAGE):
            self._leave(line.depth)
            if not self._heads:
                return [line]
            self._heads.append(line)
            return []
        if self._fits(line):
            self._leave(line.depth)
            self._inside = line.depth
            heads, self._heads = self._heads, []
            return [*heads, line]
        if line.kind is Kind.MESSAGE:
            self._skipped = line.depth
        elif line.kind is Kind.INTERCHANGE:
            self._heads = [line]
        else:
            self._leave(line.depth)
            self._heads.append(line)
        return []

    def _leave(self, depth: int) -> None:
        """Forget a group that is over, and that nothing was shown of."""
        for at, head in enumerate(self._heads):
            if head.kind is Kind.GROUP and depth <= head.depth:
                del self._heads[at:]
                return

    def _fits(self, line: Line) -> bool:
        if self._control and (line.control.lstrip("0") or line.control) == self._control:
            return self._position in (None, self.number) if line.kind is Kind.MESSAGE else self._position is None
        return not self._control and line.kind is Kind.MESSAGE and self._position == self.number
