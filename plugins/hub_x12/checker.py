"""The checks of one release under one interchange's separators and one agreement, compiled once and kept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from hub_x12.elements import Fault, explain
from hub_x12.grammar.release import composite_notes, release
from hub_x12.patterns import Clean, Rules, clean_segment
from hub_x12.separators import Separators


def _never(_: str) -> object:
    return None


class Checker:
    """``clean(id)(text)`` is truthy for a segment without fault; ``faults`` explains the others. ``composites``
    names, per segment, the places of composite elements."""

    def __init__(self, name: str, rules: Rules) -> None:
        self.release = release(name)
        self.rules = rules
        self.composites = {
            ident: places
            for ident, definition in self.release.segments.items()
            if (places := [at for at, item in enumerate(definition.elements, 1) if item.components])
        }
        self._clean: dict[str, Clean] = {}

    def clean(self, ident: str) -> Clean:
        """The check of one segment; for one the release does not describe, a check that nothing passes."""
        check = self._clean.get(ident)
        if check is None:
            definition = self.release.segments.get(ident)
            if definition is None:  # not kept: ids that a partner invents shall not fill the memory
                return _never
            check = self._clean[ident] = clean_segment(definition, self.rules)
        return check

    def dirty(self, texts: list[str], ids: list[str]) -> list[int]:
        """Indexes of the segments that need an explanation."""
        known = self._clean
        return [
            at
            for at, (ident, text) in enumerate(zip(ids, texts, strict=True))
            if not (known.get(ident) or self.clean(ident))(text)
        ]

    def faults(self, values: list[str]) -> Iterator[Fault]:
        """Everything wrong with a segment's elements; nothing for a segment the release does not describe."""
        definition = self.release.segments.get(values[0])
        if definition is not None:
            yield from explain(values, definition, self.rules)

    def compose(self, values: list[str]) -> None:
        """Split the composite elements of a segment into lists of components, in place."""
        mark = self.rules.separators.component
        for at in self.composites[values[0]]:
            if at < len(values) and values[at]:
                values[at] = values[at].split(mark) if mark else [values[at]]  # type: ignore[call-overload]


@lru_cache(maxsize=32)
def checker(
    name: str, separators: Separators, codes: tuple[tuple[str, frozenset[str]], ...] = (), short_dates: bool = False
) -> Checker:
    """The checker for a release that has a grammar."""
    return Checker(name, Rules(separators, composite_notes(name), dict(codes), short_dates))
