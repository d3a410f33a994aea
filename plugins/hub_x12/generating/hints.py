"""What a mapping reads, as wishes for the generator: which segments, which qualifiers, which codes and values."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat

from hub.grammar import Grammar
from hub.mapping.compiled import CompiledMapping
from hub.mapping.expression import Form, Meaning
from hub.mapping.plan import Body, Leaf, Part, Place
from hub_x12.generating.meanings import sample
from hub_x12.generating.segments import Fixed, Reads
from hub_x12.rules import Agreed, Rules
from hub_x12.separators import Separators
from hub_x12.values import check

_PAIRS = 3
"""How many pairs of a range (PO106 to PO125) are filled at most."""

_CHANCE = 0.7
"""How often an optional element that the mapping reads is there."""


_TRIES = 64
"""Draws of a value until it fits: in an old release most codes of a newer one do not."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One way in which a mapping reads a segment or the first segment of a loop, and the wishes for what stands below
    it. ``nodes`` are places of the grammar; ``taken`` qualifiers that another way of reading claims."""

    nodes: frozenset[int]
    guards: Fixed
    leaves: tuple[Leaf, ...]
    below: tuple[Wish, ...]
    taken: frozenset[str] = frozenset()

    def values(self, element: int) -> tuple[str, ...]:
        """The qualifier in ``element`` that this way of reading asks for, if it asks for one."""
        return tuple(text for (at, _), text in self.guards.items() if at == element)

    def draw(self, rng: random.Random, short: bool) -> tuple[dict[tuple[int, int], str], Reads]:
        """Texts that the mapping understands, and which elements it reads. ``short``: dates have six digits."""
        texts: dict[tuple[int, int], str] = {}
        shy: set[int] = set()
        for leaf in self.leaves:
            drawn = _texts(leaf, rng, self.taken, short)
            texts |= {slot: text for slot, text in drawn.items() if slot not in texts}
            if rng.random() > _CHANCE:
                shy |= {at for at, _ in drawn}
        texts |= self.guards
        always = frozenset(at for at, _ in self.guards)
        both = [leaf for leaf in self.leaves if not leaf.one_way]  # what is only read cannot be written again
        read = frozenset(place.slot.element for leaf in both for place in leaf.places if place.slot)
        return texts, Reads(read | always, always, frozenset(shy) - always, _CHANCE)


@dataclass(frozen=True, slots=True)
class Hints:
    """The wishes of one mapping for the sets of one grammar. ``short``: dates have six digits."""

    top: tuple[Wish, ...]
    short: bool = False


def hints(mapping: CompiledMapping, grammar: Grammar) -> Hints:
    """Wishes for sets of ``grammar``, which may be of another release than the mapping's own."""
    moved = _Moved(mapping.grammar, grammar)
    return Hints(tuple(_wishes(mapping.plan.root, moved)), grammar.version < "004010")


