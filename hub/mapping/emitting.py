"""What generated writers build segments with: the next item of a queue, lines of a text, composites, the segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def take(queue: list[Any], write: Callable[[Any], Any]) -> Any:
    """The first item of a queue that a converter can write, written, and out of the queue; None if there is none."""
    for number, item in enumerate(queue):
        try:
            written = write(item)
        except (ValueError, TypeError, AttributeError, KeyError):
            continue
        del queue[number]
        return written
    return None


def text_lines(text: str, width: int) -> list[str]:
    """The lines of a text, without empty ones; a line longer than ``width`` (0: any) is broken between words."""
    lines = [line for line in text.split("\n") if line.strip()]
    return lines if not width else [part for line in lines for part in _broken(line, width) if part.strip()]


def _broken(line: str, width: int) -> list[str]:
    parts = []
    while len(line) > width:
        cut = line.rfind(" ", 1, width + 1)
        parts.append(line[:cut] if cut > 0 else line[:width])
        line = line[cut + 1 :] if cut > 0 else line[width:]
    return [*parts, line]


def merge(known: Any, more: Sequence[str]) -> list[str]:
    """Components of one composite written by two lines."""
    old = [known] if isinstance(known, str) else list(known)
    width = max(len(old), len(more))
    return [(more[i] if i < len(more) else "") or (old[i] if i < len(old) else "") for i in range(width)]


def put(known: Any, component: int, text: str) -> list[str]:
    """One component set in a composite."""
    return merge(known, [""] * component + [text])


def emit(out: list[list[Any]], segment_id: str, elements: list[Any], listed: bool) -> None:
    """Append a written segment: trailing empties gone, composites as lists."""
    trimmed: list[Any] = []
    for value in elements:
        if isinstance(value, str):
            trimmed.append(([value] if value else [""]) if listed else value)
        else:
            components = list(value)
            while len(components) > 1 and not components[-1]:
                components.pop()
            trimmed.append(components)
    while trimmed and not any(trimmed[-1]):
        trimmed.pop()
    out.append([segment_id, *trimmed])
