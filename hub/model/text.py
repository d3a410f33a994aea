"""Free text with its subject and language."""

from __future__ import annotations

from hub.model.value import Value


class Note(Value):
    """A note. ``subject`` says what it is about (EDIFACT 4451: ``delivery``, ``purchasing`` … or the sender's own
    code), ``lang`` is a BCP 47 tag."""

    text: str = ""
    subject: str = ""
    lang: str = ""


class LocalText(Value):
    """A name or description in one language (BCP 47; empty: not stated)."""

    value: str
    lang: str = ""
