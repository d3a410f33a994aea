"""ANSI ASC X12: reading, checking, acknowledging and writing interchanges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hub.hookspecs import hookimpl

if TYPE_CHECKING:
    from hub.mapping.forms import Function
    from hub.translation import GrammarLoader, Translator


@hookimpl
def hub_register_translators() -> Sequence[Translator]:
    """The one translator of this plugin."""
    from hub_x12.translator import X12Translator

    return [X12Translator()]


@hookimpl
def hub_register_grammars() -> GrammarLoader:
    """Grammars named ``x12/004010/850``."""
    from hub_x12.grammar import grammar

    return grammar


@hookimpl
def hub_register_converters() -> Sequence[Function]:
    """Converters of values, such as prices with their basis, and the forms of messages."""
    from hub_x12.converting import CONVERTERS
    from hub_x12.forms import FORMS

    return [*CONVERTERS, *FORMS]
