"""Which elements of a segment are there, so that every syntax note holds. X12.6 §3.8."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence

from hub_x12.patterns import note_places

_TRIES = 40


class Unsatisfiable(ValueError):
    """No choice of elements was found that all notes of a segment allow."""


def present(
    rng: random.Random,
    required: Collection[int],
    optional: Collection[int],
    notes: Sequence[str],
    density: float,
    wanted: Collection[int] = (),
    favored: Collection[int] = (),
) -> set[int]:
    """Places (from 1) of the elements to send: ``required``, ``wanted`` where the notes allow it, and each of
    ``optional`` with probability ``density``; where a note leaves a choice, one of ``favored``. Raises
    ``Unsatisfiable`` where the notes contradict one another."""
    known = set(required) | set(optional) | set(wanted)
    must = set(required)
    for turn in range(_TRIES):
        eager = density if turn < _TRIES // 2 else 0.0
        chosen = must | {at for at in sorted(optional) if rng.random() < eager}
        if turn < _TRIES * 3 // 4:
            chosen |= set(wanted)
        if (settled := _settled(rng, chosen, must, known, notes, set(favored))) is not None:
            return settled
    raise Unsatisfiable(f"notes {' '.join(notes)} with mandatory {sorted(must)}")


def _settled(
    rng: random.Random, chosen: set[int], must: set[int], known: set[int], notes: Sequence[str], favored: set[int]
) -> set[int] | None:
    """``chosen`` with what the notes add and forbid, None where that comes to no end."""
    there = set(chosen)
    barred: set[int] = set()
    for _ in range(2 * len(notes) + 2):
        moved = False
        for note in notes:
            kind, places = note[0], note_places(note)
            held = [at for at in places if at in there]
            if kind == "E" and len(held) > 1:
                keep = next((at for at in held if at in must), None) or _one_of(rng, held, favored)
                dropped = {at for at in held if at != keep}
                if dropped & must:
                    return None
                there -= dropped
                barred |= dropped
                moved = True
                continue
            more = _added(rng, kind, places, held, barred, known, favored) - there
            there |= more
            moved = moved or bool(more)
        if barred & there or not there <= known:
            return None
        if not moved:
            return there
    return None


def _added(
    rng: random.Random,
    kind: str,
    places: list[int],
    held: list[int],
    barred: set[int],
    known: set[int],
    favored: set[int],
) -> set[int]:
    """The places that a note asks for beside those ``held``."""
    first, rest = places[0], places[1:]
    if kind == "P":
        return set(places) if held else set()
    if kind == "C":
        return set(rest) if first in held else set()
    free = [at for at in (places if kind == "R" else rest) if at in known and at not in barred]
    if (kind == "R" and not held) or (kind == "L" and held == [first]):
        return {_one_of(rng, free or rest, favored)}
    return set()


def _one_of(rng: random.Random, places: list[int], favored: set[int]) -> int:
    return rng.choice([at for at in places if at in favored] or places)


def satisfied(notes: Sequence[str], there: Collection[int]) -> bool:
    """Whether all notes hold."""
    for note in notes:
        kind, places = note[0], note_places(note)
        held = [at for at in places if at in there]
        broken = {
            "P": bool(held) and len(held) < len(places),
            "R": not held,
            "E": len(held) > 1,
            "C": places[0] in there and len(held) < len(places),
            "L": held == places[:1],
        }
        if broken[kind]:
            return False
    return True
