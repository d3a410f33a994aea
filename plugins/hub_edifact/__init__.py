"""UN/EDIFACT: ORDERS, ORDRSP and CONTRL, in and out, syntax versions 1 to 4. See this folder's README.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hub.hookspecs import hookimpl

if TYPE_CHECKING:
    from hub.mapping.converters import Converter
    from hub.translation import GrammarLoader, Translator


@hookimpl
def hub_register_translators() -> Sequence[Translator]:
    """The one translator of this plugin."""
    from hub_edifact.translator import EdifactTranslator

    return [EdifactTranslator()]


@hookimpl
def hub_register_grammars() -> GrammarLoader:
    """Grammars named ``edifact/<directory>/<message>``, such as ``edifact/D96A/ORDERS``."""
    from hub_edifact.directories import load_grammar

    return load_grammar


@hookimpl
def hub_register_converters() -> Sequence[Converter]:
    """Converters for EDIFACT's dates, prices and descriptions."""
    from hub_edifact.converters import CONVERTERS

    return CONVERTERS
