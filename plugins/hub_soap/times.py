"""Change times as one ERP writes them, and the watermark that the hub keeps: always ISO 8601 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def parsed(text: str, form: str, zone: str) -> datetime | None:
    """A server's time as an aware datetime, None where it is empty, zero or not in ``form`` (``iso``, ``unix``
    seconds, or strptime codes). A time without offset is in ``zone``."""
    text = text.strip()
    if not text or not text.strip("0-:./ TZ"):
        return None
    try:
        if form == "unix":
            return datetime.fromtimestamp(int(text), UTC)
        if form == "iso":
            # Servers send nanoseconds and a blank before the zone; datetime takes six digits and no blank.
            value = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text).replace(" +", "+"))
        else:
            value = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added below
        if value.tzinfo is None:
            value = value.replace(tzinfo=ZoneInfo(zone))
        return value.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def written(moment: datetime, form: str, zone: str) -> str:
    """``moment`` as the server wants it, in its own zone; fractions of a second are cut, which asks for more."""
    local = moment.astimezone(ZoneInfo(zone)).replace(microsecond=0)
    if form == "unix":
        return str(int(moment.timestamp()))
    return local.isoformat() if form == "iso" else local.strftime(form)


def watermark(moment: datetime) -> str:
    """The hub's spelling of a watermark."""
    return moment.astimezone(UTC).isoformat()


def from_watermark(value: str | None) -> datetime | None:
    """The time of a stored watermark; None where there is none (or one of the full-list kind, ``sha256:…``)."""
    if not value or value.startswith("sha256:"):
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def earlier(moment: datetime | None, seconds: float) -> datetime | None:
    """``moment`` moved back, for the overlap."""
    return None if moment is None else moment - timedelta(seconds=seconds)
