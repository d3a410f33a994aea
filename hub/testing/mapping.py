"""Random canonical documents for a mapping: what its file can carry, no more, so that ``read(write(d)) == d`` holds.

They are derived from the compiled plan: every line of the mapping says by its converter's domain which values survive,
by its element how long they may be, and by its form how many of them there is room for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.grammar.model import UNBOUNDED
from hub.mapping.compiled import CompiledMapping
from hub.mapping.completing import complete
from hub.mapping.expression import Access, Form, Meaning
from hub.mapping.fields import resolve
from hub.mapping.plan import Body, Leaf, Part
from hub.mapping.queues import discriminator
from hub.model.document import KINDS, Document
from hub.testing.choices import Choices, choices
from hub.testing.values import Make, maker

_TRIES = 10
"""So many random messages are made until one of them is lawful."""


def documents(compiled: CompiledMapping) -> st.SearchStrategy[Document]:
    """Documents that the mapping can write completely and read back unchanged."""
    return choices(compiled.name).map(_Random(compiled).document)


def messages(compiled: CompiledMapping) -> st.SearchStrategy[list[Document]]:
    """The documents of one message: a random one, or for a mapping with a form those of a random message."""
    if not compiled.plan.form:
        return documents(compiled).map(lambda one: [one])
    return choices(compiled.name).map(_Random(compiled).message)


def content(document: Document) -> Any:
    """A document's content for comparing: without provenance, and without how an identifier was spelt on the wire."""
    return _spelt_once(document.canonical_dict(provenance=False))


def _without_extensions(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_extensions(one) for key, one in value.items() if key != "extensions"}
    return [_without_extensions(one) for one in value] if isinstance(value, (list, tuple)) else value


def _spelt_once(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _spelt_once(one) for key, one in value.items() if not (key == "raw" and "scheme" in value)}
    return [_spelt_once(one) for one in value] if isinstance(value, list) else value


