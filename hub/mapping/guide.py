"""The implementation guide of a mapping: what a partner must send (or will get), segment by segment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.grammar import ElementDef, Node, SegmentDef
from hub.grammar.model import UNBOUNDED
from hub.mapping.blocks import Block, Heading, Items, Paragraph, Table, markdown
from hub.mapping.compiled import CompiledMapping
from hub.mapping.guide_lines import Meant, Use, Uses, codes, filled, guarding, names, touching
from hub.mapping.plan import Body

_ELEMENTS = ("element", "name", "use", "type", "length", "fills", "codes")
_RANGE = 4
"""From how many elements on a line that reads a range of them is one row."""


@dataclass(frozen=True)
class Words:
    """What the standard adds to a guide: the message's title, meanings of codes (data element number, code), and
    syntax notes as sentences. ``agreed`` are values agreed beside the standard's, by data element number."""

    title: str = ""
    meant: Meant = lambda _number, _code: ""
    note: Callable[[str, Sequence[ElementDef]], str] = lambda note, _elements: note
    agreed: Mapping[str, Any] = field(default_factory=dict)


def guide(compiled: CompiledMapping, words: Words | None = None) -> Iterator[str]:
    """Lines of Markdown."""
    return markdown([title(compiled, words), *content(compiled, words)])


def title(compiled: CompiledMapping, words: Words | None = None) -> Heading:
    """The heading of the page."""
    named = f", {words.title}" if words is not None and words.title else ""
    return Heading(1, f"{compiled.name}{named}: {compiled.document}")


def content(compiled: CompiledMapping, words: Words | None = None) -> Iterator[Block]:
    """The guide without its title: segments, columns or tree elements, each with what it fills."""
    words = words or Words()
    version = f"Mapping version {compiled.mapping_version}."
    if compiled.shape == "tree":
        yield Paragraph(version)
        yield from _tree(compiled.plan.root, "/".join(compiled.plan.root_path), words)
    elif compiled.shape == "records":
        yield from _records(compiled, words, version)
    else:
        yield from _Segments(compiled, words).blocks(version)


class _Segments:
    """The guide of a message made of segments."""

    def __init__(self, compiled: CompiledMapping, words: Words) -> None:
        self._compiled, self._words = compiled, words
        self._uses = Uses(compiled.plan)
        self._nodes = compiled.grammar.nodes

    def blocks(self, version: str) -> Iterator[Block]:
        """Every segment that is read or mandatory, in the order of the message; at the end what is not read."""
        yield Paragraph(
            f"{version} M = mandatory, O = optional by the standard; lengths are least/most characters. "
            "`fills` says which field of the document an element becomes."
        )
        form = self._compiled.plan.form
        if form is not None:
            kinds = ", ".join(form.kinds)
            yield Paragraph(f"The message is first put together as a whole ({form.doc}), then becomes: {kinds}.")
        shown = {node.index for node in self._nodes if node.index in self._uses.nodes}
        for node in self._nodes:
            within = [at for at in node.loops if at == node.index]
            if within and (shown & self._inside(node) or node.loop_required):
                yield self._loop(node)
            if node.index in shown or (node.required and all(at in shown for at in node.loops)):
                yield from self._segment(node)
        yield from self._unread(shown)

    def _inside(self, trigger: Node) -> set[int]:
        return {node.index for node in self._nodes if trigger.index in node.loops}

    def _loop(self, node: Node) -> Heading:
        return Heading(1 + len(node.loops), f"Loop {node.loop_ids[-1]} {node.segment.name}".rstrip())

    def _segment(self, node: Node) -> Iterator[Block]:
        segment = node.segment
        yield Heading(2 + len(node.loops), f"Segment {segment.id} {segment.name}".rstrip())
        required = node.loop_required if node.trigger else node.required
        often = (
            "any number of times" if node.max >= UNBOUNDED else "once" if node.max == 1 else f"at most {node.max} times"
        )
        first = f", first of its loop {node.loop_ids[-1]}" if node.trigger else ""
        yield Paragraph(f"{'Mandatory' if required else 'Optional'}, {often}{first}.")
        uses, guards = self._uses.at.get(node.index, []), self._uses.guards.get(node.index, [])
        rows, unread = _rows(segment, uses, guards, self._words)
        if rows:
            yield Table(_ELEMENTS, rows)
        told = [said for note in segment.notes if (said := self._words.note(note, segment.elements))]
        ignored = [one.split(" ")[0] for one in unread]
        # a note that only ties elements together which nobody reads would be noise
        refs = [element.ref for element in segment.elements if element.ref not in ignored]
        notes = [said for said in told if any(ref in said for ref in refs)]
        if notes:
            yield Items([f"{said[:1].upper()}{said[1:]}." for said in notes])
        if unread and node.index in self._uses.nodes:
            yield Paragraph(f"Not read, kept as extensions: {', '.join(unread)}.")
        elif node.index not in self._uses.nodes:
            yield Paragraph("Not read: must be there by the standard, and is kept as an extension.")

    def _unread(self, shown: set[int]) -> Iterator[Block]:
        left = [node for node in self._nodes if node.index not in shown]
        if not left:
            return
        yield Heading(2, "Not read")
        yield Paragraph("These segments are lawful and are checked; what they say is kept as extensions.")
        rows: dict[str, list[str]] = {}
        for node in left:
            where = "/".join(node.loop_ids) or "message"
            rows.setdefault(where, []).append(f"{node.segment.id} {node.segment.name}".strip())
        yield Table(("in", "segments"), [(where, ", ".join(dict.fromkeys(found))) for where, found in rows.items()])


