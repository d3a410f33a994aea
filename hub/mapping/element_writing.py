"""Writers for one segment: its elements from the fields of a container, whole or not at all, where there is room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hub.grammar import SegmentDef
from hub.mapping import emitting, runtime
from hub.mapping.code import Code, fetch
from hub.mapping.expression import Access, Form, Meaning
from hub.mapping.notes import Needs, indivisible, whole
from hub.mapping.plan import Body, Leaf, Place, Plan
from hub.mapping.queues import queue_of, slot_index, width


@dataclass(frozen=True, slots=True)
class Room:
    """How many segments or turns of a loop there may be at one place, whichever line they are for: ``count`` is the
    variable with how many there are."""

    count: str
    most: int


def named(path: Sequence[Access]) -> str:
    """A path as findings name it."""
    return ".".join(step.name for step in path)


class ElementWriter:
    """Generates what writes the segments of one plan. In the generated source ``e`` is a segment's elements, ``h``
    whether it has anything to say, ``out`` what was written, ``hit`` whether that is anything."""

    def __init__(self, plan: Plan) -> None:
        assert plan.grammar is not None
        self.plan, self.grammar = plan, plan.grammar
        self.listed = self.grammar.listed
        self.code = Code(
            emit=emitting.emit,
            put=emitting.put,
            merge=emitting.merge,
            compute=runtime.compute,
            take=emitting.take,
            at_=runtime.at,
            text_lines=emitting.text_lines,
        )
        self.queues: dict[tuple[Access, ...], str] = {}
        self.written: dict[tuple[Access, ...], list[str]] = {}

    def _segment(
        self,
        body: Body,
        segment: SegmentDef,
        container: str,
        *,
        forced: bool,
        alone: bool = False,
        room: Room | None = None,
    ) -> None:
        """One segment. ``alone``: the message can be without it, so that it is left out where it lacks something."""
        code = self.code
        code.add(f"e = [''] * {max(width(body), 1)}", "h = False")
        for leaf in body.leaves:
            if leaf.meaning is Meaning.FIELD:
                self._leaf(leaf, container, segment)
            elif leaf.meaning is not Meaning.CONSTANT and not leaf.optional:
                stored = code.keep("C", leaf)
                code.add(f"v = format(compute({stored}.meaning, {stored}.field, doc), 'f')")
                code.add("if '.' in v: v = v.rstrip('0').rstrip('.')")
                self._set(leaf.places[0], "v")
                code.add("h = True")
        if body.key is not None:
            self._key(body.key)
        with code.block("if True:" if forced else "if h:"):
            for leaf in body.leaves:
                if leaf.meaning is Meaning.CONSTANT:
                    self._set(leaf.places[0], repr(leaf.constant))
                elif leaf.written:
                    with code.block(f"if not {self._written_value(leaf.places[0])}:"):
                        self._set(leaf.places[0], repr(leaf.written))
            for guard in body.guards:
                self._set(guard.place, repr(guard.value))
            self._complete(body, segment, alone, room)

    def _complete(self, body: Body, segment: SegmentDef, alone: bool, room: Room | None) -> None:
        """Emit a segment. One that lacks something by its syntax notes loses the part that cannot stand; where that
        does not help and it can be left out, it is."""
        code, needs = self.code, Needs.of(segment)
        fixed = [guard.place for guard in body.guards]
        fixed += [leaf.places[0] for leaf in body.leaves if leaf.meaning is Meaning.CONSTANT or leaf.written]
        sure = frozenset(place.slot.element - 1 for place in fixed if place.slot)
        test = needs.condition(max(width(body), 1), sure)
        if not test:
            self._emit(segment, room, lambda: self._lost(body))
            return
        kept = code.keep("N", needs)
        with code.block(f"if not st.complete or ({test}) or st.stands({kept}, e, {alone}):"):
            self._emit(segment, room, lambda: self._lost(body))
        code.add("else: h = False")

    def _emit(self, segment: SegmentDef, room: Room | None, lost: Callable[[], None]) -> None:
        """Emit the segment ``e`` if there is room for one more, else what ``lost`` adds."""
        code = self.code
        emitted = (f"emit(out, {segment.id!r}, e, {self.listed})", "hit = True")
        if room is None:
            code.add(*emitted)
            return
        with code.block(f"if {room.count} < {room.most}:"):
            code.add(*emitted, f"{room.count} += 1")
        with code.block("else:"):
            lost()

    def _lost(self, body: Body) -> None:
        """Tell what a segment holds for which there is no room."""
        code = self.code
        code.add("h = False")
        if body.into:
            code.add(f"st.lost({named(body.into)!r}, 1)")
            return
        for leaf in body.leaves:
            place = next((one for one in leaf.places if one.slot), None)
            if leaf.meaning is not Meaning.FIELD or leaf.one_way or place is None:
                continue
            if leaf.form is Form.PAIRS:
                span = f"e[{slot_index(leaf.places[0])} + 1:{slot_index(leaf.places[-1]) + 1}:2]"
                code.add(f"x = sum(map(any, {span}))", f"if x: st.lost({named(leaf.field)!r}, x)")
            else:
                code.add(f"if any({self._written_value(place)}): st.lost({named(leaf.field)!r}, 1)")

    def _key(self, key: Leaf) -> None:
        code = self.code
        code.add("v = key.partition('#')[0]")
        if key.pair is not None:
            write = code.keep("W", key.pair.write)
            code.add(f"try: v = {write}(v)")
            code.add(f"except ValueError as problem: st.unwritable({key.number}, problem); v = ''")
        self._set(key.places[0], "v")

    @staticmethod
    def _item_writer(leaf: Leaf, segment: SegmentDef | None) -> Callable[[Any], Any]:
        write = leaf.pair.write if leaf.pair and leaf.pair.write else str
        return whole(write) if segment and indivisible(leaf, segment) else write

    def _leaf(self, leaf: Leaf, container: str, segment: SegmentDef | None = None) -> None:
        code = self.code
        if leaf.one_way:
            return
        if leaf.form is Form.PAIRS:
            self._pairs(leaf, segment)
            return
        if leaf.queued or leaf.field[-1].kind == "select":
            write = code.keep("W", self._item_writer(leaf, segment))
            code.add(f"t = take({self.queues[queue_of(leaf)]}, {write})")
            with code.block("if t is not None:"):
                self._put(leaf)
            return
        source, done = self._source(leaf, container), self.written.get(leaf.field, [])
        code.add(f"v = None if {' or '.join(done)} else {source}" if done else f"v = {source}")
        with code.block("if v is not None and v != '' and v != () and v != []:"):
            with code.block("try:"):
                code.add(f"t = {code.keep('W', leaf.pair.write)}(v)" if leaf.pair else "t = str(v)")
            with code.block("except (ValueError, TypeError, AttributeError) as problem:"):
                code.add(f"st.unwritable({leaf.number}, problem)")
            with code.block("else:"):
                self._put(leaf)

    def _put(self, leaf: Leaf) -> None:
        """Set the elements of a line from the variable ``t``."""
        code = self.code
        if len(leaf.places) > 1:
            with code.block("if any(t):"):
                for number, place in enumerate(leaf.places):
                    if place.slot is None:
                        code.add(f"if t[{number}]: st.no_element({leaf.number}, {number}, t[{number}])")
                    else:
                        self._set(place, f"t[{number}]")
                code.add("h = True")
            code.add(f"else: st.lost({named(leaf.field)!r}, 1)")
            return
        if leaf.pair is not None and leaf.pair.takes == "components" and self.plan.shape != "tree":
            element = slot_index(leaf.places[0])
            code.add(f"e[{element}] = merge(e[{element}], t)")
        else:
            self._set(leaf.places[0], "t")
        code.add("h = True")

    def _source(self, leaf: Leaf, container: str) -> str:
        *above, last = leaf.field
        below = f"{fetch(above, container)}.get({last.name!r})"
        if last.kind == "index":
            return f"(({below} or ())[{last.index}:{last.index + 1}] or (None,))[0]"
        return below

    def _pairs(self, leaf: Leaf, segment: SegmentDef | None) -> None:
        code, queue = self.code, self.queues[queue_of(leaf)]
        first, last = slot_index(leaf.places[0]), slot_index(leaf.places[-1])
        write = code.keep("W", self._item_writer(leaf, segment))
        code.add(f"x = {first}")
        with code.block(f"while {queue} and x < {last}:"):
            code.add(f"t = take({queue}, {write})", "if t is None: break")
            code.add("e[x], e[x + 1] = t", "x += 2", "h = True")

    def _written_value(self, place: Place) -> str:
        """An expression for what is in an element (or component) already."""
        slot = place.slot
        assert slot is not None
        if slot.component is None:
            return f"e[{slot.element - 1}]"
        return f"at_(e, {slot.element - 1}, {slot.component})"

    def _set(self, place: Place, value: str) -> None:
        slot = place.slot
        assert slot is not None
        element = slot.element - 1
        if slot.component is None:
            self.code.add(f"e[{element}] = {value}")
        else:
            self.code.add(f"e[{element}] = put(e[{element}], {slot.component}, {value})")