class _Random:
    """Makes the documents of one mapping. What a line can hold is found out once."""

    def __init__(self, compiled: CompiledMapping) -> None:
        self.compiled, self.plan = compiled, compiled.plan
        self.makers: dict[int, Make] = {}
        self.needed: dict[int, bool] = {}

    def document(self, chosen: Choices) -> Document:
        """A random document."""
        data: dict[str, Any] = {}
        self._fill(chosen, self.plan.root, data)
        complete(data, self.compiled.defaults)
        document = self.plan.model.model_validate(data)
        assert isinstance(document, Document)
        return document

    def message(self, chosen: Choices) -> list[Document]:
        """A random message of the form's class, made into documents as reading does it."""
        for _ in range(_TRIES):
            if made := self._formed(chosen):
                return made
        assume(False)
        raise AssertionError("assume has given up this example")

    def _formed(self, chosen: Choices) -> list[Document]:
        """What has no place in a document goes to ``extensions``, which no message is written from: it is left out.
        Nothing where the message is not lawful."""
        form = self.plan.form
        assert form is not None
        data: dict[str, Any] = {}
        self._fill(chosen, self.plan.root, data)
        if form.lawful is not None:
            data = form.lawful(data)
        made: list[Document] = []
        for kind, one in form.documents(data, []):
            complete(one, {})
            try:
                made.append(KINDS[kind].model_validate(_without_extensions(one)))
            except ValidationError:
                return []
        return made

    # -- containers --------------------------------------------------------------------------------------------

    def _fill(self, chosen: Choices, body: Body, data: dict[str, Any]) -> None:
        """Fill one container from every body that writes from it."""
        sharing = list(self._sharing(chosen, body, None))
        lists: dict[tuple[Access, ...], list[tuple[Leaf, Part | None]]] = {}
        room = {id(part): self._most(part) for inner, _ in sharing for part in inner.parts}
        for inner, within in sharing:
            if within is not None and not room[id(within)]:
                continue
            said = False
            for leaf in inner.leaves:
                if leaf.meaning is not Meaning.FIELD or (leaf.pair and leaf.pair.write is None):
                    continue
                if leaf.field[-1].kind in ("list", "select"):
                    lists.setdefault((*leaf.field[:-1], Access(leaf.field[-1].name, "list")), []).append((leaf, within))
                elif leaf.field[-1].kind == "index":
                    said |= self._indexed(chosen, leaf, data)
                elif leaf.default is not None or leaf.written or self._must(inner, leaf) or chosen.some():
                    value = self._value(chosen, leaf, within, room)
                    _set(data, leaf.field, value)
                    said = said or not leaf.joined
            if said and within is not None:
                room[id(within)] -= 1
        for path, sources in lists.items():
            items = self._items(chosen, sources, room)
            if items:
                _set(data, path, items)
        for inner, _ in sharing:
            for part in inner.parts:
                self._part(chosen, part, data, room)
        _whole(data)

    def _sharing(self, chosen: Choices, body: Body, within: Part | None) -> Iterator[tuple[Body, Part | None]]:
        """A body and those below that share its container; one of several alternatives where there is room for one."""
        yield body, within
        for part in body.parts:
            bodies = part.bodies
            if len(bodies) > 1 and self._most(part) == 1:
                bodies = [chosen.one_of(bodies)]
            for inner in bodies:
                if not inner.into:
                    yield from self._sharing(chosen, inner, part)

    def _most(self, part: Part) -> int:
        """How often a part may stand in its message."""
        return self.compiled.grammar.nodes[part.nodes[0]].max if self.compiled.shape == "segments" else UNBOUNDED

    def _part(self, chosen: Choices, part: Part, data: dict[str, Any], room: dict[int, int]) -> None:
        used: set[tuple[Access, ...]] = set()
        for body in part.bodies:
            if not body.into or body.into in used:
                continue
            used.add(body.into)
            last = body.into[-1]
            if last.kind == "map":
                self._map(chosen, body, part, data)
            elif last.kind in ("list", "select"):
                rows = [self._chosen(chosen, body, part) for _ in range(chosen.count(0, min(room[id(part)], 3)))]
                rows = [row for row in rows if row]
                if rows:
                    room[id(part)] -= len(rows)
                    _set(data, body.into, rows)
            elif item := self._container(chosen, body, part):
                _set(data, body.into, item)

    def _map(self, chosen: Choices, body: Body, part: Part, data: dict[str, Any]) -> None:
        assert body.key is not None
        keys = {self._make(chosen, body.key): None for _ in range(chosen.count(0, 3))}
        known = _get(data, body.into)
        made = {key: self._container(chosen, body, part) for key in keys if key not in known}
        kept = {key: value for key, value in made.items() if value}
        if kept or known:
            _set(data, body.into, known | kept)

    def _chosen(self, chosen: Choices, body: Body, part: Part) -> dict[str, Any]:
        """An item of a list; where a field of it says which of several bodies it is for, of any of them."""
        bodies = [
            one for one in part.bodies if one.into == body.into and any(discriminator(one, g) for g in one.guards)
        ]
        if not bodies:
            return self._container(chosen, body, part)
        other = chosen.one_of(bodies)
        item = self._container(chosen, other, part)
        for guard in other.guards:
            leaf = discriminator(other, guard)
            if leaf is not None:
                _set(item, leaf.field, guard.value)
        return item

    def _container(self, chosen: Choices, body: Body, part: Part) -> dict[str, Any]:
        item: dict[str, Any] = {}
        self._fill(chosen, body, item)
        taken = _taken(part)
        for leaf in body.leaves:  # a catch-all branch must not write a qualifier that has a branch of its own
            if leaf.meaning is Meaning.FIELD and leaf.places[0].slot and not body.guards and taken:
                value = item.get(leaf.field[0].name)
                if value is not None and len(leaf.field) == 1 and _collides(leaf, value, taken):
                    return {}
        return item

    # -- values ------------------------------------------------------------------------------------------------

    def _make(self, chosen: Choices, leaf: Leaf) -> Any:
        if leaf.number not in self.makers:
            self.makers[leaf.number] = maker(leaf)
        return self.makers[leaf.number](chosen)

    def _must(self, body: Body, leaf: Leaf) -> bool:
        if leaf.number not in self.needed:
            self.needed[leaf.number] = _needed(body, leaf)
        return self.needed[leaf.number]

    def _value(self, chosen: Choices, leaf: Leaf, within: Part | None, room: dict[int, int]) -> Any:
        """A value of a line, in several lines of text where there is room for several segments."""
        if not leaf.joined:
            return self._free(chosen, leaf, within)
        count = chosen.count(1, min(room[id(within)], 3)) if within else 1
        if within:
            room[id(within)] -= count
        return "\n".join(self._free(chosen, leaf, within) for _ in range(count))

    def _free(self, chosen: Choices, leaf: Leaf, within: Part | None) -> Any:
        """A value that is not the qualifier of another branch."""
        taken = _taken(within)
        value = self._make(chosen, leaf)
        while _collides(leaf, value, taken) and not chosen.spent:
            value = self._make(chosen, leaf)
        return value

    def _indexed(self, chosen: Choices, leaf: Leaf, data: dict[str, Any]) -> bool:
        """Whether an item of a list was added, at the place that the line is for."""
        holder = data
        for step in leaf.field[:-1]:
            holder = holder.setdefault(step.name, {})
        items = holder.setdefault(leaf.field[-1].name, [])
        if len(items) != leaf.field[-1].index or not chosen.some():
            return False
        items.append(self._make(chosen, leaf))
        return True

    def _items(self, chosen: Choices, sources: list[tuple[Leaf, Part | None]], room: dict[int, int]) -> list[Any]:
        """As many list items as the lines have room for, selected ones first."""
        items: list[Any] = []
        claimed = {leaf.field[-1].select for leaf, _ in sources if leaf.field[-1].kind == "select"}
        for leaf, within in sources:
            if within is not None and not room[id(within)]:
                continue
            made = self._of_list(chosen, leaf, claimed)
            if made and within is not None and len(within.bodies) > 1:
                room[id(within)] -= 1
            items += made
        return items

    def _of_list(self, chosen: Choices, leaf: Leaf, claimed: set[str]) -> list[Any]:
        """The items of a list that one line writes. ``claimed`` are schemes that other lines select."""
        if leaf.field[-1].kind == "select":
            if not chosen.some():
                return []
            item = self._make(chosen, leaf)
            return [{**item, "scheme": leaf.field[-1].select} if "scheme" in item else item]
        if leaf.form is Form.SEGMENTS:
            return list(self._make(chosen, leaf))
        most = len(leaf.places) // 2 if leaf.form is Form.PAIRS else 1
        made = [self._make(chosen, leaf) for _ in range(chosen.count(0, min(most, 3)))]
        return [item for item in made if not (isinstance(item, dict) and item.get("scheme") in claimed)]


