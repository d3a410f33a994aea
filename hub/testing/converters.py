"""What every converter must do: two functions that undo each other, and ``ValueError`` for what they cannot take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from hub.mapping.codes import CodeLists
from hub.mapping.converters import Converter, Environment, Pair
from hub.testing.expect import NotConforming, expect

KINDS = frozenset(("text", "decimal", "integer", "bool", "date", "datetime", "object", "list", "any"))
TAKES = frozenset(("text", "texts", "components", "items"))


class ConverterConformance:
    """Subclass it and set ``converter``, its ``args``, and ``values``: canonical values that survive writing and
    reading. ``texts`` are what partners send (read, written and read again: the same value); ``bad`` must be refused.
    ``one_way`` says that there is nothing to write."""

    converter: Converter
    args: ClassVar[Sequence[str]] = ()
    values: ClassVar[Sequence[Any]] = ()
    texts: ClassVar[Sequence[Any]] = ()
    bad: ClassVar[Sequence[Any]] = ()
    options: ClassVar[Mapping[str, Any]] = {}
    one_way: ClassVar[bool] = False

    @cached_property
    def pair(self) -> Pair:
        """The converter made for ``args``."""
        made = self.converter.make(self.args, Environment(CodeLists(()), options=self.options))
        expect(isinstance(made, Pair), f"{self.converter.name} made {type(made).__name__}, not a Pair")
        return made

    def test_it_describes_itself(self) -> None:
        """Name, what it takes and what it gives are words that mapping files know."""
        name = self.converter.name
        expect(bool(self.converter.doc), f"{name} has no doc: the line that 'hub mapping' shows for it")
        expect(self.pair.takes in TAKES, f"{name} takes {self.pair.takes!r}, which is none of {sorted(TAKES)}")
        expect(self.pair.gives in KINDS, f"{name} gives {self.pair.gives!r}, which is none of {sorted(KINDS)}")
        expect((self.pair.write is None) == self.one_way, f"{name}: one_way does not agree with its write function")

    def test_reading_what_was_written(self) -> None:
        """``read(write(value)) == value``."""
        if self.pair.write is None:
            return
        for value in self.values:
            written = self.pair.write(value)
            again = self.pair.read(written)
            expect(again == value, f"{self.converter.name}: {value!r} is written as {written!r}, which reads {again!r}")

    def test_texts_of_partners(self) -> None:
        """What partners send is read, and what is written from it is read as the same value."""
        for text in self.texts:
            value = self.pair.read(text)
            if self.pair.write is not None:
                again = self.pair.read(self.pair.write(value))
                expect(again == value, f"{self.converter.name}: {text!r} reads {value!r}, written and read {again!r}")

    def test_bad_texts_are_refused(self) -> None:
        """``ValueError``, nothing else, for what it cannot read; silence would be a wrong value."""
        for text in self.bad:
            try:
                value = self.pair.read(text)
            except ValueError:
                continue
            except Exception as exc:
                raise NotConforming(f"{self.converter.name}: {text!r} raised {type(exc).__name__}") from exc
            raise NotConforming(f"{self.converter.name}: {text!r} was read as {value!r}")
