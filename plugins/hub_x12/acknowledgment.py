"""TA1, 997 and 999: what the verdicts on an interchange are in the words of X12. X12.20, X12.6; 005010X231A1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hub.translation import EnvelopeParty
from hub_x12.codes import values
from hub_x12.envelope import VERSIONS, release_of
from hub_x12.fitting import code_of, echoed, fitted, plain
from hub_x12.grammar.release import nearest, release
from hub_x12.options import Options
from hub_x12.situational import trigger
from hub_x12.verdicts import ElementError, GroupVerdict, InterchangeVerdict, SegmentError, SetRange, SetVerdict
from hub_x12.writing import Element, OutgoingGroup, OutgoingSet, Segment

IMPLEMENTATION = "005010X231A1"
"""GS08 and ST03 of a 999."""

_MOST = 999_999
"""What AK902 to AK904 can count to (data elements 97, 123 and 2)."""


def interchange_acknowledgment(verdict: InterchangeVerdict, options: Options) -> Segment:
    """The TA1 of an interchange: A without findings, R where it was not read or the agreement's policy says so."""
    code = "A"
    if verdict.codes:
        code = "R" if any(item in options.ta1_reject for item in verdict.codes) else "E"
    if verdict.refused:
        code = "R"
    return ta1(verdict.elements, code, verdict.note or ("024" if verdict.refused else "000"))


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
        sender = options.application_sender or _application(group.receiver)
        receiver = options.application_receiver or _application(group.sender)
        out = groups.setdefault((version, sender, receiver), OutgoingGroup("FA", version, sender, receiver))
        came = nearest(release_of(group.version) or "004010")
        answer = _Answer(options, nearest(release_of(version) or "004010"), modern, came)
        out.sets.append(OutgoingSet(answer.name, list(answer.body(group)), IMPLEMENTATION if modern else ""))
    return list(groups.values()), unnamed


def answer_version(version: str) -> str:
    """GS08 of the answer: the release that came, with an industry suffix (``004010VICS``) but without an
    implementation's number (``004010X098A1``)."""
    known = release_of(version) or "004010"
    return version if re.fullmatch(r"[0-9]{6}[A-Z]{3,6}", version) else known


def interchange_version(verdict: InterchangeVerdict, groups: list[OutgoingGroup], options: Options) -> str:
    """ISA12 of the answer: as agreed, else as it came, else what the release implies."""
    if options.interchange_version:
        return options.interchange_version
    came = verdict.elements[11] if len(verdict.elements) > 11 else ""
    if groups and groups[0].version.startswith(IMPLEMENTATION):
        return max(came, "00501") if came in VERSIONS else "00501"
    return came if came in VERSIONS else "00401"


def _application(text: str) -> str:
    """A GS02 or GS03 that a partner sent, where it stands in the answer: 2 to 15 characters."""
    return plain(text).ljust(2) if text.strip() else "UNKNOWN"


def answer_party(party: EnvelopeParty) -> EnvelopeParty:
    """A party as it may stand in the answer, whatever the ISA that is answered held."""
    qualifier = party.qualifier if re.fullmatch(r"[A-Z0-9]{2}", party.qualifier) else "ZZ"
    return EnvelopeParty(plain(party.id) or "UNKNOWN", qualifier)


@dataclass(frozen=True)
class _Answer:
    """The body of one 997 or (``modern``) 999, in the shape and with the codes of the release it is written in."""

    options: Options
    release: str
    modern: bool
    came: str
    """The release that the sets were read with."""

    @property
    def name(self) -> str:
        return "999" if self.modern else "997"

    def body(self, group: GroupVerdict) -> Iterator[Segment]:
        """AK1 to AK9 about one group."""
        version = group.version if re.fullmatch(r"[0-9A-Z]{6,12}", group.version) else release_of(group.version)
        yield self._fit("AK1", group.functional, group.control, version)
        for item in group.sets:
            if isinstance(item, SetVerdict):
                yield from self._set(item)
            elif item.status != "A" or self.options.list_accepted:
                yield from self._range(item)
        declared = int(group.declared) if re.fullmatch(r"[0-9]{1,6}", group.declared) else group.received
        accepted = 0 if group.refused else group.accepted
        counts = [str(min(number, _MOST)) for number in (declared, group.received, accepted)]
        yield self._fit("AK9", group.status, *counts, *self._codes("716", group.codes))

    def _fit(self, ident: Element, *elements: Element) -> Segment:
        definition = release(self.release).segments[str(ident)]
        ascii_only = self.options.character_set in ("auto", "ascii")
        return fitted([ident, *elements], definition, self.release, ascii_only=ascii_only)

    def _codes(self, number: str, codes: tuple[str, ...] | list[str]) -> list[str]:
        """At most five codes, none that the release does not know."""
        return [known for code in codes if (known := code_of(self.release, number, code))][:5]

    def _range(self, item: SetRange) -> Iterator[Segment]:
        verdict = self._verdict(item.status, item.codes)
        for control in item.controls():
            yield self._about(item.type, control, item.convention)
            yield list(verdict)

    def _set(self, item: SetVerdict) -> Iterator[Segment]:
        yield self._about(item.type, item.control, item.convention)
        for segment in item.segments:
            yield from self._segment(segment)
        yield self._verdict(item.status, item.codes)

    def _about(self, kind: str, control: str, convention: str) -> Segment:
        control = echoed(control, 4, 9)
        return self._fit(
            "AK2", echoed(kind, 3, 3) if kind else "000", control if control.strip() else "0000", convention
        )

    def _verdict(self, status: str, codes: tuple[str, ...]) -> Segment:
        return self._fit("IK5" if self.modern else "AK5", status, *self._codes("618" if self.modern else "718", codes))

    def _segment(self, item: SegmentError) -> Iterator[Segment]:
        ident, number = ("IK3", "620") if self.modern else ("AK3", "720")
        code = code_of(self.release, number, item.code)
        yield self._fit(ident, echoed(item.id, 2, 3).replace(" ", "0"), str(item.position), item.loop, code)
        for element in item.elements:
            yield self._element(element)
            if self.modern and (context := trigger(self.came, item, element)) is not None:
                yield self._fit(*context)

    def _element(self, item: ElementError) -> Segment:
        place = [str(part or "") for part in (item.element, item.component, item.repetition)]
        code = item.code
        if self.modern and code == "7" and item.value in (values(self.release, item.number) or ()):
            code = "I6"  # a value of the standard that was not agreed
        number = item.number if item.number.isdigit() else ""
        return self._fit("IK4" if self.modern else "AK4", place, number, code, item.value)
