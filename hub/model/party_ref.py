"""A party in a role of one document."""

from __future__ import annotations

from hub.model.address import Address
from hub.model.contact import Contact
from hub.model.identifiers import Identifier
from hub.model.reference import DocRef
from hub.model.value import Many, Value


class PartyRef(Value):
    """Identifiers and a snapshot of the party as the document sent it; ``party_id`` is the golden party it was
    resolved to, empty until then. The snapshot never changes, also when parties are merged later. ``references`` are
    numbers sent with the party (X12 REF below N1: tax registration, vendor number, division)."""

    name: str = ""
    additional_name: str = ""
    identifiers: Many[Identifier] = ()
    address: Address | None = None
    contacts: Many[Contact] = ()
    references: Many[DocRef] = ()
    party_id: str = ""
