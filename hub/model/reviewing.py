"""``review``: everything notable in a valid document, as findings."""

from __future__ import annotations

from decimal import Decimal

from hub.findings import Finding, Severity
from hub.model import document_checks, status_checks, trade_checks, value_checks
from hub.model.checks import MAX_FINDINGS, TOLERANCE, Review, in_order, walk
from hub.model.document import Document

CHECKED_BY = (value_checks, trade_checks, document_checks, status_checks)
"""The modules whose checks are registered when this one is imported."""


def review(document: Document, *, currency: str = "", tolerance: Decimal = TOLERANCE) -> list[Finding]:
    """What a person should look at or may want to know: check digits, unknown units, currencies and countries,
    missing roles, sums and totals that do not agree, and more (``hub/model/README.md`` lists the codes).

    Findings are warnings and notices with ``position.path`` such as ``$.lines[2].item.identifiers[0]``, at most 1000
    and one that counts the rest; never errors, for nothing here makes a document unusable. ``currency`` is what the
    agreement supplies where the document has none; ``tolerance`` is for amounts.
    """
    held = document.__dict__.get("currency")
    state = Review(document, held if isinstance(held, str) and held else currency, tolerance)
    walk(document, (), state)
    if len(state.findings) > 1:
        state.findings.sort(key=in_order)
    if state.unlisted:
        state.findings.pop()
        state.unlisted += 1
        state.findings.append(
            Finding(
                Severity.WARNING,
                "model.too_many_findings",
                f"{state.unlisted} more findings are not listed (limit {MAX_FINDINGS})",
            )
        )
    return state.findings