@dataclass
class _Moved:
    """Places of the mapping's grammar in another one, found by loops and segment."""

    source: Grammar
    target: Grammar
    known: dict[tuple[tuple[str, ...], str, bool, int], int] = field(init=False)
    keys: list[tuple[tuple[str, ...], str, bool, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.known = {key: at for at, key in enumerate(_keys(self.target))}
        self.keys = _keys(self.source)

    def places(self, nodes: Sequence[int]) -> frozenset[int]:
        return frozenset(self.known[self.keys[node]] for node in nodes if self.keys[node] in self.known)


def _keys(grammar: Grammar) -> list[tuple[tuple[str, ...], str, bool, int]]:
    """Every place by its loops, its segment, and how many like it come before."""
    seen: dict[tuple[tuple[str, ...], str, bool], int] = {}
    out = []
    for node in grammar.nodes:
        key = (node.loop_ids, node.segment.id, node.trigger)
        seen[key] = seen.get(key, -1) + 1
        out.append((*key, seen[key]))
    return out


def _wishes(body: Body, moved: _Moved) -> Iterator[Wish]:
    for part in body.parts:
        nodes = moved.places(part.nodes)
        if nodes:
            yield from _ways(part, nodes, moved)


def _ways(part: Part, nodes: frozenset[int], moved: _Moved) -> Iterator[Wish]:
    claimed = frozenset(guard.value for body in part.bodies for guard in body.guards)
    for body in part.bodies:
        guards = _slots([guard.place for guard in body.guards], [guard.value for guard in body.guards])
        leaves = [leaf for leaf in (body.key, *body.leaves) if leaf is not None]
        taken = frozenset() if body.guards else claimed
        yield Wish(nodes, guards, tuple(leaves), tuple(_wishes(body, moved)), taken)


def _slots(places: Iterable[Place], texts: Iterable[str]) -> dict[tuple[int, int], str]:
    """Texts by element and component; nothing for an element that the release does not have."""
    return {
        (place.slot.element, place.slot.component or 0): text
        for place, text in zip(places, texts, strict=False)
        if place.slot is not None
    }


def _texts(leaf: Leaf, rng: random.Random, taken: frozenset[str], short: bool) -> dict[tuple[int, int], str]:
    """Texts for the elements of one line of the mapping; nothing for those that any valid value will do for."""
    if leaf.meaning is Meaning.CONSTANT:
        return _slots(leaf.places, repeat(leaf.constant))
    if leaf.meaning is not Meaning.FIELD or leaf.pair is None or leaf.pair.write is None:
        return {}
    if leaf.form is Form.SEGMENTS:
        return _whole(leaf, rng)
    if leaf.form is Form.VALUE:
        return _fitting(leaf, leaf.places, rng, taken, short)
    out: dict[tuple[int, int], str] = {}
    filled = rng.randint(1, _PAIRS)
    for at in range(0, len(leaf.places) - 1, 2):
        pair = leaf.places[at : at + 2]
        drawn = _fitting(leaf, pair, rng, taken, short) if at // 2 < filled else {}
        out |= drawn or _slots(pair, repeat(""))
    return out


def _whole(leaf: Leaf, rng: random.Random) -> dict[tuple[int, int], str]:
    assert leaf.pair is not None
    assert leaf.pair.write is not None
    items = sample(rng, leaf.pair.domain, leaf)
    if not items:
        return {}
    return _slots(leaf.places, chain(map(str, leaf.pair.write(items)[0]), repeat("")))


def _fitting(
    leaf: Leaf, places: Sequence[Place], rng: random.Random, taken: frozenset[str], short: bool
) -> dict[tuple[int, int], str]:
    """A value of the line's domain as texts, drawn until the elements can hold it; nothing where they cannot."""
    assert leaf.pair is not None
    assert leaf.pair.write is not None
    for _ in range(_TRIES):
        value = sample(rng, leaf.pair.domain, leaf)
        if value is None:
            return {}
        try:
            written = leaf.pair.write(value)
        except (ValueError, KeyError, TypeError, AttributeError):  # not one that the converter can write after all
            continue
        out = _spread(places, written)
        if out is not None and not taken & set(out.values()) and _lawful(places, out, short):
            return out
    return {}


def _spread(places: Sequence[Place], written: object) -> dict[tuple[int, int], str] | None:
    texts = [str(text) for text in written] if isinstance(written, (list, tuple)) else [str(written)]
    if len(places) == 1 and isinstance(written, (list, tuple)):
        slot = places[0].slot
        return {(slot.element, index): text for index, text in enumerate(texts)} if slot else {}
    return _slots(places, texts) if len(texts) == len(places) else None


def _lawful(places: Sequence[Place], texts: Fixed, short: bool) -> bool:
    rules = Rules(Separators("*", "~", ">", "^"), {}, Agreed(short_dates=short))
    by_element = {place.slot.element: place.slot for place in places if place.slot}
    for (at, component), text in texts.items():
        slot = by_element[at]
        definition = slot.definition
        if slot.component is None and definition.components:
            if component >= len(definition.components):
                return False
            definition = definition.components[component]
        if text and any(True for _ in check(text, definition, rules)):
            return False
    return True
