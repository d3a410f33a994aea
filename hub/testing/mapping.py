"""Random canonical documents for a mapping: what its file can carry, no more, so that ``read(write(d)) == d`` holds.

The strategy is derived from the compiled plan: every line of the mapping says by its converter's domain which values
survive, by its element how long they may be, and by its form how many of them there is room for.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.mapping.compiled import CompiledMapping
from hub.mapping.completing import complete
from hub.mapping.expression import Access, Form, Meaning
from hub.mapping.plan import Body, Leaf, Part
from hub.mapping.queues import discriminator
from hub.model.document import KINDS, Document

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_DIGITS = "0123456789"
_GTIN = ("00012345678905", "04006381333931", "10012345678902", "00614141000036")


def documents(compiled: CompiledMapping) -> st.SearchStrategy[Document]:
    """Documents that the mapping can write completely and read back unchanged."""
    return st.composite(_document)(compiled)


def messages(compiled: CompiledMapping) -> st.SearchStrategy[list[Document]]:
    """The documents of one message: a random one, or for a mapping with a form those of a random message."""
    return st.composite(_formed)(compiled) if compiled.plan.form else documents(compiled).map(lambda one: [one])


def content(document: Document) -> Any:
    """A document's content for comparing: without provenance, and without how an identifier was spelt on the wire."""
    return _spelt_once(document.canonical_dict(provenance=False))


def _formed(draw: st.DrawFn, compiled: CompiledMapping) -> list[Document]:
    """A random message of the form's class, made into documents as reading does it. What has no place in a document
    goes to ``extensions``, which no message is written from: it is left out."""
    form = compiled.plan.form
    assert form is not None
    data: dict[str, Any] = {}
    _fill(draw, compiled.plan.root, data, compiled)
    if form.lawful is not None:
        data = form.lawful(data)
    made: list[Document] = []
    for kind, one in form.documents(data, []):
        complete(one, {})
        try:
            made.append(KINDS[kind].model_validate(_without_extensions(one)))
        except ValidationError:
            assume(False)
    assume(made)
    return made


def _without_extensions(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_extensions(one) for key, one in value.items() if key != "extensions"}
    return [_without_extensions(one) for one in value] if isinstance(value, (list, tuple)) else value


def _spelt_once(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _spelt_once(one) for key, one in value.items() if not (key == "raw" and "scheme" in value)}
    return [_spelt_once(one) for one in value] if isinstance(value, list) else value


def _document(draw: st.DrawFn, compiled: CompiledMapping) -> Document:
    data: dict[str, Any] = {}
    _fill(draw, compiled.plan.root, data, compiled)
    complete(data, compiled.defaults)
    document = compiled.plan.model.model_validate(data)
    assert isinstance(document, Document)
    return document


def _fill(draw: st.DrawFn, body: Body, data: dict[str, Any], compiled: CompiledMapping) -> None:
    """Fill one container from every body that writes from it."""
    sharing = list(_sharing(draw, body, None, compiled))
    lists: dict[tuple[Access, ...], list[Leaf]] = {}
    for inner, within in sharing:
        for leaf in inner.leaves:
            if leaf.meaning is not Meaning.FIELD or (leaf.pair and leaf.pair.write is None):
                continue
            if leaf.field[-1].kind in ("list", "select"):
                lists.setdefault((*leaf.field[:-1], Access(leaf.field[-1].name, "list")), []).append(leaf)
            elif leaf.field[-1].kind == "index":
                _indexed(draw, leaf, data)
            elif leaf.default is not None or leaf.written or _needed(body, leaf) or draw(st.booleans()):
                value = _value(leaf, _taken(within))
                _set(data, leaf.field, draw(_several(value, within, compiled) if leaf.joined else value))
    for path, sources in lists.items():
        items = _items(draw, sources)
        if items:
            _set(data, path, items)
    for inner, _ in sharing:
        for part in inner.parts:
            _part(draw, part, data, compiled)
    _whole(data)


def _several(line: st.SearchStrategy[str], within: Part | None, compiled: CompiledMapping) -> st.SearchStrategy[str]:
    """A text of several lines, where there are several segments for them."""
    most = compiled.grammar.nodes[within.nodes[0]].max if within else 1
    return st.lists(line, min_size=1, max_size=min(most, 3)).map("\n".join)


def _sharing(
    draw: st.DrawFn, body: Body, within: Part | None, compiled: CompiledMapping
) -> Iterator[tuple[Body, Part | None]]:
    """A body and those below that share its container; one of several alternatives where there is room for one."""
    yield body, within
    for part in body.parts:
        bodies = part.bodies
        if compiled.shape == "segments" and len(bodies) > 1 and compiled.grammar.nodes[part.nodes[0]].max == 1:
            bodies = [draw(st.sampled_from(bodies))]
        for inner in bodies:
            if not inner.into:
                yield from _sharing(draw, inner, part, compiled)


