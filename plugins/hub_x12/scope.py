"""What the sets of one group share while they are read: release, checks, structure, control numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from hub.findings import Finding
from hub.grammar import Structure
from hub.grammar.structure import Walk
from hub_x12.checker import Checker, checker
from hub_x12.envelope import release_of
from hub_x12.grammar.release import available, grammar, nearest, release
from hub_x12.numbers import SeenNumbers
from hub_x12.options import Options
from hub_x12.separators import Separators
from hub_x12.verdicts import GroupVerdict


@cache
def structure(name: str) -> Structure | None:
    """The compiled segment order of ``x12/004010/850``; None where there is no grammar."""
    known = grammar(name)
    return None if known is None else Structure(known)


_CLEAN_WALKS: dict[tuple[str, ...], Walk] = {}
_KEPT_WALKS = 512
_LONGEST_KEPT = 200


def walked(ordered: Structure, ids: list[str]) -> Walk:
    """Where each segment stands. Sets of one partner mostly have the same few shapes, so clean walks are kept."""
    if len(ids) > _LONGEST_KEPT:
        return ordered.walk(ids)
    key = (ordered.grammar.name, *ids)
    known = _CLEAN_WALKS.get(key)
    if known is None:
        known = ordered.walk(ids)
        if not known.faults:
            if len(_CLEAN_WALKS) >= _KEPT_WALKS:
                _CLEAN_WALKS.clear()
            _CLEAN_WALKS[key] = known
    return known


@cache
def every_set() -> frozenset[str]:
    """Every set number that some release knows."""
    return frozenset().union(*(release(name).known_sets for name in available()))


@cache
def functional_ids() -> dict[str, str]:
    """Set number → functional group id (GS01), for the sets that have a grammar."""
    return {ident: functional for name in available() for ident, functional in release(name).functional.items()}


@dataclass(slots=True)
class GroupScope:
    """What the sets of one group share while they are read. ``approximate``: the grammar is another release's."""

    verdict: GroupVerdict
    release: str
    checker: Checker
    opened: bool = True
    approximate: bool = False
    seen: SeenNumbers = field(default_factory=SeenNumbers)
    refusal: Finding | None = None


def scope_of(verdict: GroupVerdict, options: Options, separators: Separators, opened: bool) -> GroupScope:
    """Prepare to read the sets of a group."""
    wanted = release_of(verdict.version) or "004010"
    near = nearest(wanted)
    checks = checker(near, separators, options.checks(wanted))
    return GroupScope(verdict, wanted, checks, opened, near != wanted)
