"""What the buyer demands of packing, labels and pallets."""

from __future__ import annotations

from hub.model.value import Value


class PackagingNote(Value):
    """``kind`` says what it is about (label, pallet_kind … X12 753); ``text`` says it, or ``code`` of the list of
    ``agency`` does. Source: X12 PKG."""

    kind: str = ""
    text: str = ""
    code: str = ""
    agency: str = ""
    form: str = ""