def _part(draw: st.DrawFn, part: Part, data: dict[str, Any], compiled: CompiledMapping) -> None:
    used: set[tuple[Access, ...]] = set()
    for body in part.bodies:
        if not body.into or body.into in used:
            continue
        used.add(body.into)
        last = body.into[-1]
        if last.kind == "map":
            assert body.key is not None
            keys = draw(st.lists(_value(body.key, set()), max_size=3, unique=True))
            known = _get(data, body.into)
            made = {key: _container(draw, body, part, compiled) for key in keys if key not in known}
            kept = {key: value for key, value in made.items() if value}
            if kept or known:
                _set(data, body.into, known | kept)
        elif last.kind in ("list", "select"):
            most = compiled.grammar.nodes[part.nodes[0]].max if compiled.shape == "segments" else 3
            rows = [_chosen(draw, body, part, compiled) for _ in range(draw(st.integers(0, min(most, 3))))]
            rows = [row for row in rows if row]
            if rows:
                _set(data, body.into, rows)
        elif item := _container(draw, body, part, compiled):
            _set(data, body.into, item)


def _chosen(draw: st.DrawFn, body: Body, part: Part, compiled: CompiledMapping) -> dict[str, Any]:
    """An item of a list; where a field of it says which of several bodies it is for, of any of them."""
    bodies = [one for one in part.bodies if one.into == body.into and any(discriminator(one, g) for g in one.guards)]
    if not bodies:
        return _container(draw, body, part, compiled)
    chosen = draw(st.sampled_from(bodies))
    item = _container(draw, chosen, part, compiled)
    for guard in chosen.guards:
        leaf = discriminator(chosen, guard)
        if leaf is not None:
            _set(item, leaf.field, guard.value)
    return item


def _get(data: dict[str, Any], path: tuple[Access, ...]) -> dict[str, Any]:
    for step in path:
        data = data.get(step.name, {})
    return data


def _container(draw: st.DrawFn, body: Body, part: Part, compiled: CompiledMapping) -> dict[str, Any]:
    item: dict[str, Any] = {}
    _fill(draw, body, item, compiled)
    taken = _taken(part)
    for leaf in body.leaves:  # a catch-all branch must not write a qualifier that has a branch of its own
        if leaf.meaning is Meaning.FIELD and leaf.places[0].slot and not body.guards and taken:
            value = item.get(leaf.field[0].name)
            if value is not None and len(leaf.field) == 1 and _collides(leaf, value, taken):
                return {}
    return item


def _taken(part: Part | None) -> set[str]:
    return {guard.value for body in part.bodies for guard in body.guards} if part else set()


def _written(leaf: Leaf, value: Any) -> Any:
    return leaf.pair.write(value) if leaf.pair and leaf.pair.write else value


def _collides(leaf: Leaf, value: Any, taken: set[str]) -> bool:
    written = _written(leaf, value)
    return isinstance(written, str) and written in taken  # a composite (C507) holds no qualifier of its own


def _needed(body: Body, leaf: Leaf) -> bool:
    """Fields without which the container is not valid."""
    step = leaf.field[0]
    info = body.model.model_fields.get(step.name)
    if info is not None and info.is_required():
        return True
    return leaf.field[-1].name in ("value", "amount", "scheme", "is_charge", "code")


def _set(data: dict[str, Any], path: tuple[Access, ...], value: Any) -> None:
    for step in path[:-1]:
        data = data.setdefault(step.name, {})
    data[path[-1].name] = value


def _indexed(draw: st.DrawFn, leaf: Leaf, data: dict[str, Any]) -> None:
    holder = data
    for step in leaf.field[:-1]:
        holder = holder.setdefault(step.name, {})
    items = holder.setdefault(leaf.field[-1].name, [])
    if len(items) == leaf.field[-1].index and draw(st.booleans()):
        items.append(draw(_value(leaf, set())))


def _whole(data: dict[str, Any]) -> None:
    """Drop containers that came out empty, as reading never makes them."""
    for name in list(data):
        value = data[name]
        if isinstance(value, dict):
            _whole(value)
        if value == {} or value == []:
            del data[name]


