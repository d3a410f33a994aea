"""Interchanges out: UNA, UNB, messages with their references and counts, UNZ; checked before they leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hub.errors import ConfigurationError, DocumentRejected
from hub.findings import Finding, Position, error, warning
from hub.grammar import SegmentDef
from hub.translation import Envelope, EnvelopeParty, WriteContext, Written, WrittenMessage
from hub_edifact.charsets import CODECS, not_writable, transliterate
from hub_edifact.elements import is_number
from hub_edifact.envelope import STANDARD
from hub_edifact.segments import Segment, SegmentWriter
from hub_edifact.separators import DEFAULT_REPETITION, LEVEL_A, Separators, from_advice

POLICIES = ("transliterate", "reject")
QUALIFIERS = {"FTX": "AAI", "PAT": "1"}
"""First elements that a directory demands and that a canonical document need not have: a note about nothing in
particular is general information (4451 AAI), a payment term of no stated kind the basic one (4279 1)."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What the UNB of an outgoing interchange says. ``sender`` and ``recipient`` are S002 and S003."""

    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    syntax: str = "UNOC"
    version: int = 3
    test: bool = False
    acknowledge: bool = False
    application: str = ""
    agreement: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """How it is written: the service characters, whether UNA comes always, and what happens to characters that the
    character set does not have."""

    separators: Separators
    advice: bool
    charset_policy: str
    line_ends: bool


def style_of(options: Mapping[str, Any], version: int) -> Style:
    """The style that an agreement's options ask for (``una``, ``separators``, ``charset_policy``, ``line_ends``).
    Raises ``ConfigurationError`` for a wrong one."""
    separators = LEVEL_A
    if custom := str(options.get("separators", "")):
        made = from_advice(custom) if len(custom) == 6 else None
        if made is None or not made.release:
            raise ConfigurationError(
                f"the option separators does not name six usable service characters: {custom!r}",
                hint="in the order of UNA: component, element, decimal, release, repetition or space, terminator",
            )
        separators = made
    if version >= 4 and not separators.repetition:
        separators = replace(separators, repetition=DEFAULT_REPETITION)
    policy = str(options.get("charset_policy", "transliterate"))
    if policy not in POLICIES:
        raise ConfigurationError(f"charset_policy is one of {', '.join(POLICIES)}, not {policy!r}")
    advice = options.get("una", True) is not False
    return Style(separators.for_version(version), advice, policy, options.get("line_ends") is True)


def write_interchange(
    messages: Sequence[tuple[list[str], list[Segment]]], letterhead: Letterhead, context: WriteContext, kind: str,
    definitions: Mapping[str, SegmentDef] | None = None,
) -> Written:  # fmt: skip
    """One interchange. ``messages``: S009 and the body segments of each. Control references are drawn from the context.
    ``definitions`` tell numbers from text, where the decimal mark is not a point.

    Raises ``DocumentRejected`` where a character cannot be written and the policy says ``reject``."""
    style = style_of(context.options, letterhead.version)
    if letterhead.syntax not in CODECS:
        raise ConfigurationError(
            f"the syntax identifier {letterhead.syntax!r} does not exist", hint=f"one of {', '.join(CODECS)}"
        )
    writer = SegmentWriter(style.separators)
    findings: list[Finding] = []
    control = str(context.next_control("interchange"))
    out = []
    if style.advice or style.separators != LEVEL_A:
        out.append(style.separators.advice)
    header = _header(letterhead, control, context)
    lines = list(_writable([header], letterhead.syntax, style, Position(interchange=control), findings, None))
    sent = []
    for identifier, segments in messages:
        reference = str(context.next_control("message"))
        lines.append(["UNH", [reference], identifier])
        where = Position(interchange=control, message=reference)
        lines += _writable(_marked(segments, style, definitions or {}), letterhead.syntax, style, where, findings)
        lines.append(["UNT", [str(len(segments) + 2)], [reference]])
        sent.append(WrittenMessage(identifier[0], "".join(identifier[1:3]), reference))
    lines.append(["UNZ", [str(len(messages))], [control]])
    if any(one.severity == "error" for one in findings):
        raise DocumentRejected("the document holds characters that the agreed character set does not have", findings)
    out += [writer.write(line) for line in lines]
    text = ("\r\n" if style.line_ends else "").join(out)
    envelope = Envelope(
        STANDARD, _party(letterhead.sender), _party(letterhead.recipient), control,
        f"{letterhead.syntax}:{letterhead.version}", letterhead.test, letterhead.acknowledge,
        ":".join(lines[0][4]),
    )  # fmt: skip
    payload = text.encode(CODECS[letterhead.syntax])
    return Written(payload, envelope, tuple(sent), f"{kind}_{control}.edi", tuple(findings))


