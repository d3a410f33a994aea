"""Public bugs of other implementations, one test each: what a reader of X12 must never get wrong again."""

from __future__ import annotations

import time
from io import BytesIO
from typing import Any

import pytest

from hub.findings import Severity
from hub.translation import InterchangeClosed, Limits, Status
from hub_x12.catalog import CATALOG


def clean(read: Any) -> bool:
    """Everything was accepted, and became a document."""
    return bool(read.messages) and all(read.accepted) and all(one.documents for one in read.messages)


def lines(text: str | None) -> list[str]:
    assert text is not None
    return [line.rstrip("~") for line in text.split("\n") if line]


def test_double_terminator(x12: Any) -> None:
    read = x12.read(x12.interchange().replace("~CTT", "~~CTT").replace("~GE", "~~~GE"))
    assert clean(read)
    assert read.codes.count("x12.segment.empty") == 2


def test_segment_of_20_kb(x12: Any) -> None:
    read = x12.read(x12.order_of(*x12.order[:2], "N9*L1*NOTE", "MSG*" + "X" * 20_000, *x12.order[2:]))
    assert "x12.element.too_long" in read.codes
    assert not any(read.accepted)
    order = x12.order_of(*x12.order[:2], "N9*L1*NOTE", "MSG*" + "X" * 20_000, *x12.order[2:])
    assert x12.read(order, deviations={"too_long": "warn"}).accepted == [True]


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n\r\n", b"\xef\xbb\xbf\r\n "])
def test_bom_and_line_ends_before_isa(x12: Any, before: bytes) -> None:
    assert clean(x12.read(before + x12.interchange().encode()))


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_line_end_as_terminator(x12: Any, end: str) -> None:
    read = x12.read(x12.interchange().replace("~", end))
    assert clean(read)
    assert "x12.interchange.newline_terminator" in read.codes


def test_unpadded_isa(x12: Any) -> None:
    read = x12.read(" ".join(x12.interchange().split()).replace(" *", "*"))
    assert clean(read)
    assert "x12.interchange.unpadded" in read.codes
    assert not x12.read(
        " ".join(x12.interchange().split()).replace(" *", "*"), deviations={"unpadded": "refuse"}
    ).messages


@pytest.mark.parametrize("padding", ["\t", "\x00"])
def test_odd_padding_of_isa(x12: Any, padding: str) -> None:
    read = x12.read(x12.interchange().replace("NORTHGATE      ", "NORTHGATE" + padding * 6))
    assert clean(read)
    assert read.opened[0].envelope.sender.id == "NORTHGATE"
    assert "x12.interchange.padding" in read.codes


@pytest.mark.parametrize(("old", "new"), [(">~", "~"), ("*>~", "~"), (">~", "~\n")])
def test_isa_without_component_separator(x12: Any, old: str, new: str) -> None:
    read = x12.read(x12.interchange().replace(old, new, 1))
    assert clean(read)
    assert "x12.interchange.component_separator" in read.codes


def test_envelope_of_00403(x12: Any) -> None:
    read = x12.read(x12.interchange(version="00403", standard="^"))
    assert clean(read)
    assert read.opened[0].envelope.extra["separators"].repetition == "^"


@pytest.mark.parametrize(("version", "declared"), [("00501", "U"), ("00401", "^")])
def test_u_as_repetition_separator_and_the_reverse(x12: Any, version: str, declared: str) -> None:
    read = x12.read(x12.interchange(version=version, standard=declared))
    assert clean(read)
    assert read.opened[0].envelope.extra["separators"].repetition == ""
    assert "x12.interchange.repetition_separator" in read.codes


def test_two_interchanges_with_different_separators(x12: Any) -> None:
    other = x12.interchange(control="000000002").replace(">~", ":~").replace("*", "|").replace("~", "'")
    read = x12.read(x12.interchange() + other)
    assert clean(read)
    assert [one.envelope.control for one in read.closed] == ["000000001", "000000002"]


def test_ta1_alone_and_before_the_group(x12: Any) -> None:
    ta1 = "TA1*000000042*260105*0815*A*000~"
    alone = x12.read(x12.isa() + ta1 + "IEA*0*000000001~")
    assert [one.interchange for one in alone.opened[0].acknowledged] == ["000000042"]
    assert alone.closed[0].status is Status.ACCEPTED
    assert x12.acknowledge(x12.isa() + ta1 + "IEA*0*000000001~", ta1="always") is None
    before = x12.read(x12.isa() + ta1 + x12.group(x12.set()) + "IEA*1*000000001~")
    assert clean(before)
    assert len(before.opened[0].acknowledged) == 1


