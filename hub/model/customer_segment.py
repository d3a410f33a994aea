"""A segment of customers."""

from __future__ import annotations

from hub.model.dates import Period
from hub.model.document import Document
from hub.model.value import Key, Many, Value


class SegmentMembership(Value):
    """A party in a segment, from when to when, and by which version of the rule."""

    party_id: Key
    valid: Period | None = None
    rule_version: str = ""
    score: str = ""


class Segment(Document):
    """A group of customers. ``rule`` says how it is made (rfm, abc, churn, manual …) and ``rule_version`` which
    version made the members listed."""

    segment_id: Key
    name: str = ""
    description: str = ""
    rule: str = ""
    rule_version: str = ""
    priority: int | None = None
    members: Many[SegmentMembership] = ()
    status: str = ""
    version: int | None = None