def _items(draw: st.DrawFn, sources: list[Leaf]) -> list[Any]:
    """As many list items as the lines have room for, selected ones first."""
    items: list[Any] = []
    claimed = {leaf.field[-1].select for leaf in sources if leaf.field[-1].kind == "select"}
    for leaf in sources:
        if leaf.field[-1].kind == "select":
            if draw(st.booleans()):
                item = draw(_value(leaf, set()))
                items.append({**item, "scheme": leaf.field[-1].select} if "scheme" in item else item)
            continue
        if leaf.form is Form.SEGMENTS:
            items += draw(_value(leaf, set()))
            continue
        room = len(leaf.places) // 2 if leaf.form is Form.PAIRS else 1
        for _ in range(draw(st.integers(0, min(room, 3)))):
            item = draw(_value(leaf, set()))
            if not (isinstance(item, dict) and item.get("scheme") in claimed):
                items.append(item)
    return items


def _value(leaf: Leaf, taken: set[str]) -> st.SearchStrategy[Any]:
    domain = dict(leaf.pair.domain) if leaf.pair else {"kind": "text"}
    slot = leaf.places[0].slot
    longest = (slot.definition.max or 20) if slot else 20
    shortest = slot.definition.min if slot else 0
    made = _strategy(domain, max(1, min(longest, 30)), max(1, min(shortest, 20)), leaf)
    if slot is not None and slot.definition.type == "N0" and domain["kind"] == "text":
        made = st.integers(1, 10 ** min(longest, 6) - 1).map(str)
    return made.filter(lambda value: _written(leaf, value) not in taken) if taken and domain["kind"] == "text" else made


def _strategy(domain: dict[str, Any], longest: int, shortest: int, leaf: Leaf) -> st.SearchStrategy[Any]:
    kind = domain["kind"]
    text = st.text(_LETTERS, min_size=min(shortest, longest), max_size=longest)
    if kind == "choice":
        return st.sampled_from(list(domain["values"])).map(copy.deepcopy)  # documents are completed in place
    if kind == "decimal":
        places = int(domain["places"])
        fraction = st.just(places) if domain.get("exact") else st.integers(0, min(places, 2))
        top = 10 ** max(1, min(longest, 9) - 1) - 1
        return st.builds(lambda n, p: Decimal(n).scaleb(-p), st.integers(1, top), fraction)
    if kind == "integer":
        return st.integers(1, 10 ** min(longest, 9) - 1)
    if kind == "date":
        return st.dates(date(1971, 1, 1), date(2068, 12, 31))
    if kind == "datetime":
        zone = UTC if domain.get("zone") else None
        moments = st.datetimes(datetime(1971, 1, 1), datetime(2068, 1, 1))  # noqa: DTZ001
        return moments.map(lambda moment: moment.replace(microsecond=0, tzinfo=zone))
    if kind == "number_map":
        return st.integers(1, 9_999).map(lambda number: {str(domain["key"]): Decimal(number)})
    if kind == "words":
        return st.lists(text.filter(bool), min_size=1, max_size=3).map(" ".join)
    if kind == "texts":
        return st.lists(text, min_size=1, max_size=min(int(domain["max"]), 3))
    if kind == "identifier":
        scheme = st.sampled_from(list(domain["schemes"]))
        return scheme.flatmap(lambda name: _identifier(name, leaf))
    if kind == "contact_point":
        value = st.text(_DIGITS, min_size=3, max_size=12)
        return st.builds(lambda k, v: {"kind": k, "value": v}, st.sampled_from(list(domain["kinds"])), value)
    if kind == "quantity":
        number = st.integers(1, 99_999).map(Decimal)
        return st.builds(lambda v, u: {"value": v, "unit": u}, number, st.sampled_from(list(domain["units"])))
    if kind == "store_split":
        return _store_split(domain)
    return text


def _identifier(scheme: str, leaf: Leaf) -> st.SearchStrategy[dict[str, str]]:
    if scheme == "gtin":
        return st.sampled_from(_GTIN).map(lambda value: {"scheme": "gtin", "value": value})
    if scheme == "gln":
        return st.just({"scheme": "gln", "value": "4012345000009"})
    slot = leaf.places[-1].slot
    longest = min(slot.definition.max or 17, 17) if slot else 17
    shortest = max(2, slot.definition.min) if slot and len(leaf.places) == 1 else 2
    text = st.text(_LETTERS, min_size=shortest, max_size=max(shortest, longest))
    return text.map(lambda value: {"scheme": scheme, "value": value})


def _store_split(domain: dict[str, Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    place = st.builds(
        lambda scheme, value: {"identifiers": [{"scheme": scheme, "value": value}]},
        st.sampled_from([one for one in domain["schemes"] if one not in ("gln", "gtin")]),
        st.text(_DIGITS, min_size=2, max_size=6),
    )
    amount = st.builds(
        lambda value, unit: {"value": Decimal(value), "unit": unit},
        st.integers(1, 999),
        st.sampled_from(list(domain["units"])),
    )
    return st.lists(st.builds(lambda q, at: {"quantity": q, "location": at}, amount, place), max_size=3)
