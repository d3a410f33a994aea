"""Sets whose segment ids are in lower case: written in capitals before they are read, and it is said."""

from __future__ import annotations

from hub_x12.checker import Checker


def raise_ids(segments: list[list[str]], texts: list[str], checker: Checker) -> int:
    """Write the ids of segments, and the codes in those segments, in capitals, in place. Returns the position of the
    first such segment (ST = 1), 0 for none."""
    first = 0
    for at, values in enumerate(segments):
        ident = values[0].upper()
        if ident == values[0] or ident not in checker.release.known_segments:
            continue
        definition = checker.release.segments.get(ident)
        values[0] = ident
        for place, element in enumerate(definition.elements if definition else (), 1):
            if place < len(values) and element.type == "ID":
                values[place] = values[place].upper()
        texts[at] = checker.rules.separators.element.join(values)
        first = first or at + 1
    return first
