"""Readers for segments and records: one generated function per place in the message, dispatched by place number.

The frame ``f`` is a list: ``f[0]`` the document, then for every loop its container and which of its bodies applies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hub.grammar import Node
from hub.mapping import runtime
from hub.mapping.code import Code, append, assign, default, descend
from hub.mapping.expression import Form, Meaning
from hub.mapping.fields import resolve
from hub.mapping.plan import POSITION, Body, Leaf, Part, Place, Plan
from hub.mapping.remembering import Memory, Sources, with_amounts

Handler = Callable[[Sequence[Any], list[Any], int, Any], None]

DONE = -2
"""In the frame, instead of a body's number: this turn of the loop has been read to its end."""


class SegmentReader:
    """Generates the handlers of one plan. With ``trace`` every value set is reported to the state's ``trace``."""

    def __init__(self, plan: Plan, trace: bool = False) -> None:
        assert plan.grammar is not None
        self.plan, self.grammar, self.trace = plan, plan.grammar, trace
        self.listed = self.grammar.listed
        self.sources = None if trace else Sources(plan)
        self.code = Code(at_=runtime.at, parts_=runtime.parts)
        self.frames: dict[int, int] = {}  # id of a loop part -> frame index of its container (then: its body number)
        self.width = 1

    def handlers(self) -> list[Handler]:
        """One function per node of the grammar, and a last one for segments without a place."""
        names = []
        for node in self.grammar.nodes:
            name = f"n{node.index}"
            with self.code.block(f"def {name}(s, f, p, st):"):
                self._owner(self.plan.root, "f[0]")
                self._node(node, self.plan.root, "f[0]", 0)
            names.append(name)
        with self.code.block("def stray(s, f, p, st):"):
            self.code.add("st.unread(s, p, -1)")
        defined = self.code.run(self.plan.name)
        return [defined[name] for name in names] + [defined["stray"]]

    def _frame(self, part: Part) -> int:
        if id(part) not in self.frames:
            self.frames[id(part)] = self.width
            self.width += 2
        return self.frames[id(part)]

    def _owner(self, body: Body, container: str) -> None:
        """In a form: what nobody reads from here on belongs to this container, if it has room for it."""
        root = body is self.plan.root
        if self.plan.form is not None and (root or (body.into and "extensions" in body.model.model_fields)):
            self.code.add(f"st.owner = {container}")

    def _unread(self, node: Node) -> None:
        self.code.add(f"st.unread(s, p, {node.index})")

    def _node(self, node: Node, body: Body, container: str, depth: int) -> None:
        """Code for ``node`` inside ``body``, whose container is the expression ``container``."""
        found = False
        for part in body.parts:
            if part.loop:
                trigger = part.nodes[0]
                if trigger not in node.loops:
                    continue
                found = True
                if node.index == trigger:
                    self._turn(part, node, body, container)
                else:
                    self._inside(part, node, depth)
            elif node.index in part.nodes:
                found = True
                self._segment(part, node, body, container)
        if not found:
            self._unread(node)

    def _inside(self, part: Part, node: Node, depth: int) -> None:
        frame = self._frame(part)
        if self.sources is not None and any(body.key is not None for body in part.bodies):
            self.code.add(f"if f[{frame + 1}] == {DONE}: return")
        for number, body in enumerate(part.bodies):
            with self.code.block(f"{'if' if not number else 'elif'} f[{frame + 1}] == {number}:"):
                self._owner(body, f"f[{frame}]")
                self._node(node, body, f"f[{frame}]", depth + 1)
        with self.code.block("else:"):
            self._unread(node)

    # -- one segment -------------------------------------------------------------------------------------------

    def _segment(self, part: Part, node: Node, above: Body, container: str) -> None:
        code = self.code
        code.add(f"o = {container}", "n = len(s)")
        guarded = self._choose(part.bodies)
        for number, body in enumerate(part.bodies):
            with code.block(guarded[number]):
                self._body(body, node, above, "o")
        if not _catches_all(part):
            with code.block("else:"):
                self._unread(node)

    def _body(self, body: Body, node: Node, above: Body, container: str) -> None:
        code = self.code
        if not body.into:
            self._leaves(body, node, container, repeats=node.max > 1, count="1")
        elif body.key is not None:
            code.add("k = {}")
            self._keyed(body, node, container, "k")
        elif self._composed(node) or (memory := self._whole(body, above)) is None:
            self._made(body, node)
            with code.block("if k:"):
                append(code, body, container, "k")
                self._trace_birth(body, container, "k")
        else:
            code.add("texts = tuple(s)", f"k = {code.keep('M', memory.get)}(texts)")
            with code.block("if k is None:"):
                code.add("before = st.said()")
                self._made(body, node)
                with code.block(f"if k and st.said() == before{self._priceless(body, 'k')}:"):
                    code.add(f"k = {code.keep('K', memory.keep)}(texts, k)")
            with code.block("if k:"):
                append(code, body, container, "k")

    def _composed(self, node: Node) -> bool:
        """Whether elements of this segment may be lists, or are columns."""
        return self.listed or self.plan.shape != "segments" or any(one.components for one in node.segment.elements)

    def _made(self, body: Body, node: Node) -> None:
        """The object of one segment as ``k``."""
        self.code.add("k = {}")
        self._leaves(body, node, "k", repeats=False, count="1")

    def _trace_birth(self, body: Body, container: str, item: str) -> None:
        if self.trace:
            self.code.add(f"st.trace({self.code.keep('B', body)}, {container}, p, {item})")

    def _choose(self, bodies: list[Body]) -> list[str]:
        places = {guard.place.ref: guard.place for body in bodies for guard in body.guards}
        held = {ref: f"q{number}" for number, ref in enumerate(places)}
        self.code.add(*(f"{held[ref]} = {self._value(place)}" for ref, place in places.items()))
        heads = []
        for number, body in enumerate(bodies):
            tests = [f"{held[guard.place.ref]} == {guard.value!r}" for guard in body.guards]
            word = "if" if not number else "elif"
            heads.append(f"{word} {' and '.join(tests) or 'True'}:")
        return heads

    def _turn(self, part: Part, node: Node, above: Body, container: str) -> None:
        """A new turn of a loop: its container, then the elements of its first segment."""
        code, frame = self.code, self._frame(part)
        code.add(f"parent = {container}", "n = len(s)")
        heads = self._choose(part.bodies)
        for number, body in enumerate(part.bodies):
            with code.block(heads[number]):
                if not body.into:
                    code.add(f"o = f[{frame}] = parent", f"f[{frame + 1}] = {number}")
                    self._leaves(body, node, "o", repeats=node.max > 1, count="1")
                    continue
                code.add(f"o = f[{frame}] = {{}}", f"f[{frame + 1}] = {number}")
                self._owner(body, "o")
                if body.key is not None:
                    self._keyed(body, node, "parent", "o", self._whole(body, above), frame)
                    continue
                items = append(code, body, "parent", "o")
                self._trace_birth(body, "parent", "o")
                self._leaves(body, node, "o", repeats=False, count=f"len({items})" if items else "1")
        if not _catches_all(part):
            with code.block("else:"):
                code.add(f"f[{frame}] = None", f"f[{frame + 1}] = -1")
                self._unread(node)

    def _keyed(
        self, body: Body, node: Node, parent: str, item: str, memory: Memory | None = None, frame: int = 0
    ) -> None:
        code, key = self.code, body.key
        assert key is not None
        *above, last = body.into
        code.add(f"v = {self._value(key.places[0])}")
        if key.pair is None:
            code.add("key = v")
        elif key.pair.table is not None:
            code.add(f"key = {code.keep('T', key.pair.table)}.get(v)")
            code.add(f"if key is None: key = st.odd({key.number}, v, p)")
        else:
            code.add(f"try: key = {code.keep('R', key.pair.read)}(v)")
            code.add(f"except ValueError as problem: key = st.bad({key.number}, problem, v, p)")
        inner = descend(code, parent, [*above, last])
        code.add("if key is None: key = v or 'unqualified'")
        code.add(f"if key in {inner}: key = st.again(key, {inner}, p)")
        code.add(f"{inner}[key] = {item}")
        self._trace_birth(body, parent, item)
        if memory is None:
            self._leaves(body, node, item, repeats=False, count=f"len({inner})")
            return
        members = frozenset(one.index for one in self.grammar.nodes if node.index in one.loops) - {node.index}
        code.add(f"held = {inner}", f"turn = st.turn(p, {code.keep('S', members)})")
        code.add(f"try: whole = None if turn is None else {code.keep('M', memory.get)}(turn)")
        code.add("except TypeError: turn = whole = None")
        with code.block("if whole is not None:"):
            code.add("held[key] = whole", f"f[{frame + 1}] = {DONE}")
        with code.block("else:"):
            code.add("before = st.said()")
            self._leaves(body, node, item, repeats=False, count="len(held)")
            with code.block("if turn is not None:"):
                code.add("st.within(p, len(turn), f)", f"f[{frame + 1}] = {DONE}")
                with code.block(f"if st.said() == before{self._priceless(body, item)}:"):
                    code.add(f"held[key] = {code.keep('K', memory.keep)}(turn, {item})")

    def _whole(self, body: Body, above: Body) -> Memory | None:
        return None if self.sources is None else self.sources.whole(body, above)

    def _priceless(self, body: Body, item: str) -> str:
        """A further condition: the object holds no amount that may still get the document's currency."""
        amounts = with_amounts(body.model)
        return f" and {self.code.keep('A', amounts)}.isdisjoint({item})" if amounts else ""

    # -- elements ----------------------------------------------------------------------------------------------

    def _value(self, place: Place) -> str:
        """An expression for one element or component as text; empty for one that this release lacks."""
        slot = place.slot
        if slot is None:
            return "''"
        if slot.component is None and not self.listed and not slot.definition.components:
            return f"(s[{slot.element}] if n > {slot.element} else '')"
        return f"at_(s, {slot.element}, {slot.component or 0})"

    def _leaves(self, body: Body, node: Node, container: str, *, repeats: bool, count: str) -> None:
        groups = {} if repeats or self.sources is None else self.sources.groups(body)
        grouped = {leaf.number for leaves in groups.values() for leaf in leaves}
        for leaf in body.leaves:
            if leaf.number in groups:
                self._group(groups[leaf.number], body, container)
            elif leaf.number in grouped:
                continue
            elif leaf.meaning is Meaning.FIELD:
                self._leaf(leaf, body, container, repeats=repeats, count=count)
            elif leaf.meaning is Meaning.CONSTANT:
                self.code.add(f"v = {self._value(leaf.places[0])}")
                self.code.add(f"if v != {leaf.constant!r}: st.constant({leaf.number}, v, p)")
            else:
                stored = self.code.keep("C", leaf)
                self.code.add(f"v = {self._value(leaf.places[0])}")
                self.code.add(f"if v: st.checks.append(({stored}, v, p))")
        self._rest(body, node)

    def _group(self, leaves: list[Leaf], body: Body, container: str) -> None:
        """Lines that make one object of this segment's texts alone: remembered as a whole."""
        code, name = self.code, leaves[0].field[0].name
        model = resolve(body.model, leaves[0].field[:1]).model
        assert model is not None
        memory = Memory(model)
        code.add(f"g = ({', '.join(self._texts(leaf) for leaf in leaves)},)")
        code.add(f"w = {code.keep('M', memory.get)}(g)")
        with code.block("if w is None:"):
            # another place of the same segment may have put a finished object there: the last one counts
            code.add("b = len(st.findings)", f"{container}.pop({name!r}, None)")
            for leaf in leaves:
                self._leaf(leaf, body, container, repeats=False, count="1")
            code.add(f"w = {container}.get({name!r})")
            with code.block("if w is not None and len(st.findings) == b:"):
                code.add(f"{container}[{name!r}] = {code.keep('K', memory.keep)}(g, w)")
        with code.block("else:"):
            code.add(f"{container}[{name!r}] = w")

    def _texts(self, leaf: Leaf) -> str:
        """All texts that a line reads: of a composite each component."""
        if leaf.pair is not None and leaf.pair.takes == "components":
            return f"tuple(parts_(s, {_slot(leaf.places[0])}))"
        return ", ".join(self._value(place) for place in leaf.places)

    def _leaf(self, leaf: Leaf, body: Body, container: str, *, repeats: bool, count: str) -> None:
        code = self.code
        memory = self.sources.memory(body, leaf) if self.sources else None
        if leaf.form is Form.PAIRS:
            self._pairs(leaf, container, memory)
            return
        if leaf.form is Form.SEGMENTS:
            code.add(f"v = s[{_slot(leaf.places[0])}:{_slot(leaf.places[-1]) + 1}]")
        elif leaf.pair is not None and leaf.pair.takes == "components":
            code.add(f"v = tuple(parts_(s, {_slot(leaf.places[0])}))")
        elif len(leaf.places) > 1:
            code.add(f"v = ({', '.join(self._value(place) for place in leaf.places)},)")
        else:
            code.add(f"v = {self._value(leaf.places[0])}")
        some = {1: "v", 2: "v[0] or v[1]"}.get(len(leaf.places), "any(v)")
        with code.block(f"if {some}:"):
            assign(code, leaf, "v", container, repeats=repeats, trace=self.trace, memory=memory)
        if leaf.default is not None:
            with code.block("else:"):
                default(code, leaf, container, count if leaf.default == POSITION else "0")

    def _pairs(self, leaf: Leaf, container: str, memory: Memory | None) -> None:
        code = self.code
        first, last = _slot(leaf.places[0]), _slot(leaf.places[-1])
        span = f"for i in range({first}, min(n, {last + 1}), 2):"
        if memory is not None and not self.listed:
            self._remembered_pairs(leaf, container, memory, f"s[{first}:{last + 1}]", span)
            return
        with code.block(span):
            code.add("v = (s[i], s[i + 1] if n > i + 1 else '')")
            with code.block("if v[0] or v[1]:"):
                assign(code, leaf, "v", container, repeats=False, trace=self.trace, element="i")

    def _remembered_pairs(self, leaf: Leaf, container: str, memory: Memory, texts: str, span: str) -> None:
        """Pairs whose objects are remembered one by one, and all those of a segment together."""
        code, whole = self.code, Memory(memory.model)
        assert leaf.pair is not None
        read, known, keep = code.keep("R", leaf.pair.read), code.keep("M", memory.get), code.keep("K", memory.keep)
        code.add(f"g = tuple({texts})", f"q = {code.keep('M', whole.get)}(g)")
        with code.block("if q is None:"):
            code.add("q = []", "b = len(st.findings)")
            with code.block(span):
                code.add("v = (s[i], s[i + 1] if n > i + 1 else '')")
                with code.block("if v[0] or v[1]:"):
                    code.add(f"w = {known}(v)")
                    with code.block("if w is None:"):
                        code.add(f"try: w = {keep}(v, {read}(v))")
                        code.add(f"except ValueError as problem: w = st.bad({leaf.number}, problem, v, p, i)")
                    code.add("if w is not None: q.append(w)")
            code.add(f"if len(st.findings) == b: {code.keep('K', whole.keep)}(g, q)")
        with code.block("if q:"):
            *above, end = leaf.field
            inner = descend(code, container, above)
            code.add(f"l = {inner}.get({end.name!r})")
            code.add(f"if l is None: l = {inner}[{end.name!r}] = []")
            code.add("l += q")

    def _rest(self, body: Body, node: Node) -> None:
        """Keep what the lines of this body did not read."""
        read = consumed(body)
        if self.plan.shape == "records":
            return
        code, known = self.code, node.segment.elements
        top = max(read, default=0)
        partly = any(components is not None for components in read.values())
        if self.listed or partly:
            whole = all(index in read for index in range(1, len(known) + 1)) and not partly
            if whole:
                return
            code.add(f"st.rest(s, p, {node.index}, {code.keep('E', read)})")
            return
        tests = [f"n > {top + 1}"] if top < len(known) else []
        tests += [f"(n > {gap} and s[{gap}])" for gap in range(1, top) if gap not in read]
        if tests:
            code.add(f"if {' or '.join(tests)}: st.rest(s, p, {node.index}, {code.keep('E', read)})")


def consumed(body: Body) -> dict[int, frozenset[int] | None]:
    """Which elements of its segment a body looks at; for a composite which components (None: all)."""
    read: dict[int, frozenset[int] | None] = {}
    places: list[tuple[Place, frozenset[int] | None]] = [(guard.place, None) for guard in body.guards]
    for leaf in [*body.leaves, *([body.key] if body.key else [])]:
        only = leaf.pair.consumes if leaf.pair else None
        places += [(place, only) for place in leaf.places]
    for place, only in places:
        slot = place.slot
        if slot is None:
            continue
        mine = frozenset([slot.component]) if slot.component is not None else only
        before = read.get(slot.element, frozenset())
        read[slot.element] = None if mine is None or before is None else before | mine
    return read


def _slot(place: Place) -> int:
    assert place.slot is not None
    return place.slot.element


def _catches_all(part: Part) -> bool:
    return any(not body.guards for body in part.bodies)
