"""What the checks of one interchange depend on, beside the grammar: separators, code lists, agreed strictness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from hub_x12.codes import values
from hub_x12.separators import Separators

CodeRule = tuple[str, frozenset[str]]
"""What an agreement says of one element's codes: ``more`` than the standard has, ``only`` these, or ``any``."""

BASIC = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!\"&'()*+,-./:;?= ")
"""The basic character set of X12.6."""

EXTENDED = BASIC | frozenset("abcdefghijklmnopqrstuvwxyz%~@[]_{}\\|<>#$^`")
"""The extended character set of X12.6, without the letters of single languages, which partners have to agree."""

CHARACTERS: dict[str, frozenset[str] | None] = {"any": None, "basic": BASIC, "extended": EXTENDED}
"""Choices of the option ``characters``."""


@dataclass(frozen=True)
class Agreed:
    """The choices of an agreement that change what is checked. ``listed`` is the release whose code lists hold ('':
    only the agreed ones). ``short_dates``: dates of six digits are the rule (before 004010). ``blanks``: those
    around a value are reported."""

    codes: tuple[tuple[str, CodeRule], ...] = ()
    listed: str = ""
    short_dates: bool = False
    characters: str = "any"
    blanks: bool = False


UNAGREED = Agreed()
"""Nothing agreed and no code lists: the form alone is checked."""


class CodeLists:
    """The values that hold for each element: the release's lists with the agreement's laid over them."""

    def __init__(self, agreed: Agreed) -> None:
        self._rules = dict(agreed.codes)
        self._listed = agreed.listed
        self._known: dict[str, frozenset[str] | None] = {}

    def get(self, number: str) -> frozenset[str] | None:
        """The values of a data element; None where every value may stand."""
        try:
            return self._known[number]
        except KeyError:
            found = self._known[number] = self._lookup(number)
            return found

    def _lookup(self, number: str) -> frozenset[str] | None:
        standard = values(self._listed, number) if self._listed else None
        mode, agreed = self._rules.get(number, ("", frozenset()))
        match mode:
            case "any":
                return None
            case "only":
                return agreed
            case "more":
                return agreed if standard is None else standard | agreed
            case _:
                return standard

    def sentence(self, number: str) -> str:
        """The end of a sentence about a value that is none of the element's."""
        if number in self._rules:
            return f"is no code agreed for data element {number}"
        return f"is not in code list {number} of release {self._listed}"


@dataclass(frozen=True)
class Rules:
    """Everything together. ``notes`` are the syntax notes inside composites, by composite number."""

    separators: Separators
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    agreed: Agreed = UNAGREED

    @cached_property
    def codes(self) -> CodeLists:
        """The code lists in force."""
        return CodeLists(self.agreed)

    @property
    def characters(self) -> frozenset[str] | None:
        """The characters agreed for text; None for any."""
        return CHARACTERS[self.agreed.characters]
