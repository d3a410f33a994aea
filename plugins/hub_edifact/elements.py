"""Elements against their directory: mandatory ones, lengths, types, numbers, too many of them.

A clean segment passes one precompiled regular expression over its text. Whatever that does not match is explained
element by element; a segment that is clean all the same (released characters, a decimal comma) is found clean there.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock

from hub.findings import Severity
from hub.grammar import ElementDef, Grammar, SegmentDef
from hub_edifact.segments import Segment
from hub_edifact.separators import Separators

NUMBERS = frozenset(["6060"])
"""Elements that hold a number though a directory calls them alphanumeric (6060 quantity is ``an..35`` in D01B)."""

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_LOOSE = re.compile(r"-?\d*[.,]?\d*")
_GROUPED = re.compile(r"-?\d{1,3}(?:([., ])\d{3})+(?:(?!\1)[.,]\d+)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def is_number(definition: ElementDef) -> bool:
    """Whether an element holds a number."""
    return definition.type == "n" or definition.number in NUMBERS


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an element. ``code`` is the hub's (behind ``edifact.element.``), ``standard`` that of 0085.
    Numbers count from 1 after the tag; ``component`` is None for a whole element."""

    code: str
    standard: str
    text: str
    element: int
    component: int | None
    name: str
    value: str = ""
    severity: Severity = Severity.ERROR


class SegmentCheck:
    """The check of one segment of a directory, for one set of separators. Immutable; safe to share."""

    def __init__(self, definition: SegmentDef, separators: Separators) -> None:
        self.definition = definition
        self.separators = separators

    def clean(self, text: str) -> bool:
        """Whether the text of a segment is certainly right (for one look; readers use ``tests_of``)."""
        return re.fullmatch(_pattern(self.definition, self.separators), text) is not None

    def explain(self, segment: Segment) -> list[Fault]:
        """What is wrong with a segment. Numbers in it are rewritten with a decimal point, for the mapping."""
        faults: list[Fault] = []
        elements = self.definition.elements
        for number, definition in enumerate(elements, 1):
            values = segment[number] if number < len(segment) else []
            if definition.components:
                faults += self._composite(values, definition, number)
            else:
                faults += self._simple(values, definition, number)
        for number in range(len(elements) + 1, len(segment)):
            if any(segment[number]):
                value = self.separators.component.join(segment[number])
                text = f"{self.definition.id} has {len(elements)} elements, this one is too many"
                faults.append(Fault("too_many", "16", text, number, None, "", value))
        return faults

    def _simple(self, values: list[str], definition: ElementDef, number: int) -> Iterator[Fault]:
        value = values[0] if values else ""
        if any(values[1:]):
            joined = self.separators.component.join(values)
            text = f"{definition.ref} is one element, not a composite"
            yield Fault("too_many_components", "16", text, number, 2, definition.ref, joined)
        if value:
            yield from self._value(values, 0, definition, number, None, definition.ref)
        elif definition.required:
            yield Fault("missing", "13", f"{definition.ref} is mandatory", number, None, definition.ref)

    def _composite(self, values: list[str], definition: ElementDef, number: int) -> Iterator[Fault]:
        if not any(values):
            if definition.required:
                yield Fault("missing", "13", f"{definition.ref} is mandatory", number, None, definition.ref)
            return
        for at, component in enumerate(definition.components):
            name = f"{definition.ref}.{component.ref}"
            if at < len(values) and values[at]:
                yield from self._value(values, at, component, number, at + 1, name)
            elif component.required:
                yield Fault("missing", "13", f"{name} is mandatory", number, at + 1, name)
        size = len(definition.components)
        for at in range(size, len(values)):
            if values[at]:
                text = f"{definition.ref} has {size} components, this one is too many"
                yield Fault("too_many_components", "16", text, number, at + 1, definition.ref, values[at])

    def _value(
        self, values: list[str], at: int, definition: ElementDef, number: int, component: int | None, name: str
    ) -> Iterator[Fault]:
        value = values[at]
        size = len(value)
        if is_number(definition):
            fault = _number_fault(value, self.separators.decimal)
            if fault is not None:
                code, standard, text, severity = fault
                yield Fault(code, standard, f"{name}: {text}", number, component, name, value, severity)
                if severity is Severity.ERROR:
                    return
            values[at] = _normal_number(value)
            size = sum(char.isdigit() for char in value)
        elif definition.type == "a" and any(char.isdigit() for char in value):
            yield Fault("type", "37", f"{name} takes no digits", number, component, name, value)
        if definition.max and size > definition.max:
            text = f"{name} has {size} characters, at most {definition.max} are allowed"
            yield Fault("too_long", "39", text, number, component, name, value)
        elif definition.min > 1 and size < definition.min:
            text = f"{name} has {size} characters, at least {definition.min} are needed"
            yield Fault("too_short", "40", text, number, component, name, value)
        if control := _CONTROL.search(value):
            text = f"{name} holds the control character 0x{ord(control[0]):02X}, which no EDIFACT character set has"
            yield Fault("character", "21", text, number, component, name, value, Severity.WARNING)


