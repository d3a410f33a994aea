"""Which bodies and lines of a plan write from the same container, and from which of its lists."""

from __future__ import annotations

from collections.abc import Iterator

from hub.mapping.expression import Access, Meaning
from hub.mapping.plan import Body, Guard, Leaf, Place


def same_container(body: Body) -> Iterator[Body]:
    """A body and those below it that write from the same container."""
    yield body
    for part in body.parts:
        for inner in part.bodies:
            if not inner.into:
                yield from same_container(inner)


def writes(one: Leaf | Body) -> Iterator[tuple[Access, ...]]:
    """The fields of one container that a line or a body writes; of lists and maps only that they are written."""
    if isinstance(one, Leaf):
        if one.meaning is Meaning.FIELD and not one.one_way:
            yield plain(one.field) if one.field[-1].kind else one.field
    elif one.into:
        if any(True for leaf in one.leaves for _ in writes(leaf)):
            yield plain(one.into)
    else:
        for leaf in one.leaves:
            yield from writes(leaf)
        for part in one.parts:
            for body in part.bodies:
                yield from writes(body)


def discriminator(body: Body, guard: Guard) -> Leaf | None:
    """The line of a body for the element of its qualifier, if it has one (``by: HL03`` and ``HL03: level``)."""
    for leaf in body.leaves:
        if leaf.meaning is Meaning.FIELD and [place.ref for place in leaf.places] == [guard.place.ref]:
            return leaf if leaf.pair is None and not leaf.field[-1].kind else None
    return None


def queue_of(leaf: Leaf) -> tuple[Access, ...]:
    """The queue that a line takes its items from."""
    if leaf.field[-1].kind == "select":
        return leaf.field
    return plain(leaf.field)


def plain(path: tuple[Access, ...]) -> tuple[Access, ...]:
    """The list at ``path``, whichever of its items the path means."""
    return (*path[:-1], Access(path[-1].name, "list"))


def slot_index(place: Place) -> int:
    """The index of an element among those of its segment, from 0."""
    assert place.slot is not None
    return place.slot.element - 1


def width(body: Body) -> int:
    """How many elements the segment of a body has at most."""
    places = [guard.place for guard in body.guards]
    for leaf in [*body.leaves, *([body.key] if body.key else [])]:
        places += leaf.places
    return max((place.slot.element for place in places if place.slot), default=0)


def by_into(bodies: list[Body]) -> list[tuple[tuple[Access, ...], list[Body]]]:
    """Bodies grouped by the container they write from, in order: for each item the first body that fits is used."""
    groups: list[tuple[tuple[Access, ...], list[Body]]] = []
    for body in bodies:
        for into, known in groups:
            if into == body.into:
                known.append(body)
                break
        else:
            groups.append((body.into, [body]))
    return groups
