"""pyx12's opinion of an interchange, as findings of the same form as ours.

pyx12 never sees a partner's bytes: our framing cuts them, and pyx12's map engine walks one clean set at a time with a
map made from our grammar (README.md, "The second opinion").
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hub.findings import Finding, Position, Severity
from hub.grammar import SegmentDef
from hub_x12.explained import QUIET, differences
from hub_x12.form import FormOnly
from hub_x12.pyx12_maps import pyx12_map
from hub_x12.separators import Separators
from hub_x12.sets import SetReader

_SEGMENT = {
    "1": "unrecognized", "2": "unexpected", "3": "missing", "4": "loop_over_max", "5": "over_max", "6": "not_in_set",
    "7": "out_of_sequence", "8": "element_errors",
}  # fmt: skip
_ELEMENT = {
    "1": "missing", "2": "conditional_missing", "3": "too_many", "4": "too_short", "5": "too_long", "6": "character",
    "7": "code", "8": "date", "9": "time", "10": "exclusion", "12": "repetitions", "13": "too_many_components",
}  # fmt: skip


def second_opinion(payload: bytes, options: Mapping[str, Any] | None = None) -> Iterator[Finding]:
    """What pyx12 finds in every set of ``payload`` that has a grammar, set after set.

    Findings are named ``x12.opinion.…`` and carry codes of lists 720 and 723. Raises ConfigurationError where pyx12 is
    not installed.
    """
    from hub_x12.reading import read_payload

    seen: list[SetReader] = []
    for _ in read_payload(io.BytesIO(payload), FormOnly(options or {}), observe=seen.append):
        for reader in seen:
            yield from opinion_on(reader)
        seen.clear()


def opinion_on(reader: SetReader) -> Iterator[Finding]:
    """pyx12's findings on one set that our framing has cut; nothing for a set without grammar or without ST."""
    known = reader.scope.checker.release
    kind = reader.message.type
    if not reader.headed or kind not in known.sets or reader.body.excess:
        return
    where = Position(interchange=reader.envelope.control, group=reader.message.group, message=reader.message.control)
    yield from _walk(reader.texts.segments, kind, reader, where)


def disagreement(reader: SetReader) -> list[Finding]:
    """Where pyx12 and this plugin differ over one set, as notices: the verdict stays ours. Nothing is said where both
    object to the same thing in other words."""
    out = []
    for one in differences(reader, list(opinion_on(reader))):
        if one.rule in QUIET or (one.ours and one.finding.severity is not Severity.ERROR):
            continue
        why = f" (rule '{one.rule}' of the second opinion)" if one.rule else ""
        says = f"pyx12 does not object: {one.finding.message}" if one.ours else one.finding.message
        code = "x12.opinion.differs" if one.ours else one.finding.code
        found = Finding(Severity.NOTICE, code, f"{says}{why}", one.finding.position, one.finding.value)
        out.append(found if one.ours else found._replace(list_id=one.finding.list_id, list_code=one.finding.list_code))
    return out


def _walk(texts: list[str], kind: str, reader: SetReader, where: Position) -> Iterator[Finding]:
    from pyx12.map_walker import walk_tree
    from pyx12.segment import Segment

    mark = reader.mark
    tree, loops = pyx12_map(reader.scope.checker.release.name, kind, reader.scope.checker.rules.agreed)
    walker = walk_tree()
    top = "/ISA_LOOP/GS_LOOP/ST_LOOP"
    node: Any = tree.getnodebypath(f"{top}/ST")
    walker.forceWalkCounterToLoopStart(top, f"{top}/ST")
    trailer = f"SE{mark.element}1{mark.element}0001"
    for position, text in enumerate([*texts, trailer], 1):
        segment = Segment(text, mark.segment, mark.element, mark.component or "\x1f")
        ident = segment.get_seg_id() or ""
        if position > 1:
            found, _, _, errors = walker.walk_errors(node, segment, position, position, None)
            for problem in errors:
                yield _structural(problem, ident, position, where, loops)
            if found is None:
                continue
            node = found
        if ident != "SE":
            definition = reader.scope.checker.release.segments[ident]
            for fault in _faults(node, segment, definition, mark):
                yield _elementary(fault, ident, position, where, loops, node)


def _faults(node: Any, segment: Any, definition: SegmentDef, mark: Separators) -> Iterator[Any]:
    """What pyx12 says of a segment's elements. It knows no repetitions: each is shown to it by itself."""
    turns = [(at, text) for at, text in enumerate(_texts(segment), 1) if mark.repetition and mark.repetition in text]
    more: list[tuple[int, str]] = []
    for at, text in turns:
        element = definition.elements[at - 1] if at <= len(definition.elements) else None
        if element is not None and element.repeat > 1:
            first, *others = text.split(mark.repetition)
            segment.set(f"{at:02d}", first)
            more += [(at, other) for other in others if other]
    yield from _once(node, segment)
    for at, text in more:
        segment.set(f"{at:02d}", text)
        yield from (fault for fault in _once(node, segment) if (fault.refdes or "").startswith(f"{node.id}{at:02d}"))


def _texts(segment: Any) -> list[str]:
    return [element.format() for element in segment.elements]


def _once(node: Any, segment: Any) -> Iterator[Any]:
    """pyx12 fails on a composite with too many components while it words that error: they are said, and cut off, here
    first."""
    from pyx12.error_item import EleError

    for at, child in enumerate(node.children[: len(segment)]):
        if child.is_composite() and len(segment.elements[at]) > child.get_child_count():
            most = child.get_child_count()
            text = segment.elements[at].format()
            del segment.elements[at].elements[most:]
            yield EleError(
                err_cde="3", err_str=f"Too many components, at most {most}", err_val=text, refdes=child.refdes
            )
    yield from node.is_valid_errors(segment)[1]


def _loop(node: Any, loops: dict[str, str]) -> str:
    parent = node.parent if node is not None else None
    return loops.get(parent.id or "", "") if parent is not None else ""


def _structural(problem: Any, ident: str, position: int, where: Position, loops: dict[str, str]) -> Finding:
    code = str(problem.err_cde)
    node = problem.map_node
    subject = node.id if code == "3" and node is not None else ident
    quoted = re.match(r"Mandatory loop .*\((\S+)\)", problem.err_str)
    if code == "3" and quoted:
        subject = loops.get(quoted[1], subject)
    place = Position(
        interchange=where.interchange,
        group=where.group,
        message=where.message,
        segment=position,
        segment_id=subject,
        loop=_loop(node, loops),
    )
    name = f"x12.opinion.segment.{_SEGMENT.get(code, code)}"
    return Finding(Severity.ERROR, name, f"pyx12: {problem.err_str}", place, "", "720", code)


def _elementary(fault: Any, ident: str, position: int, where: Position, loops: dict[str, str], node: Any) -> Finding:
    refdes = str(fault.refdes or "")
    match = re.fullmatch(r"[A-Z][A-Z0-9]{1,2}(\d\d)(?:-(\d+))?", refdes)
    place = Position(
        interchange=where.interchange,
        group=where.group,
        message=where.message,
        segment=position,
        segment_id=ident,
        loop=_loop(node, loops),
        element=int(match[1]) if match else None,
        component=int(match[2]) if match and match[2] else None,
        name=refdes,
    )
    code = str(fault.err_cde)
    if code == "3" and place.element is not None:
        code = "13"  # pyx12 says 3 of components as it does of elements
    value = str(fault.err_val or "")[:99]
    name = f"x12.opinion.element.{_ELEMENT.get(code, code)}"
    return Finding(Severity.ERROR, name, f"pyx12: {fault.err_str}", place, value, "723", code)
