"""Writers for segments and records: one generated function per body, which walks the document in message order.

Every function returns whether it had anything to say, so that a segment with only its qualifier is never written.
List items are handed out from queues: a line ``identifiers[]`` takes the next item that no line ``identifiers[gtin]``
claims. So are the lines of a ``joined`` text. Lines that write the same segment share its room: what the message has
no place for is left out, with a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hub.grammar import SegmentDef
from hub.grammar.model import UNBOUNDED
from hub.mapping.code import fetch
from hub.mapping.element_writing import ElementWriter, Room, named
from hub.mapping.expression import Access, Form, Meaning
from hub.mapping.plan import Body, Leaf, Part
from hub.mapping.queues import by_into, discriminator, plain, queue_of, same_container, writes

Write = Callable[[dict[str, Any], list[list[Any]], Any, str, dict[str, Any]], bool]


class SegmentWriter(ElementWriter):
    """Generates the writer of one plan."""

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
            self._lacking(body)
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
            self._lacking(body)
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
        """Tell how many items of a container's lists no line took."""
        for path, name in self.queues.items():
            self.code.add(f"if {name}: st.lost({named(path)!r}, len({name}))")

    def _lacking(self, body: Body) -> None:
        """Tell which fields of a container are only for lines that this release has no place for."""
        sharing = list(same_container(body))
        known = {path for one in sharing for path in self._written_here(one)}
        for path in dict.fromkeys(path for one in sharing for path in one.lacking if path not in known):
            many = "len(x)" if path[-1].kind else "1"
            self.code.add(f"x = {fetch(path[:-1], 'o')}.get({path[-1].name!r})")
            with self.code.block("if x is not None and x != '' and x != () and x != [] and x != {}:"):
                self.code.add(f"st.lost({named(path)!r}, {many})")

    @staticmethod
    def _written_here(body: Body) -> Iterator[tuple[Access, ...]]:
        for leaf in body.leaves:
            yield from writes(leaf)
        for part in body.parts:
            for inner in part.bodies:
                if inner.into:
                    yield from writes(inner)

    def _loop(self, part: Part) -> None:
        code, room = self.code, self._room(part)
        for into, bodies in by_into(part.bodies):
            if not into:
                for body in bodies:
                    self._shared_loop(part, body, room)
                continue
            with self._items(into):
                names = ", ".join(f"b{body.number}" for body in bodies)
                lost = f"st.lost({named(into)!r}, 1)"
                if room:
                    code.add(f"if {room.count} >= {room.most}: {lost}; continue")
                with code.block(f"for w in ({names},):"):
                    code.add("more = []")
                    with code.block("if w(i, more, st, k, doc):"):
                        code.add("out += more", "hit = True")
                        if room:
                            code.add(f"{room.count} += 1")
                        code.add("break")
                code.add(f"else: {lost}")

    def _room(self, part: Part) -> Room | None:
        """The room at the place of a part, counted from here; None where it is never too little: where there is no
        limit, and where one line writes one segment."""
        most = self.grammar.nodes[part.nodes[0]].max
        alone = len(part.bodies) == 1 and not part.bodies[0].into and not self._repeats(part.bodies[0])
        if alone or most >= UNBOUNDED:
            return None
        room = Room(self.code.fresh("c"), most)
        self.code.add(f"{room.count} = 0")
        return room

    @staticmethod
    def _repeats(body: Body) -> bool:
        """Whether there may be several segments of a body without a container of its own."""
        return any(leaf.queued or leaf.form is Form.SEGMENTS for leaf in body.leaves if leaf.meaning is Meaning.FIELD)

    def _shared_loop(self, part: Part, body: Body, room: Room | None) -> None:
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
            if room:
                with code.block(f"if hit and {room.count} >= {room.most}:"):
                    code.add(f"st.lost({self._tells(body)!r}, 1)", "hit = False")
                code.add(f"{room.count} += hit")
            code.add(f"if hit: {outer} += out")
            code.add(f"hit, out = hit or {before}, {outer}")
            if repeats:
                full = f" or {room.count} >= {room.most}" if room else ""
                code.add(f"if not {queue} or len({queue}) == left{full}: break")

    @staticmethod
    def _tells(body: Body) -> str:
        """The first thing that a loop tells of."""
        for one in body.walk():
            paths = [leaf.field for leaf in one.leaves if leaf.meaning is Meaning.FIELD]
            paths += [inner.into for part in one.parts for inner in part.bodies if inner.into]
            if paths:
                return named(paths[0])
        return ""

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
        node, room = self.grammar.nodes[part.nodes[0]], self._room(part)
        self.written = {}
        for body in part.bodies:
            if body.into:
                with self._items(body.into):
                    self.code.add("key = k")
                    outer, self.queues = self.queues, {}
                    self.code.add("o_, o = o, i")
                    self._queues(body)
                    self._segment(body, part.segment, "o", forced=False, alone=not node.required, room=room)
                    self._left_over()
                    self._lacking(body)
                    self.code.add("o = o_")
                    self.queues = outer
                continue
            fields = [leaf for leaf in body.leaves if leaf.meaning is Meaning.FIELD]
            queued = [self.queues[queue_of(leaf)] for leaf in fields if leaf.queued]
            many = [leaf for leaf in body.leaves if leaf.form is Form.SEGMENTS]
            if many:
                self._several(many[0], part.segment, room)
            elif queued and node.max > 1:
                with self.code.block("while True:"):
                    self.code.add(f"left = len({queued[0]})")
                    self._segment(body, part.segment, "o", forced=False, alone=not node.required, room=room)
                    full = f" or {room.count} >= {room.most}" if room else ""
                    self.code.add(f"if not {queued[0]} or len({queued[0]}) == left{full}: break")
            else:
                forced = node.required and not node.loops and not body.guards
                self._segment(body, part.segment, "o", forced=forced, alone=not node.required, room=room)
                self._remember(body)
        self.written = {}

    def _remember(self, body: Body) -> None:
        """A field that several alternatives write is written by the first of them that says anything."""
        done = self.code.fresh("done")
        self.code.add(f"{done} = h")
        for leaf in body.leaves:
            if leaf.meaning is Meaning.FIELD and not leaf.queued:
                self.written.setdefault(leaf.field, []).append(done)

    def _several(self, leaf: Leaf, segment: SegmentDef, room: Room | None) -> None:
        code = self.code
        write = code.keep("W", leaf.pair.write if leaf.pair else None)
        queue = self.queues[queue_of(leaf)]
        with code.block(f"if {queue}:"):
            with code.block("try:"):
                code.add(f"made = {write}({queue})")
            with code.block("except ValueError as problem:"):
                code.add(f"st.unwritable({leaf.number}, problem)", "made = []")
            with code.block("for e in made:"):
                self._emit(segment, room, lambda: code.add(f"st.lost({named(leaf.field)!r}, 1)"))
