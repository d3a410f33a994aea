"""pyx12's map files, made from this plugin's own grammar at run time: pyx12 ships none for trade documents."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from hub.errors import ConfigurationError
from hub.grammar import ElementDef, Loop, SegmentDef, SegmentUse
from hub.grammar.model import UNBOUNDED
from hub_x12.grammar.release import Release, composite_notes, release

if TYPE_CHECKING:
    from pyx12.map_if import map_if

_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []
"""Kept until the process ends; the directories go with it."""


class _Writer:
    """The map of one set as XML. ``loops`` remembers which loop of the grammar each map loop stands for."""

    def __init__(self, known: Release, version: str) -> None:
        self.known = known
        self.version = version
        self.notes = composite_notes(known.name)
        self.position = 0
        self.loops: dict[str, str] = {}

    def _head(self, tag: str, ident: str, required: bool, count: str) -> str:
        self.position += 1
        return (
            f'<{tag} xid="{ident}"><name>{ident}</name><usage>{"R" if required else "S"}</usage>'
            f"<pos>{self.position:04d}</pos>{count}"
        )

    def content(self, items: tuple[SegmentUse | Loop, ...]) -> str:
        out = ""
        for item in items:
            if isinstance(item, Loop):
                ident = f"L{self.position:04d}_{item.id}"
                self.loops[ident] = item.id
                head = self._head("loop", ident, item.required, f"<repeat>{_most(item.max)}</repeat>")
                out += head + self.content(item.content) + "</loop>"
            else:
                out += self.segment(self.known.segments[item.id], item.required, item.max)
        return out

    def segment(self, definition: SegmentDef, required: bool, most: int) -> str:
        head = self._head("segment", definition.id, required, f"<max_use>{_most(most)}</max_use>")
        notes = "".join(f"<syntax>{note}</syntax>" for note in definition.notes)
        elements = "".join(self.element(item, at) for at, item in enumerate(definition.elements, 1))
        return f"{head}{notes}{elements}</segment>"

    def element(self, item: ElementDef, at: int) -> str:
        """An element or composite. ISA12 has a code, because pyx12 takes the release of the map from it."""
        usage = "R" if item.required else "S"
        body = (
            f"<data_ele>{item.number}</data_ele><name>{escape(item.name)}</name><usage>{usage}</usage>"
            f"<seq>{at:02d}</seq>"
        )
        if not item.components:
            codes = f"<valid_codes><code>{self.version}</code></valid_codes>" if item.ref == "ISA12" else ""
            return f'<element xid="{item.ref}">{body}{codes}</element>'
        notes = "".join(f"<syntax>{note}</syntax>" for note in self.notes.get(item.number, ()))
        inner = "".join(self.element(part, index) for index, part in enumerate(item.components, 1))
        return f'<composite xid="{item.ref}">{body}{notes}{inner}</composite>'

    def whole(self, kind: str, content: tuple[SegmentUse | Loop, ...]) -> str:
        """ISA_LOOP / GS_LOOP / ST_LOOP around the set, as pyx12's walker expects."""
        single = {name: self.known.segments[name] for name in ("ISA", "GS", "ST", "SE", "GE", "IEA")}
        repeat = "<repeat>&gt;1</repeat>"
        parts = [
            f'<transaction xid="{kind}"><name>{kind}</name>',
            self._head("loop", "ISA_LOOP", True, repeat),
            self.segment(single["ISA"], True, 1),
            self._head("loop", "GS_LOOP", True, repeat),
            self.segment(single["GS"], True, 1),
            self._head("loop", "ST_LOOP", True, repeat),
            self.segment(single["ST"], True, 1),
            self.content(content),
            self.segment(single["SE"], True, 1),
            "</loop>",
            self.segment(single["GE"], True, 1),
            "</loop>",
            self.segment(single["IEA"], True, 1),
            "</loop></transaction>",
        ]
        return "".join(parts)


def _most(count: int) -> str:
    return "&gt;1" if count >= UNBOUNDED else str(count)


def _dictionary(known: Release) -> str:
    """dataele.xml: every simple element that the release's segments use."""
    facts: dict[str, ElementDef] = {}

    def collect(items: tuple[ElementDef, ...]) -> None:
        for item in items:
            if item.components:
                collect(item.components)
            else:
                facts.setdefault(item.number, item)

    for definition in known.segments.values():
        collect(definition.elements)
    lines = "".join(
        f'<data_ele ele_num="{number}" data_type="{fact.type}" min_len="{fact.min}" max_len="{fact.max}" '
        f'name="{escape(fact.name)}"/>'
        for number, fact in facts.items()
    )
    return f"<data_elements>{lines}</data_elements>"


@cache
def pyx12_map(name: str, kind: str) -> tuple[map_if, dict[str, str]]:
    """pyx12's map of set ``kind`` in release ``name``, and which loop of ours each of its loops is.

    Raises ConfigurationError where pyx12 is not installed or the set has no grammar.
    """
    try:
        from pyx12.map_if import load_map_file
        from pyx12.params import ParamsBase
    except ImportError as problem:
        raise ConfigurationError(
            "pyx12 is not installed", hint="Install it with: pip install 'erp-edi-hub[x12]'"
        ) from problem
    known = release(name)
    if kind not in known.sets:
        raise ConfigurationError(f"there is no grammar for X12 set {kind} in release {name}")
    version = name[:5]
    writer = _Writer(known, version)
    folder = tempfile.TemporaryDirectory(prefix="hub-x12-map-")
    _FOLDERS.append(folder)
    files = {
        f"{kind}.xml": writer.whole(kind, known.sets[kind].content),
        "dataele.xml": _dictionary(known),
        "codes.xml": "<codesets/>",
        "maps.xml": f'<maps><version icvn="{version}"><map vriic="{name}" fic="{known.sets[kind].functional}" '
        f'abbr="{kind}">{kind}.xml</map></version></maps>',
    }
    for file, text in files.items():
        (Path(folder.name) / file).write_text(f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n', "utf-8")
    parameters: Any = ParamsBase()
    parameters.set("charset", "E")
    return load_map_file(f"{kind}.xml", parameters, folder.name), writer.loops
