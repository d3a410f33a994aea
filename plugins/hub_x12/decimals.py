"""Decimal numbers as X12 writes them: without a zero before the point. Both forms are read.

X12.6 §3.5.1.4: leading zeros should be suppressed unless a minimum length needs them. Zeros at the end stay: they say
how exact a number is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.grammar import ElementDef, SegmentDef
from hub_x12.writing import Element, Segment

_ZERO = ("0.", "-0.")


def shorten(body: Sequence[Segment], segments: Mapping[str, SegmentDef]) -> None:
    """Write ``0.5`` as ``.5`` and ``-0.5`` as ``-.5`` wherever the element is a decimal number (type R)."""
    for segment in body:
        definition: SegmentDef | None = None
        for at, value in enumerate(segment[1:], 1):
            if isinstance(value, str) and not value.startswith(_ZERO):
                continue  # as nearly all are
            definition = definition or segments.get(str(segment[0]))
            if definition is not None and at <= len(definition.elements):
                segment[at] = _element(value, definition.elements[at - 1])


def _element(value: Element, element: ElementDef) -> Element:
    if isinstance(value, tuple):
        return tuple(_turn(turn, element) for turn in value)
    return _turn(value, element)


def _turn(turn: str | list[str], element: ElementDef) -> str | list[str]:
    if isinstance(turn, list):
        pairs = zip(turn, element.components, strict=False)
        return [_simple(text, component) for text, component in pairs] + turn[len(element.components) :]
    return _simple(turn, element.components[0] if element.components else element)


def _simple(text: str, element: ElementDef) -> str:
    if element.type != "R" or not text.startswith(_ZERO):
        return text
    digits = text.removeprefix("-")[2:]
    if not digits.isdigit() or len(digits) < element.min:
        return text
    return f"-.{digits}" if text[0] == "-" else f".{digits}"
