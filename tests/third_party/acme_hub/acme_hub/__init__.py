"""ACME's orders for the integration hub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hub.findings import Finding, Position, error
from hub.hookspecs import hookimpl

if TYPE_CHECKING:
    from hub.mapping.converters import Converter
    from hub.model.document import Document
    from hub.translation import Translator


@hookimpl
def hub_register_translators() -> Sequence[Translator]:
    """JSON lines, in and out."""
    from acme_hub.translator import AcmeTranslator

    return [AcmeTranslator()]


@hookimpl
def hub_register_mappings() -> Sequence[Path]:
    """What ACME's orders mean."""
    return [Path(__file__).parent / "mappings"]


@hookimpl
def hub_register_converters() -> Sequence[Converter]:
    """ACME's check letter."""
    from acme_hub.order_no import ORDER_NO

    return [ORDER_NO]


@hookimpl
def hub_validate(document: Document, partner: str) -> Sequence[Finding]:
    """ACME promised to say when goods are wanted."""
    if partner == "acme" and document.kind == "Order" and getattr(document, "requested_delivery", None) is None:
        place = Position(path="$.requested_delivery")
        return [error("acme.no_date", "ACME's orders must say when the goods are wanted", place)]
    return []
