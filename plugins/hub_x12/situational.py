"""What an element in error is in error because of: the CTX behind an IK4 of the 999, written and read.

The implementation guide of the 999 (005010X231A1) has a CTX of the name SITUATIONAL TRIGGER wherever a condition was
not met: it names the element that made another one required or forbidden. A set without an implementation guide has
such conditions in the syntax notes of its segments (X12.22), so these are what is written. Partners with guides of
their own send it about other things too, and a second one that names the claim or order an error belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hub.grammar import ElementDef
from hub_x12.grammar.release import composite_notes, release
from hub_x12.patterns import note_places
from hub_x12.verdicts import ElementError, SegmentError
from hub_x12.writing import Segment

TRIGGER = "SITUATIONAL TRIGGER"
"""CTX01-01 of a CTX that names what an error depends on."""

_MISSING, _EXCLUDED = "2", "10"
"""List 621: a conditional element is missing; a condition excludes this one."""


def trigger(name: str, item: SegmentError, fault: ElementError) -> Segment | None:
    """The CTX behind the IK4 about ``fault``, one of the errors of ``item``; ``name`` is the release of the set. None
    for an error that is no broken syntax note, or where the element to name is not beyond doubt."""
    definition = release(name).segments.get(item.id)
    if definition is None or fault.code not in (_MISSING, _EXCLUDED) or fault.element > len(definition.elements):
        return None
    element = definition.elements[fault.element - 1]
    if fault.component is None:
        place, items, notes = fault.element, definition.elements, definition.notes
    else:
        place, items = fault.component, element.components
        notes = composite_notes(name).get(element.number, ())
    gone = {at for at in _missing(item, fault) if at != place}
    found = {at for note in notes for at in _because(note, place, fault.code, gone)}
    if len(found) != 1 or not 0 < min(found) <= len(items):
        return None
    return _ctx(item, fault, min(found), items)


def _missing(item: SegmentError, fault: ElementError) -> Iterator[int]:
    """Places that are reported as missing beside ``fault``: none of them can have made it required."""
    for other in item.elements:
        if other.code == _MISSING:
            if fault.component is None and other.component is None:
                yield other.element
            elif (other.element, other.repetition) == (fault.element, fault.repetition) and other.component:
                yield other.component


def _because(note: str, place: int, code: str, gone: set[int]) -> Iterator[int]:
    """The place that ``note`` makes an error of ``place`` depend on; 0 where it is none or any of several."""
    places = note_places(note)
    others = [at for at in places if at != place and at not in gone]
    if place not in places or (code == _EXCLUDED) != (note[0] == "E"):
        return
    match note[0]:
        case "P":
            yield others[0] if others else 0
        case "C" if place != places[0]:
            yield places[0] if places[0] in others else 0
        case "L" if place == places[1]:
            yield places[0] if places[0] in others else 0
        case "E":
            yield others[0] if len(others) == 1 else 0
        case "R":
            yield 0


def _ctx(item: SegmentError, fault: ElementError, at: int, items: Sequence[ElementDef]) -> Segment:
    where = [str(at)] if fault.component is None else [str(fault.element), str(at)]
    if fault.repetition is not None:
        where = [str(fault.element), where[1] if len(where) > 1 else "", str(fault.repetition)]
    return ["CTX", [TRIGGER], item.id, str(item.position), item.loop, where, [items[at - 1].number]]


def context_in_words(values: Sequence[str | list[str] | tuple[list[str], ...]]) -> str:
    """What a CTX that came in says, as the end of a sentence; '' where it says nothing."""
    names = values[1] if len(values) > 1 else ""
    turns = names if isinstance(names, tuple) else (names,)
    named = [[turn] if isinstance(turn, str) else list(turn) for turn in turns]
    place = _place([_text(value) for value in [*values, *[""] * 6]])
    said = []
    for turn in named:
        if turn[:1] == [TRIGGER]:
            said.append(f"because of {place}" if place else "because of something else in the set")
        elif any(turn):
            said.append(f"in {' '.join(part for part in turn if part)}")
    return ", ".join(said)


def _place(values: Sequence[str]) -> str:
    ident, segment, loop, element = values[2:6]
    parts = [f"element {element} of" if element and ident else "", ident, f"(segment {segment})" if segment else ""]
    parts.append(f"in loop {loop}" if loop else "")
    return " ".join(part for part in parts if part)


def _text(value: str | list[str] | tuple[list[str], ...]) -> str:
    if isinstance(value, str):
        return value
    flat = value[0] if value and isinstance(value[0], list) else value
    return ":".join(str(part) for part in flat).rstrip(":")
