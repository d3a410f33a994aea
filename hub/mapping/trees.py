"""Readers and writers for trees: nested dicts of text, as SOAP answers and XML documents give them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hub.mapping.code import Code, append, assign, default
from hub.mapping.expression import Meaning
from hub.mapping.plan import POSITION, Body, Leaf, Place, Plan
from hub.mapping.writing import SegmentWriter

ReadTree = Callable[[dict[str, Any], dict[str, Any], str, Any], None]


def get(tree: Any, path: Sequence[str]) -> Any:
    """The value at a path; None if any step is missing or is not a branch."""
    for name in path:
        if not isinstance(tree, dict):
            return None
        tree = tree.get(name)
    return tree


def text(tree: Any, path: Sequence[str]) -> str:
    """The text at a path; empty for nothing. A branch where text belongs is given as its ``_text`` or empty."""
    value = get(tree, path)
    if isinstance(value, dict):
        value = value.get("_text")
    return value if isinstance(value, str) else "" if value is None or isinstance(value, list) else str(value)


def items(tree: Any, path: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The branches at a path, numbered from 1: one, several, or none."""
    value = get(tree, path)
    found = value if isinstance(value, list) else [] if value is None or value == "" else [value]
    for number, item in enumerate(found, 1):
        yield number, item if isinstance(item, dict) else {"_text": item}


