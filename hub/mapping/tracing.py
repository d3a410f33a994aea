"""Where the fields of a document came from: the log of a reading, and places of findings about canonical paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hub.findings import Finding
from hub.mapping.plan import Body, Leaf


class Traced:
    """One canonical field of one message: its path, where its value stands, and the mapping line that set it."""

    __slots__ = ("at", "container", "line", "path", "value")

    def __init__(self, container: int, path: str, at: int | str, line: Leaf | Body, value: Any) -> None:
        self.container, self.path, self.at, self.line, self.value = container, path, at, line, value


class Log:
    """Everything that one reading set, in order. ``note`` is the reading's ``trace``."""

    def __init__(self) -> None:
        self.entries: list[Traced] = []
        self._births: dict[int, tuple[int, str]] = {}
        self._holders: dict[tuple[int, str], Traced] = {}
        self._objects: dict[int, Traced] = {}
        self._values: dict[int, list[Traced]] = {}
        self._kept: list[Any] = []  # ids stay unique while the objects live

    def note(self, line: Leaf | Body, container: Any, at: int | str, value: Any) -> None:
        """A value (or, by a body, a container) that was set in ``container``."""
        self._kept.append((container, value))
        if isinstance(line, Body):
            self._births[id(value)] = (id(container), _grown(line, container, value))
            entry = Traced(id(value), "", at, line, None)
        else:
            holder, path = _below(line, container)
            entry = Traced(id(container), path, at, line, value)
            self._kept.append(holder)
            self._holders.setdefault((id(holder), line.field[-1].name), entry)
            self._objects.setdefault(id(holder), entry)
            self._values.setdefault(id(value), []).append(entry)
        self.entries.append(entry)
        if isinstance(value, (dict, list)):
            self._objects[id(value)] = entry

    def of_document(self) -> list[Traced]:
        """The entries with paths in the document that was filled."""
        for entry in self.entries:
            inside: int | None = entry.container
            path = entry.path
            while inside in self._births:
                inside, above = self._births[inside]
                path = above + path
            entry.path = "$" + path
        return self.entries

    def within(self, data: Mapping[str, Any]) -> list[Traced]:
        """The entries that reached a document made from the form that was filled, with their paths there: an object is
        known by its identity, a single value that was moved by its own, the one nearest behind what it stands in."""
        return list(self._walk(data, "$", 0))

    def _walk(self, value: Any, path: str, near: int) -> Iterator[Traced]:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        born = self._objects.get(id(value))
        if born is not None:
            near = born.at if isinstance(born.at, int) else near
            yield Traced(0, path, born.at, born.line, None)
        for key, below in items:
            inner = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}"
            if isinstance(below, (dict, list, tuple)):
                whole = self._values.get(id(below))
                if whole:
                    yield Traced(0, inner, whole[0].at, whole[0].line, below)
                yield from self._walk(below, inner, near)
                continue
            found = self._holders.get((id(value), str(key)))
            if found is None or found.value is not below:
                found = self._moved(below, near)
            if found is not None:
                yield Traced(0, inner, found.at, found.line, below)

    def _moved(self, value: Any, near: int) -> Traced | None:
        known = self._values.get(id(value), ())
        behind = [one for one in known if isinstance(one.at, int) and one.at >= near]
        return behind[0] if behind else None


def _below(leaf: Leaf, container: Any) -> tuple[Any, str]:
    """The object that holds a line's field, and the field's path from the container."""
    path, holder = "", container
    for step in leaf.field:
        holder = container
        value = container.get(step.name) if isinstance(container, dict) else None
        path += f".{step.name}"
        if isinstance(value, list):
            path += f"[{len(value) - 1}]"
        container = value
    return holder, path


def _grown(body: Body, container: Any, item: Any) -> str:
    path = ""
    for step in body.into:
        value = container.get(step.name)
        path += f".{step.name}"
        if isinstance(value, list):
            path += f"[{len(value) - 1}]"
        elif step.kind == "map" and isinstance(value, dict):
            path += f".{next((key for key, one in value.items() if one is item), '')}"
        container = value
    return path


def placed(finding: Finding, where: Mapping[str, Traced], records: bool) -> Finding:
    """A finding about a canonical path, with the place in the message of that field or of the nearest one above."""
    path = finding.position.path
    while path and path not in where:
        cut = max(path.rfind("."), path.rfind("["))
        path = path[:cut] if cut > 0 else ""
    traced = where.get(path) if path != "$" else None
    if traced is None:
        if "[" not in finding.position.path:  # about the whole document, not about the first thing in it
            return finding
        below = next((one for known, one in where.items() if known.startswith(finding.position.path + ".")), None)
        if below is None:
            return finding
        traced = below
    line = traced.line
    places = line.places if isinstance(line, Leaf) else ()
    name = ", ".join(place.ref for place in places[:2])
    if isinstance(traced.at, str):
        return finding.at(name=f"{traced.at}/{name}" if traced.at and name else traced.at or name)
    slot = places[0].slot if places else None
    if records:
        return finding.at(line=traced.at, name=name)
    return finding.at(segment=traced.at, element=slot.element if slot else None, name=name)
