"""The ISA segment: separators by position, or by counting where the sender did not pad it. X12.5, X12.6."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from operator import itemgetter

from hub_x12.separators import Separators, separators_of

LENGTH = 106
"""Bytes of an ISA, terminator included."""
REACH = 600
"""How far a badly padded or wrapped ISA may stretch."""

START = re.compile(rb"(?<![A-Za-z0-9])(?i:ISA)([^A-Za-z0-9\s])(?:[^\r\n]{0,2}\1|[\r\n])")
"""Where an interchange may begin: ISA, a separator, at most two characters of ISA01, the same separator."""

FOREIGN = (
    (b"\xff\xfeI\x00S\x00A\x00", "UTF-16"),
    (b"\xfe\xff\x00I\x00S\x00A", "UTF-16"),
    (b"I\x00S\x00A\x00", "UTF-16"),
    (b"\x00I\x00S\x00A", "UTF-16"),
    (b"\xc9\xe2\xc1", "EBCDIC"),
)
"""How an ISA begins in encodings that are not read."""

_MARKS = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_NEXT = re.compile(rb"(?i:GS|TA1|IEA)[^A-Za-z0-9\s]")
_USAGE_LAST = re.compile(rb"([TPItpi])([^A-Za-z0-9 ])[ \t\r\n]*(?i:GS|TA1|IEA)")
"""ISA15 directly before the terminator: the separator and ISA16 are both missing."""
_PAD = " \t\x00"
_AT_MARKS = itemgetter(*_MARKS)


@dataclass(frozen=True, slots=True)
class Header:
    """An ISA as read. ``elements`` are ISA01 to ISA16 as sent, untrimmed, ``values`` the same without
    padding (both empty where ISA could not be taken apart); ``length`` the bytes it takes.
    ``deviations`` are ``(finding, sentence)``; a ``fault`` makes the interchange unreadable."""

    separators: Separators
    elements: tuple[str, ...]
    length: int
    deviations: tuple[tuple[str, str], ...] = ()
    fault: tuple[str, str] | None = None
    values: tuple[str, ...] = ()

    def element(self, number: int) -> str:
        """ISA01 to ISA16 by number, without padding."""
        return self.values[number - 1] if self.values else ""


def parse(head: bytes) -> Header:
    """Read an ISA from ``head``, which begins with it and holds up to ``REACH`` bytes and some of what follows."""
    mark = head[3:4]
    if mark.isalnum() or mark.isspace() or not mark:
        return _bad("x12.interchange.element_separator", "no element separator follows ISA")
    first = head[: LENGTH - 1]
    if b"\r" not in first and b"\n" not in first:
        return _noted(_terminated(head, mark, []), head)
    return _noted(_broken(head, mark), head)


def _noted(header: Header, head: bytes) -> Header:
    """With what is odd about the writing of an ISA that could be read: lower case, padding with other than blanks
    behind the value."""
    if not header.elements:
        return header
    odd = list(header.deviations)
    values = [header.element(number) for number in (5, 7, 15)]
    if head[:3] != b"ISA" or any(value != value.upper() for value in values):
        odd.append(("x12.interchange.lower_case", "ISA, a qualifier or the usage indicator is in lower case"))
    if any(header.values[at] != header.elements[at].rstrip(" ") for at in (1, 3, 5, 7)):
        says = "ISA is padded with other characters than blanks, or in front of a value"
        odd.append(("x12.interchange.padding", says))
    if header.separators.segment in "\r\n":
        odd.append(("x12.interchange.newline_terminator", "a line end is the segment terminator"))
    return replace(header, deviations=tuple(odd)) if len(odd) > len(header.deviations) else header


def _broken(head: bytes, mark: bytes) -> Header:
    """An ISA with line ends among its bytes: they are the terminator, or lines were cut at a fixed width."""
    clean = head.translate(None, b"\r\n")
    if _fixed(clean, mark):
        found = _terminated(clean, mark, [])
        breaks = _raw_length(head, found.length) - found.length
        return replace(found, length=found.length + breaks, separators=replace(found.separators, wrapped=True))
    found = _terminated(head, mark, [])
    if found.fault and found.fault[0] == "x12.interchange.header_elements":
        joined = _terminated(clean, mark, [])
        if joined.fault is None and _plausible(joined):
            breaks = _raw_length(head, joined.length) - joined.length
            return replace(joined, length=joined.length + breaks, separators=replace(joined.separators, wrapped=True))
    return found


def _plausible(header: Header) -> bool:
    """Whether what was read across line ends is an ISA: no element too long, date, version and number in place."""
    fits = all(len(item) <= most for item, most in zip(header.elements, _WIDTHS, strict=True))
    forms = ((9, r"[0-9]{6}"), (10, r"[0-9]{4}"), (12, r"[0-9]{5}"), (13, r"[0-9]{1,9}"))
    return fits and all(re.fullmatch(form, header.element(number)) for number, form in forms)


def _raw_length(head: bytes, clean: int) -> int:
    """Bytes of ``head`` that hold ``clean`` bytes other than line ends."""
    for at, byte in enumerate(head):
        clean -= byte not in b"\r\n"
        if not clean:
            return at + 1
    return len(head)


def _fixed(head: bytes, mark: bytes) -> bool:
    return (
        len(head) >= LENGTH - 1
        and head.count(mark, 0, LENGTH - 2) == len(_MARKS)
        and _AT_MARKS(head) == (mark[0],) * len(_MARKS)
    )


def _terminated(head: bytes, mark: bytes, deviations: list[tuple[str, str]]) -> Header:
    if _fixed(head, mark):
        elements = [head[low + 1 : high] for low, high in zip(_MARKS, (*_MARKS[1:], 105), strict=True)]
        at = LENGTH - 2
    else:
        parts = head[:REACH].split(mark, 16)
        last = _USAGE_LAST.match(parts[15]) if len(parts) > 15 else None
        if last:
            end = sum(map(len, parts[:15])) + 15 + last.start(2)
            return _closed(head, end, mark, [*parts[1:15], last[1]], deviations, lone=True)
        if len(parts) < 17:
            short = len(head) < REACH
            return _bad(
                "x12.interchange.header_cut" if short else "x12.interchange.header_elements",
                "the payload ends inside ISA" if short else "ISA does not have its 16 elements",
            )
        if b"\n" in b"".join(parts[1:16]) or b"\r" in b"".join(parts[1:16]):
            return _bad("x12.interchange.header_elements", "a line end breaks ISA before its 16 elements are complete")
        elements = parts[1:17]
        at = sum(map(len, parts[:16])) + 16
        deviations.append(("x12.interchange.unpadded", "ISA is not padded to its 106 bytes; read by its separators"))
    return _closed(head, at, mark, elements, deviations)


def _closed(
    head: bytes, at: int, mark: bytes, elements: list[bytes], deviations: list[tuple[str, str]], *, lone: bool = False
) -> Header:
    """Component separator and terminator: the two bytes from ``at``, or only the terminator (``lone``)."""
    component, terminator = head[at : at + 1], head[at + 1 : at + 2]
    lone = lone or not terminator or _NEXT.match(head, at + 1) is not None
    if not lone and terminator in b"\r\n":
        line = head.find(b"\n", at + 2) if terminator == b"\n" else head.find(b"\r", at + 2)
        # The next segment ends with that "component", or no other line ends.
        lone = head[line - 1 : line] == component if line > 0 else component in b"~'"
    if lone:
        component, terminator = b"", component
        deviations.append(("x12.interchange.component_separator", "ISA16, the component separator, is missing"))
    if not terminator:
        return _bad("x12.interchange.header_cut", "the payload ends inside ISA")
    sign = mark.decode("latin-1")
    texts = (*mark.join(elements[:15]).decode("latin-1").split(sign), component.decode("latin-1"))
    separators = separators_of(sign, terminator.decode("latin-1"), texts[15])
    fault = _fault(separators)
    separators, note = _repetition(separators, texts[10], texts[11])
    values = tuple([text.strip(_PAD) for text in texts])
    return Header(separators, texts, at + 1 + len(component), (*deviations, *note), fault, values)


def _fault(separators: Separators) -> tuple[str, str] | None:
    if separators.segment.isalnum() or separators.segment == " ":
        return "x12.interchange.terminator", "the byte after ISA16 cannot be a segment terminator"
    if separators.component.isalnum():
        return "x12.interchange.separators_equal", "ISA16 cannot be a component separator"
    if len({separators.element, separators.segment, separators.component}) < 3:
        return "x12.interchange.separators_equal", "two of the separators that ISA declares are the same"
    return None


def _repetition(separators: Separators, declared: str, version: str) -> tuple[Separators, list[tuple[str, str]]]:
    """ISA11 is the repetition separator from 00402 on; before that, it names the control standards (``U``)."""
    mark = declared.strip(" ")  # no other blank: the ASCII separators 1C to 1F count as blanks in Python
    code = "x12.interchange.repetition_separator"
    if version < "00402":
        says = "ISA11 is no standards id; a separator there has no meaning before 00402"
        return separators, [(code, says)] if mark and not mark.isalnum() else []
    if not mark or mark.isalnum():
        return separators, [(code, "ISA11 declares no repetition separator; none is used")]
    if mark in separators.data_free:
        return separators, [(code, "ISA11 repeats another separator; no repetition separator is used")]
    return separators_of(separators.element, separators.segment, separators.component, mark), []


def _bad(code: str, sentence: str) -> Header:
    return Header(Separators(), (), 0, (), (code, sentence))


def foreign(head: bytes) -> str:
    """The encoding of an ISA at the start of ``head`` that is known, but not read; '' for none."""
    return next((name for start, name in FOREIGN if head.startswith(start)), "")


def wrapped_width(lines: bytes, terminator: str) -> int:
    """The width at which the lines after an ISA are cut regardless of segments; 0 if they are not. Three equal
    lines, of which one does not end in a terminator, are taken as proof."""
    found = lines.replace(b"\r\n", b"\n").split(b"\n")[:-1]
    if len(found) < 2 or terminator in "\r\n":
        return 0
    widths = {len(line) for line in found}
    cut = any(not line.endswith(terminator.encode("latin-1")) for line in found)
    return len(found[0]) if len(widths) == 1 and cut and len(found[0]) > 20 else 0
