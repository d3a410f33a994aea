"""UNB, UNG and UNH: what the headers say, and what is wrong with them (ISO 9735 part 1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from hub.findings import Finding, Position, error, notice, warning
from hub.translation import Envelope, EnvelopeParty
from hub_edifact import errors0085 as e
from hub_edifact.charsets import CODECS
from hub_edifact.segments import Segment

STANDARD = "edifact"
MAXIMUM_REFERENCE = 14


def component(segment: Segment, element: int, at: int = 0) -> str:
    """Component ``at`` (from 0) of element ``element`` (from 1), trimmed; '' where there is none."""
    if element >= len(segment) or at >= len(segment[element]):
        return ""
    return str(segment[element][at]).strip()


def finding_at(
    make: Any, code: str, text: str, standard: str, tag: str, element: int | None = None, part: int | None = None,
    value: str = "", **where: Any,
) -> Finding:  # fmt: skip
    """A finding about a service segment with its 0085 code."""
    position = Position(segment_id=tag, element=element, component=part, **where)
    made: Finding = make(f"edifact.{code}", text, position, value=value[:99], list_id="0085", list_code=standard)
    return made


@dataclass(frozen=True, slots=True)
class Header:
    """A UNB. ``sender`` and ``recipient`` are S002 and S003 as sent (CONTRL copies them). ``version`` is 0 where it
    could not be read; the interchange is then read as version 3."""

    syntax: str = ""
    version: int = 0
    encoding: str = ""
    sender: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()
    date: str = ""
    time: str = ""
    control: str = ""
    application: str = ""
    acknowledge: str = ""
    agreement: str = ""
    test: str = ""

    @property
    def read_as(self) -> int:
        """The syntax version whose rules apply."""
        return self.version if 1 <= self.version <= 4 else 3

    def envelope(self, offset: int) -> Envelope:
        """The header as the core knows it."""
        return Envelope(
            STANDARD,
            _party(self.sender),
            _party(self.recipient),
            self.control,
            f"{self.syntax}:{self.version or ''}",
            self.test in ("1", "2", "3", "4"),
            self.acknowledge == "1",
            f"{self.date}:{self.time}" if self.date or self.time else "",
            offset,
            {
                "syntax": self.syntax,
                "syntax_version": self.read_as,
                "sender": list(self.sender),
                "recipient": list(self.recipient),
                "application_reference": self.application,
                "agreement": self.agreement,
            },
        )


def _party(parts: Sequence[str]) -> EnvelopeParty:
    return EnvelopeParty(parts[0].strip() if parts else "", parts[1].strip() if len(parts) > 1 else "")


def read_header(segment: Segment) -> tuple[Header, list[Finding]]:
    """A UNB and what is wrong with it. An error means that the interchange cannot be processed or answered."""
    version = component(segment, 1, 1)
    header = Header(
        component(segment, 1, 0),
        int(version) if version in ("1", "2", "3", "4") else 0,
        component(segment, 1, 3),
        tuple(segment[2]) if len(segment) > 2 else (),
        tuple(segment[3]) if len(segment) > 3 else (),
        component(segment, 4, 0),
        component(segment, 4, 1),
        component(segment, 5),
        component(segment, 7),
        component(segment, 9),
        component(segment, 10),
        component(segment, 11),
    )
    found: list[Finding] = []

    def say(make: Any, code: str, text: str, standard: str, element: int, part: int | None, value: str = "") -> None:
        where = {"interchange": header.control}
        found.append(finding_at(make, f"interchange.{code}", text, standard, "UNB", element, part, value, **where))

    _syntax(header, version, say)
    _addresses(header, segment, say)
    _prepared(header, say)
    if header.test and header.test not in ("0", "1", "2", "3", "4"):
        text = "the test indicator (0035) has a value that means nothing"
        say(warning, "test", text, e.INVALID, 11, None, header.test)
    surplus = next((number for number in range(12, len(segment)) if any(segment[number])), None)
    if surplus is not None:
        text = "UNB has 11 elements, this one is too many"
        say(warning, "too_many", text, e.TOO_MANY, surplus, None, segment[surplus][0])
    return header, found


def _syntax(header: Header, version: str, say: Any) -> None:
    if not header.syntax:
        say(warning, "syntax", "UNB has no syntax identifier (0001), read as UNOA", e.MISSING, 1, 1)
    elif header.syntax not in CODECS:
        text = "the syntax identifier (0001) is in no list, the body is read as ISO 8859-1"
        say(warning, "syntax", text, e.CHARSET, 1, 1, header.syntax)
    if not version:
        say(warning, "version", "UNB has no syntax version (0002), read as version 3", e.MISSING, 1, 2)
    elif not header.version:
        text = "this syntax version (0002) does not exist; 1 to 4 do"
        say(error, "version", text, e.VERSION_UNSUPPORTED, 1, 2, version)


def _addresses(header: Header, segment: Segment, say: Any) -> None:
    if not component(segment, 2):
        say(error, "sender", "UNB does not name the sender (0004)", e.MISSING, 2, 1)
    if not component(segment, 3):
        say(error, "recipient", "UNB does not name the recipient (0010)", e.MISSING, 3, 1)
    if not header.control:
        text = "UNB has no interchange control reference (0020): it cannot be answered nor told from a repetition"
        say(error, "control", text, e.MISSING, 5, None)
    elif len(header.control) > MAXIMUM_REFERENCE:
        text = f"the interchange control reference has more than {MAXIMUM_REFERENCE} characters"
        say(warning, "control_length", text, e.TOO_LONG, 5, None, header.control)


def _prepared(header: Header, say: Any) -> None:
    """Date and time of preparation: YYMMDD up to version 3, CCYYMMDD in version 4; HHMM."""
    size = 8 if header.read_as == 4 else 6
    if not header.date:
        say(warning, "date", "UNB has no date of preparation (0017)", e.MISSING, 4, 1)
    elif not _is_date(header.date):
        say(warning, "date", "the date of preparation (0017) is no date", e.INVALID, 4, 1, header.date)
    elif len(header.date) != size:
        form = "CCYYMMDD" if size == 8 else "YYMMDD"
        text = f"syntax version {header.read_as} writes the date of preparation (0017) as {form}"
        say(warning, "date_form", text, e.INVALID, 4, 1, header.date)
    if not header.time:
        say(warning, "time", "UNB has no time of preparation (0019)", e.MISSING, 4, 2)
    elif not _is_time(header.time):
        say(warning, "time", "the time of preparation (0019) is no time", e.INVALID, 4, 2, header.time)


def _is_date(text: str) -> bool:
    if not re.fullmatch(r"\d{6}|\d{8}", text):
        return False
    try:
        date.fromisoformat(text if len(text) == 8 else f"20{text}")
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    if not re.fullmatch(r"\d{4}(\d\d)?", text):
        return False
    try:
        time.fromisoformat(text)
    except ValueError:
        return False
    return True


@dataclass(slots=True)
class Group:
    """A functional group that is being read (UNG to UNE)."""

    reference: str
    type: str
    sender: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()
    messages: int = 0
    types: set[str] = field(default_factory=set)


def read_group(segment: Segment, interchange: str) -> tuple[Group, list[Finding]]:
    """A UNG and what is wrong with it."""
    group = Group(
        component(segment, 5),
        component(segment, 1),
        tuple(segment[2]) if len(segment) > 2 else (),
        tuple(segment[3]) if len(segment) > 3 else (),
    )
    if group.reference:
        return group, []
    text = "UNG has no group reference number (0048)"
    return group, [finding_at(error, "group.reference", text, e.MISSING, "UNG", 5, interchange=interchange)]


@dataclass(frozen=True, slots=True)
class MessageHeader:
    """A UNH. ``identifier`` is S009 as sent (CONTRL copies it)."""

    reference: str = ""
    identifier: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """0065, such as ``ORDERS``."""
        return self.identifier[0].strip() if self.identifier else ""

    @property
    def version(self) -> str:
        """0052 and 0054 together, such as ``D96A``."""
        return "".join(part.strip() for part in self.identifier[1:3])

    @property
    def association(self) -> str:
        """0057, such as ``EAN008``; '' if none."""
        return self.identifier[4].strip() if len(self.identifier) > 4 else ""


def read_message_header(segment: Segment) -> tuple[MessageHeader, list[Finding]]:
    """A UNH and what is wrong with it; positions say segment 1."""
    header = MessageHeader(component(segment, 1), tuple(segment[2]) if len(segment) > 2 else ())
    found = []
    if not header.reference:
        text = "UNH has no message reference number (0062)"
        found.append(finding_at(error, "message.reference_missing", text, e.MISSING, "UNH", 1, segment=1))
    elif len(header.reference) > MAXIMUM_REFERENCE:
        text = f"the message reference number has more than {MAXIMUM_REFERENCE} characters"
        found.append(
            finding_at(
                warning, "message.reference_length", text, e.TOO_LONG, "UNH", 1, None, header.reference, segment=1
            )
        )
    for at, name in enumerate(("message type (0065)", "version (0052)", "release (0054)", "agency (0051)")):
        if not component(segment, 2, at):
            make = error if at == 0 else warning
            text = f"UNH does not say the {name}"
            found.append(finding_at(make, "message.identifier", text, e.MISSING, "UNH", 2, at + 1, segment=1))
    if len(segment) > 4 and component(segment, 4):
        text = "UNH says that this message is one of a sequence of transfers (S010); each is taken for itself"
        found.append(finding_at(notice, "message.transfer", text, "", "UNH", 4, segment=1))
    return header, found
