"""Where a document, or a value in it, came from."""

from __future__ import annotations

from hub.model.dates import Instant, When
from hub.model.value import Many, Value


class SourceRef(Value):
    """A record in another system: which one, when it was seen, and when the system itself last changed it.

    ``path`` is the place inside the record or message; ``method`` is ``observed``, ``derived`` or ``manual``.
    """

    system: str = ""
    record_id: str = ""
    document_id: str = ""
    path: str = ""
    observed_at: Instant | None = None
    source_updated_at: When | None = None
    method: str = ""


class Provenance(Value):
    """How a document came to be: the exchange and payload (SHA-256), the place in it, and the mapping that read it.

    ``position`` counts messages in the interchange from 1. ``sources`` names records of other systems (an ERP's
    customer, a marketplace's order). Whatever is empty is unknown or does not apply.
    """

    exchange_id: str = ""
    sha256: str = ""
    file: str = ""
    interchange: str = ""
    group: str = ""
    message: str = ""
    position: int | None = None
    mapping: str = ""
    mapping_version: str = ""
    received_at: Instant | None = None
    sources: Many[SourceRef] = ()
