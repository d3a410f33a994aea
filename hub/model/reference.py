"""References to other documents, and dates that have no field of their own."""

from __future__ import annotations

from hub.model.dates import LocalDate, Period, When
from hub.model.value import Value


class DocRef(Value):
    """Another document: ``type`` is order, sales_order, contract, quote, despatch, invoice, receipt, return, blanket,
    release, promotion, project, price_list … (X12 128, EDIFACT 1153), ``release`` a release under it, ``line`` a
    line of it, ``issuer`` whose number it is, ``description`` what the sender wrote beside it (REF03, N903). ``date``
    is when it was made, or what ``date_qualifier`` says. An ``id`` may be empty where only a description was sent."""

    type: str
    id: str = ""
    release: str = ""
    line: str = ""
    date: When | None = None
    date_qualifier: str = ""
    issuer: str = ""
    description: str = ""


class QualifiedDate(Value):
    """A date, or a ``period``, whose meaning is a qualifier: a canonical name (``promotion_start``) or the list's
    own code."""

    qualifier: str
    value: When | None = None
    period: Period | None = None
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
