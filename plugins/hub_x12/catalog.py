"""Every finding that reading X12 can produce: its name, how grave it is by default, and the standard's own code.

Lists: ``I18`` (TA105), ``716`` (AK905), ``718`` (AK502), ``720`` (AK304), ``723`` (AK403) of X12 release 004010; the
same numbers mean the same in 620, 621 and 618 of the 999. An agreement may take many of them more or less gravely:
see ``hub_x12.deviations``.
"""

from __future__ import annotations

from hub.findings import Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTICE

CATALOG: dict[str, tuple[Severity, str, str]] = {
    # the payload and the interchange
    "x12.payload.no_interchange": (_E, "", ""),
    "x12.payload.encoding": (_E, "", ""),
    "x12.payload.too_large": (_E, "", ""),
    "x12.payload.byte_order_mark": (_N, "", ""),
    "x12.payload.blank_before": (_N, "", ""),
    "x12.payload.bytes_outside": (_W, "", ""),
    "x12.payload.segments_outside": (_E, "I18", "024"),
    "x12.payload.too_many_faults": (_E, "I18", "024"),
    "x12.interchange.header_cut": (_E, "I18", "023"),
    "x12.interchange.header_elements": (_E, "I18", "022"),
    "x12.interchange.unpadded": (_W, "", ""),
    "x12.interchange.padding": (_N, "", ""),
    "x12.interchange.wrapped": (_W, "", ""),
    "x12.interchange.indented": (_N, "", ""),
    "x12.interchange.newline_terminator": (_N, "", ""),
    "x12.interchange.lower_case": (_W, "", ""),
    "x12.interchange.element_separator": (_E, "I18", "026"),
    "x12.interchange.component_separator": (_W, "I18", "027"),
    "x12.interchange.separators_equal": (_E, "I18", "027"),
    "x12.interchange.terminator": (_E, "I18", "004"),
    "x12.interchange.repetition_separator": (_N, "", ""),
    "x12.interchange.authorization_qualifier": (_W, "I18", "010"),
    "x12.interchange.security_qualifier": (_W, "I18", "012"),
    "x12.interchange.sender_qualifier": (_W, "I18", "005"),
    "x12.interchange.receiver_qualifier": (_W, "I18", "007"),
    "x12.interchange.sender": (_E, "I18", "006"),
    "x12.interchange.receiver": (_E, "I18", "008"),
    "x12.interchange.sender_length": (_W, "I18", "006"),
    "x12.interchange.receiver_length": (_W, "I18", "008"),
    "x12.interchange.date": (_W, "I18", "014"),
    "x12.interchange.time": (_W, "I18", "015"),
    "x12.interchange.version": (_W, "I18", "017"),
    "x12.interchange.control": (_E, "I18", "018"),
    "x12.interchange.control_length": (_W, "I18", "018"),
    "x12.interchange.acknowledgment_requested": (_W, "I18", "019"),
    "x12.interchange.usage": (_W, "I18", "020"),
    "x12.interchange.group_count": (_W, "I18", "021"),
    "x12.interchange.control_mismatch": (_W, "I18", "001"),
    "x12.interchange.trailer_missing": (_E, "I18", "022"),
    "x12.interchange.cut": (_E, "I18", "023"),
    "x12.interchange.unterminated": (_N, "", ""),
    "x12.interchange.content": (_E, "I18", "024"),
    "x12.interchange.empty": (_W, "I18", "024"),
    "x12.interchange.too_many_faults": (_E, "I18", "024"),
    "x12.interchange.stray_acknowledgment": (_W, "", ""),
    "x12.interchange.acknowledgment": (_W, "", ""),
    # the functional group
    "x12.group.header": (_E, "I18", "024"),
    "x12.group.date": (_W, "", ""),
    "x12.group.time": (_W, "", ""),
    "x12.group.agency": (_W, "", ""),
    "x12.group.application": (_W, "", ""),
    "x12.group.functional_id": (_W, "716", "1"),
    "x12.group.version": (_E, "716", "2"),
    "x12.group.version_form": (_W, "", ""),
    "x12.group.version_nearest": (_N, "", ""),
    "x12.group.control": (_E, "716", "6"),
    "x12.group.control_duplicate": (_E, "716", "6"),
    "x12.group.trailer_missing": (_E, "716", "3"),
    "x12.group.control_mismatch": (_W, "716", "4"),
    "x12.group.set_count": (_W, "716", "5"),
    "x12.group.empty": (_W, "", ""),
    "x12.group.trailer_stray": (_E, "I18", "024"),
    # the transaction set
    "x12.set.not_supported": (_W, "718", "1"),
    "x12.set.unknown": (_E, "718", "6"),
    "x12.set.no_mapping": (_W, "", ""),
    "x12.set.trailer_missing": (_E, "718", "2"),
    "x12.set.control_mismatch": (_E, "718", "3"),
    "x12.set.segment_count": (_E, "718", "4"),
    "x12.set.header_missing": (_E, "718", "6"),
    "x12.set.control": (_E, "718", "7"),
    "x12.set.control_length": (_W, "718", "7"),
    "x12.set.control_duplicate": (_E, "718", "23"),
    "x12.set.wrong_group": (_W, "718", "6"),
    "x12.set.outside_group": (_E, "I18", "024"),
    "x12.set.too_large": (_E, "718", "5"),
    "x12.set.character_set": (_N, "", ""),
    "x12.set.undecodable": (_E, "723", "6"),
    "x12.set.more_findings": (_N, "", ""),
    # the segment
    "x12.segment.empty": (_W, "", ""),
    "x12.segment.lower_case": (_W, "720", "1"),
    "x12.segment.too_long": (_E, "720", "8"),
    "x12.segment.unrecognized": (_E, "720", "1"),
    "x12.segment.unexpected": (_E, "720", "2"),
    "x12.segment.missing": (_E, "720", "3"),
    "x12.segment.loop_over_max": (_E, "720", "4"),
    "x12.segment.over_max": (_E, "720", "5"),
    "x12.segment.not_in_set": (_E, "720", "6"),
    "x12.segment.out_of_sequence": (_E, "720", "7"),
    "x12.segment.trailing_separator": (_W, "", ""),
    # the element
    "x12.element.missing": (_E, "723", "1"),
    "x12.element.conditional_missing": (_E, "723", "2"),
    "x12.element.too_many": (_E, "723", "3"),
    "x12.element.too_short": (_E, "723", "4"),
    "x12.element.too_long": (_E, "723", "5"),
    "x12.element.character": (_E, "723", "6"),
    "x12.element.character_set": (_W, "723", "6"),
    "x12.element.blank": (_W, "723", "6"),
    "x12.element.padded": (_W, "723", "6"),
    "x12.element.separator_in_text": (_W, "723", "6"),
    "x12.element.code": (_W, "723", "7"),
    "x12.element.lower_case": (_W, "723", "7"),
    "x12.element.date": (_E, "723", "8"),
    "x12.element.date_length": (_W, "723", "8"),
    "x12.element.time": (_E, "723", "9"),
    "x12.element.exclusion": (_E, "723", "10"),
    "x12.element.repetitions": (_E, "723", "12"),
    "x12.element.too_many_components": (_E, "723", "13"),
    # a second opinion
    "x12.opinion.differs": (_N, "", ""),
}
"""Finding name → (severity, list, code)."""

LENIENT = frozenset(
    {name for name in CATALOG if name.startswith(("x12.segment.", "x12.element."))}
    - {"x12.segment.too_long", "x12.element.character", "x12.element.date", "x12.element.time"}
)
"""Errors that are only warnings where a set is read with the grammar of another release: they may be true of that
release and not of the one that was sent."""

TA1_NOTES: dict[str, str] = {
    "duplicate": "025",
    "unknown_sender": "006",
    "unknown_receiver": "009",
    "test_not_expected": "020",
}
"""TA105 for the reasons for which the hub refuses an interchange unread."""
