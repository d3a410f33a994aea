"""One segment's text to its elements, and back.

Native shape: ``[tag, element, element, …]``, every element a list of components. A repeating element of syntax version
4 (``A:SA*B:SA``) is spread over the consecutive places that the directory gives the same element, so that a mapping
sees one shape for all versions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hub.grammar import SegmentDef
from hub_edifact.separators import Separators

Segment = list[Any]
"""``[str, list[str], …]``."""


class SegmentParser:
    """Reads the segments of one interchange. Immutable; safe to share."""

    def __init__(self, separators: Separators) -> None:
        self.separators = separators
        self._element, self._component = separators.element, separators.component
        self._release, self._repetition = separators.release, separators.repetition
        marks = [separators.element, separators.component, separators.repetition]
        stops = "".join(re.escape(mark) for mark in [*marks, separators.release] if mark)
        released = f"|{re.escape(separators.release)}(?:.|$)" if separators.release else ""
        service = "".join(re.escape(mark) for mark in marks if mark)
        self._token = re.compile(f"[{service}]|(?:[^{stops}]{released})+", re.S)
        self._released = re.compile(f"{re.escape(separators.release)}(.|$)", re.S) if separators.release else None
        self._freed = {*marks, separators.release, separators.terminator}

    def parse(self, text: str) -> Segment:
        """The elements of a segment without repetitions."""
        if self._release and self._release in text:
            return [element[0] if index else element[0][0] for index, element in enumerate(self._tokens(text))]
        parts = text.split(self._element)
        segment: Segment = [part.split(self._component) for part in parts]
        segment[0] = parts[0]
        return segment

    def parse_repeating(self, text: str, definition: SegmentDef | None) -> tuple[Segment, list[int]]:
        """The elements of a segment that may repeat some, spread as ``definition`` has them; and the numbers (from 1)
        of elements that repeat more often than it allows (the surplus is kept, behind all others)."""
        elements = self._tokens(text)
        if all(len(element) == 1 for element in elements):
            return [element[0] if index else element[0][0] for index, element in enumerate(elements)], []
        runs = _runs(definition) if definition is not None else [99] * len(elements)
        segment: Segment = [elements[0][0][0]]
        surplus: list[list[str]] = []
        over: list[int] = []
        for number, repetitions in enumerate(elements[1:], 1):
            places = runs[number - 1] if number <= len(runs) else 1
            segment += repetitions[:places]
            segment += [[""]] * (places - len(repetitions) if definition is not None else 0)
            if len(repetitions) > places:
                over.append(number)
                surplus += repetitions[places:]
        return segment + surplus, over

    def stray_releases(self, text: str) -> list[str]:
        """Release characters that stand before a character which needs none: each pair, in order."""
        if self._released is None or self._release not in text:
            return []
        return [match[0] for match in self._released.finditer(text) if match[1] not in self._freed]

    def _tokens(self, text: str) -> list[list[list[str]]]:
        """Elements, each a list of repetitions, each a list of components; release characters resolved."""
        elements: list[list[list[str]]] = [[[""]]]
        for match in self._token.finditer(text):
            token = match[0]
            if token == self._element:
                elements.append([[""]])
            elif token == self._component:
                elements[-1][-1].append("")
            elif token == self._repetition:
                elements[-1].append([""])
            elif self._released is not None and self._release in token:
                elements[-1][-1][-1] += self._released.sub(r"\1", token)
            else:
                elements[-1][-1][-1] += token
        return elements


def _runs(definition: SegmentDef) -> list[int]:
    """How many places in a row each distinct element of a segment takes."""
    runs: list[int] = []
    last = ""
    for element in definition.elements:
        if element.ref == last:
            runs[-1] += 1
        else:
            runs.append(1)
        last = element.ref
    return runs


class SegmentWriter:
    """Writes segments with one set of separators. Trailing empty components and elements are left out."""

    def __init__(self, separators: Separators) -> None:
        self.separators = separators
        marks = [
            separators.element, separators.component, separators.repetition, separators.terminator, separators.release,
        ]  # fmt: skip
        self._escape = re.compile("[" + "".join(re.escape(mark) for mark in marks if mark) + "]")

    def escaped(self, value: str) -> str:
        """``value`` with a release character before every service character. Raises ``ValueError`` where the
        interchange has no release character and the value would need one."""
        if not self._escape.search(value):
            return value
        if not self.separators.release:
            raise ValueError(f"{value!r} holds a service character, and there is no release character to free it")
        return self._escape.sub(lambda match: self.separators.release + match[0], value)

    def write(self, segment: Sequence[Any]) -> str:
        """The text of ``[tag, element, …]`` with its terminator; an element is a list of components or one string."""
        parts = [str(segment[0])]
        for element in segment[1:]:
            values = [element] if isinstance(element, str) else element
            parts.append(self.separators.component.join(map(self.escaped, _trimmed(values))))
        return self.separators.element.join(_trimmed(parts)) + self.separators.terminator


def _trimmed(values: Sequence[str]) -> list[str]:
    end = len(values)
    while end and not values[end - 1]:
        end -= 1
    return list(values[:end])