def _get(data: dict[str, Any], path: tuple[Access, ...]) -> dict[str, Any]:
    for step in path:
        data = data.get(step.name, {})
    return data


def _taken(part: Part | None) -> set[str]:
    return {guard.value for body in part.bodies for guard in body.guards} if part else set()


def _collides(leaf: Leaf, value: Any, taken: set[str]) -> bool:
    """Whether a value is written as one of the qualifiers ``taken``."""
    if not taken or (leaf.pair is not None and leaf.pair.takes != "text"):
        return False  # a composite (C507) holds no qualifier of its own
    return (leaf.pair.write(value) if leaf.pair and leaf.pair.write else value) in taken


def _needed(body: Body, leaf: Leaf) -> bool:
    """Fields without which the container, or an object in it, is not valid."""
    holders = [body.model, resolve(body.model, leaf.field[:-1]).model]
    for holder, step in zip(holders, (leaf.field[0], leaf.field[-1]), strict=True):
        info = holder.model_fields.get(step.name) if holder is not None else None
        if info is not None and info.is_required():
            return True
    return leaf.field[-1].name in ("value", "amount", "scheme", "is_charge", "code")


def _set(data: dict[str, Any], path: tuple[Access, ...], value: Any) -> None:
    for step in path[:-1]:
        data = data.setdefault(step.name, {})
    data[path[-1].name] = value


def _whole(data: dict[str, Any]) -> None:
    """Drop containers that came out empty, as reading never makes them."""
    for name in list(data):
        value = data[name]
        if isinstance(value, dict):
            _whole(value)
        if value == {} or value == []:
            del data[name]
