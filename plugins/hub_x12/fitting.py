"""What an acknowledgment repeats of a partner's message, cut and cleaned to what its own release can carry.

A value that is too long is cut, one that is too short gets the blanks that X12.6 §3.5.1 has for it, a code that the
release does not know is replaced by the nearest or left out. Whoever trims and compares still finds his own value.
"""

from __future__ import annotations

import re

from hub.grammar import ElementDef, SegmentDef
from hub_x12.codes import values
from hub_x12.writing import Element, Segment

_NEAREST = {("723", "12"): "3", ("723", "13"): "3"}
"""Too many repetitions or components have no code of their own in list 723 before 004030: too many elements."""

_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def plain(text: str, most: int = 15) -> str:
    """An id that a partner sent, in a form that every ISA and GS can hold."""
    return re.sub(r"[^A-Za-z0-9 .,&/_-]", "-", text).strip()[:most].rstrip()


def echoed(text: str, low: int, high: int) -> str:
    """A reference that a partner sent, such as ST02, as it is repeated: letters, digits and hyphens, ``low`` to
    ``high`` characters long."""
    return re.sub(r"[^A-Za-z0-9-]", "", text)[:high].ljust(low)


def code_of(release: str, number: str, code: str) -> str:
    """A code of list ``number`` as ``release`` knows it: itself, the nearest one, or '' for none."""
    known = values(release, number)
    for one in (code, _NEAREST.get((number, code), "")):
        if one and (known is None or one in known):
            return one
    return ""


def fitted(segment: Segment, definition: SegmentDef, release: str, *, ascii_only: bool) -> Segment:
    """``segment`` with every element as ``definition`` wants it; elements that it does not have are left out."""
    pairs = zip(segment[1:], definition.elements, strict=False)
    return [segment[0], *(_element(value, element, release, ascii_only) for value, element in pairs)]


def _element(value: Element, element: ElementDef, release: str, ascii_only: bool) -> Element:
    parts = value if isinstance(value, list) else [str(value)]
    if not element.components:
        return _simple(str(parts[0]), element, release, ascii_only)
    pairs = zip(parts, element.components, strict=False)
    return [_simple(str(part), component, release, ascii_only) for part, component in pairs]


def _simple(text: str, element: ElementDef, release: str, ascii_only: bool) -> str:
    if not text:
        return ""
    if element.type[0] == "N":
        return text if len(text) <= element.max else "9" * element.max
    if element.type == "ID" and values(release, element.number) is not None:
        return code_of(release, element.number, text) or (text if element.required else "")
    text = _ODD.sub(" ", text)
    if ascii_only:
        text = text.encode("ascii", "replace").decode("ascii")
    text = text[: element.max].rstrip()
    return text.ljust(element.min) if text else ""
