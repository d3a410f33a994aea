"""pyx12's map files, made from this plugin's own grammar at run time: pyx12 ships none for trade documents."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from hub.errors import ConfigurationError
from hub.grammar import ElementDef, Loop, SegmentDef, SegmentUse
from hub.grammar.model import UNBOUNDED
from hub_x12.grammar.release import Release, release
from hub_x12.rules import Agreed, CodeLists

if TYPE_CHECKING:
    from pyx12.map_if import map_if


_NOTHING = Agreed()
"""No code lists."""

_ENVELOPE = 6
"""Positions in a map up to ST: what stands there is not the set's."""


class _Writer:
    """The map of one set as XML. ``loops`` remembers which loop of the grammar each map loop stands for, ``facts``
    every simple element that was written, ``listed`` the code lists among them.

    Code lists are external to the map: pyx12 takes codes that stand in the map for qualifiers that
    tell segments apart, and would call a segment with a wrong code a segment that does not exist.
    """

    def __init__(self, known: Release, version: str, codes: CodeLists) -> None:
        self.known = known
        self.version = version
        self.codes = codes
        self.position = 0
        self.loops: dict[str, str] = {}
        self.facts: dict[str, ElementDef] = {}
        self.listed: dict[str, frozenset[str]] = {}

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
        """An element or composite; pyx12 knows no syntax notes inside of composites. ISA12 has a code in the map,
        because pyx12 takes the release of the map from it."""
        usage = "R" if item.required else "S"
        body = (
            f"<data_ele>{item.number}</data_ele><name>{escape(item.name)}</name><usage>{usage}</usage>"
            f"<seq>{at:02d}</seq>"
        )
        if not item.components:
            self.facts.setdefault(item.number, item)
            return f'<element xid="{item.ref}">{body}{self._valid(item)}</element>'
        inner = "".join(self.element(part, index) for index, part in enumerate(item.components, 1))
        return f'<composite xid="{item.ref}">{body}{inner}</composite>'

    def _valid(self, item: ElementDef) -> str:
        if item.ref == "ISA12":
            return f"<valid_codes><code>{self.version}</code></valid_codes>"
        values = self.codes.get(item.number) if self.position > _ENVELOPE else None
        if values is None:
            return ""
        self.listed[item.number] = values
        return f'<valid_codes external="{item.number}"/>'

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


def _dictionary(facts: dict[str, ElementDef]) -> str:
    """dataele.xml: the simple elements of a map."""
    lines = "".join(
        f'<data_ele ele_num="{number}" data_type="{fact.type}" min_len="{fact.min}" max_len="{fact.max}" '
        f"name={quoteattr(fact.name)}/>"
        for number, fact in facts.items()
    )
    return f"<data_elements>{lines}</data_elements>"


@lru_cache(maxsize=64)
def pyx12_map(name: str, kind: str, agreed: Agreed = _NOTHING) -> tuple[map_if, dict[str, str]]:
    """pyx12's map of set ``kind`` in release ``name`` with the code lists of an agreement, and which loop of ours each
    of its loops is.

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
    writer = _Writer(known, version, CodeLists(agreed))
    files = {
        f"{kind}.xml": writer.whole(kind, known.sets[kind].content),
        "dataele.xml": _dictionary(writer.facts),
        "codes.xml": "<codesets/>",
        "maps.xml": f'<maps><version icvn="{version}"><map vriic="{name}" fic="{known.sets[kind].functional}" '
        f'abbr="{kind}">{kind}.xml</map></version></maps>',
    }
    parameters: Any = ParamsBase()
    parameters.set("charset", "E")
    with tempfile.TemporaryDirectory(prefix="hub-x12-map-") as folder:
        for file, text in files.items():
            (Path(folder) / file).write_text(f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n', "utf-8")
        tree = load_map_file(f"{kind}.xml", parameters, folder)
    for number, values in writer.listed.items():  # as codes.xml it would take pyx12 longer to read than the map
        tree.ext_codes.codes[number] = {"name": number, "dataele": number, "codes": values}
    for segment in _segments(tree):
        # pyx12 counts by path; two places of one segment in one loop would share a count
        segment.path = f"{segment.id}[{segment.pos}]"
    return tree, writer.loops


def _segments(tree: Any) -> Iterator[Any]:
    """Every segment inside of the set's loop."""
    for child in (one for place in sorted(tree.pos_map) for one in tree.pos_map[place]):
        if child.is_segment():
            if child.parent.id not in ("ISA_LOOP", "GS_LOOP") and child.id not in ("ST", "SE"):
                yield child
        else:
            yield from _segments(child)
