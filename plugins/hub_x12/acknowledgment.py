"""TA1, 997 and 999: what the verdicts on an interchange are in the words of X12. X12.20, X12.6; 005010X231A1."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hub.translation import EnvelopeParty
from hub_x12.envelope import VERSIONS, release_of
from hub_x12.options import Options
from hub_x12.verdicts import AcceptedRange, ElementError, GroupVerdict, InterchangeVerdict, SegmentError, SetVerdict
from hub_x12.writing import OutgoingGroup, OutgoingSet, Segment

IMPLEMENTATION = "005010X231A1"
"""GS08 and ST03 of a 999."""

_OLD_ELEMENT_CODES = {"12": "3", "13": "3"}
"""Too many repetitions or components have no code of their own in list 723 before 005010."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def interchange_acknowledgment(verdict: InterchangeVerdict, options: Options) -> Segment:
    """The TA1 of an interchange: A without findings, R where it was not read or the agreement's policy says so."""
    code = "A"
    if verdict.codes:
        code = "R" if any(item in options.ta1_reject for item in verdict.codes) else "E"
    if verdict.refused:
        code = "R"
    return ta1(verdict.elements, code, verdict.codes[0] if verdict.codes else "000")


def ta1(elements: tuple[str, ...], code: str, note: str) -> Segment:
    """A TA1 about the ISA with these elements."""
    padded = [*elements, *[""] * 16]
    digits = re.sub(r"[^0-9]", "", padded[12])[:9].zfill(9)
    date, time = (re.sub(r"[^0-9]", "", padded[at])[:most].zfill(most) for at, most in ((8, 6), (9, 4)))
    return ["TA1", digits, date, time, code, note]


def due(verdict: InterchangeVerdict, requested: bool, options: Options) -> bool:
    """Whether a TA1 is to be sent. One that was refused is always told so, unless the agreement says never."""
    match options.ta1:
        case "never":
            return False
        case "always":
            return True
        case "errors":
            return bool(verdict.codes) or verdict.refused
        case _:
            return requested or verdict.refused


def functional_groups(verdict: InterchangeVerdict, options: Options) -> tuple[list[OutgoingGroup], bool]:
    """One acknowledgment set per group that can be named, collected by version; and whether one could not be."""
    groups: dict[tuple[str, str, str], OutgoingGroup] = {}
    unnamed = False
    if options.acknowledgment == "none":
        return [], False
    for group in verdict.groups:
        if group.answers:
            continue
        if not (re.fullmatch(r"[A-Z0-9]{2}", group.functional) and re.fullmatch(r"[0-9]{1,9}", group.control)):
            unnamed = True
            continue
        modern = options.acknowledgment == "999"
        version = IMPLEMENTATION if modern else answer_version(group.version)
        sender = options.application_sender or plain(group.receiver)
        receiver = options.application_receiver or plain(group.sender)
        out = groups.setdefault((version, sender, receiver), OutgoingGroup("FA", version, sender, receiver))
        kind, convention = ("999", IMPLEMENTATION) if modern else ("997", "")
        body = list(_body(group, options, modern, version))
        out.sets.append(OutgoingSet(kind, body, convention))
    return list(groups.values()), unnamed


def answer_version(version: str) -> str:
    """GS08 of the answer: the release that came, with an industry suffix (``004010VICS``) but without an
    implementation's number (``004010X098A1``)."""
    release = release_of(version) or "004010"
    return version if re.fullmatch(r"[0-9]{6}[A-Z]{3,6}", version) else release


def interchange_version(verdict: InterchangeVerdict, groups: list[OutgoingGroup], options: Options) -> str:
    """ISA12 of the answer: as agreed, else as it came, else what the release implies."""
    if options.interchange_version:
        return options.interchange_version
    came = verdict.elements[11] if len(verdict.elements) > 11 else ""
    if groups and groups[0].version.startswith(IMPLEMENTATION):
        return max(came, "00501") if came in VERSIONS else "00501"
    return came if came in VERSIONS else "00401"


def plain(text: str) -> str:
    """An id that a partner sent, in a form that every ISA and GS can hold."""
    return re.sub(r"[^A-Za-z0-9 .,&/_-]", "-", text).strip()[:15] or "UNKNOWN"


def answer_party(party: EnvelopeParty) -> EnvelopeParty:
    """A party as it may stand in the answer, whatever the ISA that is answered held."""
    return EnvelopeParty(plain(party.id), party.qualifier if re.fullmatch(r"[A-Z0-9]{2}", party.qualifier) else "ZZ")


def _body(group: GroupVerdict, options: Options, modern: bool, version: str) -> Iterator[Segment]:
    recent = modern or version >= "005010"
    yield ["AK1", group.functional, group.control, *([group.version[:12]] if recent else [])]
    for item in group.sets:
        if isinstance(item, SetVerdict):
            yield from _set(item, modern, recent)
        elif options.list_accepted:
            yield from _accepted(item, modern, recent)
    declared = group.declared if re.fullmatch(r"[0-9]{1,6}", group.declared) else str(group.received)
    accepted = 0 if group.refused else group.accepted
    counts = [str(int(declared)), str(group.received), str(accepted)]
    yield ["AK9", group.status, *counts, *group.codes[:5]]


def _accepted(item: AcceptedRange, modern: bool, recent: bool) -> Iterator[Segment]:
    verdict = "IK5" if modern else "AK5"
    for control in item.controls():
        yield ["AK2", item.type, control, *([item.convention] if recent and item.convention else [])]
        yield [verdict, "A"]


def _set(item: SetVerdict, modern: bool, recent: bool) -> Iterator[Segment]:
    convention = [item.convention] if recent and item.convention else []
    yield ["AK2", _safe(item.type, 3) or "000", _safe(item.control, 9) or "0000", *convention]
    for segment in item.segments:
        yield from _segment(segment, modern, recent)
    yield ["IK5" if modern else "AK5", item.status, *item.codes[:5]]


def _segment(item: SegmentError, modern: bool, recent: bool) -> Iterator[Segment]:
    loop = item.loop[: 4 if recent else 6]
    yield ["IK3" if modern else "AK3", _safe(item.id, 3).ljust(2, "0"), str(item.position), loop, item.code]
    for element in item.elements:
        yield _element(element, modern, recent)


def _element(item: ElementError, modern: bool, recent: bool) -> Segment:
    place = [str(item.element)]
    if item.component is not None:
        place.append(str(item.component))
    if item.repetition is not None and recent:
        place = [*place, ""] if len(place) == 1 else place
        place.append(str(item.repetition))
    code = item.code if recent else _OLD_ELEMENT_CODES.get(item.code, item.code)
    value = _CONTROLS.sub(" ", item.value[:99]).rstrip()
    return ["IK4" if modern else "AK4", place, item.number if item.number.isdigit() else "", code, value]


def _safe(text: str, most: int) -> str:
    """What may be echoed of an id that a partner sent."""
    return re.sub(r"[^A-Za-z0-9]", "", text)[:most]
