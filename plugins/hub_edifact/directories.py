"""Grammars from the compact sources in ``grammar/<directory>/``.

``directory.txt`` has three parts. ``elements``: a format (``an..35``, ``n6``, ``a1``) and the data elements that have
it. ``composites`` and ``segments``: a tag and what it consists of, in order; ``*`` marks a mandatory one, ``/4`` means
four positions in a row. A message file lists segments with ``!`` for mandatory and the maximum (``DTM!35``), and groups
(``SG1 x10``) whose content is indented below them; the first segment of a group triggers it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from hub.grammar import ElementDef, Grammar, Loop, SegmentDef, SegmentUse
from hub_edifact.names import named

_FORMAT = re.compile(r"^(an|a|n)(\.\.)?(\d+)$")
_PART = re.compile(r"^([A-Z0-9]+)(\*)?(?:/(\d+))?$")
_USE = re.compile(r"^([A-Z]{3})(!)?(\d+)?$")
_GROUP = re.compile(r"^(SG\d+)(!)? x(\d+)$")
_RELEASE = re.compile(r"^D(\d\d)([A-Z])$")


@dataclass(frozen=True, slots=True)
class _Format:
    type: str
    min: int
    max: int


def load_grammar(name: str) -> Grammar | None:
    """The grammar called ``edifact/<directory>/<message>`` (``edifact/D96A/ORDERS``, ``edifact/V3/CONTRL``)."""
    parts = name.split("/")
    if len(parts) != 3 or parts[0] != "edifact" or not all(part.isalnum() for part in parts):
        return None
    return _grammar(parts[1], parts[2])


def nearest_directory(version: str) -> str:
    """The directory whose grammar reads ``version`` (``D97A``): the next older one, or the oldest; '' if ``version``
    is no UN/EDIFACT directory from D93A on. D99A and later stand nearer to D01B, whose composites they share."""
    match = _RELEASE.match(version)
    if match is None:
        return ""
    year = int(match[1]) + (2000 if int(match[1]) < 70 else 1900)
    return "D01B" if year >= 1999 else "D96A"


@cache
def _grammar(directory: str, message: str) -> Grammar | None:
    folder = files("hub_edifact").joinpath("grammar", directory)
    source = folder.joinpath(f"{message}.txt")
    if message == "directory" or not source.is_file():
        return None
    segments = load_segments(directory)
    content, rest = _content(_lines(source), 0)
    if rest:
        raise ValueError(f"{directory}/{message}.txt: cannot read {rest[0][1]!r}")
    return Grammar(f"edifact/{directory}/{message}", message, directory, content, segments, listed=True)


@cache
def load_segments(directory: str) -> dict[str, SegmentDef]:
    """Every segment of a directory's source, by tag. ``V3`` and ``V4`` are the service directories."""
    formats: dict[str, _Format] = {}
    composites: dict[str, tuple[ElementDef, ...]] = {}
    segments: dict[str, SegmentDef] = {}
    part = ""
    for _, line in _lines(files("hub_edifact").joinpath("grammar", directory, "directory.txt")):
        head, *rest = line.split()
        if not rest:
            part = head
        elif part == "elements":
            match = _FORMAT.match(head)
            if match is None:
                raise ValueError(f"{directory}/directory.txt: no format {head!r}")
            size = int(match[3])
            formats.update(dict.fromkeys(rest, _Format(match[1], 0 if match[2] else size, size)))
        elif part == "composites":
            composites[head] = tuple(_elements(rest, formats, {}))
        else:
            segments[head] = SegmentDef(head, tuple(_elements(rest, formats, composites)), name=named(head))
    return segments


def _elements(
    parts: list[str], formats: dict[str, _Format], composites: dict[str, tuple[ElementDef, ...]]
) -> list[ElementDef]:
    out: list[ElementDef] = []
    for part in parts:
        match = _PART.match(part)
        if match is None:
            raise ValueError(f"cannot read {part!r} in a directory source")
        tag, required = match[1], bool(match[2])
        if tag in composites:
            made = ElementDef(tag, tag, required, type="", components=composites[tag], name=named(tag))
        else:
            shape = formats[tag]
            low = max(shape.min, int(required))
            made = ElementDef(tag, tag, required, shape.type, low, shape.max, name=named(tag))
        out += [made] * int(match[3] or 1)
    return out


def _lines(source: Traversable) -> list[tuple[int, str]]:
    out = []
    for line in source.read_text("ascii").splitlines():
        if line.strip() and not line.startswith("#"):
            out.append(((len(line) - len(line.lstrip())) // 2, line.strip()))
    return out


def _content(lines: list[tuple[int, str]], depth: int) -> tuple[tuple[SegmentUse | Loop, ...], list[tuple[int, str]]]:
    content: list[SegmentUse | Loop] = []
    while lines and lines[0][0] == depth:
        line = lines.pop(0)[1]
        group = _GROUP.match(line)
        if group is not None:
            inner, lines = _content(lines, depth + 1)
            content.append(Loop(group[1], inner, bool(group[2]), int(group[3])))
            continue
        for use in line.split():
            match = _USE.match(use)
            if match is None:
                raise ValueError(f"cannot read {use!r} in a message source")
            content.append(SegmentUse(match[1], bool(match[2]), int(match[3] or 1)))
    return tuple(content), lines