@pytest.mark.parametrize(
    ("version", "date", "found"),
    [
        ("003060", "260105", False),
        ("003060", "20260105", True),
        ("004010", "20260105", False),
        ("004010", "260105", True),
    ],
)
def test_gs04_of_six_and_eight_digits(x12: Any, version: str, date: str, found: bool) -> None:
    group = x12.group(x12.set("BEG*00*SA*PO1**" + date[-6:]), version=version)
    head = group.index("*AUERBACH*") + len("*AUERBACH*")
    group = group[:head] + date + group[group.index("*", head) :]
    read = x12.read(x12.interchange(group))
    assert ("x12.group.date" in read.codes) is found
    answer = lines(x12.acknowledge(x12.interchange(group)))
    sent = next(line for line in answer if line.startswith("GS*")).split("*")[4]
    assert len(sent) == (8 if version >= "004010" else 6)


def test_se_without_st(x12: Any) -> None:
    read = x12.read(x12.interchange(x12.group(x12.set(), "SE*2*0007~", x12.set(control="0003"), count=3)))
    assert read.accepted == [True, False, True]
    assert read.messages[1].control == "0007"


def test_counts_of_a_partial_acceptance(x12: Any) -> None:
    sets = [x12.set(control=f"{number:04d}", count=9 if number % 2 else None) for number in range(1, 6)]
    answer = lines(x12.acknowledge(x12.interchange(x12.group(*sets))))
    assert "AK9*P*5*5*2" in answer
    assert sum(line == "AK5*A" for line in answer) == 2
    assert sum(line == "AK5*R*4" for line in answer) == 3


def test_more_than_five_codes(x12: Any) -> None:
    broken = (
        x12.set("BEG*00*SA*PO1**20260105", count=40).replace("SE*40*0001", "SE*40*2").replace("ST*850*0001", "ST*85*1")
    )
    text = x12.interchange(x12.group(x12.set(control="1"), broken, count=9, end="4")).replace("GE*9*4~", "")
    for line in lines(x12.acknowledge(text)):
        assert len(line.split("*")) <= {"AK5": 7, "AK9": 10}.get(line[:3], 99)


def test_separator_inside_data_on_writing(x12: Any) -> None:
    """An element separator that reached a bad value of ours is not repeated raw in the acknowledgment."""
    payload = x12.interchange().replace("*", "|").replace("2.49", "2*49").replace("12|EA", "1~2|EA".replace("~", "^"))
    answer = x12.acknowledge(payload)
    read = x12.read(answer)
    assert all(read.accepted)
    assert [one for one in read.findings if one.severity is Severity.ERROR] == []


def test_control_number_rolls_over(x12: Any) -> None:
    context = x12.context()
    closed = x12.read(x12.interchange()).closed[0]
    context.start = 999_999_998
    numbers = [x12.read(x12.translator.acknowledge(closed, context).payload).opened[0].envelope.control]
    assert numbers == ["999999999"]


def test_lower_case(x12: Any) -> None:
    read = x12.read(x12.interchange().lower())
    assert clean(read)
    assert (read.opened[0].envelope.sender.qualifier, read.messages[0].type) == ("ZZ", "850")
    assert {"x12.interchange.lower_case", "x12.segment.lower_case"} <= set(read.codes)
    mixed = x12.read(x12.interchange().replace("~PO1", "~po1"))
    assert clean(mixed)
    assert "x12.segment.lower_case" in mixed.codes
    assert not clean(x12.read(x12.interchange().replace("~PO1", "~po1"), deviations={"lower_case": "refuse"}))


def test_references_that_no_acknowledgment_can_hold(x12: Any) -> None:
    """ST02 and GS02 of any length are repeated so that the answer is valid and can still be matched."""
    for control in ("1", "12", "1234567890123", "A/B.C", "ÄÖ"):
        text = x12.interchange(x12.group(x12.set(control=control))).replace("NORTHGATE*AUERBACH*2", "N" * 40 + "*A*2")
        answer = x12.acknowledge(text.encode("latin-1"))
        read = x12.read(answer, deviations={"short_control": "refuse", "too_short": "refuse", "code": "refuse"})
        assert all(read.accepted), (control, [str(one) for one in read.findings])
        assert not [one for one in read.findings if one.severity is Severity.ERROR]
    assert "AK2*850*123456789" in lines(x12.acknowledge(x12.interchange(x12.group(x12.set(control="1234567890123")))))


