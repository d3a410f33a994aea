"""The deviations that partners' agreements speak of: a name for each, what it is, and what happens without a word.

What is not here cannot be tolerated, because nothing could be read (no ISA, separators that cannot be), or because
what would be taken is not what was meant (a file cut off, a set that was cut for its size).
"""

from __future__ import annotations

from functools import lru_cache

from hub.findings import Severity
from hub.translation import Deviation
from hub_x12.catalog import CATALOG

_SEVERITY = {"accept": Severity.NOTICE, "warn": Severity.WARNING, "refuse": Severity.ERROR}
_POLICY = {severity: policy for policy, severity in _SEVERITY.items()}

_TABLE: tuple[tuple[str, str, str], ...] = (
    ("byte_order_mark", "payload.byte_order_mark", "a byte order mark stands before ISA"),
    ("blank_before", "payload.blank_before", "blanks or line ends stand before ISA"),
    ("text_outside", "payload.bytes_outside", "other text stands before ISA or behind IEA"),
    ("unpadded", "interchange.unpadded", "ISA is not padded to its 106 bytes"),
    ("padding", "interchange.padding", "ISA is padded with tabs or NUL, or in front of a value"),
    ("no_component", "interchange.component_separator", "ISA declares no component separator"),
    ("repetition_separator", "interchange.repetition_separator", "ISA11 is U from 00402 on, or a separator before"),
    ("newline_terminator", "interchange.newline_terminator", "a line end is the segment terminator"),
    ("wrapped", "interchange.wrapped", "lines are cut at a fixed width, whatever they hold"),
    ("indented", "interchange.indented", "tabs or blanks stand between segments"),
    ("unterminated", "interchange.unterminated", "the last segment has no terminator"),
    ("empty_segment", "segment.empty", "two terminators stand together"),
    (
        "lower_case",
        "interchange.lower_case segment.lower_case element.lower_case",
        "ids, qualifiers or codes are in lower case",
    ),
    (
        "header_codes",
        "interchange.authorization_qualifier interchange.security_qualifier interchange.sender_qualifier "
        "interchange.receiver_qualifier interchange.acknowledgment_requested interchange.usage",
        "a qualifier or flag of ISA is none of its codes",
    ),
    ("header_date", "interchange.date interchange.time", "ISA09 and ISA10 are no date and time"),
    ("header_version", "interchange.version", "ISA12 is no published version"),
    ("interchange_control", "interchange.control_mismatch", "IEA02 is not ISA13"),
    ("group_count", "interchange.group_count", "IEA01 is not the number of groups"),
    ("no_interchange_end", "interchange.trailer_missing", "IEA is missing before the next ISA"),
    ("empty_envelope", "interchange.empty group.empty", "an interchange or group holds no set"),
    ("stray_ta1", "interchange.stray_acknowledgment", "TA1 stands behind a group"),
    ("ta1_incomplete", "interchange.acknowledgment", "TA1 lacks elements"),
    (
        "functional_id",
        "group.functional_id set.wrong_group",
        "GS01 is no functional id, or not that of the set",
    ),
    ("group_date", "group.date", "GS04 is no date of the length the release asks for"),
    ("group_header", "group.time group.agency group.application", "GS02, GS03, GS05 or GS07 has a wrong form"),
    ("version_form", "group.version_form", "GS08 is written as 4010 or 00401"),
    ("group_control", "group.control_mismatch", "GE02 is not GS06"),
    ("set_count", "group.set_count", "GE01 is not the number of sets"),
    ("no_group_end", "group.trailer_missing", "GE is missing"),
    ("short_control", "interchange.control_length set.control_length", "ISA13 or ST02 is too short or too long"),
    (
        "odd_id",
        "interchange.sender_length interchange.receiver_length",
        "ISA06 or ISA08 is too long",
    ),
    ("segment_count", "set.segment_count", "SE01 is not the number of segments"),
    ("set_control", "set.control_mismatch", "SE02 is not ST02"),
    ("set_control_twice", "set.control_duplicate", "ST02 was used before in the group"),
    ("no_set_end", "set.trailer_missing", "SE is missing"),
    ("trailing_separator", "segment.trailing_separator", "separators stand behind the last element"),
    ("unknown_segment", "segment.unrecognized segment.not_in_set", "a segment is not of the set, or of no release"),
    ("unexpected_segment", "segment.unexpected", "a segment stands where it may not"),
    ("missing_segment", "segment.missing", "a mandatory segment is missing"),
    ("segment_order", "segment.out_of_sequence", "segments stand in the wrong order"),
    ("over_max", "segment.over_max segment.loop_over_max", "a segment or loop occurs too often"),
    ("missing_element", "element.missing", "a mandatory element is missing"),
    ("missing_condition", "element.conditional_missing", "an element that others make mandatory is missing"),
    ("exclusion", "element.exclusion", "elements that exclude each other are both sent"),
    ("too_many_elements", "element.too_many element.too_many_components", "a segment or composite has too many parts"),
    ("repetitions", "element.repetitions", "an element is repeated too often"),
    ("too_short", "element.too_short", "a value is shorter than its element allows"),
    ("too_long", "element.too_long", "a value is longer than its element allows"),
    ("blank", "element.blank", "an element holds nothing but blanks"),
    ("padded", "element.padded", "a value has blanks around it"),
    ("character_set", "element.character_set", "a text holds characters outside of the agreed set"),
    ("separator_in_text", "element.separator_in_text", "a text holds the component or repetition separator"),
    ("code", "element.code", "a value is not of its code list"),
    ("date_length", "element.date_length", "a date has six digits for eight, or eight for six"),
    ("date", "element.date element.time", "a date or time is none"),
    ("character", "element.character", "a value holds characters its type does not have"),
)
"""Name, findings of the catalog without ``x12.``, what it is."""


def _deviation(name: str, codes: str, description: str) -> Deviation:
    findings = tuple(f"x12.{code}" for code in codes.split())
    return Deviation(name, findings, _POLICY[CATALOG[findings[0]][0]], description)


DEVIATIONS: dict[str, Deviation] = {row[0]: _deviation(*row) for row in _TABLE}
"""By name."""


@lru_cache(maxsize=256)
def agreed(policies: tuple[tuple[str, str], ...]) -> dict[str, Severity]:
    """How grave the findings are of which an agreement speaks: ``(('wrapped', 'refuse'), …)``."""
    return {code: _SEVERITY[policy] for name, policy in policies for code in DEVIATIONS[name].findings}
