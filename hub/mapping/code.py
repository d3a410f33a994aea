"""Writing Python source: indented lines, the objects they refer to, and the statements shared by all shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hub.mapping.expression import Access
from hub.mapping.plan import POSITION, Body, Leaf
from hub.mapping.remembering import Memory


class Code:
    """Source under construction and the names it will see when it runs."""

    def __init__(self, **names: Any) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = dict(names)
        self._depth = 0
        self._fresh = 0

    def add(self, *lines: str) -> None:
        """Append lines at the current depth."""
        self.lines += ["    " * self._depth + line for line in lines]

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """``head`` and everything added inside, indented; ``pass`` if that is nothing."""
        self.add(head)
        self._depth += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.add("pass")
        self._depth -= 1

    def fresh(self, stem: str) -> str:
        """A variable name that is not used yet."""
        self._fresh += 1
        return f"{stem}{self._fresh}"

    def keep(self, stem: str, value: Any) -> str:
        """Make ``value`` visible to the source under a new name."""
        name = self.fresh(stem)
        self.names[name] = value
        return name

    def run(self, title: str) -> dict[str, Any]:
        """Compile and execute; the names defined."""
        exec(compile("\n".join(self.lines), f"<mapping {title}>", "exec"), self.names)
        return self.names


def descend(code: Code, container: str, path: Sequence[Access]) -> str:
    """Statements that make sure the objects of ``path`` exist below ``container``; the variable of the last."""
    for step in path:
        inner = code.fresh("d")
        code.add(f"{inner} = {container}.get({step.name!r})")
        code.add(f"if {inner} is None: {inner} = {container}[{step.name!r}] = {{}}")
        container = inner
    return container


def fetch(path: Sequence[Access], container: str) -> str:
    """An expression for the object at the end of ``path``, an empty dict if it is not there."""
    expression = container
    for step in path:
        expression = f"({expression}.get({step.name!r}) or {{}})"
    return expression


def assign(
    code: Code,
    leaf: Leaf,
    value: str,
    container: str,
    *,
    repeats: bool,
    trace: bool,
    element: str = "0",
    memory: Memory | None = None,
) -> None:
    """Statements that convert the variable ``value`` and put it where the leaf says. ``p`` is the position;
    ``element`` the index of a repeated line's element, "0" where the line itself tells. With ``memory`` a value that
    was made before is taken from there."""
    pair = leaf.pair
    if pair is None:
        _store(code, leaf, value, container, repeats=repeats, trace=trace, many=False)
        return
    result = code.fresh("w")
    if pair.table is not None:
        table = code.keep("T", pair.table)
        code.add(f"{result} = {table}.get({value})")
        code.add(f"if {result} is None: {result} = st.odd({leaf.number}, {value}, p, {element})")
    elif memory is not None:
        known, keep, read = code.keep("M", memory.get), code.keep("K", memory.keep), code.keep("R", pair.read)
        code.add(f"{result} = {known}({value})")
        with code.block(f"if {result} is None:"):
            code.add(f"try: {result} = {keep}({value}, {read}({value}))")
            code.add(f"except ValueError as problem: {result} = st.bad({leaf.number}, problem, {value}, p, {element})")
    else:
        read = code.keep("R", pair.read)
        code.add(f"try: {result} = {read}({value})")
        code.add(f"except ValueError as problem: {result} = st.bad({leaf.number}, problem, {value}, p, {element})")
    with code.block(f"if {result} is not None:"):
        _store(code, leaf, result, container, repeats=repeats, trace=trace, many=pair.gives == "list")


def _store(code: Code, leaf: Leaf, value: str, container: str, *, repeats: bool, trace: bool, many: bool) -> None:
    *above, last = leaf.field
    inner = descend(code, container, above)
    if last.kind in ("list", "select", "index"):
        items = code.fresh("l")
        code.add(f"{items} = {inner}.get({last.name!r})")
        code.add(f"if {items} is None: {items} = {inner}[{last.name!r}] = []")
        code.add(f"{items}.{'extend' if many else 'append'}({value})")
    elif leaf.joined:
        known = f"{inner}.get({last.name!r})"
        code.add(f"{inner}[{last.name!r}] = {value} if {known} is None else {known} + '\\n' + {value}")
    elif repeats:
        with code.block(f"if {last.name!r} in {inner}:"):
            code.add(f"st.twice({leaf.number}, {value}, p)")
        with code.block("else:"):
            code.add(f"{inner}[{last.name!r}] = {value}")
    else:
        code.add(f"{inner}[{last.name!r}] = {value}")
    if trace:
        path = code.keep("F", leaf)
        code.add(f"st.trace({path}, {container}, p, {value})")


def default(code: Code, leaf: Leaf, container: str, count: str) -> None:
    """Statements for a leaf that found nothing: its default, if it has one."""
    if leaf.default is None:
        return
    *above, last = leaf.field
    inner = descend(code, container, above)
    if leaf.default == POSITION:
        code.add(f"{inner}[{last.name!r}] = str({count})")
        return
    value: Any = leaf.default
    if leaf.pair is not None and leaf.pair.gives in ("decimal", "integer", "bool", "date"):
        value = leaf.pair.read(leaf.default)
    code.add(f"{inner}[{last.name!r}] = {code.keep('V', value)}")


def append(code: Code, body: Body, parent: str, item: str) -> str:
    """Statements that hang the new container ``item`` into the parent's; a variable with its list, if it is one."""
    *above, last = body.into
    inner = descend(code, parent, above)
    if last.kind in ("list", "select"):
        items = code.fresh("l")
        code.add(f"{items} = {inner}.get({last.name!r})")
        code.add(f"if {items} is None: {items} = {inner}[{last.name!r}] = []")
        code.add(f"{items}.append({item})")
        return items
    code.add(f"{inner}[{last.name!r}] = {item}")
    return ""
