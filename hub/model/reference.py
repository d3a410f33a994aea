"""References to other documents, and dates that have no field of their own."""

from __future__ import annotations

from hub.model.dates import LocalDate, When
from hub.model.value import Value


class DocRef(Value):
    """Another document: ``type`` is order, sales_order, contract, quote, despatch, invoice, receipt, return, blanket,
    release, promotion, project, price_list … (X12 128, EDIFACT 1153), ``line`` a line of it, ``issuer`` whose
    number it is."""

    type: str
    id: str
    line: str = ""
    date: When | None = None
    issuer: str = ""


class QualifiedDate(Value):
    """A date whose meaning is a qualifier: a canonical name (``promotion_start``) or the list's own code."""

    qualifier: str
    value: When | None = None
    text: str = ""


class Attachment(Value):
    """A file that belongs to a document: where it is (``uri`` or the SHA-256 of a stored payload) and what it is."""

    id: str = ""
    description: str = ""
    media_type: str = ""
    uri: str = ""
    sha256: str = ""
    created_on: LocalDate | None = None


class Code(Value):
    """A code with its list. ``source_list`` and ``source_value`` are what was received before translation."""

    value: str
    list: str = ""
    version: str = ""
    source_list: str = ""
    source_value: str = ""