def grow(tree: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Set the value at a path, making branches on the way."""
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value


def left_over(tree: Any, known: dict[str, Any], prefix: str, keep: dict[str, Any]) -> None:
    """Put every text that no line reads into ``keep`` under its path. ``known`` nests names; True: all of it read."""
    for name, value in tree.items():
        below = known.get(name)
        if below is True or value is None or value == "" or value == {} or value == []:
            continue
        path = f"{prefix}/{name}" if prefix else name
        if isinstance(below, dict) and isinstance(value, dict):
            left_over(value, below, path, keep)
        elif isinstance(below, dict) and isinstance(value, list):
            for number, item in enumerate(value, 1):
                if isinstance(item, dict):
                    left_over(item, below, f"{path}[{number}]", keep)
                elif item and below.get("_text") is not True:
                    keep[f"{path}[{number}]"] = item
        elif isinstance(below, dict) and below.get("_text") is True:
            continue
        else:
            keep[path] = value


def _known(body: Body) -> dict[str, Any]:
    """The names that a body reads, nested."""
    known: dict[str, Any] = {}

    def mark(path: Sequence[str], value: Any) -> None:
        branch = known
        for name in path[:-1]:
            branch = branch.setdefault(name, {})
            if branch is True:
                return
        if isinstance(value, dict) and isinstance(branch.get(path[-1]), dict):
            branch[path[-1]] |= value
        else:
            branch[path[-1]] = value

    places = [guard.place for guard in body.guards]
    for leaf in [*body.leaves, *([body.key] if body.key else [])]:
        places += leaf.places
    for place in places:
        mark(place.path, True)
    for part in body.parts:
        below: dict[str, Any] = {}
        for inner in part.bodies:
            below |= _known(inner)
        mark(part.path, below)
    return known


class TreeReader:
    """Generates ``read(tree, container, path, state)`` for one plan."""

    def __init__(self, plan: Plan, trace: bool = False) -> None:
        self.plan, self.trace = plan, trace
        self.code = Code(text_=text, items_=items, left_over=left_over, KNOWN=_known(plan.root))

    def function(self) -> ReadTree:
        """The reader, which also keeps what no line reads."""
        for body in self.plan.root.walk():
            with self.code.block(f"def b{body.number}(t, o, p, st, count='1'):"):
                self._body(body)
        with self.code.block("def read(t, o, p, st):"):
            self.code.add(f"b{self.plan.root.number}(t, o, p, st)", "left_over(t, KNOWN, p, st.extensions)")
        read: ReadTree = self.code.run(self.plan.name)["read"]
        return read

    def _body(self, body: Body) -> None:
        code = self.code
        for leaf in body.leaves:
            self._leaf(leaf)
        for part in body.parts:
            path = code.keep("P", part.path)
            name = "/".join(part.path)
            with code.block(f"for number, i in items_(t, {path}):"):
                code.add(f"at = f'{{p}}/{name}[{{number}}]' if p else f'{name}[{{number}}]'")
                for number, inner in enumerate(part.bodies):
                    tests = [f"{self._value(guard.place, 'i')} == {guard.value!r}" for guard in inner.guards]
                    with code.block(f"{'if' if not number else 'elif'} {' and '.join(tests) or 'True'}:"):
                        self._item(inner)

    def _item(self, body: Body) -> None:
        code = self.code
        if not body.into:
            code.add(f"b{body.number}(i, o, at, st)")
            return
        code.add("k = {}")
        if body.key is not None:
            code.add(f"v = key = {self._value(body.key.places[0], 'i')}")
            if body.key.pair is not None:
                code.add(f"try: key = {code.keep('R', body.key.pair.read)}(v)")
                code.add(f"except ValueError as problem: key = st.bad({body.key.number}, problem, v, at)")
            code.add("key = key or v or 'unqualified'")
            *above, last = body.into
            holder = code.fresh("m")
            code.add(f"{holder} = o")
            for step in [*above, last]:
                code.add(f"{holder} = {holder}.setdefault({step.name!r}, {{}})")
            code.add(f"if key in {holder}: key = st.again(key, {holder}, at)", f"{holder}[key] = k")
            code.add(f"b{body.number}(i, k, at, st)")
        else:
            listed = append(code, body, "o", "k")
            if self.trace:
                code.add(f"st.trace({code.keep('B', body)}, o, at, k)")
            code.add(f"b{body.number}(i, k, at, st, str(len({listed})))" if listed else f"b{body.number}(i, k, at, st)")

    def _value(self, place: Place, tree: str) -> str:
        return f"text_({tree}, {self.code.keep('P', place.path)})"

    def _leaf(self, leaf: Leaf) -> None:
        code = self.code
        values = [self._value(place, "t") for place in leaf.places]
        code.add(f"v = {values[0]}" if len(values) == 1 else f"v = ({', '.join(values)},)")
        if leaf.meaning is Meaning.CONSTANT:
            code.add(f"if v != {leaf.constant!r}: st.constant({leaf.number}, v, p)")
            return
        if leaf.meaning is not Meaning.FIELD:
            code.add(f"if v: st.checks.append(({code.keep('C', leaf)}, v, p))")
            return
        with code.block("if any(v):" if len(values) > 1 else "if v:"):
            assign(code, leaf, "v", "o", repeats=False, trace=self.trace)
        if leaf.default is not None:
            with code.block("else:"):
                default(code, leaf, "o", "count" if leaf.default == POSITION else "0")


class TreeWriter(SegmentWriter):
    """Generates ``write(container, tree, state, key, document) -> bool`` for one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.listed = plan, False
        from hub.mapping import emitting, runtime

        self.code = Code(grow=grow, compute=runtime.compute, merge=emitting.merge, put=emitting.put, take=emitting.take)
        self.queues = {}
        self.written = {}

    def function(self) -> Any:
        """The writer."""
        bodies = list(self.plan.root.walk())
        for body in reversed(bodies):
            with self.code.block(f"def b{body.number}(o, tree, st, key, doc):"):
                self.code.add("hit = False")
                self._tree_body(body)
                self.code.add("return hit")
        return self.code.run(self.plan.name)[f"b{self.plan.root.number}"]

    def _tree_body(self, body: Body) -> None:
        code = self.code
        self.queues = {}
        self._queues(body)
        for leaf in body.leaves:
            if leaf.meaning is Meaning.FIELD:
                code.add("h = False")
                self._leaf(leaf, "o")
                code.add("hit = hit or h")
            elif leaf.meaning is Meaning.CONSTANT:
                self._set(leaf.places[0], repr(leaf.constant))
            elif not leaf.optional:
                stored = code.keep("C", leaf)
                code.add(f"v = format(compute({stored}.meaning, {stored}.field, doc), 'f')")
                self._set(leaf.places[0], "v")
        for guard in body.guards:
            self._set(guard.place, repr(guard.value))
        if body.key is not None:
            self._key(body.key)
        for part in body.parts:
            path = code.keep("P", part.path)
            code.add("made = []")
            for inner in part.bodies:
                if not inner.into:
                    code.add("branch = {}")
                    code.add(f"if b{inner.number}(o, branch, st, '', doc): made.append(branch)")
                    continue
                with self._items(inner.into):
                    code.add("branch = {}", f"b{inner.number}(i, branch, st, k, doc)", "made.append(branch)")
            many = any(inner.into and inner.into[-1].kind in ("list", "map") for inner in part.bodies)
            with code.block("if made:"):
                code.add(f"grow(tree, {path}, {'made' if many else 'made[0]'})", "hit = True")
        self._left_over()

    def _set(self, place: Place, value: str) -> None:
        self.code.add(f"grow(tree, {self.code.keep('P', place.path)}, {value})")
