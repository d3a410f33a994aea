"""One segment as lines of the tree: its elements, components and repetitions with names and meanings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from hub.findings import Finding
from hub.grammar import ElementDef, SegmentDef
from hub.outline import Kind, Line
from hub_x12.codes import meaning
from hub_x12.grammar.release import Release
from hub_x12.separators import Separators, parted
from hub_x12.values import real_date, real_time

LONGEST = 2_000
"""Characters of a segment or a value that are shown; more are cut, with a mark."""
OWN = frozenset({"x12.group.empty"})
"""Findings about a group as a whole and not about its GS."""

Places = Mapping[int, list[Finding]]
"""Findings about one segment by element; 0 for the segment itself."""

_REF = re.compile(r"(?P<segment>[A-Z][A-Z0-9]{1,2})(?P<element>\d\d)(?:-(?P<component>\d\d))?")


def described(known: Release, ident: str) -> SegmentDef:
    """The definition of a segment, an empty one where the release has none."""
    return known.segments.get(ident) or SegmentDef(ident, ())


def by_place(findings: Sequence[Finding]) -> Places:
    """Findings about one segment by the element they name, by number or by reference (``REF04-01``)."""
    found: dict[int, list[Finding]] = defaultdict(list)
    for one in findings:
        at = one.position.element
        if at is None and (match := _REF.match(one.position.name)):
            at = int(match["element"])
        found[at or 0].append(one)
    return found


def segment_lines(
    values: list[str], text: str, known: Release, mark: Separators, depth: int, places: Places
) -> Iterator[Line]:
    """The segment, and each element that was sent or that a finding is about."""
    ident = values[0].strip().upper()
    definition = described(known, ident)
    # OWN findings are told with the group line
    about = tuple(one for one in places.get(0, ()) if one.code not in OWN)
    yield Line(depth, Kind.SEGMENT, ident[:20] or "(blank)", definition.name, shortened(text), findings=about)
    last = max([len(values) - 1, *(at for at in places if at <= len(definition.elements))])
    told = {0}
    for at in range(1, last + 1):
        value = values[at] if at < len(values) else ""
        found = places.get(at, [])
        told.add(at)
        if value.strip() or found:
            element = definition.elements[at - 1] if at <= len(definition.elements) else None
            yield from _element(f"{ident}{at:02d}", value, element, known, mark, depth + 1, found)
    for at in sorted(places.keys() - told):  # beyond what the segment has
        yield Line(depth + 1, Kind.ELEMENT, f"{ident}{at:02d}", findings=tuple(places[at]))


def _element(
    ref: str,
    value: str,
    element: ElementDef | None,
    known: Release,
    mark: Separators,
    depth: int,
    findings: list[Finding],
) -> Iterator[Line]:
    if element is None:
        yield Line(depth, Kind.ELEMENT, ref, "", shortened(value), findings=tuple(findings))
        return
    turns = parted(value, mark.repetition) if element.repeat > 1 else [value]
    if len(turns) == 1 and not element.components:
        yield _simple(depth, ref, value, element, known, tuple(findings))
        return
    whole = tuple(one for one in findings if one.position.component is None and one.position.repetition is None)
    yield Line(depth, Kind.ELEMENT, ref, element.name, shortened(value), findings=whole)
    for turn, text in enumerate(turns, 1):
        about = [one for one in findings if one not in whole and one.position.repetition in (None, turn)]
        label, inner = ref, depth + 1
        if len(turns) > 1:
            label = f"{ref}[{turn}]"
            if element.components:
                own = tuple(one for one in about if one.position.component is None)
                yield Line(inner, Kind.ELEMENT, label, element.name, shortened(text), findings=own)
                inner += 1
        if element.components:
            yield from _components(label, text, element, known, mark, inner, about)
        else:
            yield _simple(inner, label, text, element, known, tuple(about))


def _components(
    ref: str, text: str, element: ElementDef, known: Release, mark: Separators, depth: int, findings: list[Finding]
) -> Iterator[Line]:
    parts = parted(text, mark.component)
    told = [one.position.component or 0 for one in findings]
    for at in range(1, max([len(parts), *told]) + 1):
        part = parts[at - 1] if at <= len(parts) else ""
        about = tuple(one for one in findings if one.position.component == at)
        if not part.strip() and not about:
            continue
        if at <= len(element.components):
            yield _simple(depth, f"{ref}-{at:02d}", part, element.components[at - 1], known, about)
        else:
            yield Line(depth, Kind.ELEMENT, f"{ref}-{at:02d}", "", shortened(part), findings=about)


def _simple(
    depth: int, ref: str, value: str, element: ElementDef, known: Release, findings: tuple[Finding, ...]
) -> Line:
    says = in_words(value.strip(), element, known)
    return Line(depth, Kind.ELEMENT, ref, element.name, shortened(value.strip(" ")), says, findings)


def in_words(value: str, element: ElementDef, known: Release) -> str:
    """What a value says: the meaning of a code, a day and a time as people write them, implied decimals set."""
    if element.type == "ID":
        return meaning(known.name, element.number, value)
    if element.type == "DT" and re.fullmatch(r"[0-9]{8}", value) and real_date(value):
        return f"{value[:4]}-{value[4:6]}-{value[6:]}"
    if element.type == "TM" and re.fullmatch(r"[0-9]{4}|[0-9]{6}", value) and real_time(value):
        return ":".join(value[at : at + 2] for at in range(0, len(value), 2))
    if re.fullmatch(r"N[1-9]", element.type) and re.fullmatch(r"-?[0-9]{1,30}", value):
        places = int(element.type[1])
        sign, digits = ("-" if value[0] == "-" else ""), value.lstrip("-").zfill(places + 1)
        return f"{sign}{digits[:-places]}.{digits[-places:]}"
    return ""


def shortened(text: str) -> str:
    """``text``, cut to what is shown of one value."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"