@pytest.mark.parametrize("version", ["003040", "003050", "003060", "003070", "004010", "004030", "004060", "005010"])
def test_no_code_outside_of_the_answers_release(x12: Any, version: str) -> None:
    modern = version >= "004030"
    body = (
        "BEG*00*SA*P\x85**20260105" if modern else "BEG*00*SA*P\x85**260105",
        "N1*ST",
        "XYZ*1",
        "PO1*1*A,B*EA*1**UP",
    )
    isa = {"version": f"00{version[2:5]}" if version > "004010" else "00401", "standard": "^" if modern else "U"}
    text = x12.interchange(x12.group(x12.set(*body), x12.set(*body), version=version), **isa)
    answer = x12.acknowledge(text.encode("latin-1"))
    assert f"*X*{version}~" in answer.replace("\n", "")
    read = x12.read(answer, deviations={"code": "refuse", "too_short": "refuse", "character": "refuse"})
    assert all(read.accepted), [str(one) for one in read.findings]


HOSTILE = {
    "bare ST": "ST*850~" * 120_000,
    "ST without a separator": "ST~" * 300_000,
    "bare SE": "SE~" * 300_000,
    "bare GS": "GS~" * 300_000,
    "bare GE": "GE~" * 300_000,
    "bare TA1": "TA1~" * 200_000,
    "sets of nothing": "".join(f"ST*850*{at:04d}~SE*2*{at:04d}~" for at in range(1, 30_000)),
    "terminators": "~" * 900_000,
    "a set of unknown segments": "ST*850*0001~" + "X~" * 400_000 + "SE*9*0001~",
    "a set of empty lines": "ST*850*0001~BEG*00*SA*1**20260101~" + "REF~" * 200_000 + "SE*9*0001~",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_wreckage_ends_soon(x12: Any, name: str) -> None:
    payload = x12.isa() + x12.group(HOSTILE[name]) + "IEA*1*000000001~"
    began = time.process_time()
    closed = [
        event for event in x12.translator.read(BytesIO(payload.encode()), x12.context()) if hasattr(event, "state")
    ]
    answer = x12.translator.acknowledge(closed[-1], x12.context())
    assert time.process_time() - began < 10  # a second or two here; without bounds it takes a minute
    assert isinstance(closed[-1], InterchangeClosed)
    assert closed[-1].status is not Status.ACCEPTED or not closed[-1].received
    assert answer is None or len(answer.payload) < 200_000


def test_what_is_given_up_is_refused_as_a_whole(x12: Any) -> None:
    payload = x12.isa() + x12.group(x12.set(), "ST*850~" * 5_000) + "IEA*1*000000001~"
    read = x12.read(payload)
    assert read.closed[0].status is Status.REJECTED
    assert read.closed[0].accepted == 0
    assert "x12.interchange.too_many_faults" in read.codes
    assert lines(x12.acknowledge(payload))[1:] == ["TA1*000000001*260105*0815*R*024", "IEA*0*000000001"]


def test_many_bad_sets_are_still_told_one_by_one(x12: Any) -> None:
    sets = [x12.set(control=f"{number:04d}", count=9) for number in range(1, 400)]
    answer = lines(x12.acknowledge(x12.interchange(x12.group(*sets, x12.set(control="0400")))))
    assert "AK9*P*400*400*1" in answer
    assert answer.count("AK5*R*4") == 399


def test_an_error_behind_a_thousand_warnings_still_rejects(x12: Any) -> None:
    lines_ = [f"PO1*{at}*1*EA*1**UP*012345678905*" for at in range(1, 8)]
    payload = x12.order_of("BEG*00*SA*PO1**20260105", *lines_, "PO1*8*x*EA*1**UP*012345678905")
    read = x12.read(payload, Limits(findings_per_message=3))
    assert read.accepted == [False]
    assert "x12.set.more_findings" in read.codes


def test_every_deviation_is_a_finding_of_the_catalog(x12: Any) -> None:
    """One name, one policy: the findings of a deviation are equally grave, and no finding has two names."""
    names: dict[str, str] = {}
    for one in x12.translator.deviations:
        assert len({CATALOG[code][0] for code in one.findings}) == 1, one.name
        for code in one.findings:
            assert names.setdefault(code, one.name) == one.name
