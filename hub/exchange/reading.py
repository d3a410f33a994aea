"""Payloads outside of a workspace's repository: read a file, judge it, hand on one event after the other."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from hub.errors import ConfigurationError
from hub.exchange.context import ExchangeReadContext
from hub.exchange.judgment import judged

if TYPE_CHECKING:
    from hub.exchange.overlays import Chosen
    from hub.exchange.session import Hub
    from hub.partners import Partner
    from hub.translation import Event, Translator

HEAD = 4096
"""How many bytes a translator sees to recognize a payload."""


class _Rejoined(io.RawIOBase):
    """The bytes that were looked at, then the rest of the stream."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        data = self._head[: len(view)] or _read(self._rest, len(view))
        self._head = self._head[len(data) :]
        view[: len(data)] = data
        return len(data)


def headed(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first ``HEAD`` bytes (fewer where there are fewer), and a stream that still begins with them. Needs no
    seeking, so that a pipe works as well as a file."""
    head = b""
    while len(head) < HEAD and (more := _read(stream, HEAD - len(head))):
        head += more
    return head, io.BufferedReader(_Rejoined(head, stream), buffer_size=1 << 18)


def _read(stream: BinaryIO, size: int) -> bytes:
    """``stream.read``. Raises ``ConfigurationError`` where the disk or the network fails."""
    try:
        return stream.read(size)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"the payload cannot be read: {reason}") from None


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file, or standard input for ``-``. Raises ``ConfigurationError`` where it cannot be opened."""
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"the file cannot be read: {reason}", file=path) from None
    with stream:
        yield stream


def read_payload(
    hub: Hub,
    stream: BinaryIO,
    file: str,
    *,
    partner: Partner | None = None,
    chosen: Chosen | None = None,
    standard: str = "",
    deep: bool = False,
) -> tuple[Translator, Iterator[Event]]:
    """The translator for a payload and its judged events. ``standard`` names the translator where the bytes do not
    tell. Raises ``DocumentRejected`` where no translator, or more than one, knows the payload."""
    head, whole = headed(stream)
    translator = translator_for(hub, head, file, standard, chosen)
    context = ExchangeReadContext(hub, file, partner, chosen, extra={"deep": True} if deep else None)
    return translator, judged(hub, translator, whole, context)


def translator_for(hub: Hub, head: bytes, file: str, standard: str = "", chosen: Chosen | None = None) -> Translator:
    """The translator that was named, or that the chosen mapping belongs to, or that recognizes the payload.

    A mapping for CSV makes the payload CSV, whatever it looks like; an X12 mapping does not make it X12."""
    translators = hub.plugins.translators
    if not standard and chosen is not None:
        standards = {one.name.partition("/")[0] for one in chosen.mappings}
        generic = [name for name in sorted(standards) if getattr(translators.get(name), "generic", False)]
        standard = generic[0] if generic else ""
    if standard:
        if standard not in translators:
            from hub.located import did_you_mean

            raise ConfigurationError(
                f"no installed plugin translates '{standard}'", hint=did_you_mean(standard, translators)
            )
        return translators[standard]
    return hub.plugins.identify(head, file)


Draw = Callable[[str], int]


def counting() -> Draw:
    """Control numbers from 1 for every level, for output that belongs to no workspace."""
    drawn: dict[str, int] = {}

    def draw(level: str) -> int:
        drawn[level] = drawn.get(level, 0) + 1
        return drawn[level]

    return draw