def _number_fault(value: str, mark: str) -> tuple[str, str, str, Severity] | None:
    if _NUMBER.fullmatch(value):
        other = "," if mark == "." else "."
        if other not in value:
            return None
        text = f"the decimal mark of this interchange is {mark!r}, read as if {other!r} were it"
        return "decimal_mark", "19", text, Severity.WARNING
    if _LOOSE.fullmatch(value) and any(char.isdigit() for char in value):
        return "decimal_digit", "38", "a decimal mark needs a digit on both sides", Severity.WARNING
    if _GROUPED.fullmatch(value):
        return "thousands", "19", "thousands marks are not allowed in numbers", Severity.ERROR
    return "number", "37", "this is no number", Severity.ERROR


def _normal_number(value: str) -> str:
    """``1,5`` -> ``1.5``, ``.5`` -> ``0.5``, ``5.`` -> ``5``."""
    sign, digits = ("-", value[1:]) if value.startswith("-") else ("", value)
    whole, _, fraction = digits.replace(",", ".").partition(".")
    return sign + (whole or "0") + (f".{fraction}" if fraction else "")


def _pattern(definition: SegmentDef, separators: Separators) -> str:
    """The regular expression that every clean segment of a definition matches, tag included."""
    marks = [separators.element, separators.component, separators.release, separators.repetition]
    data = "[^" + "".join(re.escape(mark) for mark in marks if mark) + "\\x00-\\x1f\\x7f]"
    point = re.escape(separators.decimal) if separators.decimal == "." else ""
    parts = []
    for element in definition.elements:
        components = [(_leaf(one, data, point), one.required) for one in element.components]
        body = _sequence(components, re.escape(separators.component))[0] if components else _leaf(element, data, point)
        if components and element.required and not any(required for _, required in components):
            body = f"(?={re.escape(separators.component)}*{data}){body}"
        parts.append((body, element.required))
    elements, needed = _sequence(parts, re.escape(separators.element))
    return f"{re.escape(definition.id)}(?:{re.escape(separators.element)}{elements})" + ("" if needed else "?")


def _sequence(parts: list[tuple[str, bool]], separator: str) -> tuple[str, bool]:
    """A pattern for parts in a row of which trailing optional ones may be left out; and whether one is mandatory."""
    out, needed = "", False
    for pattern, required in reversed(parts):
        rest = f"(?:{separator}{out})" + ("" if needed else "?") if out else ""
        out = (pattern if required else f"(?:{pattern})?") + rest
        needed = needed or required
    return out, needed


def _leaf(definition: ElementDef, data: str, point: str) -> str:
    if is_number(definition):
        fraction = f"(?:{point}\\d+)?" if point else ""
        digits = f"(?:\\d{point}?){{{max(definition.min, 1)},{definition.max}}}(?![\\d{point}])"
        return f"-?(?={digits})\\d+{fraction}"
    kind = data if definition.type != "a" else data[:-1] + "0-9]"
    return f"{kind}{{{max(definition.min, 1)},{definition.max or 999999}}}"


Test = Callable[[str], object]


class Tests(dict[str, Test]):
    """By tag: the test that the text of a clean segment passes, compiled when a message first needs it."""

    def __init__(self, grammar: Grammar, separators: Separators) -> None:
        super().__init__()
        self.grammar = grammar
        self._separators = separators

    def __missing__(self, tag: str) -> Test:
        test = self[tag] = re.compile(_pattern(self.grammar.segments[tag], self._separators)).fullmatch
        return test


KEPT = 32
_tests: OrderedDict[tuple[int, Separators], Tests] = OrderedDict()
_lock = Lock()


def tests_of(grammar: Grammar, separators: Separators) -> Tests:
    """The tests of a grammar's segments, kept for the last ``KEPT`` grammars and sets of separators: an interchange
    of one small message should not pay for sixty regular expressions."""
    key = (id(grammar), separators)
    with _lock:
        known = _tests.get(key)
        if known is None or known.grammar is not grammar:
            known = _tests[key] = Tests(grammar, separators)
        _tests.move_to_end(key)
        while len(_tests) > KEPT:
            _tests.popitem(last=False)
    return known
