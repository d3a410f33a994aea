"""Which elements a line of a mapping names, in the release it is read for: found, left out, or a mistake."""

from __future__ import annotations

from dataclasses import replace

from hub.located import did_you_mean
from hub.mapping.plan import Place
from hub.mapping.shapes import Level, simple
from hub.mapping.source import Entry, fault

Lacking = list[tuple[Entry, str]]
"""Lines and blocks, and what it is that the release lacks for them."""


class LeftOut(Exception):
    """The file's own release has what a line or block names, and the release it is read for does not."""


def place(ref: str, entry: Entry, level: Level) -> Place:
    """The element ``ref``. Raises ``LeftOut``, or ``ConfigurationError`` for a name that no release knows."""
    found = level.resolve(ref)
    if found is not None:
        return found
    if level.lacks(ref):
        earlier = level.resolve(simple(ref))
        if earlier is not None:
            return replace(earlier, ref=ref)
        raise LeftOut(f"{level.title} has no {ref}")
    raise fault(f"{level.title} has no element {ref}", entry, did_you_mean(ref, level.elements()))


def places(refs: tuple[str, ...], entry: Entry, level: Level, lacking: Lacking) -> tuple[Place, ...]:
    """The elements that together make one value. A further one that the release lacks is read as empty."""
    found = [place(refs[0], entry, level)]
    for ref in refs[1:]:
        try:
            found.append(place(ref, entry, level))
        except LeftOut as lack:
            lacking.append((entry, str(lack)))
            found.append(Place(ref))
    return tuple(found)


def span(refs: tuple[str, ...], entry: Entry, level: Level, lacking: Lacking) -> tuple[Place, ...]:
    """The elements of a range; it ends with the segment where that is shorter in this release."""
    first = place(refs[0], entry, level)
    try:
        last = place(refs[1], entry, level)
    except LeftOut as lack:
        assert level.segment is not None
        lacking.append((entry, str(lack)))
        last = place(level.segment.elements[-1].ref, entry, level)
    if first.slot is None or last.slot is None or level.segment is None:
        raise fault("a range needs elements of a segment", entry)
    inside = level.segment.elements[first.slot.element - 1 : last.slot.element]
    return tuple(place(element.ref, entry, level) for element in inside)
