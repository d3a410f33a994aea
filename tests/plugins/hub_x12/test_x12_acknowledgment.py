"""TA1, 997 and 999."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from hub.translation import Envelope
from hub_x12.acknowledgment import answer_version
from hub_x12.verdicts import GroupVerdict, SetRange


def lines(text: str | None) -> list[str]:
    assert text is not None
    return [line.rstrip("~") for line in text.split("\n") if line]


def test_a_997_of_good_and_bad_sets(x12: Any, samples: Any) -> None:
    answer = lines(x12.acknowledge((samples / "850-errors.edi").read_bytes()))
    assert answer[0].startswith(
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'AUERBACH':15}*ZZ*{'NORTHGATE':15}*260105*0815*U*00401*"
    )
    assert answer[1:] == [
        "GS*FA*AUERBACH*NORTHGATE*20260105*0815*1*X*004010",
        "ST*997*0001",
        "AK1*PO*1021",
        "AK2*850*0001",
        "AK5*A",
        "AK2*850*0002",
        "AK3*BEG*2**8",
        "AK4*5*373*8*20260230",
        "AK3*REF*3**8",
        "AK4*2*127*2",
        "AK3*N1*4*N1*8",
        "AK4*4*67*2",
        "AK3*XYZ*5**1",
        "AK3*PO1*6*PO1*8",
        "AK4*2*330*6*12,5",
        "AK4*9*234*2",
        "AK5*R*5",
        "AK2*850*0003",
        "AK5*A",
        "AK9*P*3*3*2",
        "SE*20*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]


@pytest.mark.parametrize(
    ("change", "verdict", "set_verdict"),
    [
        (lambda t: t, "AK9*A*1*1*1", "AK5*A"),
        (lambda t: t.replace("SE*7", "SE*9"), "AK9*R*1*1*0", "AK5*R*4"),
        (lambda t: t.replace("SE*7*0001", "SE*9*0002"), "AK9*R*1*1*0", "AK5*R*3*4"),
        (lambda t: t.replace("SE*7*0001~", ""), "AK9*R*1*1*0", "AK5*R*2"),
        (lambda t: t.replace("ST*850*0001~", ""), "AK9*R*1*1*0", "AK5*R*6"),
        (lambda t: t.replace("GE*1*1", "GE*4*1"), "AK9*E*4*1*1*5", "AK5*A"),
        (lambda t: t.replace("GE*1*1", "GE*1*7"), "AK9*E*1*1*1*4", "AK5*A"),
        (lambda t: t.replace("GE*1*1~", ""), "AK9*E*1*1*1*3", "AK5*A"),
        (lambda t: t.replace("004010~", "XYZ~"), "AK9*R*1*1*0*2", "AK5*R"),
    ],
)
def test_group_and_set_agree(x12: Any, change: Any, verdict: str, set_verdict: str) -> None:
    answer = lines(x12.acknowledge(change(x12.interchange())))
    assert verdict in answer
    assert any(line.startswith(set_verdict) for line in answer)


def test_one_group_one_997_and_never_for_fa(x12: Any, samples: Any) -> None:
    groups = [x12.group(x12.set(), control=str(number)) for number in (7, 8)]
    modern = x12.group(x12.set(), control="9", version="005010")
    ack = x12.group(x12.set("AK1*PO*1", "AK9*A*1*1*1", kind="997"), control="3", kind="FA")
    answer = lines(x12.acknowledge(x12.interchange(*groups, modern, ack)))
    assert [line for line in answer if line.startswith("AK1")] == ["AK1*PO*7", "AK1*PO*8", "AK1*PO*9*005010"]
    assert [line.rsplit("*", 1)[1] for line in answer if line.startswith("GS")] == ["004010", "005010"]
    assert x12.acknowledge((samples / "997-rejection.edi").read_bytes()) is None
    assert x12.acknowledge(x12.isa() + "TA1*000000042*260105*0815*A*000~IEA*0*000000001~", ta1="always") is None


def test_a_999_for_those_who_agreed_on_it(x12: Any, samples: Any) -> None:
    text = (samples / "850-errors.edi").read_text().replace("00401", "00501").replace("004010", "005010")
    answer = lines(x12.acknowledge(text, acknowledgment="999"))
    assert "GS*FA*AUERBACH*NORTHGATE*20260105*0815*1*X*005010X231A1" in answer
    assert "ST*999*0001*005010X231A1" in answer
    assert "AK1*PO*1021*005010" in answer
    assert "IK3*BEG*2**8" in answer
    assert "IK4*5*373*8*20260230" in answer
    assert "IK5*R*5" in answer
    assert answer[0].count("*^*00501*") == 1


def test_ta1_by_agreement_and_before_the_groups(x12: Any) -> None:
    asked = x12.interchange(wants="1")
    answer = lines(x12.acknowledge(asked))
    assert answer[1] == "TA1*000000001*260105*0815*A*000"
    assert answer[2].startswith("GS*FA")
    assert lines(x12.acknowledge(asked, acknowledgment="none"))[1:] == [answer[1], "IEA*0*000000001"]
    assert x12.acknowledge(x12.interchange(), acknowledgment="none") is None
    assert "TA1" not in (x12.acknowledge(asked, ta1="never") or "")
    wrong = asked.replace("IEA*1*000000001", "IEA*1*000000003")
    assert lines(x12.acknowledge(wrong))[1].endswith("*E*001")
    assert lines(x12.acknowledge(wrong, **{"ta1-reject": ["001"]}))[1].endswith("*R*001")
    assert "TA1" not in (x12.acknowledge(x12.interchange(), ta1="errors") or "")
    assert lines(x12.acknowledge(x12.interchange()[:-20], ta1="errors"))[1].endswith("*E*023")


def test_what_cannot_be_read_is_refused_with_a_ta1(x12: Any) -> None:
    answer = lines(x12.acknowledge(x12.interchange().replace("P*>~", "P**~", 1)))
    assert answer[1:] == ["TA1*000000001*260105*0815*R*027", "IEA*0*000000001"]


@pytest.mark.parametrize(
    ("reason", "note"),
    [("duplicate", "025"), ("unknown_sender", "006"), ("unknown_receiver", "009"), ("test_not_expected", "020")],
)
def test_refusals(x12: Any, reason: str, note: str) -> None:
    envelope = x12.read(x12.interchange()).opened[0].envelope
    written = x12.translator.refuse(envelope, reason, x12.context())
    assert f"TA1*000000001*260105*0815*R*{note}~IEA*0*" in written.payload.decode()
    assert x12.translator.refuse(envelope, reason, x12.context(ta1="never")) is None
    assert x12.translator.refuse(Envelope("x12"), reason, x12.context()) is None


def test_warnings_are_told_by_agreement(x12: Any) -> None:
    payload = x12.order_of(*x12.order[:4], "N9*L1*A>B", "MSG*X", "CTT*1").replace("N9*L1*A>B~MSG*X~", "", 0)
    payload = x12.order_of("BEG*00*SA*A>B**20260105", *x12.order[1:])
    assert "AK5*A" in lines(x12.acknowledge(payload))
    answer = lines(x12.acknowledge(payload, **{"report-warnings": "true", "separators-in-data": "replace"}))
    assert "AK5*E*5" in answer
    assert "AK9*E*1*1*1" in answer
    assert "AK4*3*324*6*A B" in answer


def test_at_most_five_codes(x12: Any) -> None:
    group = GroupVerdict("PO", "A", "B", "1", "X", "004010")
    for number in range(1, 120_001):
        group.accept("850", f"{number:09d}", "")
    assert len(group.sets) == 1
    assert isinstance(group.sets[0], SetRange)
    assert group.sets[0].controls()[-1] == "000120000"
    broken = x12.interchange(x12.group(x12.set(), x12.set(count=3).replace("SE*3*0001", "SE*3*9"), count=7, end="2"))
    for line in lines(x12.acknowledge(broken)):
        if line.startswith(("AK5", "AK9")):
            assert len(line.split("*")) <= (7 if line.startswith("AK5") else 10)


def test_the_answers_version_follows() -> None:
    assert answer_version("004010VICS") == "004010VICS"
    assert answer_version("004010X098A1") == "004010"
    assert answer_version("4010") == "004010"


def test_strangers_can_be_answered(x12: Any, real_files: list[Any]) -> None:
    """Whatever the file, answering it does not raise, and the answer is itself read without error."""
    for path in real_files:
        with path.open("rb") as stream:
            closed = [event for event in x12.translator.read(stream, x12.context()) if hasattr(event, "state")]
        for one in closed:
            context = x12.context(ta1="always")
            context.receiver, context.sender = one.envelope.sender, one.envelope.receiver
            written = x12.translator.acknowledge(one, context)
            if written is not None:
                read = x12.read(written.payload)
                assert all(read.accepted), (path, read.findings)
                assert list(x12.translator.read(BytesIO(written.payload), x12.context()))


def test_a_bad_value_is_repeated_without_its_control_characters(x12: Any) -> None:
    order = ("BEG*00*SA*PO\x85\x1f1**20260105", "PO1*1*12*EA*2.49**UP*012345678905")
    answer = lines(x12.acknowledge(x12.interchange(x12.group(x12.set(*order))).encode("latin-1")))
    assert [line for line in answer if line.startswith("AK4")] == ["AK4*3*324*6*PO  1"]


TRIGGERS = [
    # the segment of the set, the IK4 about it, and the CTX that says what it is because of
    ("PO1*1**EA*1**UP*012345678905", "IK4*2*380*2", "CTX*SITUATIONAL TRIGGER*PO1*5*PO1*3*355"),
    ("PO1*1*1*EA*1**UP", "IK4*7*234*2", "CTX*SITUATIONAL TRIGGER*PO1*5*PO1*6*235"),
    ("PO1*1*1*EA*1***012345678905", "IK4*6*235*2", "CTX*SITUATIONAL TRIGGER*PO1*5*PO1*7*234"),
    ("PO1*1*1*EA**PE", "IK4*4*212*2", "CTX*SITUATIONAL TRIGGER*PO1*5*PO1*5*639"),
    ("PO1*1*x*EA*1**UP*012345678905", "IK4*2*380*6*x", ""),  # no condition
]


@pytest.mark.parametrize(("line", "told", "because"), TRIGGERS)
def test_a_999_says_what_made_an_element_required(x12: Any, line: str, told: str, because: str) -> None:
    text = x12.interchange(x12.group(x12.set(*x12.order[:3], line, "CTT*1"), version="005010"), version="00501")
    answer = x12.acknowledge(text, acknowledgment="999")
    found = lines(answer)
    at = found.index(told)
    assert found[at - 1] == "IK3*PO1*5*PO1*8"
    assert (found[at + 1] if found[at + 1].startswith("CTX") else "") == because
    assert not any(one.startswith("CTX") for one in lines(x12.acknowledge(text)))  # the 997 has none
    read = x12.read(answer)
    assert read.accepted == [True]
    (one,) = [item for item in read.messages[0].acknowledged if item.level == "message"]
    said = [finding.message for finding in one.findings if finding.code == "x12.acknowledged.element"]
    element = because.split("*")[5] if because else ""
    assert [bool(because) and f"because of element {element} of PO1 (segment 5)" in text for text in said] == [
        bool(because)
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("SAC*A**AB", ["IK4*4*1301*2", "CTX*SITUATIONAL TRIGGER*SAC*6*SAC*3*559"]),
        ("SAC*A", ["IK4*2*1300*2"]),  # one of two is required, whatever else there is
        ("SAC*A************1", ["IK4*2*1300*2", "IK4*2*1300*2"]),  # and another note asks for it, too
        ("QTY*01*5**X", ["IK4*4*61*10", "CTX*SITUATIONAL TRIGGER*QTY*6*QTY*2*380"]),
    ],
)
def test_only_what_is_beyond_doubt_is_named(x12: Any, line: str, told: list[str]) -> None:
    text = x12.interchange(x12.group(x12.set(*x12.order[:4], line, "CTT*1"), version="005010"))
    found = lines(x12.acknowledge(text, acknowledgment="999"))
    assert [one for one in found if one.startswith(("IK4", "CTX"))] == told


@pytest.mark.parametrize(
    ("context", "says"),
    [
        ("CTX*CLM01:4711", "in CLM01 4711"),
        ("CTX*SITUATIONAL TRIGGER*PO1*4**3:1", "because of element 3:1 of PO1 (segment 4)"),
        ("CTX*SITUATIONAL TRIGGER^CLM01:4711*CLM*7*2300", "because of CLM (segment 7) in loop 2300, in CLM01 4711"),
        ("CTX*SITUATIONAL TRIGGER", "because of something else in the set"),
        ("CTX", None),
    ],
)
def test_the_context_that_a_partner_tells_is_read(x12: Any, samples: Any, context: str, says: str | None) -> None:
    told = f"IK3*PO1*4**8~{context}~IK5*R*5~"
    text = (samples / "999-acceptance.edi").read_text().replace("\n", "").replace("P*>~", "P*:~")
    text = text.replace("IK5*A~", told).replace("AK9*A*1*1*1", "AK9*R*1*1*0").replace("SE*6*", "SE*8*")
    (one,) = [item for item in x12.read(text).messages[0].acknowledged if item.level == "message"]
    first = one.findings[0].message
    assert first == "the receiver objects to segment PO1" + (f", {says}" if says else "")
