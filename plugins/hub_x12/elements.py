"""The explaining path: everything that is wrong with one segment, element by element. X12.6 §3.5 and §3.8."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hub.grammar import ElementDef, SegmentDef
from hub_x12.patterns import note_places
from hub_x12.rules import Rules
from hub_x12.separators import parted
from hub_x12.values import check

_TEXTS = ("AN", "B")
"""Types whose values may hold any character, and so a separator that nothing else explains."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with an element. ``code`` is a finding of the catalog; ``element`` and ``component`` count
    from 1; ``number`` is the data element number (997 AK402). ``instead`` is what a value is read as, where that is
    beyond doubt."""

    code: str
    message: str
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    name: str = ""
    number: str = ""
    value: str = ""
    instead: str = ""


def explain(values: list[str], definition: SegmentDef, rules: Rules) -> Iterator[Fault]:
    """Every fault of a segment. ``values[0]`` is its id; elements are as sent, composites not yet split."""
    count = len(values) - 1
    if count and not values[count]:
        yield Fault("x12.segment.trailing_separator", f"{definition.id} ends with separators after its last element")
    used = max((at for at, value in enumerate(values) if value), default=0)
    if used > len(definition.elements):
        last = len(definition.elements)
        yield Fault(
            "x12.element.too_many",
            f"{definition.id} has {used} elements, the standard knows {last}",
            last + 1,
            name=f"{definition.id}{last + 1:02d}",
            value=values[last + 1],
        )
    for at, element in enumerate(definition.elements, 1):
        value = values[at] if at <= count else ""
        if value:
            yield from _element(value, element, at, rules)
        elif element.required:
            yield Fault(
                "x12.element.missing",
                f"{element.name} is mandatory and missing",
                at,
                name=element.ref,
                number=element.number,
            )
    present = [bool(value) for value in values]
    yield from _notes(definition.notes, present, definition.elements, None)


def _notes(
    notes: tuple[str, ...],
    present: list[bool],
    items: tuple[ElementDef, ...],
    element: int | None,
    turn: int | None = None,
) -> Iterator[Fault]:
    """Violated syntax notes; ``present[n]`` says whether item n is there. ``element`` and ``turn`` are set inside a
    composite."""
    for note in notes:
        places = note_places(note)
        there = [at for at in places if at < len(present) and present[at]]
        for at in _violated(note[0], places, there):
            item = items[at - 1]
            code = "x12.element.exclusion" if note[0] == "E" else "x12.element.conditional_missing"
            yield Fault(
                code,
                f"{item.name}: {_sentence(note[0], places, items)}",
                at if element is None else element,
                None if element is None else at,
                turn,
                item.ref,
                item.number,
            )


def _violated(kind: str, places: list[int], there: list[int]) -> list[int]:
    """The places to report for one note: what is missing, or what is too much."""
    missing = [at for at in places if at not in there]
    match kind:
        case "P":
            return missing if there else []
        case "R":
            return [] if there else places[:1]
        case "E":
            return there[1:]
        case "C":
            return [at for at in missing if at != places[0]] if places[0] in there else []
        case _:
            return places[1:2] if there == places[:1] else []


def note_in_words(note: str, elements: Sequence[ElementDef]) -> str:
    """A syntax note (``P0304``) as a sentence, '' for one that names elements which are not there."""
    places = note_places(note)
    if not all(0 < at <= len(elements) for at in places):
        return ""
    if note[0] == "C":
        needed = ", ".join(elements[at - 1].ref for at in places[1:])
        return f"if {elements[places[0] - 1].ref} is sent, {needed} must be sent too"
    return _sentence(note[0], places, tuple(elements))


def _sentence(kind: str, places: list[int], items: tuple[ElementDef, ...]) -> str:
    refs = [items[at - 1].ref for at in places]
    listed = ", ".join(refs)
    match kind:
        case "P":
            return f"if one of {listed} is sent, all of them are required"
        case "R":
            return f"at least one of {listed} is required"
        case "E":
            return f"only one of {listed} may be sent"
        case "C":
            return f"required because {refs[0]} is sent"
        case _:
            return f"if {refs[0]} is sent, at least one of {', '.join(refs[1:])} is required"


def _element(value: str, element: ElementDef, at: int, rules: Rules) -> Iterator[Fault]:
    """Repetitions, then components, then the value itself. Where a value that may not repeat has a wrong form because
    it does, that is the one fault; in a text the separator is taken as text."""
    if element.repeat == 1:
        found = list(_one(value, element, at, None, rules))
        turns = len(parted(value, rules.separators.repetition))
        if found and turns > 1 and element.type not in _TEXTS:
            yield _fault(
                "x12.element.repetitions", f"is sent {turns} times, only one is allowed", element, at, None, value
            )
        else:
            yield from found
        return
    repeated = parted(value, rules.separators.repetition)
    if len(repeated) > element.repeat:
        says = f"is sent {len(repeated)} times, at most {element.repeat} are allowed"
        yield _fault("x12.element.repetitions", says, element, at, None, value)
    for turn, text in enumerate(repeated, 1):
        yield from _one(text, element, at, turn, rules)


def _one(text: str, element: ElementDef, at: int, turn: int | None, rules: Rules) -> Iterator[Fault]:
    if element.components:
        return _composite(text, element, at, turn, rules)
    return _simple(text, element, at, None, turn, rules)


def _composite(text: str, element: ElementDef, at: int, turn: int | None, rules: Rules) -> Iterator[Fault]:
    parts = parted(text, rules.separators.component)
    if len(parts) > 1 and not parts[-1]:
        says = "ends with component separators"
        yield _fault("x12.segment.trailing_separator", says, element, at, None, text, turn)
    used = max((index for index, part in enumerate(parts, 1) if part), default=0)
    if used > len(element.components):
        says = f"has {used} components, the standard knows {len(element.components)}"
        yield _fault("x12.element.too_many_components", says, element, at, None, text, turn)
    for index, component in enumerate(element.components, 1):
        part = parts[index - 1] if index <= len(parts) else ""
        if part:
            yield from _simple(part, component, at, index, turn, rules)
        elif component.required:
            yield Fault(
                "x12.element.missing",
                f"{component.name} is mandatory in its composite",
                at,
                index,
                turn,
                component.ref,
                component.number,
            )
    yield from _notes(rules.notes.get(element.number, ()), [False, *map(bool, parts)], element.components, at, turn)


def _fault(
    code: str, says: str, element: ElementDef, at: int, component: int | None, value: str, turn: int | None = None
) -> Fault:
    return Fault(code, f"{element.name} {says}", at, component, turn, element.ref, element.number, value)


def _simple(
    text: str, element: ElementDef, at: int, component: int | None, turn: int | None, rules: Rules
) -> Iterator[Fault]:
    """One value. Where its form is wrong because it is parted by a separator, or for blanks around it, or because a
    code is in lower case, that is the one fault."""
    wrong = list(check(text, element, rules))
    if not wrong:
        return
    parts = parted(text, rules.separators.component)
    if len(parts) > 1 and component is None and element.type not in _TEXTS:
        says = f"has {len(parts)} components, but is a simple element"
        yield _fault("x12.element.too_many_components", says, element, at, None, text, turn)
    elif meant := _meant(text, element, rules):
        code, value = meant
        says = f"{'has blanks around it' if code.endswith('padded') else 'is in lower case'}; it is read as {value}"
        yield replace(_fault(code, says, element, at, component, text, turn), instead=value)
    else:
        for code, says in wrong:
            yield _fault(code, says, element, at, component, text, turn)


def _meant(text: str, element: ElementDef, rules: Rules) -> tuple[str, str] | None:
    """The finding and the right value, for a wrong one that is right but for blanks or lower case."""
    wordy = element.type in _TEXTS
    bare = text.rstrip(" ") if wordy else text.strip(" ")
    if bare != text and bare and not any(check(bare, element, rules)):
        return "x12.element.padded", bare
    upper = bare.upper()
    if upper != bare and not wordy and not any(check(upper, element, rules)):
        return "x12.element.lower_case", upper
    return None
