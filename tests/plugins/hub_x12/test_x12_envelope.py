"""ISA to IEA: every trailer against its header, and a bad set between good ones."""

from __future__ import annotations

from typing import Any

import pytest

from hub.errors import ConfigurationError
from hub.findings import Severity
from hub.translation import Status


def found(read: Any, code: str) -> Any:
    return next(one for one in read.findings if one.code == code)


def test_a_clean_interchange_has_no_finding_of_form(x12: Any) -> None:
    read = x12.read(x12.interchange())
    assert read.closed[0].status is Status.ACCEPTED
    assert not [one for one in read.codes if one.startswith("x12.")]
    envelope = read.opened[0].envelope
    assert (envelope.sender.id, envelope.sender.qualifier, envelope.control) == ("NORTHGATE", "ZZ", "000000001")
    assert (read.messages[0].mapping, read.messages[0].version) == ("x12/850.004010", "004010")


def test_a_wrong_count_rejects_its_set_and_no_other(x12: Any) -> None:
    sets = [x12.set(control="0001"), x12.set(control="0002", count=9), x12.set(control="0003")]
    read = x12.read(x12.interchange(x12.group(*sets)))
    assert read.accepted == [True, False, True]
    assert read.closed[0].status is Status.PARTIAL
    finding = found(read, "x12.set.segment_count")
    assert (finding.list_id, finding.list_code, finding.position.message) == ("718", "4", "0002")
    assert (finding.position.segment, finding.value) == (7, "9")


def test_an_agreement_may_tolerate_or_insist(x12: Any) -> None:
    payload = x12.interchange(x12.group(x12.set(count=9), end="7"))
    read = x12.read(payload, deviations={"segment_count": "accept"})
    assert read.accepted == [True]
    assert found(read, "x12.set.segment_count").severity is Severity.NOTICE
    read = x12.read(payload, deviations={"segment_count": "warn", "group_control": "refuse"})
    assert found(read, "x12.set.segment_count").severity is Severity.WARNING
    assert found(read, "x12.group.control_mismatch").severity is Severity.ERROR


def test_a_wrong_option_is_a_configuration_error(x12: Any) -> None:
    for options in (
        {"deviations": {"x": "accept"}},
        {"deviations": {"wrapped": "maybe"}},
        {"tolerate": []},
        {"ta1": "maybe"},
        {"element-separator": "**"},
        {"codes": 7},
    ):
        with pytest.raises(ConfigurationError, match="X12 option"):
            x12.read(x12.interchange(), **options)