def _rows(
    segment: SegmentDef, uses: list[Use], guards: list[Any], words: Words
) -> tuple[list[tuple[str, ...]], list[str]]:
    """The rows of a segment's elements, and the elements that no line reads."""
    rows: list[tuple[str, ...]] = []
    unread: list[str] = []
    ranges: dict[int, list[ElementDef]] = {}
    for at, element in enumerate(segment.elements, 1):
        found, chosen = touching(uses, at, None), list(guarding(guards, at, None))
        if len(found) == 1 and len(found[0].leaf.places) > _RANGE and not element.components:
            ranges.setdefault(found[0].leaf.number, []).append(element)
            if len(ranges[found[0].leaf.number]) == 1:
                rows.append(_row(element, found, chosen, words))
            else:
                first = ranges[found[0].leaf.number][0]
                index = next(place for place, row in enumerate(rows) if row[0].split(" ")[0] == first.ref)
                named = dict.fromkeys(one.name for one in ranges[found[0].leaf.number] if one.name)
                rows[index] = (f"{first.ref} to {element.ref}", " / ".join(named), *rows[index][2:])
            continue
        inner = []
        for index, component in enumerate(element.components):
            below, picked = touching(uses, at, index), list(guarding(guards, at, index))
            if below or picked or (component.required and (found or element.required)):
                inner.append(_row(component, below, picked, words, inside=element.ref))
        if found or chosen or inner or element.required:
            rows.append(_row(element, found, chosen, words))
            rows += inner
        else:
            unread.append(f"{element.ref} {element.name}".strip())
    return rows, unread


def _row(element: ElementDef, uses: list[Use], chosen: list[str], words: Words, inside: str = "") -> tuple[str, ...]:
    ref = element.ref if not inside or element.ref.startswith(inside) else f"{inside}.{element.ref}"
    length = f"{element.min}/{element.max}" if element.max else ""
    fills = filled(uses) or ("chooses what the others mean" if chosen else "")
    agreed = words.agreed.get(element.number)
    said = codes(uses, chosen, element, agreed, words.meant)
    repeat = f", {element.repeat} times" if element.repeat > 1 else ""
    return (ref, element.name, ("M" if element.required else "O") + repeat, element.type, length, fills, said)


def _records(compiled: CompiledMapping, words: Words, version: str) -> Iterator[Block]:
    yield Paragraph(f"{version} One table; each row is a record.")
    if compiled.options:
        named = {key: value for key, value in compiled.options.items() if not isinstance(value, (dict, list))}
        yield Table(("format", "value"), [(str(key), f"`{value}`") for key, value in named.items()])
    if compiled.plan.group_by:
        yield Paragraph(f"Rows with the same `{compiled.plan.group_by}` are one document.")
    for part, name in zip(compiled.plan.root.parts, ("Columns of the document", "Columns of each row"), strict=False):
        rows = [row for body in part.bodies for row in _plain(body, words)]
        if rows:
            yield Heading(2, name)
            yield Table(("column", "fills", "where not sent", "codes"), rows)


def _tree(body: Body, path: str, words: Words) -> Iterator[Block]:
    rows = _plain(body, words)
    if rows:
        yield Heading(2, path or "Root")
        yield Table(("element", "fills", "where not sent", "codes"), rows)
    for part in body.parts:
        for inner in part.bodies:
            yield from _tree(inner, f"{path}/{part.name}" if path else part.name, words)


def _plain(body: Body, words: Words) -> list[tuple[str, ...]]:
    out: list[tuple[str, ...]] = []
    for leaf in body.leaves:
        use = Use(leaf, names(body.into), tuple(body.guards))
        default = leaf.default or ""
        missing = "its number in the list" if default == "position" else f"`{default}`" if default else ""
        said = codes([use], [], ElementDef(leaf.entry.key, leaf.entry.key), None, words.meant)
        out.append((leaf.entry.key, filled([use]), missing, said))
    return out
