"""What a person allowed."""

from __future__ import annotations

from collections.abc import Iterable

from hub.model.dates import Instant
from hub.model.document import Document
from hub.model.value import Key, Many, Value


class Preference(Value):
    """When and how often a person wants to be addressed: local hours ``from_hour`` to ``to_hour``, at most ``limit``
    times per ``per`` (day, week, month)."""

    from_hour: int | None = None
    to_hour: int | None = None
    weekdays: Many[int] = ()
    limit: int | None = None
    per: str = ""


class Consent(Document):
    """One event in the history of a consent: append only, never changed. ``state`` is granted, denied, withdrawn or
    expired; ``given_at`` is when it took effect. Record structure: ISO/IEC TS 27560:2023."""

    consent_id: Key
    party_id: Key
    purpose: Key
    channels: Many[str] = ()
    lawful_basis: str = ""
    state: Key
    given_at: Instant
    expires_at: Instant | None = None
    method: str = ""
    evidence: str = ""
    notice_version: str = ""
    jurisdiction: str = ""
    preference: Preference | None = None
    source: str = ""
    recorded_at: Instant | None = None


def current_consent(events: Iterable[Consent], purpose: str, channel: str, now: Instant) -> Consent | None:
    """The event that decides about ``purpose`` on ``channel`` at ``now`` (aware): the latest that has taken effect;
    at equal times withdrawal and denial beat a grant. An event without channels speaks of all. None: nobody asked.
    A grant whose ``expires_at`` has passed is returned as it is: the caller checks with ``permits``."""
    fitting = [
        event
        for event in events
        if event.purpose == purpose and (not event.channels or channel in event.channels) and event.given_at <= now
    ]
    return max(fitting, key=lambda event: (event.given_at, event.state != "granted"), default=None)


def permits(events: Iterable[Consent], purpose: str, channel: str, now: Instant) -> bool:
    """Whether the history allows ``purpose`` on ``channel`` at ``now``: the deciding event is a grant, not expired."""
    found = current_consent(events, purpose, channel, now)
    return found is not None and found.state == "granted" and (found.expires_at is None or now < found.expires_at)
