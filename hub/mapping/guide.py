"""The implementation guide of a mapping: what a partner must send (or will get), segment by segment, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from hub.grammar import ElementDef, Node
from hub.grammar.model import UNBOUNDED
from hub.mapping.compiled import CompiledMapping
from hub.mapping.expression import Meaning
from hub.mapping.plan import Body, Leaf, Part

CODES_SHOWN = 24
"""How many codes of a list are printed for an element."""


def guide(compiled: CompiledMapping) -> Iterator[str]:
    """Lines of Markdown."""
    yield f"# {compiled.name}: {compiled.document}"
    yield ""
    yield f"Mapping version {compiled.mapping_version}. M = mandatory, O = optional by the standard."
    if compiled.shape == "tree":
        yield from _tree(compiled.plan.root, "/".join(compiled.plan.root_path))
        return
    if compiled.shape == "records":
        yield from _table(compiled.plan.root.parts, compiled)
        return
    for part in compiled.plan.root.parts:
        yield from _part(part, compiled, 2)


def _part(part: Part, compiled: CompiledMapping, depth: int) -> Iterator[str]:
    node = compiled.grammar.nodes[part.nodes[0]]
    what = "Loop" if part.loop else "Segment"
    required = node.loop_required if part.loop else node.required
    yield ""
    yield f"{'#' * min(depth, 6)} {what} {part.name} {node.segment.name}".rstrip()
    yield ""
    yield f"{'M' if required else 'O'}, {'any number of times' if node.max >= UNBOUNDED else f'at most {node.max}'}"
    for body in part.bodies:
        yield from _body(body, node)
    for body in part.bodies:
        for inner in body.parts:
            yield from _part(inner, compiled, depth + 1)


def _body(body: Body, node: Node) -> Iterator[str]:
    if body.guards:
        yield ""
        yield "Where " + " and ".join(f"{guard.place.ref} = `{guard.value}`" for guard in body.guards) + ":"
    lines = [*([body.key] if body.key else []), *body.leaves]
    if not lines:
        return
    yield ""
    yield "| element | use | type | length | meaning | codes |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for leaf in lines:
        definition = leaf.places[0].slot.definition if leaf.places[0].slot else None
        yield "| " + " | ".join(_cells(leaf, definition, body)) + " |"


def _cells(leaf: Leaf, definition: ElementDef | None, body: Body) -> list[str]:
    refs = leaf.entry.key if leaf is not body.key else leaf.places[0].ref
    use = "M" if definition and definition.required else "O"
    kind = definition.type if definition else ""
    length = f"{definition.min}/{definition.max}" if definition and definition.max else ""
    return [refs, use, kind, length, _meaning(leaf), _codes(leaf)]


def _meaning(leaf: Leaf) -> str:
    path = ".".join(step.name for step in leaf.field)
    if leaf.meaning is Meaning.CONSTANT:
        return f"always `{leaf.constant}`"
    if leaf.meaning is not Meaning.FIELD:
        return f"{leaf.meaning.value} of {path}"
    return path if path != "key" else "role"


def _codes(leaf: Leaf) -> str:
    table = leaf.pair.table if leaf.pair else None
    if not table:
        return ""
    shown = [f"`{code}` {value}" for code, value in list(table.items())[:CODES_SHOWN]]
    return ", ".join(shown) + (f" and {len(table) - CODES_SHOWN} more" if len(table) > CODES_SHOWN else "")


def _table(parts: list[Part], compiled: CompiledMapping) -> Iterator[str]:
    for part, title in zip(parts, ("Columns of the document", "Columns of each row"), strict=False):
        yield from ("", f"## {title}", "", "| column | meaning | codes |", "| --- | --- | --- |")
        for body in part.bodies:
            for leaf in body.leaves:
                yield f"| {leaf.entry.key} | {_meaning(leaf)} | {_codes(leaf)} |"


def _tree(body: Body, path: str) -> Iterator[str]:
    yield from ("", f"## {path or 'Root'}", "", "| element | meaning | codes |", "| --- | --- | --- |")
    for leaf in body.leaves:
        yield f"| {leaf.entry.key} | {_meaning(leaf)} | {_codes(leaf)} |"
    for part in body.parts:
        for inner in part.bodies:
            yield from _tree(inner, f"{path}/{part.name}" if path else part.name)
