"""Checks of ISA, GS, GE and IEA against the standard and against each other. X12.5, X12.6; notes TA105 and AK905."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from hub.translation import Envelope, EnvelopeParty
from hub_x12.codes import values as values_of
from hub_x12.grammar.release import nearest
from hub_x12.header import Header
from hub_x12.values import real_date, real_time
from hub_x12.verdicts import GroupVerdict

_VERSIONS = (
    "00200 00201 00204 00300 00301 00302 00303 00304 00305 00306 00307 00400 00401 00402 00403 00404 00405 00406 "
    "00500 00501 00502 00503 00504 00505 00600 00601 00602 00603 00604 00605 00700 00701 00702 00703 00704 00705 "
    "00706 00800 00801 00802 00803 "
)
VERSIONS = frozenset(_VERSIONS.split())
"""ISA12 as published."""

_FUNCTIONAL_IDS = (
    "AA AB AC AG AH AI AN AO AP AR AS AT AU AW BC BD BE BF BL BS CA CB CC CD CE CF CH CI CJ CK CM CN CO CP CR CS "
    "CT CU CV D3 D4 D5 DA DD DF DI DM DS DX EC ED EI EN EO EP ER ES EV EX FA FB FC FG FH FR FT GC GE GF GL GP GR "
    "GT HB HC HI HN HP HR HS HU HV IA IB IC ID IE IF IG II IJ IM IN IO IP IR IS JB KM LA LB LI LN LR LS LT MA MC "
    "MD ME MF MG MH MI MJ MK MM MN MO MP MQ MR MS MT MV MW MX MY MZ NC NL NP NR NT OC OG OR OW PA PB PC PD PE PF "
    "PG PH PI PJ PK PL PN PO PQ PR PS PT PU PV PW PY QG QM QO RA RB RC RD RE RF RG RH RI RJ RK RL RM RN RO RP RQ "
    "RR RS RT RU RV RW RX RY RZ SA SB SC SD SE SH SI SJ SL SM SN SO SP SQ SR SS ST SU SV SW TA TB TC TD TE TF TI "
    "TJ TM TN TO TP TR TS TT TU TX UA UB UC UD UI UP UW VA VB VC VD VE VH VI VS WA WB WG WI WL WR WT "
)
FUNCTIONAL_IDS = frozenset(_FUNCTIONAL_IDS.split())
"""GS01 values in use (data element 479)."""

Complaint = tuple[str, str, int, str]
"""A finding of the catalog, its sentence, the element it concerns (0 = the segment), and the value."""


def envelope_of(header: Header, offset: int) -> Envelope:
    """The ISA as the core knows it; ``extra['isa']`` keeps its elements for the answer."""
    values = header.values or ("",) * 16
    return Envelope(
        "x12",
        EnvelopeParty(values[5], values[4].upper()),
        EnvelopeParty(values[7], values[6].upper()),
        values[12],
        values[11],
        values[14].upper() == "T",
        values[13] == "1",
        values[8] + values[9],
        offset,
        {"isa": header.elements, "separators": header.separators},
    )


def check_header(header: Header) -> Iterator[Complaint]:
    """Everything wrong with the elements of an ISA that could be read."""
    for code, sentence in header.deviations:
        yield code, sentence, 0, ""
    values = header.values
    for number, expected, code, says in _HEADER_FORMS:
        value = values[number - 1].upper()
        known = values_of("005010", _HEADER_LISTS[number]) if number in _HEADER_LISTS else None
        if not expected.fullmatch(value) or (known is not None and value not in known):
            yield code, f"ISA{number:02d} {says}", number, values[number - 1]
    for number, role in ((6, "sender"), (8, "receiver")):
        if len(values[number - 1]) > 15:
            says = f"ISA{number:02d} is longer than 15 characters; an answer can repeat only these"
            yield f"x12.interchange.{role}_length", says, number, values[number - 1]
    date, time, version, control = values[8], values[9], values[11], values[12]
    if not (_DAY.fullmatch(date) and real_date(date)):
        yield "x12.interchange.date", "ISA09 is not a date YYMMDD", 9, date
    if not (_HOUR.fullmatch(time) and real_time(time)):
        yield "x12.interchange.time", "ISA10 is not a time HHMM", 10, time
    if version not in VERSIONS:
        yield "x12.interchange.version", "ISA12 is not a published version of the interchange", 12, version
    if not _CONTROL.fullmatch(control):
        yield "x12.interchange.control", "ISA13 is not a control number of nine digits", 13, control
    elif len(control) != 9:
        yield "x12.interchange.control_length", "ISA13 does not have nine digits", 13, control


_DAY, _HOUR = re.compile(r"[0-9]{6}"), re.compile(r"[0-9]{4}")
_CONTROL = re.compile(r"[0-9]{1,9}")
_GROUP_HOUR = re.compile(r"[0-9]{4}|[0-9]{6,8}")
_HEADER_FORMS = (
    (1, re.compile(r"[0-9]{2}"), "x12.interchange.authorization_qualifier", "is no authorization qualifier"),
    (3, re.compile(r"[0-9]{2}"), "x12.interchange.security_qualifier", "is no security qualifier"),
    (5, re.compile(r"[0-9A-Z]{2}"), "x12.interchange.sender_qualifier", "is no id qualifier"),
    (6, re.compile(r".+"), "x12.interchange.sender", "does not name the sender"),
    (7, re.compile(r"[0-9A-Z]{2}"), "x12.interchange.receiver_qualifier", "is no id qualifier"),
    (8, re.compile(r".+"), "x12.interchange.receiver", "does not name the receiver"),
    (14, re.compile(r"[01]"), "x12.interchange.acknowledgment_requested", "is neither 0 nor 1"),
    (15, re.compile(r"[TPI]"), "x12.interchange.usage", "is none of T, P, I"),
)


_HEADER_LISTS = {1: "I01", 3: "I03", 5: "I05", 7: "I05"}
"""Data element of the coded elements of an ISA; the lists have only grown."""


@lru_cache(maxsize=256)
def release_of(version: str) -> str:
    """The release that GS08 means: its first six digits; ``5010`` and ``00501``, which some
    senders write, are taken for ``005010``.
    '' where it means none."""
    if match := re.match(r"[0-9]{6}", version):
        return match[0]
    if short := re.fullmatch(r"[2-8]0[0-9]0", version):
        return f"00{short[0]}"
    return f"{version}0" if re.fullmatch(r"00[2-8]0[0-9]", version) else ""


def group_of(values: list[str]) -> GroupVerdict:
    """A GS as the acknowledgment needs it."""
    texts = [value.strip() for value in values] + [""] * 9
    return GroupVerdict(texts[1].upper(), texts[2], texts[3], texts[6], texts[7], texts[8])


def check_group(values: list[str]) -> Iterator[Complaint]:
    """Everything wrong with a GS by itself."""
    texts = [value.strip() for value in values] + [""] * 9
    functional, date, time, control, version = texts[1].upper(), texts[4], texts[5], texts[6], texts[8]
    if len(values) - 1 < 8:
        yield "x12.group.header", f"GS has {len(values) - 1} of its 8 elements", 0, ""
    if functional not in FUNCTIONAL_IDS:
        yield "x12.group.functional_id", "GS01 is no functional id of X12", 1, functional
    release = release_of(version)
    if not release:
        yield "x12.group.version", "GS08 does not begin with a release such as 004010", 8, version
    else:
        if not version.startswith(release):
            yield "x12.group.version_form", f"GS08 is no release; it is read as {release}", 8, version
        if nearest(release) != release:
            says = f"release {release} has no grammar of its own; it is read with {nearest(release)}"
            yield "x12.group.version_nearest", says, 8, version
        digits = 8 if release >= "004010" else 6
        if not (date.isascii() and date.isdigit() and len(date) == digits and real_date(date)):
            yield "x12.group.date", f"GS04 is not a date of {digits} digits", 4, date
    if not (_GROUP_HOUR.fullmatch(time) and real_time(time)):
        yield "x12.group.time", "GS05 is not a time HHMM, HHMMSS or longer", 5, time
    if texts[7].upper() not in ("T", "X"):
        yield "x12.group.agency", "GS07 is neither X (X12) nor T (TDCC)", 7, texts[7]
    for at in (2, 3):
        if not 2 <= len(texts[at]) <= 15:
            says = f"GS{at:02d} does not have 2 to 15 characters; the acknowledgment repeats what fits"
            yield "x12.group.application", says, at, texts[at]
    if not _CONTROL.fullmatch(control):
        yield "x12.group.control", "GS06 is not a number of 1 to 9 digits", 6, control


def same_number(one: str, other: str) -> bool:
    """Whether two control numbers agree; leading zeros do not count (GS06, GE02, ISA13, IEA02 are N0)."""
    return one == other or (one.isdigit() and other.isdigit() and one.lstrip("0") == other.lstrip("0"))
