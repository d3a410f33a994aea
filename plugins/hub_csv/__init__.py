"""Delimited text (CSV and its relatives) in and out: order, product and price feeds in each partner's own dialect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hub.hookspecs import hookimpl

if TYPE_CHECKING:
    from hub.translation import Translator


@hookimpl
def hub_register_translators() -> Sequence[Translator]:
    """The one translator, ``csv``."""
    from hub_csv.translator import CsvTranslator

    return [CsvTranslator()]
