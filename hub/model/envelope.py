"""The record of a message around a document."""

from __future__ import annotations

from hub.model.dates import Instant
from hub.model.document import Document
from hub.model.value import Key, Many, Value


class Issue(Value):
    """A finding as it is kept with a document: ``severity`` is error, warning or notice."""

    severity: str
    code: str
    message: str
    path: str = ""


class DocumentEnvelope(Document):
    """The entity *Document* of the reference (4.4): one message in or out. ``verb`` (process, acknowledge, sync,
    notify, cancel) and ``noun`` (order, invoice …) say what it asks; the controls are ISA13, GS06, ST02 or UNB 0020,
    UNH 0062. ``raw_ref`` and ``sha256`` name the stored payload, ``ack_ids`` the acknowledgments for it."""

    doc_id: Key
    verb: str = ""
    noun: str = ""
    direction: str = ""
    partner: str = ""
    format: str = ""
    format_version: str = ""
    customization_id: str = ""
    profile_id: str = ""
    interchange_control: str = ""
    group_control: str = ""
    message_control: str = ""
    test: bool | None = None
    received_at: Instant | None = None
    sent_at: Instant | None = None
    sha256: str = ""
    raw_ref: str = ""
    state: str = ""
    issues: Many[Issue] = ()
    ack_ids: Many[str] = ()
