"""The explaining path: everything that is wrong with one segment, element by element. X12.6 §3.5 and §3.8."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hub.grammar import ElementDef, SegmentDef
from hub_x12.patterns import Rules, note_places
from hub_x12.separators import parted
from hub_x12.values import check


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with an element. ``code`` is a finding of the catalog; ``element`` and ``component`` count
    from 1; ``number`` is the data element number (997 AK402)."""

    code: str
    message: str
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    name: str = ""
    number: str = ""
    value: str = ""


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
    notes: tuple[str, ...], present: list[bool], items: tuple[ElementDef, ...], element: int | None
) -> Iterator[Fault]:
    """Violated syntax notes; ``present[n]`` says whether item n is there. ``element`` is set inside a composite."""
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
                name=item.ref,
                number=item.number,
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
    """Repetitions, then components, then the value itself."""
    mark = rules.separators.repetition
    turns = parted(value, mark) if element.repeat > 1 else [value]
    if len(turns) > element.repeat:
        yield _fault(
            "x12.element.repetitions",
            f"is repeated {len(turns)} times, at most {element.repeat} are allowed",
            element,
            at,
            None,
            value,
        )
    for turn, text in enumerate(turns, 1):
        place = turn if element.repeat > 1 else None
        if element.components:
            yield from _composite(text, element, at, place, rules)
        else:
            yield from _simple(text, element, at, None, place, rules)


def _composite(text: str, element: ElementDef, at: int, turn: int | None, rules: Rules) -> Iterator[Fault]:
    parts = parted(text, rules.separators.component)
    if len(parts) > 1 and not parts[-1]:
        yield _fault("x12.segment.trailing_separator", "ends with component separators", element, at, None, text)
    used = max((index for index, part in enumerate(parts, 1) if part), default=0)
    if used > len(element.components):
        yield _fault(
            "x12.element.too_many_components",
            f"has {used} components, the standard knows {len(element.components)}",
            element,
            at,
            None,
            text,
        )
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
    yield from _notes(rules.notes.get(element.number, ()), [False, *map(bool, parts)], element.components, at)


def _fault(
    code: str, says: str, element: ElementDef, at: int, component: int | None, value: str, turn: int | None = None
) -> Fault:
    return Fault(code, f"{element.name} {says}", at, component, turn, element.ref, element.number, value)


def _simple(
    text: str, element: ElementDef, at: int, component: int | None, turn: int | None, rules: Rules
) -> Iterator[Fault]:
    for code, says in check(text, element, rules):
        yield _fault(code, says, element, at, component, text, turn)
