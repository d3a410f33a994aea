"""What a mapping does with each place of its message, in plain words: for the guide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from hub.grammar import ElementDef
from hub.mapping.expression import Access, Meaning
from hub.mapping.plan import Guard, Leaf, Part, Plan

Meant = Callable[[str, str], str]
"""Data element number and code → what the code means, '' where nobody knows."""

CODES_SHOWN = 60
"""How many codes of a list are printed for an element."""


@dataclass(frozen=True, slots=True)
class Use:
    """A line of the mapping as it applies to one place: the full path of its field, and under which guards."""

    leaf: Leaf
    path: tuple[str, ...]
    guards: tuple[Guard, ...]
    key: bool = False


class Uses:
    """The lines of a plan by the place in the grammar (node) that they read."""

    def __init__(self, plan: Plan) -> None:
        self.at: dict[int, list[Use]] = defaultdict(list)
        self.guards: dict[int, list[Guard]] = defaultdict(list)
        self.nodes: set[int] = set()
        for part in plan.root.parts:
            self._part(part, (), ())

    def _part(self, part: Part, path: tuple[str, ...], outer: tuple[Guard, ...]) -> None:
        self.nodes.update(part.nodes)
        several = len(part.bodies) > 1
        for body in part.bodies:
            inside = (*path, *names(body.into))
            guards = (*outer, *body.guards)
            for node in part.nodes:
                self.guards[node] += body.guards
                self.at[node] += [Use(leaf, inside, guards) for leaf in body.leaves]
                if body.key is not None:
                    self.at[node].append(Use(body.key, inside, guards, key=True))
            for below in body.parts:
                self._part(below, inside, guards if several else outer)


def names(steps: tuple[Access, ...]) -> tuple[str, ...]:
    """A canonical path as words."""
    return tuple(
        step.name.replace("_", " ") + (f" ({step.select.replace('_', ' ')})" if step.select else "") for step in steps
    )


def filled(uses: list[Use]) -> str:
    """Which fields the lines of one element fill; each with the qualifiers under which it does."""
    told: dict[str, list[tuple[Guard, ...]]] = defaultdict(list)
    for use in uses:
        told[_field(use)].append(use.guards)
    return "; ".join(f"{what}{_where(where)}" for what, where in told.items())


def _where(alternatives: list[tuple[Guard, ...]]) -> str:
    if not all(alternatives):
        return ""  # also without any qualifier
    told = list(dict.fromkeys(condition(guards) for guards in alternatives))
    refs = {guards[0].place.ref for guards in alternatives}
    if len(told) > 1 and len(refs) == 1 and all(len(guards) == 1 and guards[0].value for guards in alternatives):
        values = " or ".join(dict.fromkeys(f"`{guards[0].value}`" for guards in alternatives))
        return f" (where {refs.pop()} is {values})"
    return f" (where {' or '.join(told)})"


def _field(use: Use) -> str:
    leaf = use.leaf
    path = " › ".join((*use.path, *names(leaf.field)))
    if use.key:
        return f"{path or 'document'}: under which name"
    match leaf.meaning:
        case Meaning.CONSTANT:
            return f"always `{leaf.constant}`"
        case Meaning.FIELD:
            return path
        case _:
            return f"{leaf.meaning.value} of {path}"


def condition(guards: tuple[Guard, ...]) -> str:
    """``DTM01 is `002```, '' without guards."""
    told = [f"{one.place.ref} is `{one.value}`" if one.value else f"{one.place.ref} is not sent" for one in guards]
    return " and ".join(dict.fromkeys(told))


def codes(uses: list[Use], guards: list[str], element: ElementDef, agreed: object, meant: Meant) -> str:
    """The codes in use for one element: those of the mapping's lists, those that choose a block, and what was agreed
    with the partner beside the standard's (``agreed``)."""
    found: dict[str, str] = {}
    for use in uses:
        table: Mapping[str, str] = (use.leaf.pair.table if use.leaf.pair else None) or {}
        for code, value in table.items():
            found.setdefault(code, meant(element.number, code) or str(value).replace("_", " "))
        if use.leaf.meaning is Meaning.CONSTANT and use.leaf.constant:
            found.setdefault(use.leaf.constant, meant(element.number, use.leaf.constant))
    for code in guards:
        found.setdefault(code, meant(element.number, code))
    shown = [f"`{code}` {says}".rstrip() for code, says in list(found.items())[:CODES_SHOWN]]
    text = ", ".join(shown) + (f" and {len(found) - CODES_SHOWN} more" if len(found) > CODES_SHOWN else "")
    return "; ".join(part for part in (text, _agreed(agreed)) if part)


def _agreed(agreed: object) -> str:
    if isinstance(agreed, Mapping):
        return f"by agreement only {_listed(agreed.get('only', ()))}"
    if agreed == "any":
        return "by agreement any value"
    return f"by agreement also {_listed(agreed)}" if isinstance(agreed, (list, tuple)) and agreed else ""


def _listed(values: object) -> str:
    return ", ".join(f"`{one}`" for one in values) if isinstance(values, (list, tuple)) else f"`{values}`"


def touching(uses: list[Use], element: int, component: int | None) -> list[Use]:
    """The lines that read one element (``component`` None: all of it) of a segment."""
    return [
        use
        for use in uses
        if any(
            place.slot is not None and place.slot.element == element and place.slot.component == component
            for place in use.leaf.places
        )
    ]


def guarding(guards: list[Guard], element: int, component: int | None) -> Iterator[str]:
    """The codes by which one element chooses a block."""
    for one in guards:
        slot = one.place.slot
        if one.value and slot is not None and (slot.element, slot.component) == (element, component):
            yield one.value