@pytest.mark.parametrize(
    ("change", "code", "accepted"),
    [
        (lambda t: t.replace("SE*7*0001", "SE*7*0009"), "x12.set.control_mismatch", [False]),
        (lambda t: t.replace("SE*7*0001~", ""), "x12.set.trailer_missing", [False]),
        (lambda t: t.replace("ST*850*0001~", ""), "x12.set.header_missing", [False]),
        (lambda t: t.replace("ST*850*", "ST*85*"), "x12.set.unknown", [False]),
        (lambda t: t.replace("ST*850*0001", "ST*850*").replace("SE*7*0001", "SE*7*"), "x12.set.control", [False]),
        (lambda t: t.replace("*0001~", "*1~"), "x12.set.control_length", [True]),
        (lambda t: t.replace("GS*PO", "GS*IN"), "x12.set.wrong_group", [True]),
        (lambda t: t.replace("*004010~", "*999~"), "x12.group.version", [False]),
        (lambda t: t.replace("*004010~", "*4010~"), "x12.group.version_form", [True]),
        (lambda t: t.replace("*004010~", "*00401~"), "x12.group.version_form", [True]),
        (lambda t: t.replace("*20260105*0815*1*X", "*260105*0815*1*X"), "x12.group.date", [True]),
        (lambda t: t.replace("GE*1*1~", "GE*2*1~"), "x12.group.set_count", [True]),
        (lambda t: t.replace("GE*1*1~", "GE*1*5~"), "x12.group.control_mismatch", [True]),
        (lambda t: t.replace("GE*1*1~", ""), "x12.group.trailer_missing", [True]),
        (lambda t: t.replace("IEA*1", "IEA*4"), "x12.interchange.group_count", [True]),
        (lambda t: t.replace("IEA*1*000000001~", "IEA*1*000000009~"), "x12.interchange.control_mismatch", [True]),
        (lambda t: t.replace("IEA*1*000000001~", ""), "x12.interchange.cut", [True]),
        (lambda t: t.replace("GS*PO", "XX*1~GS*PO"), "x12.interchange.content", [True]),
        (lambda t: t.replace("*00401*", "*00999*"), "x12.interchange.version", [True]),
        (lambda t: t.replace("*260105*0815*U", "*261305*0815*U"), "x12.interchange.date", [True]),
        (lambda t: t.replace("*260105*0815*U", "*260105*2515*U"), "x12.interchange.time", [True]),
        (lambda t: t.replace("*0*P*", "*7*P*"), "x12.interchange.acknowledgment_requested", [True]),
        (lambda t: t.replace("*0*P*", "*0*Q*"), "x12.interchange.usage", [True]),
        (lambda t: t.replace("NORTHGATE  ", "           "), "x12.interchange.sender", []),
        (lambda t: t.replace("000000001", "00000000A", 1), "x12.interchange.control", []),
        (lambda t: t.replace("P*>~", "P**~", 1), "x12.interchange.separators_equal", []),
        (lambda t: t.replace("P*>~", "P*>A", 1), "x12.interchange.terminator", []),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_the_verdict_follows(x12: Any, change: Any, code: str, accepted: list[bool]) -> None:
    read = x12.read(change(x12.interchange()))
    assert code in read.codes
    assert read.accepted == accepted
    assert found(read, code).position != found(read, code).position.__class__()


def test_numbers_used_twice(x12: Any) -> None:
    read = x12.read(x12.interchange(x12.group(x12.set(), x12.set()), x12.group(x12.set())))
    assert read.accepted == [True, False, False]
    assert "x12.set.control_duplicate" in read.codes
    assert "x12.group.control_duplicate" in read.codes


@pytest.mark.parametrize("part", [0.35, 0.5, 0.6, 0.75, 0.9])
def test_a_file_cut_off_keeps_what_was_whole(x12: Any, part: float) -> None:
    payload = x12.interchange(x12.group(*[x12.set(control=f"{n:04d}") for n in range(1, 6)]))
    read = x12.read(payload[: int(len(payload) * part)])
    whole = payload[: int(len(payload) * part)].count("~SE*7")
    assert sum(read.accepted) in (whole, whole - 1)
    assert "x12.interchange.cut" in read.codes
    assert "x12.group.trailer_missing" in read.codes


def test_se_without_st_and_two_isas(x12: Any) -> None:
    payload = x12.interchange(x12.group(x12.set(), "SE*2*0007~", x12.set(control="0003"), count=2))
    read = x12.read(payload)
    assert read.accepted == [True, False, True]
    assert read.messages[1].type == "850"
    assert read.messages[1].control == "0007"
    cut = x12.isa() + x12.group(x12.set()) + x12.interchange(control="000000002")
    read = x12.read(cut)
    assert [one.status for one in read.closed] == [Status.PARTIAL, Status.ACCEPTED]
    assert "x12.interchange.trailer_missing" in read.codes


def test_a_forgotten_terminator_before_the_next_isa(x12: Any) -> None:
    read = x12.read(x12.interchange()[:-1] + "\r\n" + x12.interchange(control="000000002"))
    assert [one.status for one in read.closed] == [Status.ACCEPTED, Status.ACCEPTED]


def test_segments_after_the_interchange_are_refused(x12: Any) -> None:
    read = x12.read(x12.interchange() + x12.group(x12.set()))
    assert [one.status for one in read.closed] == [Status.ACCEPTED, Status.REJECTED]
    assert "x12.payload.segments_outside" in read.codes


def test_ta1_before_the_group_and_alone(x12: Any) -> None:
    ta1 = "TA1*000000042*260105*0815*E*014~"
    alone = x12.read(x12.isa() + ta1 + "IEA*0*000000001~")
    (told,) = alone.opened[0].acknowledged
    assert (told.level, told.status, told.code, told.interchange) == ("interchange", Status.ACCEPTED, "E", "000000042")
    assert told.findings[0].list_code == "014"
    assert alone.closed[0].wants_acknowledgment is False
    before = x12.read(x12.isa() + ta1 + ta1 + x12.group(x12.set()) + "IEA*1*000000001~")
    assert len(before.opened[0].acknowledged) == 2
    assert before.closed[0].wants_acknowledgment
    behind = x12.read(x12.isa() + x12.group(x12.set()) + ta1 + "IEA*1*000000001~")
    assert behind.messages[1].acknowledged
    assert "x12.interchange.stray_acknowledgment" in behind.codes


def test_inbound_acknowledgments(x12: Any, samples: Any) -> None:
    read = x12.read((samples / "997-rejection.edi").read_bytes())
    told = {one.level: one for one in read.messages[0].acknowledged}
    assert told["message"].status is Status.REJECTED
    assert told["message"].message == "0001"
    assert told["message"].group == "2011"
    assert told["group"].code == "R"
    details = [(one.position.segment, one.position.element, one.list_code) for one in told["message"].findings]
    assert details == [(7, None, "8"), (7, 1, "7"), (None, None, "5")]
    read = x12.read((samples / "999-acceptance.edi").read_bytes())
    assert [one.status for one in read.messages[0].acknowledged] == [Status.ACCEPTED, Status.ACCEPTED]
    assert read.closed[0].wants_acknowledgment is False


def test_other_releases_are_read_by_the_nearest_grammar(x12: Any) -> None:
    old = x12.interchange(x12.group(x12.set("BEG*00*SA*PO1**260105", *x12.order[1:], "XPO*HELLO"), version="003020"))
    read = x12.read(old)
    assert read.accepted == [True]
    assert "x12.group.version_nearest" in read.codes
    assert read.messages[0].documents[0].issued_at.isoformat() == "2026-01-05"
    read = x12.read(x12.interchange(x12.group(x12.set(), version="004010VICS")))
    assert (read.accepted, read.messages[0].version) == ([True], "004010VICS")


def test_sets_without_a_grammar_are_kept(x12: Any) -> None:
    payload = x12.interchange(x12.group(x12.set("B2**SCAC**1", "XX*1", kind="204"), kind="SM"))
    read = x12.read(payload)
    assert read.accepted == [True]
    assert "x12.set.not_supported" in read.codes
    assert x12.read(payload, **{"unknown-sets": "reject"}).accepted == [False]
