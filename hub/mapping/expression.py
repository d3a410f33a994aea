"""One line of a mapping file, taken apart: which elements on the left, which field and converters on the right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from hub.errors import ConfigurationError


class Form(Enum):
    """How the left side takes its elements."""

    VALUE = "value"  # one element, or several that make one value
    PAIRS = "pairs"  # a range, two by two, into a list
    SEGMENTS = "segments"  # a range of a whole segment into several list items, over as many segments as needed


class Meaning(Enum):
    """What the right side is."""

    FIELD = "field"
    CONSTANT = "constant"
    COUNT = "count"
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class Refs:
    """The left side. For a range form, ``names`` are its first and last element."""

    form: Form
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """One step into a document: ``lines[]`` (append / take next), ``lines[0]``, ``identifiers[gtin]``, ``roles{}``."""

    name: str
    kind: str = ""  # "", "list", "index", "select", "map"
    index: int = 0
    select: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A converter with its arguments, as written."""

    name: str
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Right:
    """The right side. ``text`` is a constant's value; ``path`` the field, or what is counted or summed."""

    meaning: Meaning
    path: tuple[Access, ...] = ()
    calls: tuple[Call, ...] = ()
    text: str = ""


_RANGE = re.compile(r"^(pairs|segments)\(\s*([^.\s]+)\s*\.\.\s*([^.\s)]+)\s*\)$")
_STEP = re.compile(r"^([a-z_][a-z0-9_]*)(?:(\[\])|\[(\d+)\]|\[([^\]]+)\]|(\{\}))?$")
_CALL = re.compile(r"^([a-z_][a-z0-9_.-]*)\s*(?:\((.*)\))?$", re.DOTALL)
_COMPUTED = re.compile(r"^(count|sum)\(\s*([a-z0-9_.\[\]]+)\s*\)$")


def parse_refs(text: str) -> Refs:
    """Take apart a left side: ``BEG03`` · ``N103, N104`` · ``pairs(PO106..PO125)`` · ``"Name, first"``."""
    if match := _RANGE.match(text):
        return Refs(Form(match[1]), (match[2], match[3]))
    return Refs(Form.VALUE, tuple(part.strip().strip('"') for part in _split(text, ",") if part.strip()))


def parse_right(text: str, file: str, line: int) -> Right:
    """Take apart a right side; ``ConfigurationError`` with the place if it is not in the language."""
    parts = [part.strip() for part in _split(text, "|")]
    head, tail = parts[0], parts[1:]
    calls = tuple(_call(part, file, line) for part in tail)
    if head.startswith("="):
        return Right(Meaning.CONSTANT, calls=calls, text=head[1:].strip().strip("\"'"))
    if match := _COMPUTED.match(head):
        return Right(Meaning(match[1]), parse_path(match[2], file, line), calls)
    if not head:
        raise ConfigurationError("says no field", file=file, line=line, hint="write: element: field | converter(…)")
    return Right(Meaning.FIELD, parse_path(head, file, line), calls)


def parse_path(text: str, file: str, line: int) -> tuple[Access, ...]:
    """Take apart a field path such as ``item.identifiers[gtin]``."""
    steps = []
    for part in text.split("."):
        match = _STEP.match(part)
        if match is None:
            raise ConfigurationError(
                f"'{text}' is not a field path",
                file=file,
                line=line,
                hint="as in: roles{} · lines[] · address.lines[0]",
            )
        name, many, index, select, keyed = match.groups()
        if many:
            steps.append(Access(name, "list"))
        elif index is not None:
            steps.append(Access(name, "index", index=int(index)))
        elif select is not None:
            steps.append(Access(name, "select", select=select))
        else:
            steps.append(Access(name, "map" if keyed else ""))
    return tuple(steps)


def _call(text: str, file: str, line: int) -> Call:
    match = _CALL.match(text)
    if match is None:
        raise ConfigurationError(f"'{text}' is not a converter", file=file, line=line, hint="as in: code(x12.353)")
    args = tuple(arg.strip().strip("\"'") for arg in _split(match[2] or "", ",") if arg.strip())
    return Call(match[1], args)


def _split(text: str, separator: str) -> list[str]:
    """Split at ``separator`` outside parentheses and double quotes."""
    parts, depth, quoted, current = [], 0, False, ""
    for char in text:
        if char == '"':
            quoted = not quoted
        elif not quoted and char in "([":
            depth += 1
        elif not quoted and char in ")]":
            depth -= 1
        if char == separator and not depth and not quoted:
            parts.append(current)
            current = ""
        else:
            current += char
    return [*parts, current]
