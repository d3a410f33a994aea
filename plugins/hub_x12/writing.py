"""Interchanges to bytes: padding, separators that data cannot break, counts and control numbers. X12.5, X12.6."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hub.errors import ConfigurationError, DocumentRejected
from hub.findings import Finding, Position, error, warning
from hub.translation import Envelope, EnvelopeParty, WriteContext, WrittenMessage
from hub_x12.options import CHARACTER_SETS, Options
from hub_x12.separators import Separators

Element = str | list[str] | tuple[str | list[str], ...]
"""A simple element, a composite (list), or the repetitions of either (tuple)."""

Segment = list[Element]
"""Segment id and elements."""

_CHOICES = {"element": "*|\x1d", "segment": "~'\x1c", "component": ">:\x1f<", "repetition": "^!\x1e"}
"""Separators in the order they are tried where data holds the usual ones."""


@dataclass(slots=True)
class OutgoingSet:
    """A set to be written: its body without ST and SE."""

    type: str
    body: list[Segment]
    convention: str = ""


@dataclass(slots=True)
class OutgoingGroup:
    """A group to be written; ``version`` is GS08, ``sender`` and ``receiver`` GS02 and GS03."""

    functional: str
    version: str
    sender: str
    receiver: str
    sets: list[OutgoingSet] = field(default_factory=list)


@dataclass(slots=True)
class Outgoing:
    """What was written."""

    payload: bytes
    envelope: Envelope
    messages: tuple[WrittenMessage, ...]
    findings: tuple[Finding, ...]


def write_interchange(
    groups: list[OutgoingGroup],
    version: str,
    context: WriteContext,
    options: Options,
    acknowledgments: Iterable[Segment] = (),
    parties: tuple[EnvelopeParty, EnvelopeParty] | None = None,
) -> Outgoing:
    """One interchange. ``version`` is ISA12; ``acknowledgments`` are TA1s, which stand before the first group;
    ``parties`` are sender and receiver where they are not the context's.

    Raises DocumentRejected where data holds a separator and the agreement says reject, ConfigurationError where the
    ids of the two partners cannot stand in an ISA, or a replacement is a separator itself.
    """
    leading = list(acknowledgments)
    mark = choose(groups, version, options)
    findings = _cleaned(groups, mark, options)
    control = f"{context.next_control('interchange'):09d}"
    sender, receiver = parties or (context.sender, context.receiver)
    elements = _header(mark, version, control, (sender, receiver), context, options)
    lines = [mark.element.join(["ISA", *elements])]
    lines += [_line(segment, mark) for segment in leading]
    messages: list[WrittenMessage] = []
    for group in groups:
        lines += _group(group, mark, context, messages)
    lines.append(mark.element.join(["IEA", str(len(groups)), control]))
    end = mark.segment + ("\n" if options.line_breaks and mark.segment not in "\r\n" else "")
    payload = _encoded(end.join(lines) + end, options)
    envelope = Envelope(
        "x12",
        sender,
        receiver,
        control,
        version,
        context.test,
        elements[13] == "1",
        elements[8] + elements[9],
        0,
        {"isa": tuple(elements), "separators": mark},
    )
    return Outgoing(payload, envelope, tuple(messages), tuple(findings))


# separators


def choose(groups: list[OutgoingGroup], version: str, options: Options) -> Separators:
    """The agreement's separators; for those it leaves open the usual ones, or others that the data does not hold
    where the policy is ``choose``."""
    held: set[str] = set()
    if options.separators_in_data == "choose":
        for _, _, _, text in _texts(groups):
            held.update(text)
    taken: list[str] = []
    for name, candidates in _CHOICES.items():
        fixed = getattr(options, f"{name}_{'terminator' if name == 'segment' else 'separator'}")
        free = [char for char in candidates if char not in held and char not in taken] or [candidates[0]]
        taken.append(fixed or free[0])
    if version < "00402":
        taken[3] = ""
    if len(set(taken)) < 4:
        raise ConfigurationError(
            f"X12 separators must differ, they are {taken}", hint="Correct the separators in the partner's agreement."
        )
    return Separators(taken[0], taken[1], taken[2], taken[3])


def _texts(groups: list[OutgoingGroup]) -> Iterator[tuple[OutgoingSet, int, int, str]]:
    """Every piece of data: its set, segment position (ST = 1), element, text."""
    for group in groups:
        for one in group.sets:
            for at, segment in enumerate(one.body, 2):
                for place, element in enumerate(segment[1:], 1):
                    for turn in element if isinstance(element, tuple) else (element,):
                        for text in turn if isinstance(turn, list) else [turn]:
                            yield one, at, place, text


def _cleaned(groups: list[OutgoingGroup], mark: Separators, options: Options) -> list[Finding]:
    """Data that would break the interchange: rejected, or replaced with a finding each (X12 has no escape)."""
    bad = set(mark.data_free) | {chr(code) for code in (*range(32), 127)}
    found = [(one, at, place, text) for one, at, place, text in _texts(groups) if not bad.isdisjoint(text)]
    replacing = options.separators_in_data == "replace"
    make = warning if replacing else error
    findings = []
    for one, at, place, text in found:
        ident = str(one.body[at - 2][0])
        where = Position(segment=at, segment_id=ident, element=place, name=f"{ident}{place:02d}")
        says = "was replaced" if replacing else "cannot be sent"
        message = f"{where.name} of set {one.type} holds a separator or control character; it {says}"
        findings.append(make("x12.write.separator_in_data", message, where, value=text[:99]))
    if findings and not replacing:
        raise DocumentRejected(
            "data holds characters that X12 cannot carry: choose other separators in the agreement, or set "
            "separators-in-data to replace or choose",
            findings,
        )
    if findings and not bad.isdisjoint(options.replacement):
        raise ConfigurationError(
            f"the replacement {options.replacement!r} is a separator or control character itself",
            hint="Choose another replacement in the partner's agreement.",
        )
    for one, at, place, _ in found:
        _replace(one.body[at - 2], place, bad, options.replacement)
    return findings


def _replace(segment: Segment, place: int, bad: set[str], by: str) -> None:
    def clean(text: str) -> str:
        return "".join(by if char in bad else char for char in text)

    def cleaned(turn: str | list[str]) -> str | list[str]:
        return [clean(text) for text in turn] if isinstance(turn, list) else clean(turn)

    element = segment[place]
    segment[place] = tuple(map(cleaned, element)) if isinstance(element, tuple) else cleaned(element)


# segments


def _line(segment: Segment, mark: Separators) -> str:
    """A segment as text, trailing empty elements and components left out."""
    parts = [
        mark.repetition.join(_turn(turn, mark) for turn in element)
        if isinstance(element, tuple)
        else _turn(element, mark)
        for element in segment
    ]
    while not parts[-1]:
        parts.pop()
    return mark.element.join(parts)


def _turn(turn: str | list[str], mark: Separators) -> str:
    return mark.component.join(turn).rstrip(mark.component) if isinstance(turn, list) else turn


def _group(
    group: OutgoingGroup, mark: Separators, context: WriteContext, messages: list[WrittenMessage]
) -> Iterator[str]:
    number = str(context.next_control("group"))
    day = context.now.strftime("%Y%m%d" if group.version >= "004010" else "%y%m%d")
    time = context.now.strftime("%H%M")
    header = ["GS", group.functional, group.sender, group.receiver, day, time, number, "X", group.version]
    yield mark.element.join(header)
    for one in group.sets:
        control = f"{context.next_control('message'):04d}"
        convention = [one.convention] if one.convention else []
        yield mark.element.join(["ST", one.type, control, *convention])
        for segment in one.body:
            yield _line(segment, mark)
        yield mark.element.join(["SE", str(len(one.body) + 2), control])
        messages.append(WrittenMessage(one.type, group.version, control, number, group.functional))
    yield mark.element.join(["GE", str(len(group.sets)), number])


def _header(
    mark: Separators,
    version: str,
    control: str,
    parties: tuple[EnvelopeParty, EnvelopeParty],
    context: WriteContext,
    options: Options,
) -> list[str]:
    """ISA01 to ISA16, padded."""
    sender, receiver = parties
    return [
        "00", " " * 10, "00", " " * 10,
        sender.qualifier or "ZZ", _padded(sender, "sender", mark),
        receiver.qualifier or "ZZ", _padded(receiver, "receiver", mark),
        context.now.strftime("%y%m%d"), context.now.strftime("%H%M"),
        mark.repetition or "U", version, control, "1" if options.acknowledgment_requested else "0",
        "T" if context.test else "P", mark.component,
    ]  # fmt: skip


def _padded(party: EnvelopeParty, role: str, mark: Separators) -> str:
    bad = not party.id or len(party.id) > 15 or len(party.qualifier) not in (0, 2)
    if bad or any(char in party.id for char in mark.data_free):
        raise ConfigurationError(
            f"the {role} {str(party)!r} cannot stand in an ISA",
            hint="An id has 1 to 15 characters without separators, its qualifier two. Correct the agreement.",
        )
    return party.id.ljust(15)


def _encoded(text: str, options: Options) -> bytes:
    name = CHARACTER_SETS[options.character_set] or "utf-8"
    try:
        return text.encode(name)
    except UnicodeEncodeError as problem:
        char = problem.object[problem.start : problem.start + 1]
        finding = error("x12.write.character_set", f"{char!r} cannot be written in {options.character_set}")
        says = f"the data does not fit the agreed character set {options.character_set}"
        raise DocumentRejected(says, [finding]) from problem
