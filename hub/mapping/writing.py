"""Writers for segments and records: one generated function per body, which walks the document in message order.

Every function returns whether it had anything to say, so that a segment with only its qualifier is never written.
List items are handed out from queues: a line ``identifiers[]`` takes the next item that no line ``identifiers[gtin]``
claims. So are the lines of a ``joined`` text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.grammar import SegmentDef
from hub.mapping import runtime
from hub.mapping.code import Code, fetch
from hub.mapping.expression import Access, Form, Meaning
from hub.mapping.notes import Needs, indivisible, whole
from hub.mapping.plan import Body, Leaf, Part, Place, Plan
from hub.mapping.queues import by_into, discriminator, plain, queue_of, same_container, slot_index, width

Write = Callable[[dict[str, Any], list[list[Any]], Any, str, dict[str, Any]], bool]


class SegmentWriter:
    """Generates the writer of one plan."""

    def __init__(self, plan: Plan) -> None:
        assert plan.grammar is not None
        self.plan, self.grammar = plan, plan.grammar
        self.listed = self.grammar.listed
        self.code = Code(
            emit=runtime.emit,
            put=runtime.put,
            merge=runtime.merge,
            compute=runtime.compute,
            take=runtime.take,
            at_=runtime.at,
            text_lines=runtime.text_lines,
        )
        self.queues: dict[tuple[Access, ...], str] = {}
        self.written: dict[tuple[Access, ...], list[str]] = {}

    def function(self) -> Write:
        """``write(document as dict, out, state, key, document) -> bool``."""
        for body in self.plan.root.walk():
            if body is not self.plan.root:
                self._loop_body(body)
        with self.code.block("def write(o, out, st, key, doc):"):
            self.code.add("hit = False")
            self._parts(self.plan.root)
            self.code.add("return hit")
        write: Write = self.code.run(self.plan.name)["write"]
        return write

    # -- containers --------------------------------------------------------------------------------------------

    def _loop_body(self, body: Body) -> None:
        """A function for the body of a loop with a container of its own: its first segment, then its parts. All other
        bodies are written where they stand, because they share the container and its queues."""
        part = next(
            part for one in self.plan.root.walk() for part in one.parts if any(it is body for it in part.bodies)
        )
        if not part.loop or not body.into:
            return
        assert part.segment is not None
        with self.code.block(f"def b{body.number}(o, out, st, key, doc):"):
            self.code.add("hit = False")
            self._chosen(body)
            outer, self.queues = self.queues, {}
            self._queues(body)
            self._segment(body, part.segment, "o", forced=True)
            self._parts(body, queues=False)
            self._left_over()
            self.queues = outer
            self.code.add("return hit")

    def _chosen(self, body: Body) -> None:
        """Where a line has the qualifier's element too, its field says which of several bodies an item is for."""
        for guard in body.guards:
            leaf = discriminator(body, guard)
            if leaf is not None:
                self.code.add(f"if str({self._source(leaf, 'o')}) != {guard.value!r}: return False")

    def _parts(self, body: Body, queues: bool = True) -> None:
        outer = self.queues
        if queues:
            self.queues = {}
            self._queues(body)
        for part in body.parts:
            if part.loop:
                self._loop(part)
            else:
                self._places(part)
        if queues:
            self._left_over()
            self.queues = outer

    def _queues(self, body: Body) -> None:
        """Lists of this container that lines take items from, less the items claimed by a selector."""
        leaves = list(body.leaves)
        for part in body.parts:
            for inner in part.bodies:
                if not inner.into:
                    leaves += [leaf for deep in same_container(inner) for leaf in deep.leaves]
        claims: dict[tuple[Access, ...], list[str]] = {}
        shortest: dict[tuple[tuple[Access, ...], str], int] = {}  # of what an element for one scheme can hold
        for leaf in leaves:
            if leaf.meaning is Meaning.FIELD and leaf.joined and not leaf.one_way:
                self._text_queue(leaf)
            elif leaf.meaning is Meaning.FIELD and leaf.field[-1].kind in ("list", "select") and not leaf.one_way:
                path = plain(leaf.field)
                claims.setdefault(path, [])
                if leaf.field[-1].kind == "select":
                    claims[path].append(leaf.field[-1].select)
                    slot = leaf.places[0].slot
                    shortest[path, leaf.field[-1].select] = slot.definition.min if slot and len(leaf.places) == 1 else 0
        listed = {
            plain(leaf.field) for leaf in leaves if leaf.meaning is Meaning.FIELD and leaf.field[-1].kind == "list"
        }
        for path, schemes in claims.items():
            name = self.queues[path] = self.code.fresh("q")
            source = fetch(path[:-1], "o") + f".get({path[-1].name!r}) or ()"
            if schemes:
                taken = self.code.keep("S", frozenset(schemes))
                self.code.add(f"{name} = [i for i in {source} if i.get('scheme') not in {taken}]")
                for scheme in schemes:
                    one = self.code.fresh("q")
                    self.queues[(*path[:-1], Access(path[-1].name, "select", select=scheme))] = one
                    self.code.add(f"{one} = [i for i in {source} if i.get('scheme') == {scheme!r}]")
                    self.code.add(f"{name} += {one}[1:]", f"del {one}[1:]")
                    if (low := shortest[path, scheme]) > 1 and path in listed:
                        short = f"{one} and len({one}[0].get('raw') or {one}[0].get('value') or '') < {low}"
                        self.code.add(f"if {short}: {name}.insert(0, {one}.pop())")
            else:
                self.code.add(f"{name} = list({source})")

    def _text_queue(self, leaf: Leaf) -> None:
        """The lines of a text, each as long as its element may be."""
        path, slot = queue_of(leaf), leaf.places[0].slot
        if path not in self.queues:
            name = self.queues[path] = self.code.fresh("q")
            text = fetch(path[:-1], "o") + f".get({path[-1].name!r}) or ''"
            self.code.add(f"{name} = text_lines({text}, {slot.definition.max if slot else 0})")

    def _left_over(self) -> None:
        for path, name in self.queues.items():
            text = ".".join(step.name for step in path)
            self.code.add(f"if {name}: st.lost({text!r}, len({name}))")

    def _loop(self, part: Part) -> None:
        code = self.code
        for into, bodies in by_into(part.bodies):
            if not into:
                for body in bodies:
                    self._shared_loop(part, body)
                continue
            with self._items(into):
                names = ", ".join(f"b{body.number}" for body in bodies)
                with code.block(f"for w in ({names},):"):
                    code.add("more = []")
                    with code.block("if w(i, more, st, k, doc):"):
                        code.add("out += more", "hit = True", "break")
                code.add(f"else: st.lost({'.'.join(step.name for step in into)!r}, 1)")

    def _shared_loop(self, part: Part, body: Body) -> None:
        """A loop without a container of its own: written once, or for as long as it takes items from a queue. Where its
        first segment has nothing to say but something below it has, it begins with that segment all the same."""
        code, segment = self.code, part.segment
        assert segment is not None
        queued = [leaf for leaf in body.leaves if leaf.meaning is Meaning.FIELD and leaf.queued]
        queue = self.queues[queue_of(queued[0])] if queued else ""
        repeats = bool(queue) and self.grammar.nodes[part.nodes[0]].max > 1
        before, outer, first = code.fresh("hit"), code.fresh("out"), code.fresh("first")
        with code.block("while True:" if repeats else "if True:"):
            if repeats:
                code.add(f"left = len({queue})")
            code.add(f"{before}, {outer}, hit, out = hit, out, False, []")
            self._segment(body, segment, "o", forced=False)
            code.add(f"{first} = None if h else e")
            self._parts(body, queues=False)
            with code.block(f"if hit and {first} is not None:"):
                code.add(f"e, head = {first}, []")
                for guard in body.guards:
                    self._set(guard.place, repr(guard.value))
                code.add(f"emit(head, {segment.id!r}, e, {self.listed})", "out[:0] = head")
            code.add(f"if hit: {outer} += out")
            code.add(f"hit, out = hit or {before}, {outer}")
            if repeats:
                code.add(f"if not {queue} or len({queue}) == left: break")

    def _items(self, into: tuple[Access, ...]) -> Any:
        """``for k, i in …`` over the containers at ``into``: a list, a keyed map, or one object."""
        *above, last = into
        below = f"{fetch(above, 'o')}.get({last.name!r})"
        if last.kind == "map":
            entries = f"({below} or {{}}).items()"
            claimed = self._claimed((*above, Access(last.name)))
            if claimed:
                taken = self.code.keep("S", claimed)
                entries = f"[entry for entry in {entries} if entry[0] not in {taken}]"
            return self.code.block(f"for k, i in {entries}:")
        if last.kind in ("list", "select"):
            return self.code.block(f"for k, i in enumerate({below} or ()):")
        return self.code.block(f"for k, i in (('', {below}),) if {below} else ():")

    def _claimed(self, into: tuple[Access, ...]) -> frozenset[str]:
        """Keys of a map that lines elsewhere write by name: ``roles.carrier.name`` claims carrier of ``roles{}``."""
        depth = len(into)
        return frozenset(
            leaf.field[depth].name
            for body in self.plan.root.walk()
            for leaf in body.leaves
            if leaf.meaning is Meaning.FIELD and len(leaf.field) > depth and leaf.field[:depth] == into
        )

    def _places(self, part: Part) -> None:
        """A plain segment: once per body, or once per item where the body has a container of its own."""
        assert part.segment is not None
        node = self.grammar.nodes[part.nodes[0]]
        self.written = {}
        for body in part.bodies:
            if body.into:
                with self._items(body.into):
                    self.code.add("key = k")
                    outer, self.queues = self.queues, {}
                    self.code.add("o_, o = o, i")
                    self._queues(body)
                    self._segment(body, part.segment, "o", forced=False, alone=not node.required)
                    self._left_over()
                    self.code.add("o = o_")
                    self.queues = outer
                continue
            fields = [leaf for leaf in body.leaves if leaf.meaning is Meaning.FIELD]
            queued = [self.queues[queue_of(leaf)] for leaf in fields if leaf.queued]
            many = [leaf for leaf in body.leaves if leaf.form is Form.SEGMENTS]
            if many:
                self._several(many[0], part.segment)
            elif queued and node.max > 1:
                with self.code.block("while True:"):
                    self.code.add(f"left = len({queued[0]})")
                    self._segment(body, part.segment, "o", forced=False, alone=not node.required)
                    self.code.add(f"if not {queued[0]} or len({queued[0]}) == left: break")
            else:
                forced = node.required and not node.loops and not body.guards
                self._segment(body, part.segment, "o", forced=forced, alone=not node.required)
                self._remember(body)
        self.written = {}

    def _remember(self, body: Body) -> None:
        """A field that several alternatives write is written by the first of them that says anything."""
        done = self.code.fresh("done")
        self.code.add(f"{done} = h")
        for leaf in body.leaves:
            if leaf.meaning is Meaning.FIELD and not leaf.queued:
                self.written.setdefault(leaf.field, []).append(done)

    def _several(self, leaf: Leaf, segment: SegmentDef) -> None:
        code = self.code
        write = code.keep("W", leaf.pair.write if leaf.pair else None)
        queue = self.queues[queue_of(leaf)]
        with code.block(f"if {queue}:"):
            with code.block("try:"):
                code.add(f"made = {write}({queue})")
            with code.block("except ValueError as problem:"):
                code.add(f"st.unwritable({leaf.number}, problem)", "made = []")
            with code.block("for e in made:"):
                code.add(f"emit(out, {segment.id!r}, e, {self.listed})", "hit = True")

    # -- one segment -------------------------------------------------------------------------------------------

    def _segment(self, body: Body, segment: SegmentDef, container: str, *, forced: bool, alone: bool = False) -> None:
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
            self._complete(body, segment, alone)

    def _complete(self, body: Body, segment: SegmentDef, alone: bool) -> None:
        """Emit a segment. One that lacks something by its syntax notes loses the part that cannot stand; where that
        does not help and it can be left out, it is."""
        code, needs = self.code, Needs.of(segment)
        fixed = [guard.place for guard in body.guards]
        fixed += [leaf.places[0] for leaf in body.leaves if leaf.meaning is Meaning.CONSTANT or leaf.written]
        sure = frozenset(place.slot.element - 1 for place in fixed if place.slot)
        test = needs.condition(max(width(body), 1), sure)
        emit = (f"emit(out, {segment.id!r}, e, {self.listed})", "hit = True")
        if not test:
            code.add(*emit)
            return
        kept = code.keep("N", needs)
        with code.block(f"if not st.complete or ({test}) or st.stands({kept}, e, {alone}):"):
            code.add(*emit)
        code.add("else: h = False")

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
        if leaf.pair is not None and leaf.pair.takes == "components" and self.plan.shape != "tree":
            element = slot_index(leaf.places[0])
            code.add(f"e[{element}] = merge(e[{element}], t)")
        elif len(leaf.places) > 1:
            for number, place in enumerate(leaf.places):
                if place.slot is None:
                    code.add(f"if t[{number}]: st.no_element({leaf.number}, {number}, t[{number}])")
                else:
                    self._set(place, f"t[{number}]")
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
