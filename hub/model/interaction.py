"""A contact with a party."""

from __future__ import annotations

from hub.model.dates import Instant
from hub.model.document import Document
from hub.model.reference import DocRef
from hub.model.value import Key, Many


class Interaction(Document):
    """One contact: every order in, acknowledgment, return or complaint is one. ``channel`` is pos, phone, email,
    edi …, ``direction`` inbound or outbound. ``body_ref`` points to the stored text, which is not copied here."""

    interaction_id: Key
    party_id: Key
    at: Instant
    channel: str
    direction: str = ""
    type: str = ""
    subject: str = ""
    body_ref: str = ""
    related: Many[DocRef] = ()
    campaign_id: str = ""
    case_id: str = ""
    agent: str = ""
    outcome: str = ""
    duration_seconds: int | None = None