def _party(parts: tuple[str, ...]) -> EnvelopeParty:
    return EnvelopeParty(parts[0] if parts else "", parts[1] if len(parts) > 1 else "")


def _header(letterhead: Letterhead, control: str, context: WriteContext) -> Segment:
    now = context.now
    date = now.strftime("%Y%m%d" if letterhead.version >= 4 else "%y%m%d")
    return [
        "UNB", [letterhead.syntax, str(letterhead.version)], list(letterhead.sender), list(letterhead.recipient),
        [date, now.strftime("%H%M")], [control], [""], [letterhead.application], [""],
        ["1" if letterhead.acknowledge else ""], [letterhead.agreement], ["1" if letterhead.test else ""],
    ]  # fmt: skip


def qualified(segments: list[Segment]) -> list[Segment]:
    """The segments with ``QUALIFIERS`` put in where the document had none."""
    return [
        [segment[0], [QUALIFIERS[segment[0]]], *segment[2:]]
        if segment[0] in QUALIFIERS and (len(segment) < 2 or not any(segment[1]))
        else segment
        for segment in segments
    ]


def _marked(segments: list[Segment], style: Style, definitions: Mapping[str, SegmentDef]) -> list[Segment]:
    """The segments with the interchange's decimal mark in numbers."""
    mark = style.separators.decimal
    if mark == ".":
        return segments
    out = []
    for segment in segments:
        known = definitions.get(segment[0])
        elements = known.elements if known else ()
        made: Segment = [segment[0]]
        for number, values in enumerate(segment[1:]):
            parts = (elements[number].components or (elements[number],)) if number < len(elements) else ()
            made.append(
                [
                    value.replace(".", mark) if at < len(parts) and is_number(parts[at]) else value
                    for at, value in enumerate(values)
                ]
            )
        out.append(made)
    return out


def _writable(
    segments: list[Segment], syntax: str, style: Style, where: Position, findings: list[Finding], first: int | None = 2
) -> Iterator[Segment]:
    """The segments with every character in the repertoire of ``syntax``. ``first`` is the first one's place, if any."""
    for count, segment in enumerate(segments):
        position = None if first is None else first + count
        made: Segment = [segment[0]]
        for number, element in enumerate(segment[1:], 1):
            values = [element] if isinstance(element, str) else element
            kept = []
            for at, value in enumerate(values, 1):
                foreign = not_writable(value, syntax)
                if foreign:
                    place = where._replace(segment=position, segment_id=segment[0], element=number, component=at)
                    findings.append(_foreign(foreign, syntax, style.charset_policy, place, value))
                    value = transliterate(value, syntax)
                kept.append(value)
            made.append(kept)
        yield made


def _foreign(char: str, syntax: str, policy: str, place: Position, value: str) -> Finding:
    text = f"{syntax} has no character {char!r}"
    if policy == "reject":
        return error(
            "edifact.write.charset", f"{text}; the agreement says not to replace it", place, value=value[:99],
            list_id="0085", list_code="21",
        )  # fmt: skip
    return warning("edifact.write.charset", f"{text}; it was replaced", place, value=value[:99])
